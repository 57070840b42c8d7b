"""Git repositories of tests: a checkout, and the bare one that it is pushed to."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *words: str) -> str:
    """What git prints in a folder."""
    done = subprocess.run(
        ["git", "-C", str(folder), *words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def introduce(folder: Path, name: str = "Ada Lee") -> None:
    """Tell git whose commits are made in a folder."""
    git(folder, "config", "user.name", name)
    git(folder, "config", "user.email", "ada@school.example")


def put_under_git(folder: Path) -> None:
    """Make a folder a checkout in which what it holds is committed."""
    git(folder, "init", "-q", "-b", "main")
    introduce(folder)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "Begin")


def add_remote(folder: Path, bare: Path) -> None:
    """Give a checkout a bare repository as its ``origin``, with all that it has."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True)
    git(folder, "remote", "add", "origin", str(bare))
    git(folder, "push", "-q", "-u", "origin", "main")


def push_of_another(bare: Path, clone: Path, subject: str) -> str:
    """Let somebody else push a commit; gives its id (hex)."""
    subprocess.run(["git", "clone", "-q", str(bare), str(clone)], check=True)
    introduce(clone, "Ben Lee")
    git(clone, "commit", "-q", "--allow-empty", "-m", subject)
    git(clone, "push", "-q")
    return git(clone, "rev-parse", "HEAD")
