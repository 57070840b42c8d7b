"""Tables of HTML as rows of the same length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml.html import HtmlElement

from signer.conversion.html_elements import number_in, words_of
from signer.conversion.lines import BULLET, Heading, Item, Line, Quote, Spans
from signer.markdown.blocks import tidy_spans

_MOST_COLUMNS = 20
_ROWS = frozenset({"thead", "tbody", "tfoot", "tr"})
_CELLS = frozenset({"td", "th", "caption", "colgroup", "col"})


def cells_of(
    element: HtmlElement, read: Callable[[HtmlElement], list[Item]]
) -> list[list[list[Item]]]:
    """The cells of a table, with an empty one wherever another reaches over."""
    taken: dict[tuple[int, int], list[Item]] = {}
    rows = [row for row in element.iter("tr") if _table_of(row) is element]
    for at, row in enumerate(rows):
        column = 0
        for cell in list(row):
            if cell.tag not in {"td", "th"}:
                continue
            while (at, column) in taken:
                column += 1
            if column >= _MOST_COLUMNS:
                break
            wide = min(number_in(cell.get("colspan"), 1), _MOST_COLUMNS - column)
            high = min(number_in(cell.get("rowspan"), 1), len(rows) - at)
            for down in range(high):
                for right in range(wide):
                    taken[at + down, column + right] = []
            taken[at, column] = read(cell)
            column += wide
    used = {place for place, lines in taken.items() if lines}
    columns = sorted({column for _, column in used})
    return [
        [taken.get((at, column), []) for column in columns]
        for at in sorted({at for at, _ in used})
    ]


def has_loose_words(element: HtmlElement) -> bool:
    """Whether words of a table stand in none of its cells, as in a broken one."""
    for child in element:
        if (child.tail or "").strip():
            return True
        if child.tag in _ROWS:
            if has_loose_words(child):
                return True
        elif child.tag not in _CELLS and words_of(child).strip():
            return True
    return bool((element.text or "").strip())


def _table_of(row: HtmlElement) -> HtmlElement | None:
    return next(row.iterancestors("table"), None)


def as_cell(lines: list[Item]) -> Spans:
    """The lines of a cell as one."""
    found: list[dict[str, Any]] = []
    for line in lines:
        if found:
            found.append({"text": " "})
        if isinstance(line, Heading):
            found.append({"text": line.words})
        elif isinstance(line, Line):
            if line.label and line.label != BULLET:
                found.append({"text": f"{line.label} "})
            found.extend(line.spans)
        elif isinstance(line, Quote):
            found.extend(as_cell(list(line.lines)))
        else:
            found.extend(span for row in line.rows for cell in row for span in cell)
    return tidy_spans(found)
