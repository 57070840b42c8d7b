"""A campaign day by day as a picture: coordinates alone, for a template to draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from signer.workflows.desk.today import Day

WIDTH = 640
HEIGHT = 200
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 28
TICKS = 4


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis.

    Attributes:
        at: where it is, in units of the picture.
        words: what is beside it.
    """

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A line of how many had signed, and one of how many there were.

    Attributes:
        width: of the picture, in its units.
        height: likewise.
        left: where the axis of days begins.
        right: where it ends.
        base: where zero is.
        line: the points of the line, as SVG has them.
        area: the same with the base, closed.
        above: the points of the line of how many there were, or empty.
        rows: marks of the numbers.
        days: marks of the days.
    """

    width: int
    height: int
    left: int
    right: int
    base: int
    line: str
    area: str
    above: str
    rows: tuple[Tick, ...]
    days: tuple[Tick, ...]


def plot(days: Sequence[Day], asked: int, there: Sequence[int] = ()) -> Plot | None:
    """A picture of a campaign; None before its second day.

    Args:
        days: from the first one on.
        asked: how many are to sign in all: the top of the picture.
        there: how many there were on each day, where that is drawn as well.
    """
    if len(days) < 2 or not max([asked, *there]):  # noqa: PLR2004 - a line has two ends
        return None
    right, base = WIDTH - RIGHT, HEIGHT - BOTTOM
    most = max(asked, *(one.in_all for one in days), *there)
    step = (right - LEFT) / (len(days) - 1)

    def height_of(count: float) -> float:
        return round(base - (base - TOP) * count / most, 1)

    def line_of(counts: Iterable[int]) -> str:
        return " ".join(
            f"{round(LEFT + place * step, 1)},{height_of(count)}"
            for place, count in enumerate(counts)
        )

    line = line_of(one.in_all for one in days)
    counts = sorted({round(most * part / TICKS) for part in range(TICKS + 1)})
    every = max(1, -(-len(days) // 6))
    return Plot(
        WIDTH,
        HEIGHT,
        LEFT,
        right,
        base,
        line,
        f"{LEFT},{base} {line} {right},{base}",
        line_of(there),
        tuple(Tick(height_of(count), str(count)) for count in counts),
        tuple(
            Tick(round(LEFT + place * step, 1), f"{one.day.day} {one.day:%b}")
            for place, one in enumerate(days)
            if place % every == 0
        ),
    )
