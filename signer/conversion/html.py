"""HTML of word processors and web pages as the Markdown of a policy.

Nothing of the HTML itself comes through: its words are read, with what is bold, a link,
a heading, a point or a cell, and Markdown is written from them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from signer.conversion.characters import LABEL, plain_characters
from signer.conversion.html_elements import (
    marks_of,
    number_in,
    style_of,
    words_of,
)
from signer.conversion.lines import (
    BULLET,
    Heading,
    Item,
    Line,
    Quote,
    Table,
    is_drawn,
    nested,
    read_label,
    without_beginning,
)
from signer.conversion.places import (
    HEADINGS,
    Numbers,
    Place,
    Point,
    headed,
    label_of,
    within,
)
from signer.conversion.tables import as_cell, cells_of, has_loose_words
from signer.errors import DocumentRefused
from signer.markdown.blocks import tidy_spans
from signer.markdown.writing import write_blocks

_DEEPEST = 6
"""How deep tables and quotations are read within one another."""

_MOST_ELEMENTS = 60_000
"""How many elements are read: a book has fewer."""

_BLOCKS = frozenset(
    {"address", "article", "aside", "body", "center", "dd", "div", "dl", "dt", "footer"}
    | {"fieldset", "figcaption", "figure", "form", "header", "html", "main", "nav", "p"}
    | {
        "pre",
        "section",
        "summary",
        "details",
        "tr",
        "td",
        "th",
        "tbody",
        "hr",
        "caption",
    }
    | {"ul", "ol", "li", "menu", *HEADINGS}
)
_SKIPPED = frozenset(
    {"audio", "button", "canvas", "datalist", "embed", "head", "iframe", "link", "map"}
    | {"math", "meta", "noscript", "object", "script", "select", "style", "svg"}
    | {"template", "textarea", "title", "video", "xml", "base"}
)
_PICTURES = frozenset({"img", "picture", "svg", "canvas", "video", "object", "embed"})
_STRUCK = frozenset({"del", "s", "strike"})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_LEVEL = re.compile(r"\blevel(\d)")
_LABELLED = re.compile(rf"\s*{LABEL[0]}(\d{{1,2}})\|([^{LABEL[1]}]*){LABEL[1]}")
_COMMENT = re.compile(r"msocom|msocomment", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Converted:
    """What a document says, as Markdown.

    Attributes:
        markdown: its text, with a line end after it; empty where there is none.
        title: the title that stands above all of it; empty where none does.
        is_line: whether it is a line of words and nothing more.
        left_out: what was not taken, in words.
    """

    markdown: str
    title: str = ""
    is_line: bool = False
    left_out: tuple[str, ...] = ()


def convert_html(html: str, *, with_title: bool = False) -> Converted:
    """The Markdown of what an HTML document, or a piece of one, says.

    Args:
        html: as a browser has it in its clipboard, or a converter has made it.
        with_title: whether a title above all of it is given by itself, and not as the
            first heading.

    Raises:
        DocumentRefused: no program of people has made it.
    """
    reader = _Reader()
    text = html.replace("\0", "")
    if text.strip():
        reader.read(_tree(text))
    lines, title = reader.lines, ""
    if with_title and lines and isinstance(first := lines[0], Heading):
        others = [one.level for one in lines[1:] if isinstance(one, Heading)]
        if first.level == 0 or (first.level == 1 and 1 not in others):
            title, lines = first.words, lines[1:]
    return Converted(
        markdown=write_blocks(nested(lines)),
        title=title,
        is_line=len(lines) == 1 and lines[0] == Line(getattr(lines[0], "spans", ())),
        left_out=tuple(_told(reader.left_out)),
    )


def _tree(html: str) -> HtmlElement:
    parser = lxml_html.HTMLParser(
        huge_tree=True, encoding="utf-8", remove_pis=True, remove_comments=True
    )
    try:
        root = lxml_html.document_fromstring(
            f"<body>{html}</body>".encode(errors="replace"), parser=parser
        )
    except etree.LxmlError as error:
        raise DocumentRefused("It is no HTML that can be read.") from error
    # The parser leaves out whatever is deeper than it goes.
    if any("depth" in one.message for one in parser.error_log):
        raise DocumentRefused("It is no HTML that can be read.")
    if sum(1 for _ in islice(root.iter(), _MOST_ELEMENTS + 1)) > _MOST_ELEMENTS:
        raise DocumentRefused("It is longer than a policy can be.")
    return root


_LEFT_OUT = {
    "picture": ("a picture", "{} pictures"),
    "comment": ("a comment", "{} comments"),
    "struck": ("words that were struck through", "words that were struck through"),
    "box": ("a box to tick", "{} boxes to tick"),
}


def _told(left_out: Counter[str]) -> Iterator[str]:
    for what, (one, several) in _LEFT_OUT.items():
        if number := left_out[what]:
            yield one if number == 1 else several.format(number)


class _Reader:
    """Reads the lines of a tree of HTML.

    Args:
        deep: in how many tables and quotations it stands.
    """

    def __init__(self, deep: int = 0) -> None:
        self.lines: list[Item] = []
        self.left_out: Counter[str] = Counter()
        self._deep = deep
        self._spans: list[dict[str, Any]] = []

    def read(self, root: HtmlElement) -> None:
        """Read what is inside of an element."""
        places = [Place()]
        self._say(root.text, places[0])
        # No document is too deep for a walk that is no recursion.
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if element is root:
                continue
            if event == "end":
                if element.tag in _BLOCKS:
                    self._end_line(places[-1])
                places.pop()
                self._say(element.tail, places[-1])
                continue
            outside = places[-1]
            inside = self._open(element, outside)
            if inside is None:
                walk.skip_subtree()
                places.append(outside)
                continue
            places.append(inside)
            self._say(element.text, inside)
        self._end_line(Place())

    def _open(self, element: HtmlElement, outside: Place) -> Place | None:
        """What holds inside of an element; None where it is not read, or was read."""
        tag, style = str(element.tag), style_of(element)
        if self._is_left_out(element, tag, style):
            return None
        if "ignore" in style.get("mso-list", ""):
            self._label(outside, read_label(words_of(element)))
            return None
        if tag == "br":
            self._spans.append({"text": "\n"})
            return None
        if tag in {"table", "blockquote"} and self._deep < _DEEPEST:
            self._end_line(outside)
            self._read_apart(element, tag, outside)
            return None
        if tag in _BLOCKS:
            self._end_line(outside)
        inside = replace(outside, marks=marks_of(element, tag, style, outside.marks))
        return self._listed(element, tag, style, headed(element, tag, inside))

    def _is_left_out(
        self, element: HtmlElement, tag: str, style: dict[str, str]
    ) -> bool:
        """Whether an element is not read; what a reader would miss is counted."""
        if tag in _PICTURES:
            self.left_out["picture"] += 1
            return True
        if tag == "input":
            self.left_out["box"] += element.get("type", "").lower() == "checkbox"
            return True
        hidden = style.get("display") == "none" or style.get("mso-hide") == "all"
        if tag in _SKIPPED or hidden:
            return True
        classes = element.get("class", "")
        if _COMMENT.search(classes) or "comment" in style.get("mso-element", ""):
            self.left_out["comment"] += "reference" in classes.lower()
            return True
        struck = "line-through" in style.get("text-decoration", "")
        struck |= "line-through" in style.get("text-decoration-line", "")
        if tag in _STRUCK or struck or "msoDel" in classes:
            self.left_out["struck"] += bool(words_of(element).strip())
            return True
        return False

    def _listed(
        self, element: HtmlElement, tag: str, style: dict[str, str], inside: Place
    ) -> Place:
        """What holds inside of a list, or of a point of one."""
        if tag in {"ul", "ol", "menu"}:
            first = number_in(element.get("start"), 1) if tag == "ol" else None
            kind = element.get("type") or style.get("list-style-type", "")
            return replace(inside, depth=inside.depth + 1, numbers=Numbers(first, kind))
        if tag == "li":
            level = element.get("aria-level") or element.get("data-aria-level")
            depth = number_in(level, max(inside.depth, 1))
            return replace(inside, point=Point(depth, label_of(element, style, inside)))
        if (found := _LEVEL.search(style.get("mso-list", ""))) is not None:
            return replace(inside, point=Point(int(found[1]), BULLET))
        return inside

    def _label(self, place: Place, label: str) -> None:
        if place.heading is not None:
            self._spans.append({"text": "" if label == BULLET else f"{label} "})
        elif place.point is not None:
            place.point.label = label
        else:
            self._spans.insert(0, {"text": f"{LABEL[0]}1|{label}{LABEL[1]}"})

    def _say(self, text: str | None, place: Place) -> None:
        if not text:
            return
        if place.keeps_lines:
            text = text.replace("\r\n", "\n")
        else:
            text = _SPACE.sub(" ", text)
        self._spans.append({"text": plain_characters(text), **place.marks})

    def _end_line(self, place: Place) -> None:
        """Make lines of the words since the last one."""
        spans, self._spans = self._spans, []
        for line in _lines(spans):
            words = "".join(span["text"] for span in line)
            labelled = _LABELLED.match(words)
            depth, label = 0, ""
            if labelled:
                depth, label = int(labelled[1]), labelled[2]
                line = without_beginning(line, labelled.end())  # noqa: PLW2901 - the rest of it
                words = words[labelled.end() :]
            tidy = tidy_spans(line)
            if not tidy or (is_drawn(words) and not place.point):
                continue
            if place.heading is not None:
                label = "" if label == BULLET else f"{label} "
                words = f"{label}{''.join(span['text'] for span in tidy)}".strip()
                self.lines.append(Heading(words, place.heading))
            elif place.point is not None:
                point = place.point
                self.lines.append(Line(tidy, point.depth, point.take_label()))
            else:
                self.lines.append(Line(tidy, depth, label))

    def _read_apart(self, element: HtmlElement, tag: str, outside: Place) -> None:
        """Read a table or a quotation, whose lines are its own."""
        if tag == "blockquote":
            inner = self._inner(element)
            if outside.point is not None or not inner:
                # A point of a list holds lines alone.
                self.lines += within(inner, outside.point)
            else:
                self.lines.append(Quote(inner))
            return
        if has_loose_words(element):
            self.lines += within(self._inner(element), outside.point)
            return
        for caption in element.iterchildren("caption"):
            self.lines += within(self._inner(caption), outside.point)
        grid = cells_of(element, self._inner)
        if len(grid) > 1 and len(grid[0]) > 1 and outside.point is None:
            rows = [[as_cell(cell) for cell in row] for row in grid]
            self.lines.append(Table(rows))
        else:
            # A frame around words, or a table where none can stand.
            inner = [line for row in grid for cell in row for line in cell]
            self.lines += within(inner, outside.point)

    def _inner(self, element: HtmlElement) -> list[Item]:
        reader = _Reader(self._deep + 1)
        reader.read(element)
        self.left_out += reader.left_out
        return reader.lines


def _lines(spans: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Spans parted at their line breaks."""
    line: list[dict[str, Any]] = []
    for span in spans:
        first, *more = span["text"].split("\n")
        line.append({**span, "text": first})
        for text in more:
            yield line
            line = [{**span, "text": text}]
    yield line
