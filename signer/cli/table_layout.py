"""Laying out a table row by row: its widths are those of its beginning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from rich.cells import cell_len, set_cell_size
from rich.control import strip_control_codes

GAP = 2
"""Blanks between two columns."""

MEASURED = 500
"""How many rows say how wide the columns are: a later one that needs more goes on in
the next line."""


def longest_word(words: str) -> int:
    """How many cells of a terminal the longest of some words takes."""
    return max(map(cell_len, words.split()), default=0)


def laid_out(
    headings: Sequence[str], rows: Iterable[Sequence[str]], width: int
) -> Iterator[str]:
    """The rows of a table, its head first, no line of them wider than a terminal.

    What does not fit into its column goes on in the next line: nothing is cut off.
    Rows are taken one after the other, and not kept.

    Args:
        headings: the words of the head; the longest ones have room beside each other.
        rows: a cell for each heading.
        width: of the terminal, in its cells.
    """
    rest = (tuple(map(strip_control_codes, row)) for row in rows)
    measured = list(islice(rest, MEASURED))
    widths = _widths(headings, measured, width - GAP * (len(headings) - 1))
    for row in chain([headings], measured, rest):
        yield "\n".join(_lines(row, widths))


def _widths(
    headings: Sequence[str], rows: Sequence[Sequence[str]], room: int
) -> list[int]:
    """The width of each column; the widest ones give what all of them lack."""
    columns = zip(headings, *rows, strict=True)
    widths = [
        max(cell_len(line) for cell in column for line in cell.splitlines() or [""])
        for column in columns
    ]
    least = [longest_word(heading) for heading in headings]
    while sum(widths) > room:
        spare = [
            one if one > few else 0 for one, few in zip(widths, least, strict=True)
        ]
        if not any(spare):
            break
        widths[spare.index(max(spare))] -= 1
    return widths


def _lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    cells = [_folded(cell, width) for cell, width in zip(row, widths, strict=True)]
    for line in zip_longest(*cells, fillvalue=""):
        padded = (
            _padded(part, width) for part, width in zip(line, widths, strict=True)
        )
        yield (" " * GAP).join(padded).rstrip()


def _padded(part: str, width: int) -> str:
    return part.ljust(width) if part.isascii() else set_cell_size(part, width)


def _folded(cell: str, width: int) -> list[str]:
    """A cell in lines that fit, broken between words where that can be."""
    if _cells(cell) <= width and "\n" not in cell:
        return [cell]
    lines: list[str] = []
    for part in cell.splitlines():
        line = ""
        for word in part.split():
            joined = f"{line} {word}" if line else word
            if _cells(joined) <= width:
                line = joined
                continue
            if line:
                lines.append(line)
            *whole, line = _pieces(word, width)
            lines += whole
        lines.append(line)
    return lines


def _pieces(word: str, width: int) -> list[str]:
    """A word in pieces of at most a width, each of one letter at least."""
    if word.isascii():
        return [word[at : at + width] for at in range(0, len(word), width)]
    pieces, piece, taken = [], "", 0
    for letter in word:
        cells = _cells(letter)
        if piece and taken + cells > width:
            pieces.append(piece)
            piece, taken = "", 0
        piece, taken = piece + letter, taken + cells
    return [*pieces, piece]


def _cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)
