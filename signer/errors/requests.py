"""Why a link cannot be followed, or a request not be answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from signer.errors.root import SignerError


class LinkError(SignerError):
    """A link cannot be followed."""


class LinkMalformed(LinkError):
    """The token is not one of ours: truncated, altered or made up."""


@dataclass(eq=False, repr=False)
class LinkExpired(LinkError):
    """The token is ours and too old.

    Attributes:
        link_id: the random id (16 bytes) inside, for finding the request it led to.
    """

    link_id: bytes
    template = "the link has expired"


class RequestError(SignerError):
    """A request cannot be answered."""


@dataclass(eq=False, repr=False)
class CampaignUnopened(RequestError):
    """A part of the parents is to be asked of a version that nobody was asked of yet.

    Attributes:
        number: the version's.
    """

    number: int
    template = "version {self.number} has yet to be asked of everybody"


@dataclass(eq=False, repr=False)
class FirstAskHeld(RequestError):
    """The first parents of all are not asked while the check-list has open lines.

    Attributes:
        address: where the check-list is.
        left: what is to be so, line by line.
    """

    address: str
    left: tuple[str, ...]
    template = "{self.left} must be done or set aside first: {self.address}"

    @property
    def listed(self) -> str:
        """Each on a line of its own."""
        return "".join(f"\n  - {one}" for one in self.left)


@dataclass(eq=False, repr=False)
class NoticeUnconfirmed(RequestError):
    """The privacy notice still holds parts for the school to confirm.

    Attributes:
        address: where it was read.
        parts: how many.
    """

    address: str
    parts: int
    template = "the privacy notice has {self.parts} parts to confirm: {self.address}"


@dataclass(eq=False, repr=False)
class RequestClosed(RequestError):
    """The request can no longer be answered this way.

    Attributes:
        status: what it is now, such as ``signed`` or ``superseded``.
    """

    status: str
    template = "the request is {self.status}"


@dataclass(eq=False, repr=False)
class PaperRefused(RequestError):
    """A paper cannot be recorded, or its record not be undone.

    Attributes:
        problem: why, as a clause.
    """

    problem: str
    template = "{self.problem}"


@dataclass(eq=False, repr=False)
class ScanRefused(RequestError):
    """A file is no scan that can be kept.

    Attributes:
        problem: what is wrong with it, as words that follow “the file”.
    """

    problem: str
    template = "the scan {self.problem}"


@dataclass(eq=False, repr=False)
class TooManyAsks(RequestError):
    """New links were asked for too often.

    Attributes:
        wait: how long until one more may be asked for.
        by_asker: whether whoever asks did so, and not everybody together.
    """

    wait: timedelta
    by_asker: bool
    template = "a new link was asked for too often, for {self.wait}"


@dataclass(eq=False, repr=False)
class RequestUnknown(RequestError):
    """No request answers to what was given, or more than one does."""

    found: int = 0
    template = "{self.found} requests found, one is needed"


class DisputeUnknown(RequestError):
    """Nothing is in dispute at the address given."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing is in dispute at this address. `signer disputes list` shows what "
            "is."
        )


class NameDiffers(RequestError):
    """The typed name is not the register's, and the parent did not say why."""


@dataclass(eq=False, repr=False)
class TooManyNotes(RequestError):
    """The office was told too much about one request within an hour.

    Attributes:
        wait: how long until it can be told more.
    """

    wait: timedelta
    template = "the office was told too much, for {self.wait}"


class RecordChanged(RequestError):
    """The register's name, address or children are not those that were shown."""


@dataclass(eq=False, repr=False)
class StatementsUnconfirmed(RequestError):
    """Not every statement was confirmed.

    Attributes:
        missing: their places in the version's list, counted from 0.
    """

    missing: tuple[int, ...]
    template = "statements not confirmed: {self.missing}"


@dataclass(eq=False, repr=False)
class VersionChanged(RequestError):
    """The parent answered another text than the one to be signed.

    Attributes:
        shown: SHA-256 (hex) of the text that was shown.
        current: SHA-256 (hex) of the text that the request is for.
    """

    shown: str
    current: str
    template = "shown {self.shown}, asked for {self.current}"


@dataclass(eq=False, repr=False)
class PlanRefused(SignerError):
    """A mail to parents cannot be planned so."""

    problem: str
    template = "{self.problem}"
