"""Each worker begins with its share of the long tests, and no test is lost."""

from __future__ import annotations

import pytest

from tests.sharing.order import dealt

ITEMS = [f"{kind}{unit}{at}" for kind in "sL" for unit in "abcde" for at in range(6)]


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 100])
def test_nothing_is_lost(workers: int) -> None:
    """However many workers there are."""
    order = deal(workers)
    assert sorted(order) == sorted(ITEMS)
    assert order[0][0] == "L"


@pytest.mark.parametrize("workers", [2, 3, 4])
def test_each_begins_with_long_ones_and_units_stay_together(workers: int) -> None:
    """As pytest-xdist divides the list: in sequence, in equal parts."""
    left = deal(workers)
    for number in range(workers):
        size = len(left) // (workers - number)
        part, left = left[:size], left[size:]
        kinds = "".join(one[0] for one in part)
        assert kinds == "".join(sorted(kinds))
        assert kinds[0] == "L"
        long = [one[:2] for one in part if one[0] == "L"]
        assert all(long.count(unit) == 6 for unit in long)


def deal(workers: int) -> list[str]:
    return dealt(
        ITEMS, workers, is_long=lambda it: it[0] == "L", unit=lambda it: it[:2]
    )
