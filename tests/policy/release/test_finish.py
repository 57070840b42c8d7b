"""Finishing a release: the list of releases and the draft follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.policy.release.finish import finish_release
from signer.policy.release.prepare import prepare_release, write_release
from signer.policy.sha256sums import read_sums
from signer.policy.versions import read_versions
from tests.policy.releasing import (
    RELEASED,
    edited,
    folder_of_2,
    prepared,
    release_3,
)

if TYPE_CHECKING:
    from pathlib import Path


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
