"""The sentences of a text in Markdown, each with the lines that it stands on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(\u2018\u201c])")
_PARTED = re.compile(r"^(?:> ?)*\s*(?:#+ |[-*+] |\d+\. |\||$)")
_ITEM = re.compile(r"^(?:> ?)*\s*(?:[-*+] |\d+\. |\|)")


class Sentence:
    """A sentence, a heading, a row of a table; without stars.

    Attributes:
        text: its words.
        is_item: whether it is of a list or of a table.
    """

    def __init__(
        self, text: str, start: int, line_starts: list[int], first: int, *, item: bool
    ) -> None:
        self.text, self.is_item = text, item
        self._start, self._line_starts, self._first = start, line_starts, first

    def line(self, at: int) -> int:
        """The line of the file that a position in the sentence stands on."""
        return self._first + bisect_right(self._line_starts, self._start + at) - 1


def sentences(lines: Iterable[str], first_line: int) -> Iterator[Sentence]:
    """The sentences of a text, in their order.

    Args:
        lines: the text.
        first_line: the line of the file on which it begins.
    """
    block: list[str] = []
    first, item = first_line, False
    for number, line in enumerate((*lines, ""), first_line):
        if _PARTED.match(line) and block:
            starts = [0, *accumulate(len(one) + 1 for one in block)][:-1]
            text = " ".join(block)
            at = 0
            for end in (*_ENDS.finditer(text), None):
                words = text[at : end.start() if end else None]
                yield Sentence(words, at, starts, first, item=item)
                at = end.end() if end else at
            block = []
        if line.strip():
            if not block:
                first, item = number, bool(_ITEM.match(line))
            block.append(line.replace("*", ""))
