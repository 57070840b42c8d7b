"""Two pictures of a run, as SVG: what is near its target, and what grows.

They follow the reader's colours, light or dark, and say in words what they show.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from bench.table.figures import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.table.figures import Figure, Run

WIDTH = 960
ROW, NAMES, NUMBERS = 26, 480, 190
LONGEST = 4.0
"""How many times its target a bar shows at most; its words tell the rest."""

BOX, GAP, ACROSS = 210, 30, 4
INSET_TOP, INSET_FOOT = 44, 34

STYLE = """
text{font:12.5px system-ui,sans-serif;fill:#1f2933}.small{font-size:11px}
.paper{fill:#fff}.kept{fill:#1d6f8a}.missed{fill:#b3441e}.rule{stroke:#52606d}
.line{stroke:#1d6f8a;fill:none;stroke-width:2}.even{stroke:#8a949e}
@media(prefers-color-scheme:dark){text{fill:#e4e7eb}.paper{fill:#14181d}
.kept{fill:#5db7d4}.missed{fill:#f08a5d}.rule{stroke:#9aa5b1}
.line{stroke:#5db7d4}.even{stroke:#6b7580}}
"""


def targets(run: Run) -> str:
    """A bar for each figure that has a target, by its part of that."""
    figures = [one for one in run.figures if one.limit]
    parts = [one.value / one.limit for one in figures if one.limit]
    parts = [min(part, LONGEST) for part in parts]
    most = max([1.25, *parts])
    room = WIDTH - NAMES - NUMBERS
    height = 40 + ROW * len(figures)
    drawn = []
    for place, (figure, part) in enumerate(zip(figures, parts, strict=True)):
        top = 30 + place * ROW
        kind = "kept" if figure.met else "missed"
        words_at = NAMES + room * max(part, 1) / most + 6
        value = f"{shown(figure.value, figure.unit)} of {shown(figure.limit or 0)}"
        drawn += [
            (
                f'<text x="{NAMES - 10}" y="{top + 15}" text-anchor="end">'
                f"{escape(figure.name.replace('`', ''))}</text>"
            ),
            (
                f'<rect class="{kind}" x="{NAMES}" y="{top + 4}" '
                f'width="{room * part / most:.1f}" height="{ROW - 10}"/>'
            ),
            (
                f'<text x="{words_at:.1f}" y="{top + 15}">'
                f"{escape(value)}{'' if figure.met else ' (not met)'}</text>"
            ),
        ]
    at = NAMES + room / most
    drawn += [
        f'<line class="rule" x1="{at:.1f}" x2="{at:.1f}" y1="24" y2="{height - 6}"/>',
        f'<text class="small" x="{at:.1f}" y="18" text-anchor="middle">target</text>',
    ]
    met = sum(one.met for one in figures)
    told = "; ".join(
        f"{one.name}: {shown(one.value, one.unit)} of {shown(one.limit or 0, one.unit)}"
        for one in figures
    )
    title = f"Each figure as a part of its target: {met} of {len(figures)} are met"
    return _svg(height, title, told, drawn)


def growth(run: Run) -> str:
    """A line for each figure with sizes, beside one that grows as the size does."""
    figures = [one for one in run.figures if one.growth]
    down = math.ceil(len(figures) / ACROSS)
    height = max(1, down) * (BOX + GAP) + GAP
    drawn = []
    for place, figure in enumerate(figures):
        row, column = divmod(place, ACROSS)
        left = GAP + column * (BOX + GAP - 10)
        drawn += _line(figure, left, GAP + row * (BOX + GAP))
    told = "; ".join(f"{one.name}: {one.growth}" for one in figures)
    title = "How each figure grows, beside a line that grows as the size does"
    return _svg(height, title, told, drawn)


def _line(figure: Figure, left: float, top: float) -> list[str]:
    """One figure's line; both axes begin at nothing."""
    (large, _), most = figure.sizes[-1], max(value for _, value in figure.sizes)
    wide, high = BOX - 10, BOX - INSET_TOP - INSET_FOOT
    base = top + INSET_TOP + high

    def point(size: float, value: float) -> str:
        across, up = wide * size / large, high * value / most
        return f"{left + across:.1f},{base - up:.1f}"

    points = " ".join(point(*one) for one in figure.sizes)
    first, before = figure.sizes[0]
    even = min(large, first * most / before if before else large)
    names = _broken(figure.name)
    return [
        *(
            f'<text class="small" x="{left}" y="{top + 12 + 13 * place}">'
            f"{escape(words)}</text>"
            for place, words in enumerate(names)
        ),
        f'<line class="rule" x1="{left}" x2="{left + wide}" y1="{base}" y2="{base}"/>',
        (
            f'<polyline class="even" fill="none" stroke-dasharray="4 4" '
            f'points="{point(first, before)} {point(even, before * even / first)}"/>'
        ),
        f'<polyline class="line" points="{points}"/>',
        *(
            f'<circle class="kept" r="3" cx="{at.split(",")[0]}" '
            f'cy="{at.split(",")[1]}"/>'
            for at in points.split(" ")
        ),
        (
            f'<text class="small" x="{left}" y="{base + 14}">'
            f"{shown(figure.sizes[0][1])} to {shown(figure.sizes[-1][1], figure.unit)}"
            "</text>"
        ),
        (
            f'<text class="small" x="{left}" y="{base + 28}">'
            f"{shown(first)} to {shown(large)} "
            f"{escape(figure.of.removeprefix('the '))}</text>"
        ),
    ]


def _broken(name: str, most: int = 30) -> Sequence[str]:
    """A name in two lines, if it is long."""
    if len(name) <= most:
        return [name]
    at = name.rfind(" ", 0, most)
    return [name[:at], name[at + 1 :]]


def _svg(height: float, title: str, told: str, drawn: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'role="img" aria-labelledby="title told">\n'
        f'<title id="title">{escape(title)}</title>\n'
        f'<desc id="told">{escape(told)}</desc>\n<style>{STYLE}</style>\n'
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>\n'
        + "\n".join(drawn)
        + "\n</svg>\n"
    )
