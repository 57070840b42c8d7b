"""The order of tests in which no processor waits at the end for one of them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Sequence
    from pathlib import Path

    import pytest

T = TypeVar("T")


def longest_first(
    items: Sequence[pytest.Item], folders: Collection[Path], workers: int
) -> list[pytest.Item]:
    """Let each worker begin with its share of the long tests.

    pytest-xdist gives each worker an equal part of the list, in sequence, and lets who
    has ended take from the end of another's part.

    Args:
        items: every test.
        folders: those whose tests take long.
        workers: how many there are.
    """
    return dealt(
        items,
        workers,
        is_long=lambda item: not set(folders).isdisjoint(item.path.parents),
        # Whatever shares a school that takes long to start stays together.
        unit=lambda item: (
            "demo" if "demo" in getattr(item, "fixturenames", ()) else item.path
        ),
    )


def dealt(
    items: Sequence[T],
    workers: int,
    *,
    is_long: Callable[[T], bool],
    unit: Callable[[T], Hashable],
) -> list[T]:
    """Deal units of long items out to the workers, and fill their parts with others."""
    units: dict[Hashable, list[T]] = {}
    others = []
    for item in items:
        if is_long(item):
            units.setdefault(unit(item), []).append(item)
        else:
            others.append(item)
    hands: list[list[T]] = [[] for _ in range(workers)]
    for number, held in enumerate(units.values()):
        hands[number % workers] += held
    rest = iter(others)
    order: list[T] = []
    for number, hand in enumerate(hands):
        part = (len(items) - len(order)) // (workers - number)
        order += [*hand, *islice(rest, max(0, part - len(hand)))]
    return [*order, *rest]
