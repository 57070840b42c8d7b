"""The policy's text as the reading page shows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.policy.versions import Version, read_version
from signer.web.signing.policy_text import policy_text

VERSION = read_version(Path(__file__).parents[3] / "versions" / "2.md")


def made(body: str) -> Version:
    """A version with another text, whether or not a release would take it."""
    return replace(VERSION, body=body)


def test_cleaning_takes_nothing_from_the_released_text() -> None:
    """The blocks and spans are those of the one rendering."""
    assert blocks(policy_text(VERSION).html) == blocks(to_html(VERSION.body))


def test_every_kind_of_block_survives() -> None:
    """Nested lists, quotes, tables, emphasis and links come through whole."""
    body = (
        "## A\n\n1. one\n    - deep **bold** *soft*\n2. two\n\n> quote\n\n"
        "| a | b |\n|---|--:|\n| 1 | 2 |\n\n[in](#a) [out](https://school.example/)\n"
    )
    assert [one["kind"] for one in blocks(policy_text(made(body)).html)] == [
        "heading",
        "list",
        "quote",
        "table",
        "paragraph",
    ]


def test_ids_of_the_text_are_never_the_pages_own() -> None:
    """A heading called "Main" does not become the page's main part."""
    text = policy_text(made("## Main\n\n[up](#main)\n"))
    assert 'id="text-main"' in text.html
    assert 'href="#text-main"' in text.html
    assert text.contents == (("text-main", "Main"),)


def test_nothing_that_runs_comes_through() -> None:
    """Even if a released text held it, which a release refuses."""
    body = (
        "## A\n\n<script>alert(1)</script>\n\n<p onclick='x()' style='a'>x</p>\n\n"
        "[x](javascript:alert(1)) <img src=x onerror=alert(1)>\n"
    )
    html = policy_text(made(body)).html
    for bad in ("script", "onclick", "style", "javascript", "img", "onerror"):
        assert bad not in html


def test_a_text_without_sections_has_no_contents() -> None:
    """Nothing is made up."""
    text = policy_text(made("Only words.\n"))
    assert (text.contents, text.minutes) == ((), 1)
