"""The tree of blocks: the same words as the HTML, in the same order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from signer.errors import PolicyError
from signer.markdown.blocks import blocks, plain_text, reading_minutes
from signer.markdown.rendering import to_html
from signer.markdown.rules import problems
from signer.policy.versions import read_version

REPOSITORY = Path(__file__).parent.parent.parent
SEED = REPOSITORY / "tests" / "seed" / "social-media-code-of-conduct-v2.txt"

WORDS = st.lists(
    st.sampled_from(
        ["policy", "“Digital", "Footprint”", "person\u2019s", "王小明", "5", "a/b"]
    ),
    min_size=1,
    max_size=4,
).map(" ".join)
SPANS = st.lists(
    st.one_of(
        WORDS,
        WORDS.map("**{}**".format),
        WORDS.map("*{}*".format),
        WORDS.map("**see *{}* too**".format),
        WORDS.map("[{}](https://example.org/a_b)".format),
    ),
    min_size=1,
    max_size=3,
).map(" ".join)


def indented(text: str, by: str) -> str:
    return "\n".join(by + line if line else line for line in text.split("\n"))


def list_of(items: list[str], marks: list[str]) -> str:
    return "\n".join(f"{mark} {item}" for mark, item in zip(marks, items, strict=False))


LISTS = st.one_of(
    st.lists(SPANS, min_size=1, max_size=3).map(lambda i: list_of(i, ["-"] * 3)),
    st.lists(SPANS, min_size=1, max_size=3).map(
        lambda i: list_of(i, ["1.", "2.", "3."])
    ),
    st.tuples(SPANS, SPANS).map(lambda i: f"- {i[0]}\n    - {i[1]}\n- end"),
    st.tuples(SPANS, SPANS).map(lambda i: f"1. {i[0]}\n\n    {i[1]}\n\n2. end"),
)
TABLES = st.tuples(SPANS, SPANS).map(
    lambda i: f"| {i[0]} | b |\n|:---|:---:|\n| c | {i[1]} |"
)
BLOCKS = st.one_of(
    SPANS,
    SPANS.map("## {}".format),
    SPANS.map("### {}".format),
    SPANS.map("> {}".format),
    LISTS,
    LISTS.map(lambda text: indented(text, "> ")),
    TABLES,
)


@st.composite
def allowed(draw: st.DrawFn) -> str:
    """A policy's text; a paragraph stands between blocks, as two lists would merge."""
    return "\n\nThen.\n\n".join(draw(st.lists(BLOCKS, min_size=1, max_size=4))) + "\n"


@settings(deadline=None)
@given(allowed())
def test_the_blocks_have_the_words_of_the_html(markdown: str) -> None:
    """No word is lost, added or moved on the way from HTML to blocks."""
    html = to_html(markdown)
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    assert plain_text(html).split() == root.text_content().split()


@settings(deadline=None)
@given(allowed())
def test_the_checker_allows_what_it_should(markdown: str) -> None:
    """Headings, paragraphs, lists, emphasis, links, quotes and tables are allowed."""
    assert [str(problem) for problem in problems(markdown)] == []


@settings(deadline=None)
@given(allowed())
def test_the_blocks_are_json(markdown: str) -> None:
    """The tree survives JSON as it is."""
    tree = blocks(to_html(markdown))
    assert json.loads(json.dumps(tree)) == tree


def test_every_kind_of_block() -> None:
    """Each kind has the shape that the typesetting reads."""
    markdown = """## A *head*

Soft
line **very *much*** so, see [the **site**](https://example.org).

2. two
3. three

    - nested

> Quoted.

| a | b |
|---|---|
| c | *d* |
"""
    assert blocks(to_html(markdown)) == [
        {
            "kind": "heading",
            "level": 2,
            "spans": [{"text": "A "}, {"text": "head", "emphasis": True}],
        },
        {
            "kind": "paragraph",
            "spans": [
                {"text": "Soft line "},
                {"text": "very ", "strong": True},
                {"text": "much", "strong": True, "emphasis": True},
                {"text": " so, see "},
                {"text": "the ", "href": "https://example.org"},
                {"text": "site", "strong": True, "href": "https://example.org"},
                {"text": "."},
            ],
        },
        {
            "kind": "list",
            "ordered": True,
            "start": 2,
            "items": [
                [{"kind": "paragraph", "spans": [{"text": "two"}]}],
                [
                    {"kind": "paragraph", "spans": [{"text": "three"}]},
                    {
                        "kind": "list",
                        "ordered": False,
                        "items": [
                            [{"kind": "paragraph", "spans": [{"text": "nested"}]}]
                        ],
                    },
                ],
            ],
        },
        {
            "kind": "quote",
            "blocks": [{"kind": "paragraph", "spans": [{"text": "Quoted."}]}],
        },
        {
            "kind": "table",
            "header": [[{"text": "a"}], [{"text": "b"}]],
            "rows": [[[{"text": "c"}], [{"text": "d", "emphasis": True}]]],
        },
    ]


@pytest.mark.parametrize("html", ["<p>a<br>b</p>", "<pre>a</pre>", "<p><!-- a --></p>"])
def test_what_has_no_block_is_refused(html: str) -> None:
    """An element that the typesetting does not know is never dropped in silence."""
    with pytest.raises(PolicyError):
        blocks(html)


def test_nothing_is_no_block() -> None:
    """An empty text has no blocks, no words, and is read in a minute."""
    assert blocks("") == []
    assert plain_text("") == ""
    assert reading_minutes("") == 1


def test_a_no_break_space_stays() -> None:
    """Only the layout of the source is tidied."""
    assert plain_text("<p>Year\u00a08  is\n here </p>") == "Year\u00a08 is here"


def test_version_2_has_the_words_of_the_school() -> None:
    """The rendered text is the school's own, word for word."""
    words = [word for word in SEED.read_text(encoding="utf-8").split() if word != "-"]
    version = read_version(REPOSITORY / "versions" / "2.md")
    brand = f"{version.school} {version.motto} {version.title}".split()
    end = f"Version {version.number} - {version.label}".split()
    assert [word.lower() for word in words[: len(brand)]] == [
        word.lower() for word in brand
    ]
    assert words[-4:] == [word for word in end if word != "-"]
    assert words[len(brand) : -4] == plain_text(to_html(version.body)).split()
    assert reading_minutes(to_html(version.body)) == 9
