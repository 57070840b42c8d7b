"""A redline as HTML: ``<ins>`` and ``<del>``, and every change in words as well.

What is said about the changes stands in elements of the class ``redline-said``; all
other text is the policy's own. Without the ``<ins>`` elements it reads as the old text,
without the ``<del>`` elements as the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

from signer.redline.changes import Change, ChangeKind
from signer.redline.labels import (
    CELLS_JOINED,
    JOINED,
    label,
    remarks,
    restyled,
    runs,
)
from signer.redline.lines import CELL, LINE, TEXT, Piece, Place
from signer.redline.model import Redline
from signer.redline.nesting import Boxes
from signer.redline.visible_changes import shown
from signer.redline.word_diff import Segment, WordChange, cut

_LINKED = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_SLUG = re.compile(r"[^a-z0-9]+")
_TAGS = {WordChange.ADDED: "ins", WordChange.REMOVED: "del"}


class _Line(NamedTuple):
    place: Place
    segments: tuple[Segment, ...]
    kind: ChangeKind
    said: str


def redline_html(
    redline: Redline, *, only_changes: bool = False, prefix: str = "redline-"
) -> str:
    """The two texts as one, with every change marked.

    Args:
        redline: the changes.
        only_changes: leave out what did not change, but for what a change cannot be
            understood without: its heading, the words that lead to a list.
        prefix: before the id of each heading, so that none is the page's own.
    """
    page = Boxes(redline.changes)
    ids = _Ids(prefix)
    last = -1
    for number in _numbers(redline, only_changes=only_changes):
        line_change = redline.changes[number]
        if last + 1 != number:
            page.gap()
        last = number
        page.follow(line_change)
        for line in _lines(line_change):
            page.enter(line.place, removed=line.kind is ChangeKind.REMOVED)
            page.put(_line(line, ids))
    if last + 1 != len(redline.changes):
        page.gap()
    return f'<div class="redline">\n{page.close()}\n</div>'


def redline_key() -> str:
    """How to read a redline: one line of HTML to put above it."""
    return (
        '<p class="redline redline-key">Words that were added are '
        "<ins>underlined</ins>, words that were removed are <del>struck through</del>. "
        "There is a bar beside each part that has changed.</p>"
    )


def redline_switch(html: str, words: str = "Show the changes") -> str:
    """A redline that a reader can turn into the new text alone, and back.

    It is a box to tick before the text, so that it works without a script, by
    keyboard, and is told by every screen reader for what it is.

    Args:
        html: what `redline_html` gives; or that within an element of the class
            ``redline``, which says its language.
        words: what stands beside the box, for a page in another language.
    """
    return (
        '<div class="redline-view">\n'
        '<input type="checkbox" id="show-changes" class="redline-unseen" checked '
        'autocomplete="off">'
        f'<label class="redline-switch" for="show-changes">{escape(words)}</label>\n'
        f"{html}\n</div>"
    )


def _numbers(redline: Redline, *, only_changes: bool) -> Sequence[int]:
    if only_changes:
        return shown(redline.changes)
    return range(len(redline.changes))


def _lines(line_change: Change) -> Iterator[_Line]:
    for at, (place, part) in enumerate(line_change.shown_lines()):
        yield _Line(place, part, line_change.kind, _said(line_change, at))


def _said(line_change: Change, at: int = 0) -> str:
    word = label(line_change)
    if not word:
        return ""
    said = f'<span class="redline-said redline-label">{word}: </span>'
    about = "; ".join(remarks(line_change, at))
    return said + (_note(about) if about else "")


def _line(line: _Line, ids: _Ids) -> str:
    """One block's element."""
    style = "" if line.kind is ChangeKind.SAME else f' class="redline-{line.kind}"'
    if line.place.kind in {"header", "row"}:
        return f"<tr{style}>{_cells(line)}</tr>"
    inner = line.said + _words(line.segments, line.kind)
    if line.place.kind != "heading":
        return f"<p{style}>{inner}</p>"
    tag = f"h{line.place.level}"
    anchor = "" if line.kind is ChangeKind.REMOVED else f' id="{ids.of(line.segments)}"'
    return f"<{tag}{anchor}{style}>{inner}</{tag}>"


def _cells(line: _Line) -> str:
    if line.kind is ChangeKind.REMOVED:
        # Its cells are those of the old text.
        turned = [Segment(WordChange.ADDED, (), one.old) for one in line.segments]
        parts = [
            tuple(Segment(WordChange.REMOVED, one.new, ()) for one in part)
            for part in cut(turned, CELL)
        ]
    else:
        parts = cut(line.segments, CELL)
    opening, tag = (
        ('th scope="col"', "th") if line.place.kind == "header" else ("td",) * 2
    )
    said = [line.said, *[""] * len(parts)]
    return "".join(
        f"<{opening}>{before}{_words(part, line.kind)}</{tag}>"
        for before, part in zip(said, parts, strict=False)
    )


def _words(segments: Sequence[Segment], kind: ChangeKind) -> str:
    """The words of a block, marked where the block itself does not say it."""
    found = []
    for run, hardly_seen in runs(segments):
        change = run[0].change
        pieces = [piece for one in run for piece in one.new or one.old]
        if change is WordChange.SAME:
            found.append(_marked(pieces))
        elif change is WordChange.RESTYLED:
            found.append(_restyled(pieces, run[0]))
        else:
            for piece_kind, part in groupby(pieces, key=lambda piece: piece.kind):
                # Only ends that went are left: at those that came, the text was cut.
                if piece_kind == TEXT:
                    said = "" if kind is not ChangeKind.CHANGED else str(change)
                    found.append(_wrapped(list(part), _TAGS[change], said))
                else:
                    found.append(_note(JOINED if piece_kind == LINE else CELLS_JOINED))
        if hardly_seen and kind is ChangeKind.CHANGED:
            found.append(_note(hardly_seen))
    return "".join(found)


def _wrapped(pieces: Sequence[Piece], tag: str, said: str) -> str:
    """Words that came or went; the spaces around them without a line of their own."""
    words = "".join(piece.text for piece in pieces)
    inner = words.strip()
    if not inner:
        return f'<{tag} class="redline-space">{_marked(pieces)}</{tag}>'
    at = words.index(inner)
    ahead, rest = _halved(pieces, at)
    middle, behind = _halved(rest, len(inner))
    begin = _unseen(f" {said.capitalize()}: ") if said else ""
    end = _unseen(f", end {said}. ") if said else ""
    found = f"<{tag}>{begin}{_marked(middle)}{end}</{tag}>"
    spaces = [_wrapped(some, tag, said) if some else "" for some in (ahead, behind)]
    return spaces[0] + found + spaces[1]


def _halved(pieces: Sequence[Piece], at: int) -> tuple[list[Piece], list[Piece]]:
    """The pieces before and after a position in their text."""
    ahead: list[Piece] = []
    behind: list[Piece] = []
    for piece in pieces:
        first, second = piece.text[:at], piece.text[at:]
        at = max(0, at - len(piece.text))
        ahead.extend([piece._replace(text=first)] if first else [])
        behind.extend([piece._replace(text=second)] if second else [])
    return ahead, behind


def _restyled(pieces: Sequence[Piece], segment: Segment) -> str:
    words = _marked(pieces)
    if not any(piece.text.strip() for piece in pieces):
        return words
    about = _note("; ".join(restyled(segment)), behind="")
    begin = _unseen(" Changed: ")
    return f'<span class="redline-restyled">{begin}{words}{about}</span>'


def _marked(pieces: Sequence[Piece]) -> str:
    found = []
    for href, run in groupby(pieces, key=lambda piece: dict(piece.marks).get("href")):
        words = "".join(_styled(piece) for piece in run)
        if href is not None and _LINKED.match(href):
            words = f'<a href="{escape(href)}">{words}</a>'
        found.append(words)
    return "".join(found)


def _styled(piece: Piece) -> str:
    words = escape(piece.text, quote=False)
    marks = dict(piece.marks)
    if marks.get("emphasis"):
        words = f"<em>{words}</em>"
    return f"<strong>{words}</strong>" if marks.get("strong") else words


def _note(words: str, behind: str = " ") -> str:
    # The spaces are said too: those outside belong to the policy.
    words = escape(words, quote=False)
    return f'<span class="redline-said redline-note"> [{words}]{behind}</span>'


def _unseen(words: str) -> str:
    return f'<span class="redline-said redline-unseen">{words}</span>'


class _Ids:
    """An id for each heading, none of them twice."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._given: set[str] = set()

    def of(self, segments: Iterable[Segment]) -> str:
        words = "".join(piece.text for one in segments for piece in one.new)
        slug = _SLUG.sub("-", words.lower()).strip("-") or "part"
        wanted, count = slug, 1
        while wanted in self._given:
            count += 1
            wanted = f"{slug}-{count}"
        self._given.add(wanted)
        return escape(self._prefix) + wanted
