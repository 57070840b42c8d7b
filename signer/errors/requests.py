"""Why a link cannot be followed, or a request not be answered."""

from __future__ import annotations

from signer.errors.root import SignerError


class LinkError(SignerError):
    """A link cannot be followed."""


class LinkMalformed(LinkError):
    """The token is not one of ours: truncated, altered or made up."""


class LinkExpired(LinkError):
    """The token is ours and too old.

    Attributes:
        link_id: the random id (16 bytes) inside, for finding the request it led to.
    """

    def __init__(self, link_id: bytes) -> None:
        super().__init__("the link has expired")
        self.link_id = link_id


class RequestError(SignerError):
    """A request cannot be answered."""


class RequestClosed(RequestError):
    """The request can no longer be answered this way.

    Attributes:
        status: what it is now, such as ``signed`` or ``superseded``.
    """

    def __init__(self, status: str) -> None:
        super().__init__(f"the request is {status}")
        self.status = status


class RequestUnknown(RequestError):
    """No request answers to what was given, or more than one does.

    Attributes:
        found: how many there are.
    """

    def __init__(self, found: int = 0) -> None:
        super().__init__(f"{found} requests found, one is needed")
        self.found = found


class RecordChanged(RequestError):
    """The register's name, address or children are not those that were shown."""


class StatementsUnconfirmed(RequestError):
    """Not every statement was confirmed.

    Attributes:
        missing: their places in the version's list, counted from 0.
    """

    def __init__(self, missing: tuple[int, ...]) -> None:
        super().__init__(f"statements not confirmed: {missing}")
        self.missing = missing


class VersionChanged(RequestError):
    """The parent answered another text than the one to be signed.

    Attributes:
        shown: SHA-256 (hex) of the text that was shown.
        current: SHA-256 (hex) of the text that the request is for.
    """

    def __init__(self, shown: str, current: str) -> None:
        super().__init__(f"shown {shown}, asked for {current}")
        self.shown = shown
        self.current = current
