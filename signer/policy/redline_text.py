"""A redline as plain text, for mails, and in one sentence."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from signer.policy.redline_blocks import CELL, LINE
from signer.policy.redline_passages import Fate
from signer.policy.redline_showing import shown
from signer.policy.redline_wording import JOINED, SPLIT, label, remarks, restyled, runs
from signer.policy.redline_words import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signer.policy.redline import Redline
    from signer.policy.redline_blocks import Piece
    from signer.policy.redline_passages import Passage
    from signer.policy.redline_words import Segment

GAP = "[…]"


def redline_text(redline: Redline, *, context: int = 0) -> str:
    """What changed, as plain text: each changed passage under its heading.

    Args:
        redline: the changes.
        context: how many unchanged passages to show before and after each changed one.
    """
    numbers = shown(redline.passages, context=context)
    parts: list[str] = []
    for before, number in pairwise((None, *numbers)):
        if number is None:
            continue
        if context and before is not None and before + 1 != number:
            parts.append(GAP)
        parts.append(_said(redline.passages[number]))
    return "\n\n".join(parts)


def redline_summary(redline: Redline) -> str:
    """How much changed, in one clause: "3 parts changed, 1 added, none removed"."""
    counts = redline.counts
    if not redline.changed:
        return "Nothing changed"
    touched = [one for one in redline.passages if one.fate is not Fate.SAME]
    kinds = {place.kind for one in touched for place in (*one.old, *one.new)}
    boxes = any(place.steps for one in touched for place in (*one.old, *one.new))
    noun = "paragraph" if kinds == {"paragraph"} and not boxes else "part"
    changed = counts.changed or "No"
    plural = "" if counts.changed == 1 else "s"
    said = [
        f"{changed} {noun}{plural} changed",
        f"{counts.added or 'none'} added",
        f"{counts.removed or 'none'} removed",
    ]
    if counts.moved:
        said.append(f"{counts.moved} moved")
    return ", ".join(said)


def _said(passage: Passage) -> str:
    if passage.fate in {Fate.ADDED, Fate.REMOVED}:
        words = "".join(_words(one.new or one.old) for one in passage.segments)
    else:
        words = "".join(_run(run) for run in runs(passage.segments))
    said = label(passage)
    about = remarks(passage)
    if about:
        said += f" ({'; '.join(about)})"
    if said:
        return f"{said}: {words}"
    place = (passage.new or passage.old)[0]
    return f"{words}\n{'-' * len(words)}" if place.kind == "heading" else words


def _run(run: Sequence[Segment]) -> str:
    change = run[0].change
    pieces = [piece for one in run for piece in one.new or one.old]
    if change is Change.SAME:
        return _words(pieces)
    if change is Change.RESTYLED:
        words, about = _words(pieces), "; ".join(restyled(run[0]))
        return f"{words} [{about}]" if words.strip() else words
    return "".join(
        _bracketed(list(part), kind, change)
        for kind, part in groupby(pieces, key=lambda piece: piece.kind)
    )


def _bracketed(pieces: Sequence[Piece], kind: str, change: Change) -> str:
    if kind == LINE:
        return f" [{SPLIT if change is Change.ADDED else JOINED}] "
    words = _words(pieces)
    inner = words.strip()
    if kind == CELL or not inner:
        return words
    ahead, behind = words.split(inner, 1) if inner != words else ("", "")
    return f"{ahead}[{change}: {inner}]{behind}"


def _words(pieces: Iterable[Piece]) -> str:
    return "".join(_word(piece) for piece in pieces)


def _word(piece: Piece) -> str:
    if piece.kind == CELL:
        return " | "
    return " " if piece.kind == LINE else piece.text
