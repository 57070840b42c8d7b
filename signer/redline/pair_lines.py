"""Which line of a new text is which line of an old one.

Lines are paired by the words that they share, rare words counting for more. Among all
ways to pair them in order, the one that keeps most words is taken (a heaviest rising
row, found with a Fenwick tree). A line that was cut in two, or two that became one, are
found among the neighbours of a pair.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from signer.look_alikes import as_seen
from signer.redline.lines import Line
from signer.redline.tokens import words

ALIKE = 0.4
"""Lines that share so much are one line that changed."""
ALIKE_IN_OTHER_SHAPE = 0.55
"""The same for lines of which one is, say, a heading and one a paragraph."""
PART = 0.7
"""So much of a line stands in another one: perhaps that was cut, or grew."""
OF_A_CUT = 0.5
"""A neighbour with so much of a line's words is the rest of it."""
MOST_PARTNERS = 6
"""How many partners of a line are looked at."""
_COMMON = 20
"""A word in more lines, and in more than a quarter of all, finds no partners."""


class Group(NamedTuple):
    """Lines that belong together: ``old[start:end]`` became ``new[start:end]``."""

    old: range
    new: range


class _Meeting(NamedTuple):
    old: int
    new: int
    weight: float
    alike: bool


def pair_lines(old: Sequence[Line], new: Sequence[Line]) -> list[Group]:
    """The lines in groups that cover both texts in order.

    A group of one line each is a line that stayed or changed; with none on a side, one
    that came or went; with several on one side, a line that was split or joined.
    """
    ahead = 0
    least = min(len(old), len(new))
    while ahead < least and _same(old[ahead], new[ahead]):
        ahead += 1
    behind = 0
    while behind < least - ahead and _same(old[-1 - behind], new[-1 - behind]):
        behind += 1
    inner = _Pairing(old[ahead : len(old) - behind], new[ahead : len(new) - behind])
    return [
        *(_pair(at, at) for at in range(ahead)),
        *(
            Group(
                range(group.old.start + ahead, group.old.stop + ahead),
                range(group.new.start + ahead, group.new.stop + ahead),
            )
            for group in inner.groups()
        ),
        *(_pair(len(old) - at, len(new) - at) for at in range(behind, 0, -1)),
    ]


def _same(one: Line, other: Line) -> bool:
    return one.pieces == other.pieces and one.place.shape == other.place.shape


def _pair(i: int, j: int) -> Group:
    return Group(range(i, i + 1), range(j, j + 1))


class _Pairing:
    def __init__(self, old: Sequence[Line], new: Sequence[Line]) -> None:
        self._old, self._new = old, new
        self._old_seen = [line.seen for line in old]
        self._new_seen = [line.seen for line in new]
        self._old_words = [_words(line) for line in old]
        self._new_words = [_words(line) for line in new]
        self._old_bags = [Counter(row) for row in self._old_words]
        self._new_bags = [Counter(row) for row in self._new_words]
        frequency = Counter(word for bag in self._old_bags for word in bag)
        other = Counter(word for bag in self._new_bags for word in bag)
        self._weight = {
            word: 1 / (1 + math.log(max(frequency[word], other[word])))
            for word in frequency | other
        }
        self._old_sizes = [self._size(bag) for bag in self._old_bags]
        self._new_sizes = [self._size(bag) for bag in self._new_bags]

    def groups(self) -> Iterator[Group]:
        meetings = sorted(
            [*self._equals(), *self._likes()], key=lambda one: (one.old, -one.new)
        )
        pairs = _heaviest(meetings, len(self._new))
        taken_old = {pair.old for pair in pairs}
        taken_new = {pair.new for pair in pairs}
        i = j = 0
        for pair in pairs:
            group = self._whole(pair, taken_old, taken_new)
            if not pair.alike and len(group.old) == 1 == len(group.new):
                continue
            yield from _apart(range(i, group.old.start), range(j, group.new.start))
            yield group
            i, j = group.old.stop, group.new.stop
        yield from _apart(range(i, len(self._old)), range(j, len(self._new)))

    def _size(self, bag: Counter[str]) -> float:
        return sum(self._weight[word] * count for word, count in bag.items())

    def _equals(self) -> Iterator[_Meeting]:
        """Lines with the same words, the nearest ones where there are many."""
        where: defaultdict[str, list[int]] = defaultdict(list)
        for j, seen in enumerate(self._new_seen):
            where[seen].append(j)
        for i, line in enumerate(self._old):
            near = where.get(self._old_seen[i], [])
            if len(near) > MOST_PARTNERS:
                near = sorted(near, key=lambda j: abs(j - i))[:MOST_PARTNERS]
            for j in near:
                shape = line.place.shape == self._new[j].place.shape
                weight = self._old_sizes[i] * (1.3 if shape else 1.1) + 0.2
                yield _Meeting(i, j, weight, alike=True)

    def _likes(self) -> Iterator[_Meeting]:
        """Lines with like words, among those that have no equal."""
        mine, yours = set(self._old_seen), set(self._new_seen)
        where: defaultdict[str, list[int]] = defaultdict(list)
        for j, seen in enumerate(self._new_seen):
            if seen not in mine:
                for word in self._new_bags[j]:
                    where[word].append(j)
        for i, seen in enumerate(self._old_seen):
            if seen not in yours:
                near = self._nearest(i, where)
                met = (self._meeting(i, j) for j in near[:MOST_PARTNERS])
                yield from (meeting for meeting in met if meeting)

    def _nearest(self, i: int, where: Mapping[str, list[int]]) -> list[int]:
        """The new lines that share words with an old one, the likest first."""
        common = max(_COMMON, len(self._new) // 4)
        score: defaultdict[int, float] = defaultdict(float)
        for word in self._old_bags[i]:
            found = where.get(word, [])
            if len(found) <= common:
                for j in found:
                    score[j] += self._weight[word]
        return sorted(score, key=lambda j: (-score[j], abs(j - i)))

    def _meeting(self, i: int, j: int) -> _Meeting | None:
        mine, yours = self._old[i].place, self._new[j].place
        if (mine.cells > 0) is not (yours.cells > 0):
            return None
        both = self._size(self._old_bags[i] & self._new_bags[j])
        if not both:
            return None
        alike = 2 * both / (self._old_sizes[i] + self._new_sizes[j])
        if alike >= (ALIKE if mine.kind == yours.kind else ALIKE_IN_OTHER_SHAPE):
            return _Meeting(i, j, both, alike=True)
        if both / min(self._old_sizes[i], self._new_sizes[j]) >= PART:
            return _Meeting(i, j, both * 0.7, alike=False)
        return None

    def _whole(self, pair: _Meeting, old: set[int], new: set[int]) -> Group:
        """A pair with the neighbours that were split off it, or joined to it."""
        i, j, _, _ = pair
        group = _pair(i, j)
        if self._old_seen[i] == self._new_seen[j] or self._old[i].place.cells:
            return group
        rest = self._spread(self._old_words[i], self._new_words, j, new)
        if len(rest) > 1:
            new.update(rest)
            return Group(group.old, rest)
        rest = self._spread(self._new_words[j], self._old_words, i, old)
        old.update(rest)
        return Group(rest, group.new)

    def _spread(
        self, whole: list[str], lines: list[list[str]], at: int, taken: set[int]
    ) -> range:
        """The lines around one that hold the rest of some words."""
        left = set(_runs(whole)) - set(_runs(lines[at]))
        start, end = at, at + 1
        while end < len(lines) and end not in taken and _is_rest(lines[end], left):
            left -= set(_runs(lines[end]))
            end += 1
        while start and start - 1 not in taken and _is_rest(lines[start - 1], left):
            start -= 1
            left -= set(_runs(lines[start]))
        return range(start, end)


def _words(line: Line) -> list[str]:
    return [as_seen(word) for word in words(line.text.lower())]


def _runs(row: list[str]) -> Iterator[tuple[str, ...]]:
    """The words by twos; single ones too, for lines of one word."""
    yield from pairwise(row)
    yield from ((word,) for word in row)


def _is_rest(row: list[str], left: set[tuple[str, ...]]) -> bool:
    runs: list[tuple[str, ...]] = [*pairwise(row)]
    runs = runs or [(word,) for word in row]
    return bool(runs) and sum(run in left for run in runs) / len(runs) >= OF_A_CUT


def _apart(old: range, new: range) -> Iterator[Group]:
    """Lines without a partner: first what went, then what came."""
    for i in old:
        yield Group(range(i, i + 1), range(new.start, new.start))
    for j in new:
        yield Group(range(old.stop, old.stop), range(j, j + 1))


def _heaviest(meetings: Sequence[_Meeting], width: int) -> list[_Meeting]:
    """The heaviest row of meetings that rises on both sides.

    Args:
        meetings: by rising old line and, within it, falling new line, so that no line
            is taken twice.
        width: number of new lines.
    """
    best: list[tuple[float, int]] = [(0.0, -1)] * (width + 1)  # a Fenwick tree
    before: list[int] = []
    for number, meeting in enumerate(meetings):
        found = (0.0, -1)
        at = meeting.new
        while at:
            found = max(found, best[at])
            at &= at - 1
        before.append(found[1])
        found = (found[0] + meeting.weight, number)
        at = meeting.new + 1
        while at <= width:
            best[at] = max(best[at], found)
            at += at & -at
    number = max(best[1:], default=(0.0, -1))[1]
    row: list[_Meeting] = []
    while number >= 0:
        row.append(meetings[number])
        number = before[number]
    return row[::-1]
