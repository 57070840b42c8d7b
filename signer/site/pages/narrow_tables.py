"""Tables that can be read on a phone: each cell knows the words above its column.

Where there is no room for columns, the style sheet sets each row as a block, and each
cell below its label. Told to be blocks, a browser would no longer call them a table to
a screen reader: hence their roles.
"""

from __future__ import annotations

import re
from html import escape, unescape

# One that scrolls in a box of its own, in a redline, stays as it is.
_TABLE = re.compile(
    r'(<div class="redline-table"[^>]*>\s*)?<table>.*?</table>', re.DOTALL
)
_HEAD = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<td\b")
_TAG = re.compile(r"<[^>]*>")
_ROLES = {
    "table": "table",
    "thead": "rowgroup",
    "tbody": "rowgroup",
    "tr": "row",
    "th": "columnheader",
    "td": "cell",
}
_ELEMENT = re.compile(rf"<({'|'.join(_ROLES)})\b")


def with_labels(html: str) -> str:
    """A page whose tables say at each cell what its column is called.

    Args:
        html: the page, its tables as Markdown makes them.
    """
    return _TABLE.sub(lambda table: table[0] if table[1] else _labelled(table[0]), html)


def _labelled(table: str) -> str:
    heads = [unescape(_TAG.sub("", head)).strip() for head in _HEAD.findall(table)]

    def row(found: re.Match[str]) -> str:
        labels = iter(heads)
        return _CELL.sub(
            lambda cell: f'{cell[0]} data-label="{escape(next(labels, ""))}"', found[0]
        )

    table = _ROW.sub(row, table)
    return _ELEMENT.sub(lambda tag: f'{tag[0]} role="{_ROLES[tag[1]]}"', table)
