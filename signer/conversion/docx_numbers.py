"""The numbers of points in a `.docx`, as Word works them out when it shows them.

A paragraph names a numbering and a level; each level of a numbering counts by itself
and begins again below a point of a higher one (ECMA-376 part 1, §17.9).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from signer.conversion.characters import LABEL
from signer.conversion.html_elements import lettered
from signer.conversion.lines import BULLET, read_label

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_KINDS = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
_PLACE = re.compile(r"%([1-9])")
_LEVELS = 9
_MOST_STYLES = 20


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    text: str = ""


@dataclass(slots=True)
class _Numbering:
    """The levels of a numbering, and how far each has counted."""

    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)


def label_points(
    body: etree._Element,
    *,
    numbering: etree._Element | None,
    styles: etree._Element | None,
) -> None:
    """Write the label and depth of each point before its words, in place of its number.

    Args:
        body: the document, which is changed.
        numbering: the part that declares the numberings.
        styles: the part that declares the styles.
    """
    if numbering is None:
        return
    counters = _Counters(numbering, styles)
    for paragraph in body.iter(f"{_W}p"):
        properties = paragraph.find(f"{_W}pPr")
        if properties is None or properties.find(f"{_W}rPr/{_W}del") is not None:
            continue
        if (found := counters.label(properties)) is not None:
            depth, label = found
            run = etree.Element(f"{_W}r")
            words = etree.SubElement(run, f"{_W}t")
            words.text = f"{LABEL[0]}{depth}|{label}{LABEL[1]}"
            properties.addnext(run)


class _Counters:
    def __init__(
        self, numbering: etree._Element, styles: etree._Element | None
    ) -> None:
        abstract = {
            _value(one, "abstractNumId"): _Numbering(dict(_levels(one)))
            for one in numbering.iterfind(f"{_W}abstractNum")
        }
        self._numberings: dict[str, _Numbering] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        for one in numbering.iterfind(f"{_W}num"):
            name = _value(one, "numId")
            shared = abstract.get(_child(one, "abstractNumId"))
            if shared is None:
                continue
            self._numberings[name] = shared
            self._restarts[name] = {
                _whole(_value(over, "ilvl")): _whole(_child(over, "startOverride"))
                for over in one.iterfind(f"{_W}lvlOverride")
                if _child(over, "startOverride")
            }
        self._styles = {
            _value(one, "styleId"): one
            for one in (() if styles is None else styles.iterfind(f"{_W}style"))
        }

    def label(self, properties: etree._Element) -> tuple[int, str] | None:
        """The depth and label of a paragraph; None where it is no point."""
        name, level = self._named(properties)
        numbering = self._numberings.get(name)
        if numbering is None or level not in numbering.levels:
            return None
        counts, kind = numbering.counts, numbering.levels[level].kind
        if (start := self._restarts[name].pop(level, None)) is not None:
            counts[level] = start
        else:
            counts[level] = counts.get(level, numbering.levels[level].start - 1) + 1
        for below in range(level + 1, _LEVELS):
            counts.pop(below, None)
        if kind == "none":
            return None
        text = BULLET if kind == "bullet" else _text(numbering, level)
        return level + 1, read_label(text)

    def _named(self, properties: etree._Element) -> tuple[str, int]:
        """The numbering and level that a paragraph names, or its style."""
        named = properties.find(f"{_W}numPr")
        name = "" if named is None else _child(named, "numId")
        level = "" if named is None else _child(named, "ilvl")
        style = _child(properties, "pStyle")
        for _ in range(_MOST_STYLES):
            if name or (found := self._styles.get(style)) is None:
                break
            named = found.find(f"{_W}pPr/{_W}numPr")
            name = "" if named is None else _child(named, "numId")
            level = level or ("" if named is None else _child(named, "ilvl"))
            style = _child(found, "basedOn")
        return name, min(_whole(level), _LEVELS - 1)


def _levels(abstract: etree._Element) -> Iterator[tuple[int, _Level]]:
    for one in abstract.iterfind(f"{_W}lvl"):
        start = _child(one, "start")
        yield (
            _whole(_value(one, "ilvl")),
            _Level(
                _whole(start) if start else 1,
                _child(one, "numFmt") or "decimal",
                _child(one, "lvlText"),
            ),
        )


def _text(numbering: _Numbering, level: int) -> str:
    """The label of a level as it is shown, such as ``2.1`` or ``(a)``."""

    def shown(place: re.Match[str]) -> str:
        at = int(place[1]) - 1
        there = numbering.levels.get(at, _Level())
        number = numbering.counts.get(at, there.start)
        kind = _KINDS.get(there.kind)
        return lettered(number, kind) if kind and number else str(number)

    return _PLACE.sub(shown, numbering.levels[level].text)


def _child(element: etree._Element, name: str) -> str:
    found = element.find(f"{_W}{name}")
    return "" if found is None else _value(found, "val")


def _value(element: etree._Element, name: str) -> str:
    return element.get(f"{_W}{name}") or ""


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0  # noqa: PLR2004
