"""One request to another server, with a limit on its time and on its answer's size."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from signer.http.time_limit import TimeIsUp, within


class NoAnswer(Exception):
    """No answer came, or not in time; says which, in a few words without an address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes:
        status: such as 200.
        content_type: as it was sent; empty where there was none.
        body: as much of it as was to be read.
    """

    status: int
    content_type: str
    body: bytes


def post_to(  # noqa: PLR0913 - each is one limit or one part of the request
    connection: http.client.HTTPConnection,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    seconds: float,
    largest: int,
) -> Answer:
    """Post a body over a connection that is not open yet, and close it afterwards.

    A redirect is an answer like any other, and is not followed.

    Args:
        connection: to whom.
        path: what is asked for, with the query.
        body: what is sent.
        headers: those of the message.
        seconds: how long all of it may take, however slowly the answer drips.
        largest: how many bytes of the answer are read.

    Raises:
        NoAnswer: there was none.
    """
    held: list[socket.socket] = []

    def ask() -> Answer:
        try:
            connection.connect()
            held.append(connection.sock)
            connection.request("POST", path, body, {"User-Agent": "signer", **headers})
            with connection.getresponse() as answer:
                kind = answer.headers.get("Content-Type", "")
                return Answer(answer.status, kind, answer.read(largest))
        finally:
            connection.close()

    try:
        return within(seconds, ask)
    except TimeIsUp:
        for one in held:
            # So that the thread ends too.
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        raise NoAnswer(f"no answer within {seconds:g} seconds") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(f"no answer ({type(error).__name__})") from error
