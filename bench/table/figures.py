"""A figure that was measured, with what it is held against, and how it grows."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table.

    Attributes:
        name: what was measured.
        value: what was found.
        unit: of the value; empty for a ratio.
        limit: the most that it is to be, in the same unit.
        ratio: the value divided by that of its peer, measured in the same run.
        peer: what the peer is.
        sizes: the value at each size, the last one among them, in ascending order.
        of: what a size counts.
    """

    name: str
    value: float
    unit: str = ""
    limit: float | None = None
    ratio: float | None = None
    peer: str = ""
    sizes: tuple[tuple[int, float], ...] = ()
    of: str = ""

    @property
    def met(self) -> bool:
        """Whether it is no more than its limit, as it is written."""
        return self.limit is None or rounded(self.value) <= self.limit

    @property
    def growth(self) -> str:
        """How much more there is of it at the largest size than at the smallest."""
        if len(self.sizes) < 2:  # noqa: PLR2004 - two make a comparison
            return ""
        (small, before), (large, after) = self.sizes[0], self.sizes[-1]
        times = f"{shown(large / small)} times {self.of}"
        return f"{shown(after / before)} times for {times}" if before else ""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run found.

    Attributes:
        date: its day (ISO 8601).
        machine: what it ran on, and the versions of what it measures through.
        figures: in the order of the table.
        not_measured: the parts that came to nothing, and why.
    """

    date: str
    machine: dict[str, str]
    figures: tuple[Figure, ...]
    not_measured: dict[str, str]

    def words(self, name: str) -> str:
        """What was found of a name."""
        found = {
            figure.name: shown(figure.value, figure.unit) for figure in self.figures
        }
        return found.get(name, "not measured")


def rounded(value: float) -> float:
    """A value to three significant digits; whole numbers keep all of theirs."""
    if not value:
        return 0.0
    return round(value, max(0, 2 - math.floor(math.log10(abs(value)))))


def shown(value: float, unit: str = "") -> str:
    """A value as people read it."""
    return f"{rounded(value):,.10g} {unit}".rstrip()


def to_json(run: Run) -> str:
    """A run as a document."""
    return json.dumps(asdict(run), indent=2, ensure_ascii=False) + "\n"


def from_json(document: str) -> Run:
    """A run from its document."""
    read = json.loads(document)
    return Run(
        read["date"],
        read["machine"],
        figures_of(read["figures"]),
        read["not_measured"],
    )


def figures_of(rows: list[dict[str, Any]]) -> tuple[Figure, ...]:
    """Figures from rows of a document."""
    return tuple(
        Figure(**{**row, "sizes": tuple((int(at), one) for at, one in row["sizes"])})
        for row in rows
    )


def newest(folder: Path = RESULTS) -> Run:
    """The run of the latest day that was kept."""
    return from_json(max(folder.glob("*.json")).read_text("utf-8"))
