"""A release: the draft becomes the next version, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.errors import (
    DraftRefused,
    DraftUnchanged,
    FileNotWritten,
    ReleaseExists,
    ReleaseRefused,
    TextRefused,
    VersionFileError,
)
from signer.policy.draft import read_draft
from signer.policy.finishing import finish_release
from signer.policy.redline import redline_text
from signer.policy.release import prepare_release, write_release
from signer.policy.sums import read_sums
from signer.policy.versions import in_force, read_versions
from signer.text import one_line
from tests.policy.releasing import (
    RELEASED,
    SOURCE,
    edited,
    folder_of_2,
    prepared,
    release_3,
)

if TYPE_CHECKING:
    from pathlib import Path


def told(draft: str, **changed: object) -> list[tuple[int, str]]:
    """What is refused of a draft, each with its line."""
    with pytest.raises(DraftRefused) as refused:
        prepared(draft, **changed)
    return [(one.line, one.what) for one in refused.value.problems]


def line_of(draft: str, words: str) -> int:
    return draft[: draft.index(words)].count("\n") + 1


def test_the_draft_becomes_the_next_version(tmp_path: Path) -> None:
    """Number, dates, label, summary and chain are new; the text is the draft's."""
    folder = folder_of_2(tmp_path / "versions")
    path = release_3(folder)
    version = in_force(read_versions(folder))
    assert path == folder / "3.md"
    assert (version.number, version.label) == (3, "November 2026")
    assert (version.released, version.review_by) == ("2026-11-22", "2027-11")
    assert version.summary == ("One policy has another name.",)
    assert version.previous_sha256 == hashlib.sha256(SOURCE.encode()).hexdigest()
    assert version.body == read_draft(edited()).body
    assert version.declaration == RELEASED[0].declaration
    assert (version.school, version.motto) == (RELEASED[0].school, RELEASED[0].motto)
    assert [one.name for one in sorted(folder.iterdir())] == ["2.md", "3.md"]


def test_what_is_released_is_a_file_like_any_other(tmp_path: Path) -> None:
    """Others may read it, as far as this user's files may be read."""
    path = release_3(folder_of_2(tmp_path / "versions"))
    beside = tmp_path / "versions" / "2.md"
    assert path.stat().st_mode == beside.stat().st_mode


def test_the_first_version_of_all_is_number_1() -> None:
    """Without a version there is none to name, and none to compare with."""
    first = prepared(SOURCE, ())
    assert (first.version.number, first.version.previous_sha256) == (1, None)
    with pytest.raises(VersionFileError):
        _ = first.redline


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Anti-racism Policy\n", "Inclusion Policy\n"),
        ("title: Social Media Code", "title: The Social Media Code"),
        ("  - I agree to follow it.\n", "  - I agree to follow all of it.\n"),
        ("  - I agree to follow it.\n", ""),
    ],
)
def test_any_change_of_what_parents_agree_to_is_a_change(old: str, new: str) -> None:
    """Title and statements are agreed to as the text is."""
    assert prepared(edited(old, new)).version.number == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("motto: Respect, Empower, Thrive", "motto: Respect, Thrive"),
        ("school: My Online Schooling", "school: Our School"),
        ("We ask that parents read this", "We ask that parents\nread this"),
        ("- Behaviour Policy\n", "* Behaviour Policy\n"),
    ],
)
def test_what_shows_no_change_asks_nobody(old: str, new: str) -> None:
    """Other signs, lines or brand words for the same text are no release."""
    with pytest.raises(DraftUnchanged):
        prepared(edited(old, new))


@pytest.mark.parametrize(
    "draft",
    [
        SOURCE,
        SOURCE.replace("\n", "\r\n"),
        "\ufeff" + SOURCE,
        SOURCE.rstrip("\n"),
        SOURCE + "\n\n",
        edited("review_by: 2023-08", "review_by: 2028-01"),
        edited("label: August 2022\n", ""),
        edited("title: Social", "title:   Social"),
    ],
)
def test_an_unchanged_draft_is_refused(draft: str) -> None:
    """Line ends, and what the release replaces, are no change of the text."""
    with pytest.raises(DraftUnchanged) as refused:
        prepared(draft)
    assert refused.value.number == 2


def test_the_redline_shows_statements_as_well_as_text() -> None:
    """A change of one word that parents agree to is never left out."""
    draft = edited().replace("I agree to follow it.", "I agree to obey it.")
    text = redline_text(prepared(draft).redline)
    assert "Inclusion" in text
    assert "obey" in text


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
        found = told(draft)
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
    ("changed", "field", "problem"),
    [
        ({"review_by": "2027"}, "review_by", "needs a month"),
        ({"review_by": "2027-13"}, "review_by", "needs a month"),
        ({"review_by": "2027-11-01"}, "review_by", "needs a month"),
        ({"review_by": "2026-11"}, "review_by", "must be after"),
        ({"review_by": "2025-11"}, "review_by", "must be after"),
        ({"review_by": "2028-12"}, "review_by", "more than 24 months"),
        ({"review_by": "2207-11"}, "review_by", "more than 24 months"),
        ({"released": "2022-07-31"}, "released", "before version 2"),
        ({"released": "tomorrow"}, "released", "needs a day"),
        ({"released": "2026-11-31"}, "released", "needs a day"),
        ({"label": "August 2022"}, "label", "that of an older version"),
        ({"label": " "}, "label", "cannot be kept"),
        ({"label": "a\u202eb"}, "label", "cannot be kept"),
        ({"summary": []}, "summary", "is missing"),
        ({"summary": ["Good.", ""]}, "summary", "cannot be kept"),
        ({"summary": ["x" * 501]}, "summary", "cannot be kept"),
    ],
)
def test_values_that_look_like_slips_are_refused(
    changed: dict[str, object], field: str, problem: str
) -> None:
    """Each is named, with what is wrong."""
    with pytest.raises(ReleaseRefused) as refused:
        prepared(edited(), **changed)
    assert (refused.value.field, problem in refused.value.problem) == (field, True)


AWKWARD = st.text(
    st.sampled_from("ab1 :#-'\"\\[]{}&*!|>%@`?,~=\u00e9\u738b\U0001f469"), max_size=20
)


@given(sentence=AWKWARD, title=AWKWARD)
def test_every_sentence_survives_the_front_matter(sentence: str, title: str) -> None:
    """Colons, hashes and quotes come back as they were given."""
    try:
        wanted = one_line("summary", sentence), one_line("label", title)
    except TextRefused:
        return
    try:
        version = prepared(edited(), summary=[sentence], label=title).version
    except ReleaseRefused as refused:
        if "that is to be published" not in refused.problem:
            raise
        return
    assert (version.summary[0], version.label) == wanted


def test_a_release_never_replaces_another(tmp_path: Path) -> None:
    """Of two at once the second is refused, and the first stays as it is."""
    folder = folder_of_2(tmp_path / "versions")
    before = release_3(folder).read_bytes()
    other = prepared(edited("Anti-racism Policy\n", "Another Policy\n"))
    with pytest.raises(ReleaseExists) as refused:
        write_release(folder, other)
    assert refused.value.path == str(folder / "3.md")
    assert (folder / "3.md").read_bytes() == before
    assert {one.name for one in folder.iterdir()} == {"2.md", "3.md"}


def test_a_full_disk_leaves_no_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that did not reach the disk never get the name of a version."""

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = folder_of_2(tmp_path / "versions")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileNotWritten, match="No space left"):
        release_3(folder)
    assert [one.name for one in folder.iterdir()] == ["2.md"]


def test_what_a_stopped_release_left_is_ignored_and_cleaned(tmp_path: Path) -> None:
    """Half a file is no version, and is gone after the next release."""
    folder = folder_of_2(tmp_path / "versions")
    left = folder / ".3.md.4711.part"
    left.write_bytes(b"---\nversion: 3\nti")
    assert len(read_versions(folder)) == 1
    release_3(folder)
    assert {one.name for one in folder.iterdir()} == {"2.md", "3.md"}


def test_finishing_lists_the_release_and_levels_the_draft(tmp_path: Path) -> None:
    """Afterwards the list is what sha256sum would write, and the draft is equal."""
    folder = folder_of_2(tmp_path / "versions")
    draft = tmp_path / "draft.md"
    draft.write_text(edited(), encoding="utf-8")
    version = prepared(edited()).version
    release_3(folder)
    assert finish_release(folder, draft) is True
    assert draft.read_bytes() == version.source
    assert read_sums(folder) == {
        "2.md": RELEASED[0].sha256,
        "3.md": version.sha256,
    }
    assert finish_release(folder, draft) is False


@pytest.mark.parametrize("text", [edited(new="A new edit\n"), "no draft at all", None])
def test_finishing_leaves_a_newer_draft_alone(tmp_path: Path, text: str | None) -> None:
    """What was edited since the release is not lost."""
    folder = folder_of_2(tmp_path / "versions")
    draft = tmp_path / "draft.md"
    if text is not None:
        draft.write_text(text, encoding="utf-8")
    release_3(folder)
    finish_release(folder, draft)
    assert (draft.read_text(encoding="utf-8") if draft.exists() else None) == text


def test_releases_follow_one_another(tmp_path: Path) -> None:
    """A draft that was levelled is edited and released again."""
    folder = folder_of_2(tmp_path / "versions")
    draft = tmp_path / "draft.md"
    draft.write_text(edited(), encoding="utf-8")
    for number in (3, 4, 5):
        text = draft.read_text(encoding="utf-8") + f"\nPoint {number}.\n"
        release = prepare_release(
            text,
            read_versions(folder),
            summary=[f"Point {number}."],
            label=f"Release {number}",
            released="2026-11-22",
            review_by="2027-11",
        )
        draft.write_text(text, encoding="utf-8")
        write_release(folder, release)
        finish_release(folder, draft)
    assert [one.number for one in read_versions(folder)] == [2, 3, 4, 5]
    assert len(read_sums(folder)) == 4
