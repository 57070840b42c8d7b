"""Slow visitors cost the others nothing, and are closed when their time is over."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.server.conftest import PATIENCE, Service, read_all, served

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

MANY = 64

HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
BODY = b"POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\n\r\na"
WHOLE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

BEGINNINGS = {
    "nothing": b"",
    "half a head": HEAD,
    "half a body": BODY,
    "no further request": WHOLE,
    "an answer unread": LARGE,
}


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Service]:
    """A server whose deadlines lie far away."""
    far = {"head_seconds": 600, "body_seconds": 600, "answer_seconds": 600}
    with served(tmp_path, idle_seconds=600, **far) as running:
        yield running


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Service]:
    """A server whose deadlines are short."""
    near = {"head_seconds": 1, "body_seconds": 1, "answer_seconds": 1}
    with served(tmp_path, idle_seconds=1, **near) as running:
        yield running


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_others_are_answered(patient: Service, beginning: bytes) -> None:
    """Sixty-four slow connections of a kind, two threads: a page still comes."""
    slow = [patient.connect(beginning, window=2048) for _ in range(MANY)]
    for _ in range(3):
        assert patient.get("/") == (200, b"hello")
    for connection in slow:
        connection.close()


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_they_are_closed_when_their_time_is_over(
    strict: Service, beginning: bytes
) -> None:
    """A byte now and then gains nothing."""
    with strict.connect(beginning, window=2048) as connection:
        if beginning in {HEAD, BODY}:
            dribble(connection)
        if beginning == LARGE:
            time.sleep(4)
        answer = read_all(connection)
    if beginning in {HEAD, BODY}:
        assert answer.startswith(b"HTTP/1.1 408 ") or not answer
    if beginning == LARGE:
        assert len(answer) < 4_000_000
    assert strict.get("/") == (200, b"hello")


def dribble(connection: socket.socket) -> None:
    """Send a byte at a time until the other side has had enough."""
    until = time.monotonic() + PATIENCE
    connection.settimeout(0.2)
    while time.monotonic() < until:
        with suppress(TimeoutError):
            connection.sendall(b"a")
            if connection.recv(1, 2):  # MSG_PEEK
                break
    else:
        pytest.fail("it was never closed")
    connection.settimeout(PATIENCE)


def test_a_body_that_keeps_up_may_take_longer(tmp_path: Path) -> None:
    """What comes in at the pace of a bad line is waited for."""
    with (
        served(tmp_path, body_seconds=1, body_rate=100) as service,
        service.connect(
            b"POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            b"Content-Length: 1000\r\n\r\n"
        ) as connection,
    ):
        for _ in range(10):
            connection.sendall(bytes(100))
            time.sleep(0.3)
        assert b'"taken": 1000' in read_all(connection)


def test_the_one_that_waited_longest_makes_way(tmp_path: Path) -> None:
    """More connections than there are places: the newest are served."""
    with served(tmp_path, connections=10) as service:
        slow = [service.connect(HEAD) for _ in range(30)]
        assert service.get("/") == (200, b"hello")
        assert read_all(slow[0]).startswith(b"HTTP/1.1 408 ")
        slow[-1].sendall(b"\r\nConnection: close\r\n\r\n")
        assert read_all(slow[-1]).endswith(b"hello")
        for connection in slow:
            connection.close()
