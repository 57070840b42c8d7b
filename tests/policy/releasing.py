"""Drafts and releases to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from signer.policy.release.prepare import Prepared, prepare_release, write_release
from signer.policy.versions import read_versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signer.policy.versions import Version

REPOSITORY = Path(__file__).parent.parent.parent
RELEASED = read_versions(REPOSITORY / "versions")[:1]
"""Version 2 alone, whatever has been released since."""

SOURCE = RELEASED[0].source.decode()


REVIEWED = "The next scheduled review date for this document is August 2023."
"""What version 2 says of its review."""

TO_REVIEW = "The next scheduled review date for this document is on its page."
"""What the drafts of most tests say instead: it is true of each release."""


def with_edit(old: str, new: str) -> str:
    """The text of version 2 with one edit."""
    assert old in SOURCE
    return SOURCE.replace(old, new, 1)


def edited(old: str = "Anti-racism Policy\n", new: str = "Inclusion Policy\n") -> str:
    """The text of version 2 as a draft, with one edit and no month of a review."""
    return with_edit(old, new).replace(REVIEWED, TO_REVIEW, 1)


def prepared(
    draft: str, versions: Sequence[Version] = RELEASED, **changed: object
) -> Prepared:
    """A release as it is in most tests."""
    given: dict[str, Any] = {
        "summary": ["One policy has another name."],
        "label": "November 2026",
        "released": "2026-11-22",
        "review_by": "2027-11",
    }
    return prepare_release(draft, versions, **{**given, **changed})


def folder_of_2(folder: Path) -> Path:
    """A folder of versions that holds version 2 alone."""
    folder.mkdir()
    (folder / "2.md").write_text(SOURCE, encoding="utf-8")
    return folder


def release_3(folder: Path) -> Path:
    """Version 3, released into a folder that holds version 2."""
    return write_release(folder, prepared(edited()))
