"""What holds for the words inside of an element: their marks, list and heading."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from lxml.html import HtmlElement

from signer.conversion.html_elements import LETTERED, lettered, number_in
from signer.conversion.lines import BULLET, Item, Line
from signer.conversion.tables import as_cell

HEADINGS = {f"h{level}": level for level in range(1, 7)}
"""The level of each element that is a heading."""


@dataclass(slots=True)
class Point:
    """A point of a list; its first line alone has the label."""

    depth: int
    label: str

    def take_label(self) -> str:
        """Give the label, once."""
        label, self.label = self.label, ""
        return label


@dataclass(slots=True)
class Numbers:
    """The numbers of a list's points; None for bullets."""

    next: int | None
    style: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """What holds for the words inside of an element."""

    marks: dict[str, Any] = field(default_factory=dict)
    depth: int = 0
    numbers: Numbers | None = None
    point: Point | None = None
    heading: int | None = None
    keeps_lines: bool = False


def headed(element: HtmlElement, tag: str, inside: Place) -> Place:
    """What holds inside of a heading, which may be a paragraph that is called one."""
    level = HEADINGS.get(tag)
    classes = element.get("class", "").split()
    if element.get("role") == "heading":
        level = number_in(element.get("aria-level"), 2)
    elif "MsoTitle" in classes or "title" in classes:
        level = 0
    if level is not None and inside.point is None:
        return replace(inside, heading=min(level, 6))
    return replace(inside, keeps_lines=inside.keeps_lines or tag == "pre")


def label_of(element: HtmlElement, style: dict[str, str], inside: Place) -> str:
    """The label of a point of a list, which is counted."""
    numbers = inside.numbers
    if numbers is None or numbers.next is None:
        return BULLET
    number = number_in(element.get("value"), numbers.next)
    numbers.next = number + 1
    kind = LETTERED.get(style.get("list-style-type", "") or numbers.style)
    return f"{lettered(number, kind)}." if kind else f"{number}."


def within(lines: list[Item], point: Point | None) -> list[Item]:
    """Lines as those of a point of a list."""
    if point is None:
        return lines
    found: list[Item] = []
    for line in lines:
        label = point.take_label()
        if isinstance(line, Line):
            found.append(Line(line.spans, point.depth, label))
        else:
            found.append(Line(as_cell([line]), point.depth, label))
    return found
