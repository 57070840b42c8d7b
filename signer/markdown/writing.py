"""A tree of blocks as the Markdown that a policy may use: the inverse of `blocks`.

What this writes renders to the same tree. Marks that would not are left out, so that
the words are always those of the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from signer.errors import PolicyError
from signer.markdown.blocks import blocks
from signer.markdown.rendering import render

_MOST_COMPARED = 5000
"""Characters of a paragraph that is rendered to see how it is shown: longer ones, which
nobody writes, would take too long."""

INDENT = 4
"""Spaces that one level of a nested list is indented by."""

# A run of underscores is a line to write on: shown as it is, and found by the rules.
_SIGNS = re.compile(r"_{3,}|[*_]|\\(?=[\\`*_{}\[\]()>#+.!|-]|$)")
# One that is never closed, or would be the words of a link.
_BRACKET = re.compile(r"\[(?![^\[\]]*\](?!\())")
_AT_START = re.compile(r"^(#|>|[-+*](?=\s)|\d+(?=\.\s)|[-=]+$)")
_HASHES = re.compile(r"#(?=#*$)")


def write_blocks(tree: Sequence[dict[str, Any]]) -> str:
    """The Markdown of a tree of blocks, with a line end after it; empty without one.

    Args:
        tree: as `signer.markdown.blocks.blocks` gives it. A point of a list begins with
            a paragraph, and a table stands in no list and no quotation.
    """
    lines = list(_flow(tree))
    return "\n".join((*lines, "")) if lines else ""


def _flow(tree: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The lines of blocks, with an empty one between two."""
    for place, block in enumerate(tree):
        if place:
            yield ""
        yield from _block(block)


def _block(block: dict[str, Any]) -> Iterator[str]:
    kind = block["kind"]
    if kind == "heading":
        words = _HASHES.sub(r"\\#", _inline(block["spans"], start=False))
        yield f"{'#' * block['level']} {words}"
    elif kind == "paragraph":
        yield _inline(block["spans"])
    elif kind == "quote":
        yield from (f"> {line}".rstrip() for line in _flow(block["blocks"]))
    elif kind == "table":
        yield _row(block["header"])
        yield _row([[{"text": "---"}]] * len(block["header"]))
        yield from map(_row, block["rows"])
    else:
        yield from _list(block)


def _list(block: dict[str, Any]) -> Iterator[str]:
    # Points that are more than a paragraph and points below it stand apart.
    loose = not all(map(_is_tight, block["items"]))
    for place, item in enumerate(block["items"]):
        if place and loose:
            yield ""
        number = block.get("start", 1) + place
        mark = f"{number}. " if block["ordered"] else "- "
        below = _lines_below(item, loose=loose)
        yield mark + next(below, "")
        yield from (" " * INDENT + line if line else "" for line in below)


def _is_tight(item: Sequence[dict[str, Any]]) -> bool:
    if [one["kind"] for one in item] == ["paragraph", "list"]:
        return all(map(_is_tight, item[1]["items"]))
    return [one["kind"] for one in item] == ["paragraph"]


def _lines_below(item: Sequence[dict[str, Any]], *, loose: bool) -> Iterator[str]:
    for place, block in enumerate(item):
        if place and (loose or block["kind"] != "list"):
            yield ""
        yield from _block(block)


def _row(cells: Iterable[Sequence[dict[str, Any]]]) -> str:
    words = (_inline(cell, start=False).replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(words)} |"


def _inline(spans: Sequence[dict[str, Any]], *, start: bool = True) -> str:
    """The Markdown of a line of words, with as many of its marks as it can show.

    Args:
        spans: the words.
        start: whether signs at its beginning would make another block of it.
    """
    words = ""
    for left_out in ((), ("emphasis",), ("emphasis", "strong", "href")):
        kept = [
            {key: value for key, value in span.items() if key not in left_out}
            for span in spans
        ]
        words = "".join(_by_link(list(_apart(kept))))
        if start:
            words = _AT_START.sub(_escaped_start, words)
        if _shows(words, kept):
            break
    return words


def _escaped_start(sign: re.Match[str]) -> str:
    # Before a number it is the full stop behind it that is escaped.
    return f"{sign[0]}\\" if sign[0].isdigit() else f"\\{sign[0]}"


def _shows(words: str, spans: Sequence[dict[str, Any]]) -> bool:
    """Whether a line is rendered as these words with these marks."""
    if len(words) > _MOST_COMPARED or not any(sign in words for sign in "*_[\\"):
        return True
    try:
        shown = blocks(render(words))
    except PolicyError:
        return False
    return [_joined(block.get("spans", ())) for block in shown] == [_joined(spans)]


def _joined(spans: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Spans with like neighbours made one, spaces left to no mark."""
    found: list[dict[str, Any]] = []
    for span in _apart(spans):
        marks = {key: value for key, value in span.items() if key != "text"}
        if found and found[-1] == {"text": found[-1]["text"], **marks}:
            found[-1]["text"] += span["text"]
        else:
            found.append(dict(span))
    return found


def _apart(spans: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Spans whose spaces at the ends are outside of what marks them."""
    for span in spans:
        marks = {key: value for key, value in span.items() if key != "text"}
        text = span["text"]
        inner = text.strip(" ")
        if not marks or inner == text:
            yield span
            continue
        before, _, after = text.partition(inner) if inner else (text, "", "")
        for piece, kept in ((before, {}), (inner, marks), (after, {})):
            if piece:
                yield {"text": piece, **kept}


def _by_link(spans: Sequence[dict[str, Any]]) -> Iterator[str]:
    for href, group in groupby(spans, key=lambda span: span.get("href")):
        words = "".join(_marked(list(group), "strong", "**"))
        yield f"[{words}]({href})" if href else words


def _marked(spans: Sequence[dict[str, Any]], key: str, mark: str) -> Iterator[str]:
    for marked, group in groupby(spans, key=lambda span: bool(span.get(key))):
        inside = list(group)
        if key == "strong":
            words = "".join(_marked(inside, "emphasis", "*"))
        else:
            words = "".join(_escaped(span["text"]) for span in inside)
        yield f"{mark}{words}{mark}" if marked else words


def _escaped(text: str) -> str:
    words = _SIGNS.sub(lambda one: one[0] if len(one[0]) > 1 else f"\\{one[0]}", text)
    return _BRACKET.sub(r"\\[", words)
