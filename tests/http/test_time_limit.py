"""Whatever another server does, whoever asked it goes on in time."""

from __future__ import annotations

import threading

import pytest

from signer.http.time_limit import TimeIsUp, within

PLENTY = 60.0


def test_what_comes_in_time_is_given() -> None:
    """Nothing is that too, and what goes wrong is raised where it was asked for."""
    assert within(PLENTY, lambda: "found") == "found"
    assert within(PLENTY, lambda: None) is None
    with pytest.raises(ZeroDivisionError):
        within(PLENTY, lambda: 1 // 0)


def test_what_takes_longer_is_left_alone() -> None:
    """A time limit of its own, which a socket has, is another thing."""
    over = threading.Event()
    with pytest.raises(TimeIsUp):
        within(0.01, lambda: over.wait(PLENTY))
    over.set()

    def of_a_socket() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        within(PLENTY, of_a_socket)
