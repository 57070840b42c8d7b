"""Marks in the margin of a version's page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import html as lxml_html

from signer.markdown.rendering import to_html
from signer.site.pages.margin_marks import mark_changes
from signer.site.pages.markup import statements
from tests.policy.releases import FOURTH, SECOND, THIRD

if TYPE_CHECKING:
    from signer.policy.versions import Version

BODY = """First words.

## One

- an item
- another item with more words

| a | b |
|---|---|
| c | d and some words more |

## Two

The last words of all.
"""
OLD = replace(SECOND, body=BODY)


def page_of(version: Version) -> str:
    """A version's page, with what the site says on it."""
    return (
        f"<h1 id='x'>{version.title}</h1><div class='policy-facts'><p>Facts</p></div>"
        f"{to_html(version.body)}{statements(version.declaration)}"
    )


def marked(new_body: str, old: Version = OLD) -> lxml_html.HtmlElement:
    """The page of a version with other words, marked."""
    new = replace(old, number=old.number + 1, sha256="e" * 64, body=new_body)
    page = mark_changes(page_of(new), old, new)
    return lxml_html.fragment_fromstring(page, create_parent="div")


def spoken(root: lxml_html.HtmlElement) -> list[str]:
    """The words of each marked part, as they are read aloud."""
    found = root.xpath(".//*[contains(@class, 'policy-marked--')]")
    return [" ".join(one.text_content().split()) for one in found]


def test_each_changed_part_is_marked_and_no_other() -> None:
    """Paragraphs, items and rows; a new one is told from a changed one."""
    root = marked(
        BODY.replace("First words.", "First few words.")
        .replace("another item with", "another item with many")
        .replace("some words more", "some words less")
        + "\nThese are all new words that were never said.\n"
    )
    assert spoken(root) == [
        "Changed: First few words.",
        "Changed: another item with many more words",
        "Changed: c d and some words less",
        "New: These are all new words that were never said.",
    ]


def test_what_went_is_told_where_it_stood() -> None:
    """Nobody takes a shorter text for an unchanged one."""
    root = marked(BODY.replace("- an item\n", "").replace("First words.\n\n", ""))
    (before, within) = root.find_class("policy-gone")
    assert before.text == within.text == "A part was removed here."
    after, around = before.getnext(), within.getparent()
    assert after is not None
    assert around is not None
    assert after.text_content() == "One"
    assert around.tag == "li"


def test_a_changed_statement_is_marked() -> None:
    """The statements are agreed to as the text is."""
    page = mark_changes(page_of(FOURTH), THIRD, FOURTH)
    root = lxml_html.fragment_fromstring(page, create_parent="div")
    assert "New: I know whom to ask." in spoken(root)


def test_marks_are_no_words_of_the_policy() -> None:
    """Without what has a class of the site's own, every word is the version's."""
    root = marked(BODY.replace("First words.", "First few words."))
    for one in root.xpath(".//*[@class='policy-unseen' or @class='policy-facts']"):
        one.drop_tree()
    new = replace(OLD, body=BODY.replace("First words.", "First few words."))
    expected = lxml_html.fragment_fromstring(page_of(new), create_parent="div")
    expected.find_class("policy-facts")[0].drop_tree()
    assert root.text_content().split() == expected.text_content().split()


def test_a_page_that_reads_otherwise_gets_no_mark() -> None:
    """No mark is better than one beside another part."""
    new = replace(OLD, number=3, sha256="e" * 64, body=BODY.replace("First", "Other"))
    page = page_of(new).replace("The last words", "These last words")
    assert mark_changes(page, OLD, new) == page


def test_the_same_text_has_no_mark() -> None:
    """A release for another reason leaves the text as it was."""
    assert spoken(marked(BODY)) == []
