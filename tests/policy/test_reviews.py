"""Reviews without change: recorded once, in order, and whole at every moment."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.errors import (
    FileNotWritten,
    ReleaseRefused,
    TextRefused,
    VersionFileError,
)
from signer.policy.reviews import Review, read_reviews, record_review
from signer.policy.versions import read_versions
from signer.user_text import one_line
from tests.policy.releasing import folder_of_2

if TYPE_CHECKING:
    from pathlib import Path

FIRST = Review("2026-11-22", 2, "Executive Headteacher", "2027-08")
GOOD = """\
[[review]]
reviewed = "2026-11-22"
version = 2
by = "Executive Headteacher"
next = "2027-08"
"""


def changed(**fields: object) -> Review:
    given: dict[str, Any] = {
        "reviewed": "2026-11-22",
        "version": 2,
        "by": "Executive Headteacher",
        "next": "2027-08",
    }
    return Review(**{**given, **fields})


def test_no_file_is_no_review(tmp_path: Path) -> None:
    """A school that has only released has no record of reviews."""
    assert read_reviews(tmp_path) == ()


def test_a_review_is_recorded_as_it_is_documented(tmp_path: Path) -> None:
    """The file can be read, and written, by hand."""
    record_review(tmp_path, FIRST)
    assert (tmp_path / "reviews.toml").read_text(encoding="utf-8") == GOOD
    assert read_reviews(tmp_path) == (FIRST,)


def test_reviews_are_added_and_older_ones_stay(tmp_path: Path) -> None:
    """The record is only added to, the oldest first."""
    later = changed(reviewed="2027-08-01", next="2028-08")
    of_3 = changed(reviewed="2027-09-01", version=3, next="2028-09")
    for review in (FIRST, later, of_3):
        record_review(tmp_path, review)
    assert read_reviews(tmp_path) == (FIRST, later, of_3)
    assert (tmp_path / "reviews.toml").read_text(encoding="utf-8").startswith(GOOD)


def test_the_same_review_is_recorded_once(tmp_path: Path) -> None:
    """Typing the command again, after a doubt whether it worked, does no harm."""
    record_review(tmp_path, FIRST)
    record_review(tmp_path, FIRST)
    assert read_reviews(tmp_path) == (FIRST,)


def test_the_record_is_no_version(tmp_path: Path) -> None:
    """Reviews stand beside the released versions and are passed over as such."""
    folder = folder_of_2(tmp_path / "versions")
    record_review(folder, FIRST)
    assert [one.number for one in read_versions(folder)] == [2]


@pytest.mark.parametrize(
    ("review", "field"),
    [
        (changed(next="2026-11"), "next"),
        (changed(next="2026-10"), "next"),
        (changed(next="2028-12"), "next"),
        (changed(next="soon"), "next"),
        (changed(by=""), "by"),
        (changed(by="a\u202eb"), "by"),
        (changed(by="a  b"), "by"),
        (changed(reviewed="2026-11-21"), "reviewed"),
        (changed(version=1, reviewed="2026-12-01"), "reviewed"),
    ],
)
def test_slips_are_refused_and_nothing_is_written(
    tmp_path: Path, review: Review, field: str
) -> None:
    """A month, a name or an order that cannot be is named."""
    record_review(tmp_path, FIRST)
    with pytest.raises(ReleaseRefused) as refused:
        record_review(tmp_path, review)
    assert refused.value.field == field
    assert (tmp_path / "reviews.toml").read_text(encoding="utf-8") == GOOD


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[[reviews]]\n",
        "review = 1\n",
        "review = [1]\n",
        GOOD.replace("version = 2", 'version = "2"'),
        GOOD.replace("version = 2", "version = true"),
        GOOD.replace("version = 2\n", ""),
        GOOD + 'note = "x"\n',
        GOOD.replace("2026-11-22", "2026-11-31"),
        GOOD.replace("2027-08", "2027-00"),
        GOOD.replace("Executive Headteacher", ""),
        GOOD.replace("Executive Headteacher", "a\\u202Eb"),
        GOOD.replace("[[review]]", "[[review]"),
        GOOD + GOOD.replace("2026-11-22", "2026-11-21"),
        GOOD + "\n[other]\n",
    ],
)
def test_an_odd_record_is_refused(tmp_path: Path, content: str) -> None:
    """What the program did not write is not guessed at, and never written over."""
    path = tmp_path / "reviews.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(VersionFileError) as refused:
        read_reviews(tmp_path)
    assert refused.value.path == str(path)
    with pytest.raises(VersionFileError):
        record_review(tmp_path, changed(reviewed="2027-01-01"))
    assert path.read_text(encoding="utf-8") == content


def test_a_record_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A folder in its place, or bytes of another encoding."""
    path = tmp_path / "reviews.toml"
    path.write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(VersionFileError, match="UTF-8"):
        read_reviews(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(VersionFileError, match="cannot be read"):
        read_reviews(tmp_path)


@given(
    by=st.text(st.sampled_from("ab \"'\\#=[]\n\t\u00e9\u738b\U0001f469"), max_size=20)
)
def test_every_name_comes_back(
    tmp_path_factory: pytest.TempPathFactory, by: str
) -> None:
    """Quotes and backslashes in who reviewed are kept."""
    folder = tmp_path_factory.mktemp("reviews")
    try:
        by = one_line("by", by)
    except TextRefused:
        return
    record_review(folder, changed(by=by))
    assert read_reviews(folder) == (changed(by=by),)


def test_a_full_disk_keeps_the_record_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new record takes the old one's place only when it has reached the disk."""

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    record_review(tmp_path, FIRST)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileNotWritten, match="No space left"):
        record_review(tmp_path, changed(reviewed="2026-11-23"))
    assert [one.name for one in tmp_path.iterdir()] == ["reviews.toml"]
    assert read_reviews(tmp_path) == (FIRST,)
