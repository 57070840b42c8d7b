"""Two rows of keys aligned: which of the one is which of the other."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

LONG = 300
"""Rows of more keys are first cut where a key stands once on either side."""
MOST_MEETINGS = 400_000
"""`difflib` compares each key with each like one; beyond this it would take seconds."""


def align(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of positions, rising on both sides, whose keys are equal."""
    return list(_between(old, new, 0, len(old), 0, len(new)))


def _between(  # noqa: PLR0913, PLR0917 - two ranges of two rows
    old: Sequence[str], new: Sequence[str], i: int, i_end: int, j: int, j_end: int
) -> list[tuple[int, int]]:
    ahead: list[tuple[int, int]] = []
    while i < i_end and j < j_end and old[i] == new[j]:
        ahead.append((i, j))
        i, j = i + 1, j + 1
    behind: list[tuple[int, int]] = []
    while i < i_end and j < j_end and old[i_end - 1] == new[j_end - 1]:
        i_end, j_end = i_end - 1, j_end - 1
        behind.append((i_end, j_end))
    behind.reverse()
    if i == i_end or j == j_end:
        return ahead + behind
    if max(i_end - i, j_end - j) > LONG:
        anchors = _anchors(old, new, i, i_end, j, j_end)
        if anchors:
            inside: list[tuple[int, int]] = []
            for at, to in (*anchors, (i_end, j_end)):
                inside.extend(_between(old, new, i, at, j, to))
                if at < i_end:
                    inside.append((at, to))
                i, j = at + 1, to + 1
            return ahead + inside + behind
    return ahead + _matched(old[i:i_end], new[j:j_end], i, j) + behind


def _anchors(  # noqa: PLR0913, PLR0917 - as above
    old: Sequence[str], new: Sequence[str], i: int, i_end: int, j: int, j_end: int
) -> list[tuple[int, int]]:
    """The longest rising row of keys that stand once on either side."""
    mine, yours = Counter(old[i:i_end]), Counter(new[j:j_end])
    where = {new[to]: to for to in range(j, j_end) if yours[new[to]] == 1}
    meetings = [
        (at, where[old[at]])
        for at in range(i, i_end)
        if mine[old[at]] == 1 and old[at] in where
    ]
    ends: list[int] = []  # the least end of a rising row of each length
    last: list[int] = []  # the meeting that it belongs to
    before: list[int] = []
    for number, (_, to) in enumerate(meetings):
        length = bisect_left(ends, to)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [to]
        last[length : length + 1] = [number]
    row: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        row.append(meetings[number])
        number = before[number]
    return row[::-1]


def _matched(
    old: Sequence[str], new: Sequence[str], i: int, j: int
) -> list[tuple[int, int]]:
    mine, yours = Counter(old), Counter(new)
    if sum(count * yours[key] for key, count in mine.items()) > MOST_MEETINGS:
        return []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        (i + block.a + at, j + block.b + at)
        for block in matcher.get_matching_blocks()
        for at in range(block.size)
    ]
