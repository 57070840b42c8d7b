"""No version of this project that was released is ever changed, renamed or removed."""

from __future__ import annotations

from signer.policy.release.git import checkout_of
from signer.policy.release.immutability import check_immutable
from signer.policy.versions import read_versions
from tests.conftest import REPOSITORY

VERSIONS = REPOSITORY / "versions"


def test_no_release_was_ever_changed_renamed_or_removed() -> None:
    """Files, list and every commit agree; without git, files and list do.

    A shallow clone fails here, and says what to do.
    """
    checked = check_immutable(VERSIONS)
    assert checked.releases == len(read_versions(VERSIONS)) > 0
    assert (checked.commits is None) is (checkout_of(VERSIONS) is None)


def test_git_leaves_the_bytes_of_versions_alone() -> None:
    """On no system does git change their line ends."""
    attributes = (REPOSITORY / ".gitattributes").read_text(encoding="utf-8")
    assert "versions/* -text\n" in attributes
