"""The rendered policy as a tree of blocks, and as plain text.

The tree is JSON-able. It is what the PDF is typeset from: as values, never as
markup, so that no text can become an instruction.

    heading    {"kind": "heading", "level": 2, "spans": [span, …]}
    paragraph  {"kind": "paragraph", "spans": [span, …]}
    list       {"kind": "list", "ordered": bool, "start": 1, "items": [[block, …], …]}
    quote      {"kind": "quote", "blocks": [block, …]}
    table      {"kind": "table", "header": [cell, …], "rows": [[cell, …], …]}
    cell       [span, …]
    span       {"text": str, "strong": True, "emphasis": True, "href": str}

A span leaves out what does not hold; ``start`` stands in ordered lists alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import html as lxml_html
from lxml.html import HtmlElement

from signer.errors import PolicyError

WORDS_A_MINUTE = 200
"""An easy pace for careful reading."""

# A no-break space is text; these are only layout of the source.
_SPACE = re.compile(r"[ \t\n\r\f]+")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_MARKS = {"strong": "strong", "em": "emphasis"}
_BLOCKS = frozenset({*_HEADINGS, "p", "ul", "ol", "blockquote", "table"})


def blocks(html: str) -> list[dict[str, Any]]:
    """The tree of blocks of a rendered policy.

    Args:
        html: what `signer.markdown.rendering.to_html` gives.

    Raises:
        PolicyError: the HTML holds an element that the allowed Markdown never makes.
    """
    return _flow(lxml_html.fragment_fromstring(html, create_parent="div"))


def plain_text(html: str) -> str:
    """The text of a rendered policy, one line for each block and table cell.

    Raises:
        PolicyError: as `blocks`.
    """
    return "\n".join(_texts(blocks(html)))


def reading_minutes(html: str) -> int:
    """How long the text takes to read, in whole minutes, at least 1.

    Raises:
        PolicyError: as `blocks`.
    """
    return max(1, math.ceil(len(plain_text(html).split()) / WORDS_A_MINUTE))


def _flow(element: HtmlElement) -> list[dict[str, Any]]:
    """The blocks inside an element; loose words become paragraphs."""
    found: list[dict[str, Any]] = []
    loose: list[dict[str, Any]] = [*_piece(element.text, {})]

    def end_paragraph() -> None:
        spans = tidy_spans(loose)
        if spans:
            found.append({"kind": "paragraph", "spans": spans})
        loose.clear()

    for child in element:
        if child.tag in _BLOCKS:
            end_paragraph()
            found.append(_block(child))
        else:
            loose.extend(_marked(child, {}))
        loose.extend(_piece(child.tail, {}))
    end_paragraph()
    return found


def _block(element: HtmlElement) -> dict[str, Any]:
    tag = str(element.tag)
    if tag in _HEADINGS:
        return {"kind": "heading", "level": _HEADINGS[tag], "spans": _spans(element)}
    if tag == "p":
        return {"kind": "paragraph", "spans": _spans(element)}
    if tag == "blockquote":
        return {"kind": "quote", "blocks": _flow(element)}
    if tag == "table":
        return {
            "kind": "table",
            "header": [_spans(cell) for cell in element.iterfind("thead/tr/th")],
            "rows": [
                [_spans(cell) for cell in row.iterfind("td")]
                for row in element.iterfind("tbody/tr")
            ],
        }
    made: dict[str, Any] = {"kind": "list", "ordered": tag == "ol"}
    if tag == "ol":
        made["start"] = int(element.get("start", "1"))
    made["items"] = [_flow(item) for item in element.iterfind("li")]
    return made


def _spans(element: HtmlElement) -> list[dict[str, Any]]:
    return tidy_spans(list(_inside(element, {})))


def _inside(element: HtmlElement, marks: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from _piece(element.text, marks)
    for child in element:
        yield from _marked(child, marks)
        yield from _piece(child.tail, marks)


def _marked(element: HtmlElement, marks: dict[str, Any]) -> Iterator[dict[str, Any]]:
    tag = element.tag
    if tag == "a":
        yield from _inside(element, {**marks, "href": element.get("href", "")})
    elif tag in _MARKS:
        yield from _inside(element, {**marks, _MARKS[str(tag)]: True})
    else:
        raise PolicyError(f"the policy holds the element {tag!r}, which has no block")


def _piece(text: str | None, marks: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if text:
        yield {"text": text, **marks}


def tidy_spans(spans: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Spans with single spaces, none at the ends, like neighbours joined."""
    tidy: list[dict[str, Any]] = []
    before = " "
    for span in spans:
        text = _SPACE.sub(" ", span["text"])
        text = text.removeprefix(" ") if before.endswith(" ") else text
        if not text:
            continue
        before = text
        marks = {key: value for key, value in span.items() if key != "text"}
        if tidy and tidy[-1] == {"text": tidy[-1]["text"], **marks}:
            tidy[-1]["text"] += text
        else:
            tidy.append({"text": text, **marks})
    if tidy and tidy[-1]["text"].endswith(" "):
        tidy[-1]["text"] = tidy[-1]["text"][:-1]
    return [span for span in tidy if span["text"]]


def _texts(tree: list[dict[str, Any]]) -> Iterator[str]:
    for block in tree:
        if block["kind"] == "list":
            for item in block["items"]:
                yield from _texts(item)
        elif block["kind"] == "quote":
            yield from _texts(block["blocks"])
        elif block["kind"] == "table":
            for row in (block["header"], *block["rows"]):
                yield from (_joined(cell) for cell in row)
        else:
            yield _joined(block["spans"])


def _joined(spans: list[dict[str, Any]]) -> str:
    return "".join(span["text"] for span in spans)
