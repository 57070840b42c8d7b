"""Which changes to show where only the changes are wanted."""

from __future__ import annotations

from collections.abc import Sequence

from signer.redline.changes import Change, ChangeKind


def shown(changes: Sequence[Change], *, context: int = 0) -> list[int]:
    """The positions of what changed and of what it cannot be understood without.

    That is the nearest heading before it; for an item of a list, the words that lead
    to the list; for a row of a table, the head of the table.

    Args:
        changes: all changes.
        context: how many unchanged changes to show before and after each changed one.
    """
    numbers: set[int] = set()
    heading = lead = head = -1
    for number, line_change in enumerate(changes):
        place = (line_change.new or line_change.old)[0]
        if not line_change.new:
            pass  # it stands over nothing any more
        elif place.kind == "heading":
            heading, lead = number, -1
        elif place.kind == "header":
            head = number
        elif not place.steps:
            lead = number
        if line_change.kind is ChangeKind.SAME:
            continue
        numbers.update(range(max(0, number - context), number + context + 1))
        if heading >= 0:
            numbers.add(heading)
        if place.steps and place.steps[0].kind == "list" and lead >= 0:
            numbers.add(lead)
        if place.kind == "row" and head >= 0:
            numbers.add(head)
    return sorted(number for number in numbers if number < len(changes))
