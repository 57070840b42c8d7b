"""The policy's text as the reading page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import nh3
from lxml import html as lxml_html
from markupsafe import Markup

from signer.markdown.blocks import reading_minutes
from signer.markdown.rendering import to_html
from signer.policy.comparison import compare
from signer.policy.versions import Version
from signer.workflows.requests.changes_since_signed import ChangesSinceSigned

PREFIX = "text-"
"""Before each id of the text, so that none is one of the page's own."""

TAGS = frozenset(
    {
        *("h2", "h3", "h4", "h5", "h6", "p", "a", "em", "strong", "blockquote"),
        *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
    }
)
ATTRIBUTES = {
    **{f"h{level}": {"id"} for level in range(2, 7)},
    "a": {"href"},
    "ol": {"start"},
    "th": {"align"},
    "td": {"align"},
}


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A version, ready to be shown.

    Attributes:
        html: its text, with nothing in it but `TAGS`.
        contents: id and words of each section's heading.
        minutes: how long it takes to read.
    """

    html: Markup
    contents: tuple[tuple[str, str], ...]
    minutes: int


@lru_cache(maxsize=16)
def policy_text(version: Version) -> PolicyText:
    """A version's text for the reading page."""
    clean = clean_text(version.body)
    tree = lxml_html.fragment_fromstring(clean, create_parent="div")
    contents = tuple(
        (heading.get("id", ""), heading.text_content())
        for heading in tree.iterfind("h2")
        if heading.get("id")
    )
    return PolicyText(clean, contents, reading_minutes(clean))


def clean_text(markdown: str) -> Markup:
    """A policy's text, or that of a draft, with nothing in it but `TAGS`."""
    clean = nh3.clean(
        to_html(markdown),
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        attribute_filter=_renamed,
        url_schemes={"https", "http", "mailto"},
    )
    # nh3 has taken out everything but TAGS and ATTRIBUTES.
    return Markup(clean)  # noqa: S704


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new to a parent who has signed before, ready to be shown.

    Attributes:
        older: the version that they signed last.
        releases: every release after it, oldest first.
        summary: how much changed, in words.
        html: the changed parts of the text, each change marked.
    """

    older: Version
    releases: tuple[Version, ...]
    summary: str
    html: Markup


@lru_cache(maxsize=16)
def changes_since(since: ChangesSinceSigned) -> Changes:
    """What is new since a parent signed last, for the reading page."""
    compared = compare(since.version, since.releases[-1])
    return Changes(
        older=since.version,
        releases=since.releases,
        summary=compared.summary,
        html=marked_up(compared.changes),
    )


def marked_up(redline: str) -> Markup:
    """The HTML of a redline, for a page.

    It is not cleaned as the text is: it is made of words alone, each escaped, and has
    classes that say what became of them.
    """
    return Markup(redline)  # noqa: S704 - as above


def _renamed(tag: str, attribute: str, value: str) -> str:
    if attribute == "id":
        return PREFIX + value
    if (tag, attribute) == ("a", "href") and value.startswith("#"):
        return "#" + PREFIX + value.removeprefix("#")
    return value
