"""A draft's file: what is written reads as it was given."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signer.errors import DraftRefused
from signer.policy.release.draft import read_draft
from signer.policy.release.source import (
    DraftText,
    split_draft,
    tidy_body,
    write_draft,
)

LINES = st.lists(
    st.sampled_from(
        [
            "a",
            "\u2019",
            "“q”",
            ": ",
            " #",
            "- ",
            "王",
            "\u200f",
            "no",
            "010",
            '"',
            "'",
            "{",
            "|",
        ]
    ),
    min_size=1,
    max_size=6,
).map(lambda parts: " ".join("".join(parts).split()) or "x")
BODIES = st.lists(
    st.sampled_from(["---", "## H", "", "title: x", "- a", " b", "\r", "e\u0301"]),
    max_size=8,
).map(lambda lines: tidy_body("\r\n".join(lines)))


@settings(deadline=None)
@given(LINES, st.lists(LINES, max_size=3), st.lists(LINES, max_size=3), BODIES)
def test_every_field_comes_back(
    title: str, declaration: list[str], summary: list[str], body: str
) -> None:
    """Whatever YAML or Markdown means by its signs."""
    draft = DraftText(title, tuple(declaration), body, tuple(summary), "2027-11")
    assert split_draft(write_draft(draft), path="x") == draft


def test_a_draft_with_nothing_in_it_can_be_read_again() -> None:
    """Somebody who has cleared every box still gets their form back."""
    nothing = DraftText("", (), "")
    assert split_draft(write_draft(nothing), path="x") == nothing


def test_a_release_reads_what_is_written() -> None:
    """The reader of releases finds the same words."""
    draft = DraftText("A: “b” # c", ("I agree: yes.",), "## H\n\nWords.\n")
    read = read_draft(write_draft(draft))
    assert (read.title, read.declaration, read.body) == (
        draft.title,
        draft.declaration,
        draft.body,
    )


def test_a_file_without_front_matter_is_refused() -> None:
    """With the line, and what to do."""
    with pytest.raises(DraftRefused) as refused:
        split_draft("## H\n", path="x")
    assert refused.value.problems[0].line == 1


def test_a_body_is_tidied_the_same_twice() -> None:
    """Line ends, accents and empty lines around it."""
    once = tidy_body("\n\r\ne\u0301\r\nb\rc\0\n\n")
    assert once == "\u00e9\nb\nc\n"
    assert tidy_body(once) == once
    assert tidy_body("\n\n") == ""
