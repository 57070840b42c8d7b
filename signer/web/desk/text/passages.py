"""The draft's text in passages, each of which can be commented on."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import html as lxml_html
from lxml.html import HtmlElement
from markupsafe import Markup

from signer.policy.release.source import DraftText
from signer.web.signing.policy_text import clean_text


@dataclass(frozen=True, slots=True)
class Passage:
    """A block of the text, a point of a list, or a statement.

    Attributes:
        html: as parents will read it.
        words: its words, single-spaced.
    """

    html: Markup
    words: str


def passages(draft: DraftText) -> tuple[Passage, ...]:
    """Every passage in reading order: the text, then the statements."""
    tree = lxml_html.fragment_fromstring(clean_text(draft.body), create_parent="div")
    found: list[Passage] = []
    for block in tree:
        if block.tag in {"ul", "ol"}:
            found.extend(_points(block))
        else:
            found.append(_passage(block))
    for place, statement in enumerate(draft.declaration, 1):
        words = " ".join(statement.split())
        found.append(Passage(Markup("<p>{}. {}</p>").format(place, words), words))
    return tuple(one for one in found if one.words)


def _points(block: HtmlElement) -> list[Passage]:
    """Each point of a list, as a list of one."""
    points = []
    first = int(block.get("start", "1"))
    for place, item in enumerate(block):
        alone = lxml_html.Element(str(block.tag))
        if block.tag == "ol":
            alone.set("start", str(first + place))
        alone.append(item)
        points.append(_passage(alone))
    return points


def _passage(element: HtmlElement) -> Passage:
    element.tail = None
    words = " ".join(element.text_content().split())
    html = lxml_html.tostring(element, encoding="unicode")
    # It comes from `clean_text`, and is put together again by the same library.
    return Passage(Markup(html), words)  # noqa: S704
