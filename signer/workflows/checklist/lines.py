"""The lines of the check-list: what must be so before the first parent is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Item(StrEnum):
    """What a line is about, in the order in which they are shown."""

    NOTICE = "notice"
    SITE = "site"
    OFFICE = "office"
    SAMPLE = "sample"
    MAIL = "mail"
    WORKER = "worker"
    CLOCK = "clock"
    SEAL = "seal"
    LOG = "log"
    WITNESS = "witness"
    BACKUP = "backup"


class Who(StrEnum):
    """Who puts a line right."""

    HEAD = "The headteacher"
    OFFICE = "The office"
    OPERATOR = "The person who runs the service"


@dataclass(frozen=True, slots=True)
class About:
    """What a line says, whatever came of it.

    Attributes:
        title: what must be so.
        what_to_do: how to bring it about.
        who: who does.
    """

    title: str
    what_to_do: str
    who: Who


ABOUT: Mapping[Item, About] = {
    Item.NOTICE: About(
        "The privacy notice is the school's own",
        "Fill in each part that is marked “School to confirm”, and have the site "
        "published.",
        Who.HEAD,
    ),
    Item.SITE: About(
        "The public site shows the version that parents will sign",
        "Publish the site from the released versions.",
        Who.OPERATOR,
    ),
    Item.OFFICE: About(
        "Somebody reads the office's mailbox",
        "Send an email to the office, open it there, and type the code that it has.",
        Who.OFFICE,
    ),
    Item.SAMPLE: About(
        "You have read the email that parents will get",
        "Send it to yourself, open it, read it, and say so here.",
        Who.HEAD,
    ),
    Item.MAIL: About(
        "Email goes out",
        "Look at SIGNER_MAIL_URL, the senders' addresses and the mail server: signer "
        "doctor checks them.",
        Who.OPERATOR,
    ),
    Item.WORKER: About(
        "The worker runs",
        "Start signer worker, and have it started with the machine.",
        Who.OPERATOR,
    ),
    Item.CLOCK: About(
        "The clock is right",
        "Let all machines follow a time server (NTP).",
        Who.OPERATOR,
    ),
    Item.SEAL: About(
        "The seal's key opens",
        "Make the keys with signer keys init, or put the file and its passphrase back.",
        Who.OPERATOR,
    ),
    Item.LOG: About(
        "The public log's key opens",
        "Make it with signer keys log, or put the file back.",
        Who.OPERATOR,
    ),
    Item.WITNESS: About(
        "Somebody outside the school keeps the log's checkpoints",
        "Ask a governor or the auditor, and have their address set as "
        "SIGNER_WITNESSES.",
        Who.HEAD,
    ),
    Item.BACKUP: About(
        "There is a backup of the last two days that could be read",
        "Have signer backup run each night. One made in another way is not seen here.",
        Who.OPERATOR,
    ),
}
"""Each line in plain words."""

ASKS_OTHERS = (Item.NOTICE, Item.SITE, Item.CLOCK)
"""Lines for which other servers are asked; what they said is kept."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """That the school goes on without a line.

    Attributes:
        reason: why.
        by: who decided it.
        at: when.
    """

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A line, and what came of it.

    Attributes:
        item: what it is about.
        passed: whether it is so.
        found: what was found, in a sentence; empty where there is nothing to say.
        at: when that was found; None where it was now.
        sent: whether a mail was sent that waits to be read.
        set_aside: why the school goes on without it; None where it does not.
    """

    item: Item
    passed: bool
    found: str
    at: datetime | None = None
    sent: bool = False
    set_aside: SetAside | None = None

    @property
    def about(self) -> About:
        """What it says."""
        return ABOUT[self.item]

    @property
    def is_open(self) -> bool:
        """Whether it holds the first asking back."""
        return not (self.passed or self.set_aside)


@dataclass(frozen=True, slots=True)
class Checklist:
    """All lines.

    Attributes:
        lines: each, in order.
        asked: whether parents have been asked before, so that it holds nothing back.
    """

    lines: tuple[Line, ...]
    asked: bool

    @property
    def left(self) -> tuple[Line, ...]:
        """Those that hold the first asking back."""
        return tuple(line for line in self.lines if line.is_open)
