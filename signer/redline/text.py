"""A redline as plain text, for mails, and in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from signer.redline.changes import Change, ChangeKind
from signer.redline.labels import HARDLY_SEEN, JOINED, label, remarks, restyled, runs
from signer.redline.lines import CELL, LINE, Piece, Place
from signer.redline.model import Redline
from signer.redline.visible_changes import shown
from signer.redline.word_diff import Segment, WordChange

GAP = "[…]"


def redline_text(redline: Redline, *, context: int = 0) -> str:
    """What changed, as plain text: each changed line_change under its heading.

    Args:
        redline: the changes.
        context: how many unchanged changes to show before and after each changed one.
    """
    numbers = shown(redline.changes, context=context)
    parts: list[str] = []
    for before, number in pairwise((None, *numbers)):
        if number is None:
            continue
        if context and before is not None and before + 1 != number:
            parts.append(GAP)
        line_change = redline.changes[number]
        parts.extend(
            _said(line_change, at, place, part)
            for at, (place, part) in enumerate(line_change.shown_lines())
        )
    return "\n\n".join(parts)


def redline_summary(redline: Redline) -> str:
    """How much changed, in one clause: "3 parts changed, 1 added, none removed"."""
    counts = redline.counts
    if not redline.changed:
        return "Nothing changed"
    touched = [one for one in redline.changes if one.kind is not ChangeKind.SAME]
    kinds = {place.kind for one in touched for place in (*one.old, *one.new)}
    boxes = any(place.steps for one in touched for place in (*one.old, *one.new))
    noun = "paragraph" if kinds == {"paragraph"} and not boxes else "part"
    changed = counts.changed or "No"
    plural = "" if counts.changed == 1 else "s"
    if redline.looks_the_same:
        return f"{changed} {noun}{plural} changed, only in {HARDLY_SEEN}"
    said = [
        f"{changed} {noun}{plural} changed",
        f"{counts.added or 'none'} added",
        f"{counts.removed or 'none'} removed",
    ]
    if counts.moved:
        said.append(f"{counts.moved} moved")
    return ", ".join(said)


def _said(line_change: Change, at: int, place: Place, part: Sequence[Segment]) -> str:
    marked = line_change.kind is ChangeKind.CHANGED
    added = line_change.kind is ChangeKind.ADDED
    words = "".join(
        _run(run, hardly_seen) if marked else _plain(run, addresses=added)
        for run, hardly_seen in runs(part)
    )
    said = label(line_change)
    about = remarks(line_change, at)
    if about:
        said += f" ({'; '.join(about)})"
    words = words.strip()
    if said:
        return f"{said}: {words}"
    return f"{words}\n{'-' * len(words)}" if place.kind == "heading" else words


def _run(run: Sequence[Segment], hardly_seen: str) -> str:
    behind = f"[{hardly_seen}]" if hardly_seen else ""
    change = run[0].change
    pieces = [piece for one in run for piece in one.new or one.old]
    if change is WordChange.SAME:
        return _words(pieces)
    if change is WordChange.RESTYLED:
        words, about = _words(pieces), "; ".join(restyled(run[0]))
        told = words.rstrip()
        # The note stands right behind the words that it is about.
        return f"{told} [{about}]{words[len(told) :]}" if told else behind or words
    added = change is WordChange.ADDED
    if behind and not any(piece.text.strip() for piece in pieces):
        return behind
    said = "".join(
        f" [{JOINED}] "
        if kind == LINE
        else _bracketed(_words(part, addresses=added), change)
        for kind, part in groupby(pieces, key=lambda piece: piece.kind)
    )
    return said + behind


def _bracketed(words: str, change: WordChange) -> str:
    inner = words.strip()
    if not inner:
        return words if change is WordChange.ADDED else ""
    if inner == "|":
        return words
    ahead, behind = words.split(inner, 1)
    return f"{ahead}[{change}: {inner}]{behind}"


def _plain(run: Sequence[Segment], *, addresses: bool) -> str:
    pieces = [piece for one in run for piece in one.new or one.old]
    return _words(pieces, addresses=addresses)


def _words(pieces: Iterable[Piece], *, addresses: bool = False) -> str:
    """The words; where a link leads stands behind it, where that is news."""
    found = []
    for href, run in groupby(pieces, key=lambda piece: dict(piece.marks).get("href")):
        words = "".join(_word(piece) for piece in run)
        address = str(href or "").removeprefix("mailto:")
        if addresses and address not in words:
            told = words.rstrip()
            words = f"{told} (link to {address}){words[len(told) :]}"
        found.append(words)
    return "".join(found)


def _word(piece: Piece) -> str:
    if piece.kind == CELL:
        return " | "
    return " " if piece.kind == LINE else piece.text
