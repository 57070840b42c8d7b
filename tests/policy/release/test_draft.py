"""What may not stand in a draft: each slip is told, with its line."""

from __future__ import annotations

from typing import Any

import pytest

from signer.errors import DraftRefused, ReleaseRefused
from tests.policy.releasing import SOURCE, edited, prepared


def told(draft: str, **changed: Any) -> list[tuple[int, str]]:
    """What is refused of a draft, each with its line."""
    with pytest.raises(DraftRefused) as refused:
        prepared(draft, **changed)
    return [(one.line, one.what) for one in refused.value.problems]


def line_of(draft: str, words: str) -> int:
    return draft[: draft.index(words)].count("\n") + 1


def test_everything_wrong_is_told_at_once_with_the_line_of_the_draft() -> None:
    """The headteacher mends them in one go, from top to bottom."""
    draft = edited("## Purpose\n", "## Purpose\n\nTODO\n").replace(
        "- Complaints Procedure Policy", "- `Complaints`\n- <b>Procedure</b> Policy"
    )
    assert told(draft) == [
        (line_of(draft, "TODO"), '"TODO" in a text that is to be published'),
        (line_of(draft, "`Complaints`"), "code"),
        (line_of(draft, "<b>"), "raw HTML"),
    ]


@pytest.mark.parametrize(
    "words",
    [
        "TODO",
        "todo: ask Anna",
        "FIXME",
        "XXX",
        "xxxx",
        "Lorem ipsum dolor",
        "The lorem",
        "Really???",
        "TBC",
        "TBD",
        "[insert name]",
    ],
)
def test_unfinished_words_are_refused(words: str) -> None:
    """What no one means to publish is found in the text, title and statements."""
    for old, new in (
        ("## Purpose\n", f"## Purpose\n\nA sentence. {words}\n"),
        ("title: Social", f'title: "Social {words}'),
        ("  - I agree to follow it.", f'  - "I agree. {words}"'),
    ):
        draft = edited(old, new)
        if old.startswith("title"):
            draft = draft.replace("Parents and Carers\n", 'Parents and Carers"\n', 1)
        # Another title, and the old one in the text, is a slip of its own.
        found = [one for one in told(draft) if "the title" not in one[1]]
        assert [line for line, _ in found] == [line_of(draft, words)], found
    with pytest.raises(ReleaseRefused) as refused:
        prepared(edited(), summary=["Good.", f"Better. {words}"])
    assert refused.value.field == "summary"
    with pytest.raises(ReleaseRefused) as refused:
        prepared(edited(), label=words)
    assert refused.value.field == "label"


@pytest.mark.parametrize(
    "words",
    [
        "What is there to do?",
        "The mastodon",
        "Why??",
        "XX and XL",
        "Insert a coin",
        "Explore",
        "He said [what](https://example.org) he meant",
    ],
)
def test_ordinary_words_are_not_taken_for_mistakes(words: str) -> None:
    """The check stays out of the way of good sentences."""
    draft = edited("## Purpose\n", f"## Purpose\n\n{words}.\n")
    assert words in prepared(draft).version.body


@pytest.mark.parametrize(
    ("mark", "place"),
    [
        ("<<<<<<< HEAD", "## Purpose\n"),
        ("=======", "## Purpose\n"),
        (">>>>>>> theirs", "## Purpose\n"),
        ("||||||| base", "## Purpose\n"),
        ("<<<<<<< HEAD", "label: August 2022\n"),
        ("=======", "summary:\n"),
    ],
)
def test_marks_of_a_merge_are_refused(mark: str, place: str) -> None:
    """Two texts side by side are found wherever they stand, and named first."""
    draft = edited(place, f"{place}{mark}\n")
    found = told(draft)
    assert found[0] == (
        line_of(draft, mark),
        f'"{mark[:7]}" in a text that is to be published',
    )


@pytest.mark.parametrize(
    "statement",
    [
        "I agree to version 2.",
        "I have read Version 4 of it.",
        "This is version number 13.",
        "It is version no. 2.",
    ],
)
def test_a_statement_names_no_other_version(statement: str) -> None:
    """A number left over from the version before is not agreed to."""
    draft = edited("I agree to follow it.", statement)
    ((line, what),) = told(draft)
    assert line == line_of(draft, statement)
    assert what.endswith("in a statement of version 3")


def test_a_statement_may_name_its_own_version() -> None:
    """The number of the version to be is right."""
    draft = edited("I agree to follow it.", "I agree to version 3.")
    assert prepared(draft).version.declaration[1] == "I agree to version 3."


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("title: Social", "tittle: Social", "it states tittle, which no version has"),
        ("  - I agree to follow it.", "  - I agree: all.", "more than plain text"),
        ("  - I agree to follow it.", "  - I agree. #1", "a # that hides"),
        ("  - I agree to follow it.", "  - My typed name is my signature.", "twice"),
        ("title: Social", "title: [Social", "not YAML"),
        ("---\nversion: 2", "version: 2", "does not begin with front matter"),
    ],
)
def test_a_slip_in_the_lines_at_the_top_is_told(old: str, new: str, what: str) -> None:
    """With the line, so that it can be found by somebody who knows no YAML."""
    draft = edited(old, new)
    ((line, found),) = told(draft)
    assert what in found
    assert 1 <= line <= draft.index("## Purpose")


def test_a_draft_without_text_is_refused() -> None:
    """Nothing is not the next version."""
    assert told(SOURCE[: SOURCE.index("## Purpose")])[0][1] == "there is no text"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("title: Social", "title: Social\u00a0", "a no-break space, U+00A0"),
        ("title: Social", "title: S\u043ecial", "letters of two alphabets"),
        ("I agree to follow it.", "I agree to **follow** it.", 'the mark "**"'),
        ("  - I agree", "\u00a0 - I agree", "a no-break space, U+00A0"),
    ],
)
def test_what_is_pasted_into_the_lines_at_the_top_is_told(
    old: str, new: str, what: str
) -> None:
    """Titles and statements are held to the same as the text."""
    draft = edited(old, new)
    ((line, found),) = told(draft)
    assert (line, what in found) == (line_of(draft, new), True), found


def test_a_sentence_of_the_summary_has_no_marks() -> None:
    """It is shown as it is."""
    with pytest.raises(ReleaseRefused, match="shown as they are"):
        prepared(edited(), summary=["This is **new**."])
