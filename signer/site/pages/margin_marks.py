"""Marks in the margin of a version's page: what changed from the version before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import html as lxml_html
from lxml.html import HtmlElement

from signer.policy.comparison import redline_of
from signer.policy.versions import Version
from signer.redline.changes import ChangeKind
from signer.site.pages.markup import CONFIRM

_LINES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "p", "tr"})
_BOXES = frozenset({"ul", "ol", "li", "blockquote", "table", "thead", "tbody"})
_WORDS = {ChangeKind.CHANGED: "Changed: ", ChangeKind.ADDED: "New: "}
_GONE = "A part was removed here."


@dataclass(frozen=True, slots=True)
class _Mark:
    """What is said of one line: its words without spaces, its kind, what went."""

    words: str
    kind: ChangeKind
    after_gone: bool


def mark_changes(page: str, older: Version, newer: Version) -> str:
    """A version's page with each part marked that is not as it was.

    A bar stands beside the part (a class for the style sheet), and hidden words say
    it to those who listen. All that is added has a class that begins with
    ``policy-``, as everything has that is not the policy's own text.

    Args:
        page: the rendered page: title, text and statements, and what the site says
            about them.
        older: the version before.
        newer: the version that the page shows.

    Returns:
        The page; without any mark where it does not read line by line as the version
        does, since no mark is better than one in a wrong place.
    """
    root = lxml_html.fragment_fromstring(page, create_parent="div")
    marks = list(_marks(older, newer))
    lines = list(_lines(root))
    if [one.words for one in marks] != [_squeezed(_own_text(one)) for one in lines]:
        return page
    for line, mark in zip(lines, marks, strict=True):
        _put(line, mark)
    inner = (lxml_html.tostring(one, encoding="unicode") for one in root)
    return (root.text or "") + "".join(inner)


def _marks(older: Version, newer: Version) -> Iterator[_Mark]:
    gone = False
    for line_change in redline_of(older, newer).changes:
        if line_change.kind is ChangeKind.REMOVED:
            gone = True
            continue
        for line in line_change.new_lines():
            if line.place.kind == "nothing":
                continue
            yield _Mark(_squeezed(line.text), line_change.kind, gone)
            gone = False


def _lines(box: HtmlElement) -> Iterator[HtmlElement]:
    """The elements that hold a line of the policy each, in reading order."""
    for element in box:
        if not isinstance(element.tag, str):
            continue
        about = (element.get("class") or "").startswith("policy-")
        if about and element.get("id") != CONFIRM:
            continue
        if element.tag == "li" and _own_text(element).strip():
            yield element
        if element.tag in _LINES:
            yield element
        elif element.tag in _BOXES or about:
            yield from _lines(element)


def _own_text(element: HtmlElement) -> str:
    """The words of a line; of a list's item those before any box within it."""
    if element.tag != "li":
        return str(element.text_content())
    found = [element.text or ""]
    for child in element:
        if child.tag in _LINES | _BOXES:
            break
        found += [child.text_content(), child.tail or ""]
    return "".join(found)


def _put(line: HtmlElement, mark: _Mark) -> None:
    into = line[0] if line.tag == "tr" and len(line) else line
    if mark.kind in _WORDS:
        line.set("class", f"policy-marked policy-marked--{mark.kind}")
        _lead(into, _said("policy-unseen", _WORDS[mark.kind]))
    if mark.after_gone:
        if line.tag in {"li", "tr"}:
            _lead(into, _said("policy-gone", _GONE))
        else:
            line.addprevious(_said("policy-gone", _GONE, tag="p"))


def _said(kind: str, words: str, tag: str = "span") -> HtmlElement:
    element: HtmlElement = lxml_html.Element(tag)
    element.set("class", kind)
    element.text = words
    return element


def _lead(into: HtmlElement, element: HtmlElement) -> None:
    """Put an element before all that another one holds."""
    element.tail, into.text = into.text, None
    into.insert(0, element)


def _squeezed(text: Sequence[str] | str) -> str:
    return "".join("".join(text).split())
