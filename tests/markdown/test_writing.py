"""What is written from a tree of blocks is shown as that tree."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.markdown.rules import problems
from signer.markdown.writing import write_blocks
from tests.markdown.test_blocks import SEED

WORDS = st.lists(
    st.sampled_from(
        ["policy", "A*", "*", "_x_", "a_b", "\\", "#1", "(b)", "2.", "王小明\u2019s"]
    ),
    min_size=1,
    max_size=4,
).map(" ".join)
MARKS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"strong": True}, {"emphasis": True}, {"href": "https://school.example/a_b"}]
)
SPANS = st.lists(
    st.tuples(WORDS, MARKS).map(lambda one: {"text": one[0], **one[1]}),
    min_size=1,
    max_size=3,
)
PARAGRAPHS = SPANS.map(lambda spans: {"kind": "paragraph", "spans": spans})


def list_of(items: list[list[dict[str, Any]]], start: int) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": "list", "ordered": bool(start), "items": items}
    return made | ({"start": start} if start else {})


POINTS = st.recursive(
    st.lists(PARAGRAPHS, min_size=1, max_size=2),
    lambda inner: st.tuples(
        PARAGRAPHS,
        st.builds(
            list_of,
            st.lists(inner, min_size=1, max_size=3),
            st.sampled_from([0, 1, 3]),
        ),
    ).map(list),
    max_leaves=6,
)
LISTS = st.builds(
    list_of, st.lists(POINTS, min_size=1, max_size=3), st.sampled_from([0, 1, 7])
)
TABLES = st.tuples(SPANS, SPANS).map(
    lambda cells: {
        "kind": "table",
        "header": [cells[0], []],
        "rows": [[cells[1], [{"text": "a|b"}]]],
    }
)
HEADINGS = st.builds(
    lambda level, text: {"kind": "heading", "level": level, "spans": [{"text": text}]},
    st.integers(2, 6),
    WORDS,
)
QUOTES = st.lists(PARAGRAPHS, min_size=1, max_size=2).map(
    lambda inside: {"kind": "quote", "blocks": inside}
)


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(HEADINGS, PARAGRAPHS, LISTS, PARAGRAPHS, TABLES, QUOTES).flatmap(
        st.permutations
    )
)
def test_every_tree_keeps_its_words_and_shape(tree: list[dict[str, Any]]) -> None:
    """Whatever signs are in it: no word is lost, and no block becomes another."""
    shown = blocks(to_html(write_blocks(tree)))
    assert _bare(shown) == _bare(tree)


def _bare(value: Any) -> Any:
    """A tree without marks: its spans are the words that they make."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        if "text" in value[0]:
            return "".join(one["text"] for one in value)
        return [_bare(one) for one in value]
    if isinstance(value, list):
        return [_bare(one) for one in value] or ""
    if isinstance(value, dict):
        return {key: _bare(one) for key, one in value.items()}
    return value


def test_the_first_text_is_written_as_it_is() -> None:
    """A text that a release takes comes back with every sign."""
    body = SEED.read_text(encoding="utf-8")
    tree = blocks(to_html(body))
    assert blocks(to_html(write_blocks(tree))) == tree
    assert problems(write_blocks(tree)) == []


@pytest.mark.parametrize(
    ("spans", "written"),
    [
        ([{"text": "A* or 2 * 3"}], r"A\* or 2 \* 3"),
        ([{"text": "# 1"}], r"\# 1"),
        ([{"text": "1. One"}], r"1\. One"),
        ([{"text": "- x"}], r"\- x"),
        ([{"text": "[a](b)"}], r"\[a](b)"),
        ([{"text": "Name ____"}], "Name ____"),
        ([{"text": "x ", "strong": True}, {"text": "y"}], "**x** y"),
        (
            [
                {"text": "a ", "strong": True},
                {"text": "b", "href": "mailto:a@b.example"},
            ],
            "**a** [b](mailto:a@b.example)",
        ),
    ],
)
def test_signs_are_written_as_they_are_shown(
    spans: list[dict[str, Any]], written: str
) -> None:
    """A sign of Markdown that stands for itself has a backslash, where it needs one."""
    assert write_blocks([{"kind": "paragraph", "spans": spans}]) == f"{written}\n"
