"""The upgrade of one command, in a clone with a program that logs what it is told."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT = Path(__file__).parents[2] / "deploy" / "upgrade"
PROGRAM = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
[ "$1" != backup ] || echo copy > "$2"
[ "$(basename "$0") $1 $2" != "$FAILS" ]
"""

Done = subprocess.CompletedProcess[str]


def git(folder: Path, *arguments: str) -> str:
    names = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    command = ["git", "-C", str(folder), *names, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, text: str) -> str:
    (folder / "release").write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", text)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """Where releases come from; it holds one, with the script."""
    folder = tmp_path / "upstream"
    (folder / "deploy").mkdir(parents=True)
    shutil.copy(SCRIPT, folder / "deploy")
    (folder / ".gitignore").write_text(".venv/\n")
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(folder))
    commit(folder, "first")
    return folder


@pytest.fixture
def checkout(upstream: Path, tmp_path: Path) -> Path:
    """A checkout that serves. Instead of pip and signer it has what logs its words."""
    folder = tmp_path / "checkout"
    git(tmp_path, "clone", "--quiet", str(upstream), str(folder))
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("pip", "signer", "restart"):
        (programs / name).write_text(PROGRAM)
        (programs / name).chmod(0o755)
    return folder


@pytest.fixture
def upgrade(checkout: Path, tmp_path: Path) -> Callable[..., tuple[Done, list[str]]]:
    """Runs the script; gives how it ended, and what was called."""
    calls = tmp_path / "calls"

    def run(*arguments: str, fails: str = "") -> tuple[Done, list[str]]:
        calls.write_text("")
        done = subprocess.run(
            ["sh", str(checkout / "deploy" / "upgrade"), *arguments],
            env={
                **os.environ,
                "CALLS": str(calls),
                "FAILS": fails,
                "BACKUPS": str(tmp_path / "backups"),
                "RESTART": f"{checkout}/.venv/bin/restart both of them",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return done, [line.split(" /")[0] for line in calls.read_text().splitlines()]

    return run


STEPS = [
    "signer backup",
    "pip install --quiet --require-hashes --requirement requirements/service.txt",
    "pip install --quiet --no-deps --no-build-isolation --editable .",
    "signer db upgrade",
    "signer versions check",
    "restart both of them",
]


def test_it_takes_the_newest_release_and_says_how_to_go_back(
    upstream: Path,
    checkout: Path,
    upgrade: Callable[..., tuple[Done, list[str]]],
    tmp_path: Path,
) -> None:
    """Backup first, restart last; going back is the same command with a commit."""
    first = git(checkout, "rev-parse", "HEAD")
    second = commit(upstream, "second")
    done, calls = upgrade()
    assert done.returncode == 0, done.stderr
    assert calls == STEPS
    assert git(checkout, "rev-parse", "HEAD") == second
    assert f"deploy/upgrade {first}" in done.stdout
    assert len(list((tmp_path / "backups").glob("before-*.backup"))) == 1
    done, calls = upgrade(first)
    assert (done.returncode, calls) == (0, STEPS)
    assert git(checkout, "rev-parse", "HEAD") == first


def test_it_is_safe_to_repeat(
    upstream: Path, checkout: Path, upgrade: Callable[..., tuple[Done, list[str]]]
) -> None:
    """What stopped in the middle is named; the same command goes on to the end."""
    second = commit(upstream, "second")
    done, calls = upgrade(fails="signer db upgrade")
    assert done.returncode != 0
    assert calls == STEPS[:4]
    assert "stopped at the database" in done.stderr
    assert "To go back instead: deploy/upgrade " in done.stderr
    done, calls = upgrade()
    assert (done.returncode, calls) == (0, STEPS)
    assert git(checkout, "rev-parse", "HEAD") == second


def test_without_a_backup_nothing_is_changed(
    upstream: Path, checkout: Path, upgrade: Callable[..., tuple[Done, list[str]]]
) -> None:
    """Neither the files nor the packages."""
    first = git(checkout, "rev-parse", "HEAD")
    commit(upstream, "second")
    (checkout / ".venv" / "bin" / "signer").write_text("#!/bin/sh\nexit 1\n")
    done, calls = upgrade()
    assert done.returncode != 0
    assert calls == []
    assert git(checkout, "rev-parse", "HEAD") == first
    assert "stopped at the backup" in done.stderr


def test_changes_that_are_not_committed_stop_it(
    checkout: Path, upgrade: Callable[..., tuple[Done, list[str]]]
) -> None:
    """They are named, and nothing is run."""
    (checkout / "release").write_text("edited here")
    done, calls = upgrade()
    assert done.returncode == 1
    assert calls == []
    assert "release" in done.stderr
