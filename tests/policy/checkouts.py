"""Temporary git checkouts with released versions in them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from signer.policy.sha256sums import list_releases
from signer.policy.versions import read_versions
from tests.policy.releasing import SOURCE, folder_of_2

if TYPE_CHECKING:
    from pathlib import Path

NAMED = {
    "GIT_AUTHOR_NAME": "Head", "GIT_AUTHOR_EMAIL": "head@example.org",
    "GIT_COMMITTER_NAME": "Head", "GIT_COMMITTER_EMAIL": "head@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
}  # fmt: skip
"""Who commits, whatever this machine has been told."""


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | NAMED,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def commit(folder: Path, message: str = "A commit") -> str:
    """Commit everything; gives the commit's id."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD").strip()


def new_checkout(folder: Path) -> Path:
    """A checkout in which version 2 is released and the draft is equal to it."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    versions = folder_of_2(folder / "versions")
    list_releases(versions, read_versions(versions))
    (folder / "docs").mkdir()
    (folder / "docs" / "code-of-conduct.md").write_text(SOURCE, encoding="utf-8")
    (folder / ".gitattributes").write_text("versions/* -text\n", encoding="utf-8")
    commit(folder, "Release version 2")
    return folder
