"""What changed between two versions of the text, so that nobody has to search for it.

    redline = redline(old_html, new_html)

    html.redline_html(redline)      for pages: every change marked, in words too
    text.redline_text(redline)      for mails: only what changed
    text.redline_summary(redline)   "3 parts changed, 1 added, none removed"

Accepting a redline gives the new text and rejecting it the old one, in blocks and in
words: both are put together again from its segments.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from signer.look_alikes import as_seen
from signer.markdown.blocks import blocks
from signer.redline.changes import Change, ChangeKind, Note, changes
from signer.redline.lines import TEXT, Line, Marks, Place, lines, tree


@dataclass(frozen=True, slots=True)
class Counts:
    """How much changed, in changes: headings, paragraphs, items and rows.

    Attributes:
        changed: those that stayed, but not as they were.
        added: those that are new.
        removed: those that are gone.
        moved: those that stand elsewhere, word for word; counted nowhere else.
    """

    changed: int
    added: int
    removed: int
    moved: int


@dataclass(frozen=True, slots=True)
class Redline:
    """Two texts as one, with every change marked.

    Attributes:
        changes: what became of each part, in reading order.
    """

    changes: tuple[Change, ...]

    @property
    def changed(self) -> bool:
        """Whether anything is not as it was."""
        return any(one.kind is not ChangeKind.SAME for one in self.changes)

    @property
    def looks_the_same(self) -> bool:
        """Whether something changed, but only spaces, or signs that look alike."""
        old = [line for one in self.changes for line in one.old_lines()]
        new = [line for one in self.changes for line in one.new_lines()]
        if not self.changed or len(old) != len(new):
            return False
        pairs = zip(old, new, strict=True)
        return all(one == other or _seen(one) == _seen(other) for one, other in pairs)

    @property
    def counts(self) -> Counts:
        """How much changed."""
        count = Counter(
            Note.MOVED if Note.MOVED in one.notes else one.kind for one in self.changes
        )
        return Counts(
            changed=count[ChangeKind.CHANGED],
            added=count[ChangeKind.ADDED],
            removed=count[ChangeKind.REMOVED],
            moved=count[Note.MOVED] // 2,
        )

    def accepted(self) -> list[dict[str, Any]]:
        """The new text's tree, as `signer.markdown.blocks.blocks` gives it."""
        return tree(line for one in self.changes for line in one.new_lines())

    def rejected(self) -> list[dict[str, Any]]:
        """The old text's tree."""
        return tree(line for one in self.changes for line in one.old_lines())


@lru_cache(maxsize=8)
def redline(old_html: str, new_html: str) -> Redline:
    """What leads from one rendered text to another.

    A page of a draft wants it several times, and so does whoever looks again.

    Args:
        old_html: what `signer.markdown.rendering.to_html` gave for the older text.
        new_html: the same for the newer text.

    Raises:
        PolicyError: as `signer.markdown.blocks.blocks`.
    """
    return Redline(changes(lines(blocks(old_html)), lines(blocks(new_html))))


def _seen(line: Line) -> tuple[Place, list[tuple[str, Marks, str]]]:
    """What the eye takes in of a line, with the marks of each character."""
    return line.place, [
        (character, piece.marks, piece.kind)
        for piece in line.pieces
        for character in (as_seen(piece.text) if piece.kind == TEXT else [""])
    ]
