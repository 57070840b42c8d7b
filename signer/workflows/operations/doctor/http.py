"""Fetching an address as a browser would, within a time and a size."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import IO

TIMEOUT = 15.0
"""Seconds for the whole answer."""
LARGEST = 256 * 1024
"""Bytes of an answer that are read."""
_PIECE = 16 * 1024


class Unreachable(Exception):
    """There was no answer.

    Attributes:
        reason: why, as the system or TLS says it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, whatever its status.

    Attributes:
        status: the HTTP status.
        headers: its headers.
        body: its first `LARGEST` bytes.
    """

    status: int
    headers: Message[str, str]
    body: bytes


def fetch(address: str, headers: dict[str, str] | None = None) -> Answer:
    """Fetch an address; a redirect is an answer, and is not followed.

    Raises:
        Unreachable: no answer came, or its end did not come in time.
    """
    request = urllib.request.Request(  # noqa: S310 - made from a public address
        address,
        headers={
            "User-Agent": "signer",
            "Cache-Control": "no-cache",
            **(headers or {}),
        },
    )
    opener = urllib.request.build_opener(_NoRedirects)
    ends = time.monotonic() + TIMEOUT
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            return Answer(answer.status, answer.headers, _read(answer, ends))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, b"")
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise Unreachable(str(reason) or type(error).__name__) from error


def _read(answer: IO[bytes], ends: float) -> bytes:
    body = b""
    while len(body) < LARGEST and (piece := answer.read(_PIECE)):
        body += piece
        if time.monotonic() > ends:
            raise TimeoutError("the answer did not end in time")
    return body


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nothing."""
