"""A release: the draft becomes the next version, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.errors import (
    DraftUnchanged,
    FileNotWritten,
    ReleaseExists,
    ReleaseRefused,
    TextRefused,
)
from signer.policy.release.draft import read_draft
from signer.policy.release.prepare import write_release
from signer.policy.versions import in_force, read_versions
from signer.redline.text import redline_text
from signer.user_text import one_line
from tests.policy.releasing import (
    RELEASED,
    REVIEWED,
    SOURCE,
    TO_REVIEW,
    edited,
    folder_of_2,
    prepared,
    release_3,
    with_edit,
)

if TYPE_CHECKING:
    from pathlib import Path


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
    first = prepared(SOURCE.replace(REVIEWED, TO_REVIEW), ())
    assert (first.version.number, first.version.previous_sha256) == (1, None)
    assert first.redline is None


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
        prepared(with_edit(old, new))


@pytest.mark.parametrize(
    "draft",
    [
        SOURCE,
        SOURCE.replace("\n", "\r\n"),
        "\ufeff" + SOURCE,
        SOURCE.rstrip("\n"),
        SOURCE + "\n\n",
        with_edit("review_by: 2023-08", "review_by: 2028-01"),
        with_edit("label: August 2022\n", ""),
        with_edit("title: Social", "title:   Social"),
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
    changes = prepared(draft).redline
    assert changes is not None
    text = redline_text(changes)
    assert "Inclusion" in text
    assert "obey" in text


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
        ({"sign_by": "2026-11-22"}, "sign_by", "needs a day after 2026-11-22"),
        ({"sign_by": "2026-12"}, "sign_by", "needs a day after 2026-11-22"),
        ({"sign_by": "soon"}, "sign_by", "needs a day after 2026-11-22"),
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
    changed: dict[str, Any], field: str, problem: str
) -> None:
    """Each is named, with what is wrong."""
    with pytest.raises(ReleaseRefused) as refused:
        prepared(edited(), **changed)
    assert (refused.value.field, problem in refused.value.problem) == (field, True)


def test_a_release_names_a_deadline_where_it_is_given_one() -> None:
    """Without one its file says nothing of it, as every file of before."""
    version = prepared(edited(), sign_by="2026-12-18").version
    assert version.sign_by == "2026-12-18"
    assert b"\nsign_by: 2026-12-18\n" in version.source
    without = prepared(edited()).version
    assert without.sign_by == ""
    assert b"sign_by" not in without.source
    assert version.source.replace(b"sign_by: 2026-12-18\n", b"") == without.source


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
        if not refused.problem.startswith("holds "):
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
