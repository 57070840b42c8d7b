"""How the changes of a redline are put into words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from signer.look_alikes import as_seen
from signer.redline.changes import Change, ChangeKind, Note
from signer.redline.lines import TEXT, Place
from signer.redline.word_diff import Segment, WordChange

LABELS = {
    ChangeKind.CHANGED: "Changed",
    ChangeKind.ADDED: "Added",
    ChangeKind.REMOVED: "Removed",
}
MOVED = {ChangeKind.ADDED: "Moved to here", ChangeKind.REMOVED: "Moved from here"}
SPLIT = "split off from the part before"
JOINED = "joined with the part before"
CELLS_JOINED = "joined with the cell before"
REGROUPED = "grouped differently"
SPACE_ADDED = "added: a space"
SPACE_REMOVED = "removed: a space"
SPACE_CHANGED = "changed: only the spacing"
ALIKE = "changed: only letters or signs that look alike"
HARDLY_SEEN = "spaces, or in letters and signs that look alike"
_MARKS = (("strong", "bold"), ("emphasis", "italic"))


def label(line_change: Change) -> str:
    """The word before a line_change: empty where nothing changed."""
    if Note.MOVED in line_change.notes:
        return MOVED[line_change.kind]
    return LABELS.get(line_change.kind, "")


def remarks(line_change: Change, at: int = 0) -> list[str]:
    """What happened to a line_change besides its words.

    Args:
        line_change: the line_change.
        at: which of its new lines is meant.
    """
    if not line_change.old or not line_change.new:
        return []
    said = []
    old, new = line_change.old[0], line_change.new[at]
    if at:
        said.append(SPLIT)
        if old.shape != new.shape:
            said[0] += f", as {_kind(new)}"
    else:
        if Note.SPLIT in line_change.notes:
            said.append(f"split into {len(line_change.new)} parts")
        if Note.JOINED in line_change.notes:
            said.append(f"joined from {len(line_change.old)} parts")
        if old.shape != new.shape:
            said.append(_reshaped(old, new))
        if Note.RENUMBERED in line_change.notes:
            said.append(f"was number {old.number}, is now number {new.number}")
        if Note.REGROUPED in line_change.notes:
            said.append(REGROUPED)
    return said


def restyled(segment: Segment) -> list[str]:
    """What happened to words that stayed: their emphasis, their link."""
    old, new = dict(segment.old[0].marks), dict(segment.new[0].marks)
    said = []
    for mark, word in _MARKS:
        if bool(old.get(mark)) is not bool(new.get(mark)):
            said.append(f"now {word}" if new.get(mark) else f"no longer {word}")
    was, now = old.get("href"), new.get("href")
    if was != now:
        if was is None:
            said.append(f"link added: {now}")
        elif now is None:
            said.append(f"link removed, it led to {was}")
        else:
            said.append(f"link changed, from {was} to {now}")
    return said


def runs(segments: Sequence[Segment]) -> Iterator[tuple[list[Segment], str]]:
    """The segments; words that were marked anew in one way stand together.

    With each run comes what is to be said behind it of a change that no eye finds:
    of a space, or of letters that are drawn as others. It is empty for all else.
    """
    grouped = [
        list(run)
        for _, run in groupby(
            segments,
            key=lambda one: restyled(one) if one.change is WordChange.RESTYLED else one,
        )
    ]
    for before, run, after in zip(
        [None, *grouped], grouped, [*grouped[1:], None], strict=False
    ):
        yield run, _hardly_seen(before, run, after)


def _hardly_seen(
    before: list[Segment] | None, run: list[Segment], after: list[Segment] | None
) -> str:
    change = run[0].change
    following = after[0].change if after else WordChange.SAME
    preceding = before[0].change if before else WordChange.SAME
    if change is WordChange.RESTYLED:
        alone = preceding is following is WordChange.SAME
        words = "".join(piece.text for one in run for piece in one.new)
        return SPACE_CHANGED if alone and not words.strip() else ""
    if change is WordChange.SAME or (
        # Words that went and words that came are one change: it is said behind both.
        change is WordChange.REMOVED and following is WordChange.ADDED
    ):
        return ""
    gap = [*before, *run] if before and preceding is WordChange.REMOVED else run
    return _of_gap(gap, at_an_end=before is None or after is None)


def _of_gap(gap: Sequence[Segment], *, at_an_end: bool) -> str:
    old = [piece for one in gap for piece in one.old]
    new = [piece for one in gap for piece in one.new]
    if any(piece.kind != TEXT for piece in (*old, *new)):
        return ""
    was, now = ("".join(piece.text for piece in pieces) for pieces in (old, new))
    if (was + now).strip():
        return ALIKE if as_seen(was) == as_seen(now) else ""
    if at_an_end and was + now == " ":
        return ""  # a part was split or joined here, and its label says so
    return SPACE_CHANGED if was and now else SPACE_ADDED if now else SPACE_REMOVED


def _reshaped(old: Place, new: Place) -> str:
    was, now = _kind(old), _kind(new)
    if was == now:
        depths = [
            sum(one.kind == "list" for one in place.steps) for place in (old, new)
        ]
        if depths[0] != depths[1]:
            return "now further in" if depths[1] > depths[0] else "now further out"
        return REGROUPED
    return f"was {was}, is now {now}"


def _kind(place: Place) -> str:
    boxes = [one for one in place.steps if one.kind != "item"]
    if place.kind == "heading":
        return f"a heading of level {place.level}"
    if place.kind in {"header", "row"}:
        return "the head of a table" if place.kind == "header" else "a row of a table"
    if not boxes:
        return "a paragraph"
    if boxes[-1].kind == "quote":
        return "a quotation"
    return "a numbered point" if boxes[-1].ordered else "a point with a bullet"
