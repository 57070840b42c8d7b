"""The lists, items, quotes and tables of two texts, opened and closed as one."""

from __future__ import annotations

from collections.abc import Iterable

from signer.redline.changes import Change
from signer.redline.lines import Place, Step

_SCROLLING = 'class="redline-table" role="group" aria-label="Table" tabindex="0"'
"""A wide table is moved sideways on a phone, by the keyboard too."""

_Path = tuple["Step", ...]
_Box = tuple[str, _Path]
"""Which text a box is of, and the way to it."""


class Boxes:
    """Writes lines one after another, each inside the boxes that it stands in.

    A line that was removed stands in the old text's boxes. Where a box of the old text
    lives on in the new one, the line is put into that.
    """

    def __init__(self, changes: Iterable[Change]) -> None:
        self._written: list[str] = []
        self._open: list[_Box] = []
        self._seen: set[_Box] = set()
        self._became: dict[_Path, _Path] = {}
        for line_change in changes:
            for old, new in _partners(line_change):
                self._became.setdefault(old, new)

    def follow(self, line_change: Change) -> None:
        """Learn from a line_change which box of the old text is which of the new one.

        A list that was cut in two has become both; what follows belongs to the later.
        """
        self._became.update(_partners(line_change))

    def enter(self, place: Place, *, removed: bool) -> None:
        """Close and open boxes for a line."""
        steps = place.steps
        boxes = [self._box(steps[: at + 1], old=removed) for at in range(len(steps))]
        common = 0
        while common < min(len(boxes), len(self._open)) and (
            boxes[common] == self._open[common]
        ):
            common += 1
        self._leave(common)
        for box, step, outer in zip(
            boxes[common:],
            steps[common:],
            (None, *steps)[common : len(steps)],
            strict=True,
        ):
            self._open.append(box)
            self._written.append(_opening(step, outer, again=box in self._seen))
            self._seen.add(box)

    def put(self, html: str) -> None:
        """Write a line."""
        self._written.append(html)

    def gap(self) -> None:
        """Write that something was left out here."""
        self._leave(0)
        self.put(
            '<p class="redline-said redline-gap"><span aria-hidden="true">\u22ef</span>'
            '<span class="redline-unseen">Unchanged parts are left out here.</span></p>'
        )

    def close(self) -> str:
        """All that was written."""
        self._leave(0)
        return "\n".join(self._written)

    def _box(self, path: _Path, *, old: bool) -> _Box:
        if not old:
            return ("new", path)
        if path in self._became:
            return ("new", self._became[path])
        return ("old", path)

    def _leave(self, depth: int) -> None:
        while len(self._open) > depth:
            _, path = self._open.pop()
            self._written.append(_closing(path[-1]))


def _partners(line_change: Change) -> list[tuple[_Path, _Path]]:
    found = []
    for old, new in zip(
        line_change.old,
        [*line_change.new, *line_change.new[-1:] * len(line_change.old)],
        strict=False,
    ):
        for depth, (mine, yours) in enumerate(
            zip(old.steps, new.steps, strict=False), 1
        ):
            if (mine.kind, mine.ordered) != (yours.kind, yours.ordered):
                break
            found.append((old.steps[:depth], new.steps[:depth]))
    return found


def _opening(step: Step, outer: Step | None, *, again: bool) -> str:
    if step.kind == "list":
        return "<ol>" if step.ordered else "<ul>"
    if step.kind == "quote":
        return "<blockquote>"
    if step.kind == "table":
        return f"<div {_SCROLLING}>\n<table>"
    style = ' class="redline-more"' if again else ""
    if outer is not None and outer.ordered:
        return f'<li value="{outer.start + step.at}"{style}>'
    return f"<li{style}>"


def _closing(step: Step) -> str:
    if step.kind == "list":
        return "</ol>" if step.ordered else "</ul>"
    return {"quote": "</blockquote>", "table": "</table>\n</div>"}.get(
        step.kind, "</li>"
    )
