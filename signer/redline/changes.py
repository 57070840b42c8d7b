"""What became of each part of a text: changes, from the first to the last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from signer.redline.lines import CELL, LINE, Line, Piece, Place, divided, shared
from signer.redline.pair_lines import Group, pair_lines
from signer.redline.tokens import word_count
from signer.redline.word_diff import (
    Segment,
    WordChange,
    added,
    compare,
    cut,
    removed,
    same,
    sameness,
)

LEAST_SAME = 0.3
"""Lines of which less stayed are read as one that went and one that came."""
LEAST_MOVED = 3
"""A line of so many words that went here and came there has moved."""


class ChangeKind(StrEnum):
    """What became of a line_change."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


class Note(StrEnum):
    """What happened to a line_change besides its words."""

    RESHAPED = "reshaped"
    """It is another kind of block: a paragraph that became an item of a list."""
    SPLIT = "split"
    JOINED = "joined"
    MOVED = "moved"
    """The same words went elsewhere, or came from there."""
    RENUMBERED = "renumbered"
    """The list begins with another number."""
    REGROUPED = "regrouped"
    """A box around it, a list or an item, now begins or ends elsewhere."""


@dataclass(frozen=True, slots=True)
class Change:
    """A line, or the lines that it was split into or joined from.

    Attributes:
        old: the places of its lines in the old text; none if it was added.
        new: the places of its lines in the new text; none if it was removed.
        segments: its words, with an end of line between two lines.
        notes: what happened besides the words.
    """

    old: tuple[Place, ...]
    new: tuple[Place, ...]
    segments: tuple[Segment, ...]
    notes: frozenset[Note] = frozenset()

    @property
    def kind(self) -> ChangeKind:
        """What became of it."""
        if not self.old:
            return ChangeKind.ADDED
        if not self.new:
            return ChangeKind.REMOVED
        if self.notes or any(
            one.change is not WordChange.SAME for one in self.segments
        ):
            return ChangeKind.CHANGED
        return ChangeKind.SAME

    def old_lines(self) -> Iterator[Line]:
        """Its lines as they were."""
        pieces = [piece for one in self.segments for piece in one.old]
        return _lines(self.old, pieces)

    def new_lines(self) -> Iterator[Line]:
        """Its lines as they are."""
        pieces = [piece for one in self.segments for piece in one.new]
        return _lines(self.new, pieces)

    def shown_lines(self) -> Iterator[tuple[Place, tuple[Segment, ...]]]:
        """Its lines as a reader sees them: the new ones, or the old one if removed."""
        if not self.new:
            yield self.old[0], self.segments
            return
        yield from zip(self.new, cut(self.segments, LINE), strict=True)


def changes(old: Sequence[Line], new: Sequence[Line]) -> tuple[Change, ...]:
    """What leads from the old lines to the new ones, in reading order."""
    found = [
        line_change
        for group in pair_lines(old, new)
        for line_change in _made(group, old, new)
    ]
    return tuple(_regrouped(_renumbered(_moved(found))))


def _made(group: Group, old: Sequence[Line], new: Sequence[Line]) -> Iterator[Change]:
    mine = [old[i] for i in group.old]
    yours = [new[j] for j in group.new]
    if not mine or not yours:
        yield from _apart(mine, yours)
        return
    segments = _compared(mine, yours)
    alike = [line.seen for line in mine] == [line.seen for line in yours]
    if sameness(segments) < LEAST_SAME and not alike:
        yield from _apart(mine, yours)
        return
    notes = set()
    shapes = {line.place.shape for line in (*mine, *yours)}
    if len(shapes) > 1:
        notes.add(Note.RESHAPED)
    if len(yours) > 1:
        notes.add(Note.SPLIT)
    if len(mine) > 1:
        notes.add(Note.JOINED)
    yield Change(
        tuple(line.place for line in mine),
        tuple(line.place for line in yours),
        segments,
        frozenset(notes),
    )


def _apart(old: Sequence[Line], new: Sequence[Line]) -> Iterator[Change]:
    for line in old:
        yield Change((line.place,), (), removed(line.pieces))
    for line in new:
        yield Change((), (line.place,), added(line.pieces))


def _compared(old: Sequence[Line], new: Sequence[Line]) -> tuple[Segment, ...]:
    before, after = old[0], new[0]
    if len(old) > 1 or len(new) > 1:
        return compare(_run(old), _run(new))
    if before.pieces == after.pieces:
        return same(before.pieces)
    if before.place.cells != after.place.cells or not before.place.cells:
        return compare(before.pieces, after.pieces)
    found: list[Segment] = []
    cells = zip(divided(before.pieces, CELL), divided(after.pieces, CELL), strict=True)
    for number, (mine, yours) in enumerate(cells):
        if number:
            found.extend(same((Piece("", (), CELL),)))
        found.extend(same(mine) if mine == yours else compare(mine, yours))
    return tuple(found)


def _run(lines: Sequence[Line]) -> list[Piece]:
    run: list[Piece] = []
    for number, line in enumerate(lines):
        if number:
            run.append(Piece("", (), LINE))
        run.extend(line.pieces)
    return run


def _lines(places: tuple[Place, ...], pieces: list[Piece]) -> Iterator[Line]:
    if not places:
        return
    for place, part in zip(places, divided(pieces, LINE), strict=True):
        yield Line(place, tuple(part))


def _moved(found: list[Change]) -> list[Change]:
    """Mark lines that stand elsewhere now, word for word."""
    gone: defaultdict[tuple[Piece, ...], list[int]] = defaultdict(list)
    for number, line_change in enumerate(found):
        if line_change.kind is ChangeKind.REMOVED and line_change.segments:
            pieces = line_change.segments[0].old
            if word_count(pieces) >= LEAST_MOVED:
                gone[pieces].append(number)
    for number, line_change in enumerate(found):
        if line_change.kind is ChangeKind.ADDED and line_change.segments:
            from_here = gone.get(line_change.segments[0].new)
            if from_here:
                for at in (from_here.pop(0), number):
                    found[at] = replace(found[at], notes=frozenset({Note.MOVED}))
    return found


def _renumbered(found: list[Change]) -> list[Change]:
    """Mark where a list that stayed begins to count from elsewhere."""
    seen = set()
    for number, line_change in enumerate(found):
        if not line_change.old or not line_change.new:
            continue
        old, new = line_change.old[0], line_change.new[0]
        for depth, (mine, yours) in enumerate(zip(old.steps, new.steps, strict=False)):
            if mine.kind != "list" or not (mine.ordered and yours.ordered):
                continue
            lists = (old.steps[: depth + 1], new.steps[: depth + 1])
            if mine.start == yours.start or lists in seen:
                continue
            seen.add(lists)
            first, now = (one.steps[depth + 1 : depth + 2] for one in (old, new))
            if [mine.start + one.at for one in first] != [
                yours.start + one.at for one in now
            ]:
                notes = line_change.notes | {Note.RENUMBERED}
                found[number] = replace(line_change, notes=notes)
    return found


def _regrouped(found: list[Change]) -> list[Change]:
    """Mark lines that stayed, and no longer share a list or an item with the last."""
    for number, (before, line_change) in enumerate(pairwise(tuple(found)), 1):
        if not (before.old and before.new and line_change.old and line_change.new):
            continue
        if Note.RESHAPED in line_change.notes | before.notes:
            continue
        was = shared(before.old[-1].steps, line_change.old[0].steps)
        if was != shared(before.new[-1].steps, line_change.new[0].steps):
            notes = line_change.notes | {Note.REGROUPED}
            found[number] = replace(found[number], notes=notes)
    return found
