"""Reading a request: what is refused, and how much of a body is kept."""

from __future__ import annotations

import re
import threading
from collections import Counter
from io import BytesIO
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import FixedStreamReceiver
from waitress.utilities import RequestEntityTooLarge

from signer.server.limits import Limits

_LENGTH = re.compile(rb"\r\ncontent-length[ \t]*:", re.IGNORECASE)
_CODING = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_FOLDED = re.compile(rb"\r\n[ \t]")


class LargeBodies:
    """Places for bodies that are held in memory although they are long.

    Args:
        places: how many there are.
        share: how many of them one client may hold.
    """

    def __init__(self, places: int, share: int) -> None:
        self._places = places
        self._share = share
        self._held: Counter[str | None] = Counter()
        self._guard = threading.Lock()

    def take(self, client: str | None) -> bool:
        """Take a place for a client; False when there is none.

        Args:
            client: who sends the body; None where that is not known, and whoever it is
                has no share of their own.
        """
        with self._guard:
            if self._held.total() >= self._places:
                return False
            if client is not None and self._held[client] >= self._share:
                return False
            self._held[client] += 1
            return True

    def give_back(self, client: str | None) -> None:
        """Give a client's place back."""
        with self._guard:
            self._held[client] -= 1
            if not self._held[client]:
                del self._held[client]


class RequestParser(HTTPRequestParser):  # type: ignore[misc] # waitress ships no types
    """waitress' parser, stricter about ambiguous heads and long bodies.

    Args:
        adj: waitress' settings.
        limits: what a connection may take.
        places: for long bodies.
        peer: the address at the other end, as ``REMOTE_ADDR``.

    Attributes:
        refused: the body was forgotten because too many long ones were held, or too
            many of the same client's.
        unread: the body is longer than is even taken in to be forgotten. It is answered
            before it is in.
    """

    refused = False
    unread = False
    _client: str | None = None
    _has_place = False

    def __init__(
        self,
        adj: Any,  # noqa: ANN401 - waitress ships no types
        limits: Limits,
        places: LargeBodies,
        peer: str,
    ) -> None:
        super().__init__(adj)
        self._limits = limits
        self._places = places
        self._peer = peer

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
            self._client = limits.client(self._environ())
            self._has_place = self._places.take(self._client)
            if not self._has_place:
                self.refused = True
                self.body_rcv = _Forgotten(self.content_length)

    def received(self, data: bytes) -> int:
        """Take in bytes; gives how many of them belong to this request."""
        taken: int = super().received(data)
        # No browser sends a form in chunks, and their length is not known before.
        if self.chunked and self.body_bytes_received > self._limits.body_bytes:
            self.error = RequestEntityTooLarge("the body is too long")
        if isinstance(self.error, RequestEntityTooLarge):
            # The application has a page for it, and looks at the length alone.
            length = max(self.content_length, self.body_bytes_received)
            self.headers["CONTENT_LENGTH"] = str(length)
            self.body_rcv = _Forgotten(0)
            self.error, self.completed, self.unread = None, True, True
        return taken

    def close(self) -> None:
        """Forget the body."""
        if self._has_place:
            self._has_place = False
            self._places.give_back(self._client)
        super().close()

    def _environ(self) -> dict[str, str]:
        """What is known of the client: the WSGI environment's part of the head."""
        headers = {f"HTTP_{name}": value for name, value in self.headers.items()}
        return {**headers, "REMOTE_ADDR": self._peer}


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
