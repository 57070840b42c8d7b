"""The office of a made-up school at the command line, and what is true of each parent.

The truth is kept beside the product, in plain dictionaries, and compared with what the
product says.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from signer import clock
from signer.mail.transport import transport_for
from signer.store.columns import NoteKind
from signer.workflows.context import open_context
from signer.workflows.mailing.send import send_mail
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from tests.cli.invoking import signer
from tests.sharing.long_form import rounds
from tests.web.releases import release
from tests.workflows.conftest import link_in, sign
from tests.year.families import (
    FAMILIES,
    Adult,
    School,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

    Advance = Callable[[timedelta], None]

AT_FIRST = rounds(100, long=FAMILIES)
"""How many families the school has when its year begins."""

DAY = timedelta(days=1)
WATCHED = 40
"""Every which parent is looked at on the command line after each step."""


@dataclass(slots=True)
class Truth:
    """What the school knows of a parent.

    Attributes:
        stays: when they came, and when they left.
        states: where they stand with each version that they were asked for.
        how: by link or on paper, of each version that they signed.
        former: names and addresses that they had.
        asks: how many mails asked them to sign each version.
    """

    stays: list[list[str | None]] = field(default_factory=list)
    states: dict[int, str] = field(default_factory=dict)
    how: dict[int, str] = field(default_factory=dict)
    former: list[tuple[str, str]] = field(default_factory=list)
    asks: Counter[int] = field(default_factory=Counter)


class Year:
    """The school, its office at the command line, and what is true of each parent."""

    def __init__(self, settings: Settings, folder: Path, advance: Advance) -> None:
        self.settings = settings
        self.folder = folder
        self.advance = advance
        self.context: AppContext = open_context(settings)
        self.school = School(AT_FIRST)
        self.truth: dict[Adult, Truth] = {}
        self.exempt: set[Adult] = set()
        self.disputed: set[Adult] = set()
        self.gone: list[Adult] = []
        self.version = 2
        self._transport = transport_for(settings.mail_address)
        self._read: set[str] = set()
        self.tokens: dict[tuple[str, str], str] = {}

    # What the office types.

    def office(self, *arguments: str, exit_code: int = 0) -> str:
        """Type a command; gives what it prints."""
        done = signer(self.settings, *arguments)
        assert done.exit_code == exit_code, (arguments, done.stdout, done.stderr)
        return done.stdout

    def document(self, *arguments: str) -> Any:
        """The JSON that a command prints."""
        return json.loads(self.office(*arguments, "--json"))

    def import_(self, text: str, *options: str) -> dict[str, Any]:
        """Import an export; nothing of it may be in doubt."""
        file = self.folder / "export.csv"
        file.write_text(text, encoding="utf-8")
        found: dict[str, Any] = self.document("register", "import", str(file), *options)
        assert found["questions"] == []
        return found

    def ask(self) -> int:
        """Ask whoever waits; gives how many."""
        before = {who: it.states.get(self.version) for who, it in self.truth.items()}
        waiting = [
            who
            for who in self.school.adults
            if before[who] in {None, "withdrawn"} and who not in self.exempt
        ]
        asked = self.document(
            "ask", "--yes", "--published", "--although-notice-unconfirmed"
        )
        assert asked["asked"] == len(waiting)
        for who in waiting:
            truth = self.truth[who]
            truth.states[self.version] = "pending"
            truth.asks[self.version] += bool(who.email)
        self.send()
        return len(waiting)

    def record_paper(self, who: Adult, known_by: str, version: int, dated: str) -> None:
        """Record what a parent signed with a pen."""
        self.office(
            *("record-paper", known_by, "--version", str(version), "--dated", dated),
            *("--by", "Jo Bloggs", "--yes"),
        )
        self.truth[who].states[version] = "signed"
        self.truth[who].how[version] = "paper"

    # What happens elsewhere.

    def came(self, adults: Iterable[Adult]) -> None:
        """They are in the register from now on."""
        for who in adults:
            self.truth.setdefault(who, Truth()).stays.append(
                [clock.iso(clock.now()), None]
            )

    def left(self, adults: Iterable[Adult]) -> None:
        """They are in the register no longer."""
        for who in adults:
            truth = self.truth[who]
            truth.stays[-1][1] = clock.iso(clock.now())
            for number, state in truth.states.items():
                if state == "pending":
                    truth.states[number] = "withdrawn"

    def send(self) -> None:
        """The worker sends what waits, and parents' mailboxes get it."""
        send_mail(self.context, self._transport)
        folder = self.settings.instance_path / "mail"
        for path in sorted(folder.glob("*.eml")):
            if path.name not in self._read:
                self._read.add(path.name)
                mail = message_from_bytes(path.read_bytes(), policy=policy.default)
                if link := link_in(mail):
                    (to,) = mail["To"].addresses
                    self.tokens[to.display_name, to.addr_spec.lower()] = link[1]

    def follow(self, who: Adult) -> Followed:
        """A parent opens the newest link."""
        return open_link(self.context, self.tokens[who.name, who.email])

    def sign(self, who: Adult) -> None:
        """A parent reads and signs."""
        sign(self.context, self.follow(who))
        self.truth[who].states[self.version] = "signed"
        self.truth[who].how[self.version] = "link"

    def tell(self, who: Adult, kind: NoteKind) -> None:
        """A parent presses something other than "sign"."""
        followed = self.follow(who)
        assert followed.request_ref
        assert followed.link_fingerprint
        tell_office(
            self.context,
            followed.request_ref,
            kind,
            link_fingerprint=followed.link_fingerprint,
            words="No.",
        )
        if kind is NoteKind.DECLINE:
            self.truth[who].states[self.version] = "declined"

    def release(self) -> None:
        """A new version is published, and nobody needs to sign the one before."""
        release(self.settings.versions_dir)
        for truth in self.truth.values():
            if truth.states.get(self.version) == "pending":
                truth.states[self.version] = "superseded"
        self.version += 1
        self.context.sessions.close()
        self.context = open_context(self.settings)

    # What is true.

    def check(self) -> None:
        """Compare the lists and the histories with what the school knows."""
        words = {
            None: "not asked", "withdrawn": "not asked", "pending": "outstanding",
            "superseded": "superseded", "signed": "signed", "declined": "declined",
        }  # fmt: skip
        expected: Counter[tuple[str, str, str]] = Counter()
        for who in self.school.adults:
            state = words[self.truth[who].states.get(self.version)]
            if who in self.exempt and state not in {"signed", "declined"}:
                state = "need not sign"
            if who in self.disputed:
                state = "disputed"
            expected[(who.name, who.email, state)] += 1
        listed = Counter(
            (one["name"], one["email"].lower(), one["state"])
            for one in self.document("register", "list")
        )
        assert listed == expected, (listed - expected, expected - listed)
        for who in self.school.adults[::WATCHED]:
            self.compare(
                who, self.document("status", "--parent", who.email or who.name)
            )

    def compare(self, who: Adult, histories: list[dict[str, Any]]) -> None:
        """Compare a parent's history with what the school knows."""
        (history,) = [one for one in histories if one["name"] == who.name]
        truth = self.truth[who]
        stays = [[one["joined_at"], one["left_at"]] for one in history["memberships"]]
        assert stays == truth.stays, who
        former = [(one["name"], one["email"]) for one in history["before"]]
        assert former == truth.former, who
        requests = {one["version"]: one for one in history["requests"]}
        assert {n: one["status"] for n, one in requests.items()} == truth.states, who
        signed = {
            number: one["signed_how"]
            for number, one in requests.items()
            if one["signed_how"]
        }
        assert signed == truth.how, who
        asks = Counter(
            {
                number: sum(mail["kind"] == "ask" for mail in one["mails"])
                for number, one in requests.items()
            }
        )
        assert +asks == +truth.asks, who
