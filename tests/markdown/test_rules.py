"""The little Markdown that a policy may use."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signer.markdown.blocks import plain_text
from signer.markdown.rendering import to_html
from signer.markdown.rules import problems

REFUSED = [
    ("a <b>b</b>", 1, "raw HTML"),
    ("a\n\n<!-- b -->", 3, "raw HTML"),
    ("<https://example.org>", 1, "raw HTML"),
    ("fish &amp; chips", 1, "HTML entity"),
    ("![a](https://example.org/a.png)", 1, "image"),
    ("run `rm`", 1, "code"),
    ("~~~\ncode\n~~~", 1, "code"),
    ("a\n\n    code", 3, "outside a list"),
    ("- a\n\n        code", 3, "<pre>"),
    ("# Title", 1, "first level"),
    ("##Title", 1, "without a space"),
    ("####### Title", 1, "six levels"),
    ("Title\n=====", 2, "drawn across"),
    ("Title\n-----", 2, "drawn across"),
    ("a\n\n* * *\n\nb", 3, "drawn across"),
    ("[a]: https://example.org", 1, "kept elsewhere"),
    ("[a][b]", 1, "kept elsewhere"),
    ('[a](https://example.org "t")', 1, "title"),
    ("[a](/policy/)", 1, "a link to '/policy/'"),
    ("x\n\n[a](javascript:alert(1))", 3, "a link to"),
    ("[a](http://example.org)", 1, "a link to"),
    ("[a](https://)", 1, "a link to"),
    ("[a](https://[)", 1, "a link to"),
    ("[a](mailto:)", 1, "a link to"),
    ("a {: .b }", 1, "curly bracket"),
    ('!!! note "a"', 1, "a box"),
    ("a\tb", 1, "a tab"),
    ("a  \nb", 1, "spaces at the end"),
    ("a\\\nb", 1, "broken line"),
    ("a\n- b", 2, "empty line before"),
    ("> a\n> - b", 2, "empty line before"),
    ("- a\n  - b", 2, "wrong indent"),
    ("- a\n1. b", 2, "another kind"),
    ("1. a\n3. b", 2, "number 3 after 1"),
    ("1) a", 1, "a bracket"),
    ("a\n    b", 2, "outside a list"),
    ("| a | b |\n|---|---|\n| c | d | lost |", 3, "'lost' would not be shown"),
    ("a\r\nb", 1, "U+000D"),
    ("a\x1cb", 1, "U+001C"),
    ("a\u202eb", 1, "U+202E"),
    ("a\u200bb", 1, "U+200B"),
    ("a\u2028b", 1, "U+2028"),
    ("e\u0301", 1, "NFC"),
]


@pytest.mark.parametrize(("markdown", "line", "what"), REFUSED)
def test_all_else_is_refused_with_its_line(markdown: str, line: int, what: str) -> None:
    """What would be lost, hidden or look different somewhere is named with its line."""
    first = problems(markdown)[0]
    assert (first.line, what in first.what) == (line, True), str(first)
    assert first.remedy


def test_lines_are_those_of_the_file() -> None:
    """With front matter before the text, the line is still the one in the file."""
    assert [one.line for one in problems("a\n\n`b`", first_line=20)] == [22]


def test_every_problem_is_told_at_once() -> None:
    """The headteacher mends them in one go, from top to bottom."""
    assert [problem.line for problem in problems("`a`\n\nb\n- c\n\n<d>")] == [1, 4, 6]


@pytest.mark.parametrize(
    "markdown",
    [
        "",
        "a < b & c > d",
        "2 * 3 * 4 and snake_case_words",
        "R&D, Q&A",
        "می‌خواهم 👩‍🏫",
        "Write to [us](mailto:office@example.org).",
        "- a\n\n    still a\n\n- b",
    ],
)
def test_plain_words_are_allowed(markdown: str) -> None:
    """Ordinary text with odd characters is not taken for markup."""
    assert problems(markdown) == []


@settings(deadline=None)
@given(
    st.text(
        st.sampled_from("ab1 \n\t#*_-+>|[]()!`~<&;:/\\.{}=\r\u200b'\""), max_size=60
    )
)
def test_no_text_breaks_the_checker(markdown: str) -> None:
    """Whatever is written, the answer is a list; what passes keeps its words."""
    if not problems(markdown):
        words = [word for word in ("a", "b") for _ in range(markdown.count(word))]
        shown = plain_text(to_html(markdown))
        assert len([letter for letter in shown if letter in "ab"]) == len(words)
