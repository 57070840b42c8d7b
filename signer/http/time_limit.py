"""A limit on how long another server may take, whatever it does meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Given = TypeVar("Given")


class TimeIsUp(Exception):
    """What was asked for did not come in time; it goes on, and comes to nothing."""


def within(seconds: float, ask: Callable[[], Given]) -> Given:
    """What asking comes to, unless it takes too long.

    In a thread, because a server that drips its answer is under no other limit.

    Args:
        seconds: how long all of it may take.
        ask: asks; what it raises is raised here.

    Raises:
        TimeIsUp: it takes longer, or its own connection was given up for that.
    """
    given: list[Given] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            given.append(ask())
        except BaseException as error:  # noqa: BLE001 - raised where it was asked for
            raised.append(error)

    asking = threading.Thread(target=run, daemon=True)
    asking.start()
    asking.join(seconds)
    if raised:
        if is_of_time(raised[0]):
            raise TimeIsUp from raised[0]
        raise raised[0]
    if not given:
        raise TimeIsUp
    return given[0]


def is_of_time(error: BaseException) -> bool:
    """Whether a connection's own limit ended it, bare or as urllib wraps it.

    It is as long as the whole limit mostly, so that chance says which ends first.
    """
    return isinstance(error, TimeoutError) or isinstance(
        getattr(error, "reason", None), TimeoutError
    )
