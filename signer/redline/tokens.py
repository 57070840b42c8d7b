"""A line's text as words, numbers and marks, each for itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from signer.redline.lines import TEXT, Piece

# A word with its apostrophes and hyphens, a number with its points and letters, one
# character of a script that sets no spaces, a space, or any other character alone.
_MARK = r"\s\d!-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u2027\u2030-\u205e\u3000-\u303f"
_WIDE = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_LETTER = rf"[^{_MARK}{_WIDE}]"
_TOKEN = re.compile(
    rf"{_LETTER}(?:{_LETTER}|\d)*(?:['\u2019\u2010-]{_LETTER}(?:{_LETTER}|\d)*)*"
    rf"|\d+(?:[.,:/]\d+)*{_LETTER}*"
    rf"|[{_WIDE}]"
    r"|\s+"
    r"|."
)
_WORD = re.compile(rf"[{_WIDE}]|[^\W_{_WIDE}]+")


class Token(NamedTuple):
    """A word, a number, a mark or a space; its key is what it is compared by."""

    key: str
    space: bool
    pieces: tuple[Piece, ...]

    @property
    def ends(self) -> list[int]:
        """Where its pieces end."""
        return list(accumulate(len(piece.text) for piece in self.pieces))

    def part(self, start: int, end: int) -> Piece:
        """The characters from one position to another, all of one piece."""
        at = 0
        for piece in self.pieces:
            if at <= start < at + len(piece.text):
                return piece._replace(text=piece.text[start - at : end - at])
            at += len(piece.text)
        return self.pieces[-1]


def words(text: str) -> list[str]:
    """The words and numbers of a text, without anything between them."""
    return _WORD.findall(text)


def word_count(pieces: Iterable[Piece]) -> int:
    """How many words and numbers some pieces hold."""
    return sum(len(words(piece.text)) for piece in pieces)


def tokens(pieces: Iterable[Piece]) -> Iterator[Token]:
    """The words; one that is marked only in part keeps its parts together."""
    run: list[Piece] = []
    for piece in pieces:
        if piece.kind == TEXT:
            run.append(piece)
        else:
            yield from _of_text(run)
            run = []
            yield Token(piece.kind, space=False, pieces=(piece,))
    yield from _of_text(run)


def _of_text(run: Sequence[Piece]) -> Iterator[Token]:
    text = "".join(piece.text for piece in run)
    ends = list(accumulate(len(piece.text) for piece in run))
    at = 0
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        parts: list[Piece] = []
        while start < end:
            stop = min(end, ends[at])
            if stop > start:
                parts.append(Piece(text[start:stop], run[at].marks))
            start = stop
            at += stop == ends[at]
        word = text[match.start() : match.end()]
        # No text is ever taken for the end of a cell or a line.
        yield Token("=" + word, word.isspace(), tuple(parts))
