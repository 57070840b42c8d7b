"""One question to an authority over HTTP, with limits on time and size."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from time import monotonic
from urllib.parse import urlsplit

from signer.domain_names import ascii_domain
from signer.errors import SealError
from signer.http.time_limit import TimeIsUp, within

MOST_BYTES = 20_000_000
"""The largest answer that is read: lists of public authorities are large."""

_PART = 65_536


def exchange(
    url: str, *, seconds: float, body: bytes | None = None, kind: str | None = None
) -> bytes:
    """What an authority answers.

    Args:
        url: its address, ``http`` or ``https``.
        seconds: how long all of it may take, however slowly the answer drips.
        body: what to send; None only asks.
        kind: the media type of what is sent.

    Raises:
        SealError: no whole answer in that time, or another status than 200.
    """
    place = urlsplit(url)
    if place.scheme not in {"http", "https"} or not place.hostname:
        raise SealError(f"not an address on the web: {place.scheme}")
    try:
        port = f":{place.port}" if place.port else ""
        host = ascii_domain(place.hostname)
    except ValueError as error:
        raise SealError(f"not an address on the web: {error}") from error
    if not place.hostname.isascii():
        url = place._replace(netloc=host + port).geturl()
    headers = {"Content-Type": kind} if kind else {}
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - checked above
    try:
        return within(seconds, lambda: _answer(request, monotonic() + seconds, seconds))
    except TimeIsUp:
        raise SealError(
            f"{place.hostname} did not answer within {seconds:g} seconds"
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise SealError(f"{place.hostname} cannot be asked: {error}") from error


def _answer(request: urllib.request.Request, until: float, seconds: float) -> bytes:
    content = bytearray()
    with urllib.request.urlopen(request, timeout=seconds) as response:  # noqa: S310 - checked above
        while part := response.read1(_PART):
            content += part
            if len(content) > MOST_BYTES:
                raise OSError("its answer never ends")
            if monotonic() > until:
                raise OSError("its answer took too long")
    return bytes(content)
