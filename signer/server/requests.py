"""Reading a request: what is refused, and how much of a body is kept."""

from __future__ import annotations

import re
import threading
from io import BytesIO
from typing import TYPE_CHECKING, Any

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import FixedStreamReceiver
from waitress.utilities import RequestEntityTooLarge

if TYPE_CHECKING:
    from signer.server.limits import Limits

_LENGTH = re.compile(rb"\r\ncontent-length[ \t]*:", re.IGNORECASE)
_CODING = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_FOLDED = re.compile(rb"\r\n[ \t]")


class LargeBodies:
    """Places for bodies that are held in memory although they are long."""

    def __init__(self, places: int) -> None:
        self._free = threading.BoundedSemaphore(places)

    def take(self) -> bool:
        """Take a place; False when there is none."""
        return self._free.acquire(blocking=False)

    def give_back(self) -> None:
        """Give a place back."""
        self._free.release()


class RequestParser(HTTPRequestParser):  # type: ignore[misc] # waitress ships no types
    """waitress' parser, stricter about ambiguous heads and long bodies.

    Attributes:
        refused: the body was forgotten because too many long ones were held.
    """

    refused = False
    _place: LargeBodies | None = None

    def __init__(self, adj: Any, limits: Limits, places: LargeBodies) -> None:  # noqa: ANN401 - waitress ships no types
        super().__init__(adj)
        self._limits = limits
        self._places = places

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head.

        Raises:
            ParsingError: it is malformed, or can be read in two ways (RFC 9112 §5.2,
                §6.3): what a proxy in front takes for one request would be two here.
        """
        super().parse_header(header_plus)
        if _FOLDED.search(header_plus):
            raise ParsingError("A header is folded")
        if _CODING.search(header_plus) and (
            self.version != "1.1" or _LENGTH.search(header_plus)
        ):
            raise ParsingError("The length of the body is not clear")
        limits = self._limits
        if self.content_length > limits.body_limit(self.path):
            self.body_rcv = _Forgotten(self.content_length)
        elif self.content_length > limits.body_bytes:
            if self._places.take():
                self._place = self._places
            else:
                self.refused = True
                self.body_rcv = _Forgotten(self.content_length)

    def received(self, data: bytes) -> int:
        """Take in bytes; gives how many of them belong to this request."""
        taken: int = super().received(data)
        # No browser sends a form in chunks, and their length is not known before.
        if self.chunked and self.body_bytes_received > self._limits.body_bytes:
            self.error = RequestEntityTooLarge("the body is too long")
            self.completed = True
        return taken

    def close(self) -> None:
        """Forget the body."""
        place, self._place = self._place, None
        if place:
            place.give_back()
        super().close()


class _Nothing(BytesIO):
    """A buffer that keeps nothing."""

    def append(self, data: bytes) -> None:
        """Forget it."""

    def getfile(self) -> _Nothing:
        return self

    def __len__(self) -> int:
        return 0


class _Forgotten(FixedStreamReceiver):  # type: ignore[misc] # waitress ships no types
    """A body that is counted as it comes in, and not kept."""

    def __init__(self, length: int) -> None:
        super().__init__(length, _Nothing())
