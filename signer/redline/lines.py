"""The tree of blocks as a row of lines, and back.

A line is a heading, a paragraph or a table's row. It knows its place: the lists, items,
quotes and tables that it stands in. Lines can be compared one by one, where trees
cannot; from the lines the very same tree can be built again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from signer.look_alikes import as_seen

Marks = tuple[tuple[str, Any], ...]
"""What holds for some words: strong, emphasis, href. Sorted, so that it compares."""

LINE = "line"
"""The kind of a piece that stands between two lines."""
CELL = "cell"
"""The kind of a piece that stands between two cells of a row."""
TEXT = "text"
"""The kind of a piece of words."""


class Piece(NamedTuple):
    """Some text of a line that has the same marks throughout."""

    text: str
    marks: Marks = ()
    kind: str = TEXT


class Step(NamedTuple):
    """One box on the way from the whole text to a line.

    ``at`` is the position among its neighbours, which tells two lists apart.
    """

    kind: str  # list, item, quote or table
    at: int
    ordered: bool = False
    start: int = 1


class Place(NamedTuple):
    """Where a line stands, and what it is."""

    steps: tuple[Step, ...]
    kind: str  # heading, paragraph, header, row, or nothing (an empty box)
    level: int = 0
    cells: int = 0

    @property
    def shape(self) -> tuple[object, ...]:
        """What a reader sees of the place: no positions among neighbours."""
        boxes = tuple((one.kind, one.ordered) for one in self.steps)
        return (self.kind, self.level, boxes)

    @property
    def number(self) -> int | None:
        """The number before the item of an ordered list that the line stands in."""
        for outer, inner in zip(self.steps[-2::-1], self.steps[:0:-1], strict=False):
            if inner.kind == "item":
                return outer.start + inner.at if outer.ordered else None
        return None


class Line(NamedTuple):
    """A heading, a paragraph or a row, with its words."""

    place: Place
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The words, with a line's end between two cells."""
        return "".join(piece.text or "\n" for piece in self.pieces)

    @property
    def seen(self) -> str:
        """The words as the eye takes them: equal for lines that nobody tells apart."""
        return "\n".join(map(as_seen, self.text.split("\n")))


def lines(tree: Iterable[dict[str, Any]]) -> list[Line]:
    """The lines of a tree of `signer.markdown.blocks.blocks`, in reading order."""
    return list(_flow(tree, ()))


def tree(rows: Iterable[Line]) -> list[dict[str, Any]]:
    """The tree of blocks that has these lines: what `lines` takes apart."""
    root: list[dict[str, Any]] = []
    opened: list[tuple[Step, Any]] = []
    for place, pieces in rows:
        del opened[shared([step for step, _ in opened], place.steps) :]
        for step in place.steps[len(opened) :]:
            opened.append((step, _open(step, opened[-1][1] if opened else root)))
        into: Any = opened[-1][1] if opened else root
        if place.kind == "heading":
            spans = _spans(pieces)
            into.append({"kind": "heading", "level": place.level, "spans": spans})
        elif place.kind == "paragraph":
            into.append({"kind": "paragraph", "spans": _spans(pieces)})
        elif place.kind == "header":
            into["header"] = _cells(place, pieces)
        elif place.kind == "row":
            into["rows"].append(_cells(place, pieces))
    return root


def shared(one: Sequence[Step], other: Sequence[Step]) -> int:
    """How many boxes two lines of one text stand in together."""
    count = 0
    for mine, yours in zip(one, other, strict=False):
        if mine != yours:
            break
        count += 1
    return count


def divided(pieces: Iterable[Piece], kind: str) -> list[list[Piece]]:
    """The pieces, cut where one of this kind stands."""
    parts: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece.kind == kind:
            parts.append([])
        else:
            parts[-1].append(piece)
    return parts


def _flow(blocks: Iterable[dict[str, Any]], steps: tuple[Step, ...]) -> Iterator[Line]:
    empty = True
    for index, block in enumerate(blocks):
        empty = False
        kind = block["kind"]
        if kind == "heading":
            place = Place(steps, kind, block["level"])
            yield Line(place, _pieces(block["spans"]))
        elif kind == "paragraph":
            yield Line(Place(steps, kind), _pieces(block["spans"]))
        elif kind == "quote":
            yield from _flow(block["blocks"], (*steps, Step("quote", index)))
        elif kind == "table":
            yield from _table(block, (*steps, Step("table", index)))
        else:
            ordered = block["ordered"]
            step = Step("list", index, ordered, block["start"] if ordered else 1)
            for at, item in enumerate(block["items"]):
                yield from _flow(item, (*steps, step, Step("item", at)))
            if not block["items"]:
                yield Line(Place((*steps, step), "nothing"), ())
    if empty and steps:
        yield Line(Place(steps, "nothing"), ())


def _table(block: dict[str, Any], steps: tuple[Step, ...]) -> Iterator[Line]:
    rows = [("header", block["header"]), *(("row", row) for row in block["rows"])]
    for kind, cells in rows:
        pieces: list[Piece] = []
        for at, cell in enumerate(cells):
            if at:
                pieces.append(Piece("", (), CELL))
            pieces.extend(_pieces(cell))
        yield Line(Place(steps, kind, cells=len(cells)), tuple(pieces))


def _pieces(spans: Iterable[dict[str, Any]]) -> tuple[Piece, ...]:
    return tuple(
        Piece(
            span["text"],
            tuple(sorted((name, held) for name, held in span.items() if name != "text"))
            if len(span) > 1
            else (),
        )
        for span in spans
    )


def _spans(pieces: Iterable[Piece]) -> list[dict[str, Any]]:
    spans: list[dict[str, Any]] = []
    before: Marks | None = None
    for text, marks, _ in pieces:
        if marks == before:
            spans[-1]["text"] += text
        else:
            spans.append({"text": text, **dict(marks)})
        before = marks
    return spans


def _cells(place: Place, pieces: Iterable[Piece]) -> list[list[dict[str, Any]]]:
    if not place.cells:
        return []
    return [_spans(cell) for cell in divided(pieces, CELL)]


def _open(step: Step, into: Any) -> Any:  # noqa: ANN401 - a list, or a table's dict
    """Put an empty box into another one; what its own contents go into."""
    made: Any
    inner: Any
    if step.kind == "item":
        made = inner = []
    elif step.kind == "quote":
        inner = []
        made = {"kind": "quote", "blocks": inner}
    elif step.kind == "table":
        made = inner = {"kind": "table", "header": [], "rows": []}
    else:
        inner = []
        made = {"kind": "list", "ordered": step.ordered}
        made |= {"start": step.start} if step.ordered else {}
        made["items"] = inner
    into.append(made)
    return inner
