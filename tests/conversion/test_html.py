"""What is copied from word processors and web pages, as Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signer.conversion.html import convert_html
from signer.errors import DocumentRefused
from signer.markdown.blocks import plain_text
from signer.markdown.rendering import to_html
from signer.markdown.rules import problems

KEPT = Path(__file__).with_name("kept")


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.html")), ids=lambda one: one.stem)
def test_each_program_gives_what_is_kept_beside_it(path: Path) -> None:
    """Headings, lists, tables and links come through; a release takes all of it."""
    converted = convert_html(path.read_text(encoding="utf-8"))
    assert converted.markdown == path.with_suffix(".md").read_text(encoding="utf-8")
    assert problems(converted.markdown) == []


def test_what_is_left_out_is_told() -> None:
    """Pictures, comments and struck words: each is named, and is not there."""
    converted = convert_html((KEPT / "word.html").read_text(encoding="utf-8"))
    assert converted.left_out == (
        "a picture",
        "a comment",
        "words that were struck through",
    )
    assert "gone" not in converted.markdown
    assert "Hello" not in converted.markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("", ""),
        ("  <p>&nbsp;</p><o:p></o:p>", ""),
        ("<b>only</b> words", "**only** words\n"),
        ("<h2>\u202eA<b>B</b></h2>", "## AB\n"),
        ("<p>ma\u00adny\u00a0\ufb01ne \u2011 e\u0301</p>", "many fine - \u00e9\n"),
        ("<p>a</p><p>____</p><p>b</p>", "a\n\nb\n"),
        ("<p>7) Seven</p><p>8) Eight</p>", "7. Seven\n8. Eight\n"),
        ("<ol><li>a<p>b</p><li>c</ol>", "1. a\n\n    b\n\n2. c\n"),
        ("<ul><li><table><tr><td>a<td>b<tr><td>c</table></ul>", None),
        (
            "<p>me@school.example.</p>",
            "[me@school.example](mailto:me@school.example).\n",
        ),
        ("<a href='https://x.example/ y'>z</a>", "[z](https://x.example/%20y)\n"),
        ("<a href='data:text/html,x'>z</a><svg><p>q</p></svg>", "z\n"),
    ],
)
def test_small_things(html: str, markdown: str | None) -> None:
    """Each becomes what a person would have typed."""
    converted = convert_html(html)
    if markdown is not None:
        assert converted.markdown == markdown
    assert problems(converted.markdown) == []


def test_a_title_above_all_is_given_apart_where_it_is_wanted() -> None:
    """A document has one; a piece that is pasted has headings alone."""
    html = "<h1>Code</h1><h2>One</h2><p>x</p>"
    assert convert_html(html).markdown == "## Code\n\n### One\n\nx\n"
    converted = convert_html(html, with_title=True)
    assert (converted.title, converted.markdown) == ("Code", "## One\n\nx\n")
    converted = convert_html("<h1>A</h1><p>x</p><h1>B</h1>", with_title=True)
    assert (converted.title, converted.markdown) == ("", "## A\n\nx\n\n## B\n")


@pytest.mark.parametrize(
    "html", ["<div>" * 100_000 + "x", "<table><tr><td>" * 3000 + "x", "<p>x" * 70_000]
)
def test_what_no_program_of_people_makes_is_refused(html: str) -> None:
    """Whole, since a part of it would look like all."""
    with pytest.raises(DocumentRefused):
        convert_html(html)


def test_signs_without_end_do_not_take_without_end() -> None:
    """A bracket that is never closed is written so that it opens nothing."""
    converted = convert_html("<p>" + "a*b_c[ " * 20_000)
    assert converted.markdown.count(r"\[") == 20_000


NAMES = (
    "p|b|i|ul|ol|li|li value=7|table|tr|td|h1|h3|br|a|blockquote|del|pre|"
    "span style='font-weight:700'|![if !supportLists]|"
    "/p|/li|/ul|/ol|/table|/td|/b|/blockquote|/h1"
)
TAGS = st.sampled_from(NAMES.split("|"))
SIGNS = st.sampled_from(["one ", "*", "- two", "3."])
PIECES = st.one_of(TAGS.map("<{}>".format), SIGNS)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_whatever_is_pasted_has_no_markup_and_no_less_words(html: str) -> None:
    """Broken HTML too: each word is shown once, and nothing but allowed blocks."""
    html = html.replace("<del>", "")
    markdown = convert_html(html).markdown
    shown = plain_text(to_html(markdown))
    assert shown.count("one") == html.count("one")
    assert shown.count("two") == html.count("two")
