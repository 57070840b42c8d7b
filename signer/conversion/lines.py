"""What was read of a document, line by line, as a tree of blocks.

Programs write lists in many ways: nested, flat with a level, or as paragraphs that
begin with a bullet. Here each is a line with a label and a depth first, then a list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from signer.markdown.blocks import tidy_spans
from signer.markdown.pasted import bare_addresses, bullet

BULLET = "-"
"""The label of a point that has no number."""

_NUMBER = re.compile(r"(\d{1,3})[.)]?")
_TYPED_NUMBER = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")
_TYPED_BULLET = re.compile(r"-\s+(?=\S)")
_DRAWN = re.compile(r"[-=_*~\u2014\u2500\s]{3,}")
_HTTP = re.compile("^http:", re.IGNORECASE)
_IN_ADDRESS = str.maketrans({"(": "%28", ")": "%29", " ": "%20", "<": "%3C"})

Spans = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, or a point of a list.

    Attributes:
        spans: its words, as in `signer.markdown.blocks`.
        depth: of the list that it stands in, 0 outside of any.
        label: what the point begins with, such as ``-``, ``3.`` or ``(a)``; empty for a
            paragraph, and for a further one of a point.
    """

    spans: Spans
    depth: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading.

    Attributes:
        words: its words.
        level: from 1; 0 for the title of the document.
    """

    words: str
    level: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table, its first row being the header."""

    rows: Sequence[Sequence[Spans]]


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation."""

    lines: Sequence[Item]


Item = Line | Heading | Table | Quote


def read_label(text: str) -> str:
    """What a label that a program shows is: a number, words such as ``(a)``, a bullet.

    Args:
        text: such as ``1.``, ``ii)``, ``o`` or the sign of a symbol font.
    """
    words = " ".join(text.split())
    if number := _NUMBER.fullmatch(words):
        return f"{int(number[1])}."
    # A letter alone is a sign of a symbol font.
    is_worded = len(words) > 1 and any(map(str.isalnum, words))
    return words if is_worded else BULLET


def nested(lines: Sequence[Item]) -> list[dict[str, Any]]:
    """The tree of blocks that lines make."""
    found: list[dict[str, Any]] = []
    open_lists: list[dict[str, Any]] = []
    levels = [max(one.level, 1) for one in lines if isinstance(one, Heading)]
    # The first level is that of the policy's title, which stands above its text.
    lower = int(1 in levels)
    for line in lines:
        if isinstance(line, Line):
            _put(_as_typed(line), found, open_lists)
            continue
        open_lists.clear()
        found.append(_block(line, lower))
    return found


def _block(item: Heading | Table | Quote, lower: int) -> dict[str, Any]:
    if isinstance(item, Heading):
        level = min(max(item.level, 1) + lower, 6)
        return {"kind": "heading", "level": level, "spans": [{"text": item.words}]}
    if isinstance(item, Quote):
        return {"kind": "quote", "blocks": nested(item.lines)}
    cells = [[_with_links(cell) for cell in row] for row in item.rows]
    header, *rows = cells
    return {"kind": "table", "header": header, "rows": rows}


def _put(
    line: Line, found: list[dict[str, Any]], open_lists: list[dict[str, Any]]
) -> None:
    """Add a line where it belongs."""
    block = {"kind": "paragraph", "spans": _with_links(line.spans)}
    number = _NUMBER.fullmatch(line.label)
    if line.label and line.label != BULLET and not number:
        # No list is numbered so: the label is a word of a paragraph.
        words: list[dict[str, Any]] = [{"text": f"{line.label} "}, *line.spans]
        block["spans"] = tidy_spans(_with_links(words))
        line = replace(line, depth=line.depth - 1, label="")
    depth = min(line.depth, len(open_lists) + bool(line.label))
    del open_lists[depth:]
    if not line.label or not depth:
        (open_lists[-1]["items"][-1] if open_lists else found).append(block)
        return
    if len(open_lists) == depth and not _goes_on(open_lists[-1], number):
        open_lists.pop()
    if len(open_lists) < depth:
        made: dict[str, Any] = {"kind": "list", "ordered": number is not None}
        if number:
            made["start"] = int(number[1])
        made["items"] = []
        (open_lists[-1]["items"][-1] if open_lists else found).append(made)
        open_lists.append(made)
    open_lists[-1]["items"].append([block])


def _goes_on(block: dict[str, Any], number: re.Match[str] | None) -> bool:
    if number is None:
        return not block["ordered"]
    due = block.get("start", 0) + len(block["items"])
    return bool(block["ordered"]) and int(number[1]) == due


def _as_typed(line: Line) -> Line:
    """A line with the bullet or number that was typed before its words as its label."""
    words = "".join(span["text"] for span in line.spans)
    if line.label or not words:
        return line
    sign, label = _TYPED_BULLET.match(words), BULLET
    if not sign and (sign := _TYPED_NUMBER.match(words)):
        label = f"{int(sign[1])}."
    if not sign and bullet(words):
        sign = re.match(r"\S+?(?:\s+|(?=\w))", words)
    if not sign or not words[sign.end() :].strip():
        return line
    spans = tidy_spans(without_beginning(line.spans, sign.end()))
    return Line(spans, max(line.depth, 1), label)


def without_beginning(spans: Spans, length: int) -> list[dict[str, Any]]:
    """Spans without the first so many characters of their words."""
    kept = []
    for span in spans:
        gone = min(length, len(span["text"]))
        length -= gone
        kept.append({**span, "text": span["text"][gone:]})
    return kept


def is_drawn(words: str) -> bool:
    """Whether words are a line drawn across the page."""
    return bool(_DRAWN.fullmatch(words))


def whole_address(address: str) -> str:
    """The address of a link as a policy may have it; empty where it may not."""
    address = _HTTP.sub("https:", "".join(address.split("\n")).strip())
    if not re.match(r"https://[^/\s]|mailto:[^\s]*@", address, re.IGNORECASE):
        return ""
    return address.translate(_IN_ADDRESS)


def _with_links(spans: Spans) -> list[dict[str, Any]]:
    """Spans in which an address that is no link is one."""
    found: list[dict[str, Any]] = []
    for span in spans:
        rest = span["text"]
        addresses = [] if "href" in span else list(bare_addresses(rest))
        for bare, target in addresses:
            before, _, rest = rest.partition(bare)
            found.append({**span, "text": before})
            if href := whole_address(target):
                found.append({**span, "text": bare, "href": href})
            else:
                found.append({**span, "text": bare})
        found.append({**span, "text": rest})
    return tidy_spans([one for one in found if one["text"]])
