"""Whatever another server does, whoever asked it goes on in time."""

from __future__ import annotations

import socket
import threading
from http.client import HTTPConnection
from urllib.error import URLError

import pytest

from signer.http.request import NoAnswer, post_to
from signer.http.time_limit import TimeIsUp, within

PLENTY = 60.0


def test_what_comes_in_time_is_given() -> None:
    """Nothing is that too, and what goes wrong is raised where it was asked for."""
    assert within(PLENTY, lambda: "found") == "found"
    assert within(PLENTY, lambda: None) is None
    with pytest.raises(ZeroDivisionError):
        within(PLENTY, lambda: 1 // 0)


def test_what_takes_longer_is_left_alone() -> None:
    """It may go on."""
    over = threading.Event()
    with pytest.raises(TimeIsUp):
        within(0.01, lambda: over.wait(PLENTY))
    over.set()


@pytest.mark.parametrize(
    "error", [TimeoutError(), URLError(TimeoutError("timed out"))], ids=repr
)
def test_a_connection_that_gives_up_first_is_the_same(error: OSError) -> None:
    """Its limit is as long, so that which of the two ends first is chance."""

    def of_a_socket() -> None:
        raise error

    with pytest.raises(TimeIsUp):
        within(PLENTY, of_a_socket)


def test_who_keeps_silent_is_told_of_in_the_same_words() -> None:
    """Whichever limit it is that ends the waiting."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        for own, whole in ((0.05, PLENTY), (PLENTY, 0.05)):
            connection = HTTPConnection(host, port, timeout=own)
            with pytest.raises(NoAnswer, match="no answer within"):
                post_to(connection, "/", b"", {}, seconds=whole, largest=1)
