"""Two rows of words compared: what stayed, came, went, or is only marked anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby, pairwise, zip_longest
from typing import NamedTuple

from signer.redline.lines import TEXT, Piece
from signer.redline.patience_diff import align
from signer.redline.tokens import Token, tokens, word_count

# Words that hold nothing by themselves.
_SMALL = frozenset(
    {"a", "an", "and", "any", "are", "as", "at", "be", "by", "for", "from", "has"}
    | {"have", "in", "is", "it", "its", "of", "on", "or", "our", "that", "the"}
    | {"their", "they", "this", "to", "was", "we", "which", "who", "will", "with"}
)
_SMALL_RUN = 3
"""So many small words between two changes are read as part of one change."""
_STRAY_RUN = 2
"""So many words of any kind are, between changes that are much longer."""


class WordChange(StrEnum):
    """What happened to some words."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    RESTYLED = "restyled"
    """The words stayed; their emphasis or their link's target did not."""


class Segment(NamedTuple):
    """Some words, as they were and as they are."""

    change: WordChange
    old: tuple[Piece, ...]
    new: tuple[Piece, ...]


def same(pieces: Sequence[Piece]) -> tuple[Segment, ...]:
    """Words that did not change."""
    return (Segment(WordChange.SAME, tuple(pieces), tuple(pieces)),) if pieces else ()


def added(pieces: Sequence[Piece]) -> tuple[Segment, ...]:
    """Words that are all new."""
    return (Segment(WordChange.ADDED, (), tuple(pieces)),) if pieces else ()


def removed(pieces: Sequence[Piece]) -> tuple[Segment, ...]:
    """Words that are all gone."""
    return (Segment(WordChange.REMOVED, tuple(pieces), ()),) if pieces else ()


def compare(old: Sequence[Piece], new: Sequence[Piece]) -> tuple[Segment, ...]:
    """The changes that lead from old words to new ones.

    The old pieces of all segments, one after another, are the old words with their
    marks, and the new pieces the new ones.
    """
    mine, yours = list(tokens(old)), list(tokens(new))
    places = [i for i, token in enumerate(mine) if not token.space]
    others = [j for j, token in enumerate(yours) if not token.space]
    pairs = align([mine[i].key for i in places], [yours[j].key for j in others])
    pairs = _without_islands(
        pairs, [mine[i] for i in places], [yours[j] for j in others]
    )
    found: list[Segment] = []
    i = j = 0
    for at, to in pairs:
        found.extend(_gap(mine[i : places[at]], yours[j : others[to]]))
        i, j = places[at], others[to]
        found.extend(_paired(mine[i], yours[j]))
        i, j = i + 1, j + 1
    found.extend(_gap(mine[i:], yours[j:]))
    return tuple(_joined(found))


def cut(segments: Iterable[Segment], kind: str) -> list[tuple[Segment, ...]]:
    """The segments, cut where a line or cell of the new text ends.

    Args:
        segments: some segments.
        kind: of the pieces to cut at, which are left out.
    """
    parts: list[list[Segment]] = [[]]
    for segment in segments:
        pieces = segment.new
        if all(piece.kind != kind for piece in pieces):
            parts[-1].append(segment)
            continue
        for ends, run in groupby(pieces, key=lambda piece: piece.kind == kind):
            part = tuple(run)
            if ends:
                parts.extend([] for _ in part)
            else:
                old = part if segment.change is WordChange.SAME else ()
                parts[-1].append(Segment(segment.change, old, part))
    return [tuple(part) for part in parts]


def sameness(segments: Iterable[Segment]) -> float:
    """The part of the words that stayed, from 0 to 1."""
    stayed = whole = 0
    for segment in segments:
        old, new = (word_count(pieces) for pieces in (segment.old, segment.new))
        whole += old + new
        if segment.change in {WordChange.SAME, WordChange.RESTYLED}:
            stayed += old + new
    return stayed / whole if whole else 1.0


def _without_islands(
    pairs: Sequence[tuple[int, int]], old: Sequence[Token], new: Sequence[Token]
) -> list[tuple[int, int]]:
    """The pairs without those that only break a change into crumbs."""
    runs: list[list[tuple[int, int]]] = []
    for pair in pairs:
        if runs and (runs[-1][-1][0] + 1, runs[-1][-1][1] + 1) == pair:
            runs[-1].append(pair)
        else:
            runs.append([pair])
    kept: list[tuple[int, int]] = []
    for run, after in zip_longest(runs, runs[1:]):
        next_i, next_j = after[0] if after else (len(old), len(new))
        i, j = kept[-1] if kept else (-1, -1)
        left = (run[0][0] - i - 1, run[0][1] - j - 1)
        right = (next_i - run[-1][0] - 1, next_j - run[-1][1] - 1)
        if not _is_island([(old[a], new[b]) for a, b in run], left, right):
            kept.extend(run)
    return kept


def _is_island(
    run: Sequence[tuple[Token, Token]], left: tuple[int, int], right: tuple[int, int]
) -> bool:
    """Whether a few words that stayed are better read as part of what changed.

    Args:
        run: the words, old and new.
        left: how many words went and came before them.
        right: how many went and came after them.
    """
    if not any(left) or not any(right) or len(run) > _SMALL_RUN:
        return False
    if not (left[0] + right[0] and left[1] + right[1]):
        return False
    if any(a.pieces != b.pieces or a.pieces[0].kind != TEXT for a, b in run):
        return False
    if all(_is_small(token.key[1:]) for token, _ in run):
        return (all(left) and all(right)) or min(
            left[0] + right[0], left[1] + right[1]
        ) > len(run)
    weight = 4 * len(run)
    return len(run) <= _STRAY_RUN and max(left) >= weight and max(right) >= weight


def _is_small(word: str) -> bool:
    return word.lower() in _SMALL or not any(letter.isalnum() for letter in word)


def _gap(old: list[Token], new: list[Token]) -> Iterator[Segment]:
    """Words that went and words that came; the spaces around them stay."""
    were, are = _characters(old), _characters(new)
    if _without_spaces(were) == _without_spaces(are):
        yield from _respaced(were, are)
        return
    ahead = 0
    while _same_space(old, new, ahead, ahead):
        ahead += 1
    behind = 0
    while ahead + behind < min(len(old), len(new)) and _same_space(
        old, new, len(old) - behind - 1, len(new) - behind - 1
    ):
        behind += 1
    for mine, yours in zip(old[:ahead], new[:ahead], strict=True):
        yield from _paired(mine, yours)
    for mine in old[ahead : len(old) - behind]:
        yield from removed(mine.pieces)
    for yours in new[ahead : len(new) - behind]:
        yield from added(yours.pieces)
    for mine, yours in zip(
        old[len(old) - behind :], new[len(new) - behind :], strict=True
    ):
        yield from _paired(mine, yours)


def _characters(some: Iterable[Token]) -> list[Piece]:
    """The words, each character a piece of its own."""
    return [
        piece._replace(text=character)
        for token in some
        for piece in token.pieces
        for character in piece.text or [""]
    ]


def _without_spaces(characters: Iterable[Piece]) -> list[tuple[str, str]]:
    return [(one.text, one.kind) for one in characters if not one.text.isspace()]


def _respaced(old: Sequence[Piece], new: Sequence[Piece]) -> Iterator[Segment]:
    """The same characters with other spaces between them: only those changed."""
    i = j = 0
    while i < len(old) or j < len(new):
        mine, yours = old[i : i + 1], new[j : j + 1]
        if mine and yours and mine[0].text == yours[0].text:
            change = WordChange.SAME if mine == yours else WordChange.RESTYLED
            yield Segment(change, tuple(mine), tuple(yours))
            i, j = i + 1, j + 1
        elif mine and mine[0].text.isspace():
            yield from removed(mine)
            i += 1
        else:
            yield from added(yours)
            j += 1


def _same_space(old: list[Token], new: list[Token], i: int, j: int) -> bool:
    if i >= len(old) or j >= len(new) or not old[i].space:
        return False
    return old[i].key == new[j].key


def _paired(old: Token, new: Token) -> Iterator[Segment]:
    """One word on both sides, cut where its marks change on either."""
    if old.pieces == new.pieces:
        yield Segment(WordChange.SAME, old.pieces, new.pieces)
        return
    cuts = sorted({0, *old.ends, *new.ends})
    for start, end in pairwise(cuts):
        mine, yours = old.part(start, end), new.part(start, end)
        change = WordChange.SAME if mine == yours else WordChange.RESTYLED
        yield Segment(change, (mine,), (yours,))


def _joined(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Neighbours that changed in the same way, as one."""
    run: list[Segment] = []
    for segment in segments:
        if run and not _is_like(run[-1], segment):
            yield _one(run)
            run = []
        run.append(segment)
    if run:
        yield _one(run)


def _is_like(one: Segment, other: Segment) -> bool:
    if one.change != other.change:
        return False
    if one.change is not WordChange.RESTYLED:
        return True
    return (one.old[-1].marks, one.new[-1].marks) == (
        other.old[0].marks,
        other.new[0].marks,
    )


def _one(run: Sequence[Segment]) -> Segment:
    return Segment(
        run[0].change,
        _merged(piece for segment in run for piece in segment.old),
        _merged(piece for segment in run for piece in segment.new),
    )


def _merged(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if last and piece.kind == TEXT == last.kind and last.marks == piece.marks:
            merged[-1] = Piece(last.text + piece.text, piece.marks)
        else:
            merged.append(piece)
    return tuple(merged)
