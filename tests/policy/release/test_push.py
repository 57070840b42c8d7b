"""Pushing to a remote repository: nothing of others is lost, and nothing waits."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from signer.errors import PushRefusal, PushRefused
from signer.policy.release import push as pushing
from signer.policy.release.git import checkout_of, without_password
from signer.policy.release.push import (
    Remote,
    commits_of_others,
    is_unpushed,
    push,
    remote_of,
)
from tests.policy.git_repositories import (
    add_remote,
    git,
    push_of_another,
    put_under_git,
)

if TYPE_CHECKING:
    from pathlib import Path

    from signer.policy.release.git import Checkout

MAIN = Remote("origin", "main", "main")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout with one file, and ``origin`` beside it."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "2.md").write_text("Two.\n")
    put_under_git(folder)
    add_remote(folder, tmp_path / "origin.git")
    return folder


@pytest.fixture
def checkout(folder: Path) -> Checkout:
    """The checkout, with a commit that is not pushed."""
    (folder / "3.md").write_text("Three.\n")
    git(folder, "add", "3.md")
    git(folder, "commit", "-qm", "Release version 3")
    found = checkout_of(folder)
    assert found
    return found


def test_a_commit_is_pushed_to_where_its_branch_belongs(
    folder: Path, checkout: Checkout
) -> None:
    """Afterwards the remote has it, and nothing is left to push."""
    assert remote_of(checkout) == MAIN
    assert is_unpushed(checkout, MAIN, [folder / "3.md"])
    assert not is_unpushed(checkout, MAIN, [folder / "2.md"])
    push(checkout, MAIN)
    assert not is_unpushed(checkout, MAIN, [folder / "3.md"])
    bare = folder.parent / "origin.git"
    assert git(bare, "show", "main:3.md") == "Three."


def test_what_somebody_else_pushed_is_fetched_and_never_merged(
    folder: Path, checkout: Checkout
) -> None:
    """Theirs stays there and ours here; it is named, and tried again once merged."""
    bare, before = folder.parent / "origin.git", git(folder, "rev-parse", "HEAD")
    theirs = push_of_another(bare, folder.parent / "clone", "Correct a date")
    for _ in range(2):
        with pytest.raises(PushRefused) as caught:
            push(checkout, MAIN)
        assert caught.value.kind is PushRefusal.AHEAD
        assert "rejected" in caught.value.said
    assert git(bare, "rev-parse", "main") == theirs
    assert git(folder, "rev-parse", "HEAD") == before
    (other,) = commits_of_others(checkout, MAIN)
    assert (theirs.startswith(other.id), other.subject) == (True, "Correct a date")
    git(folder, "merge", "-q", "--no-edit", "origin/main")
    push(checkout, MAIN)
    assert commits_of_others(checkout, MAIN) == ()
    assert git(bare, "show", "main:3.md") == "Three."


@pytest.mark.parametrize("scheme", ["git", "ssh"])
def test_a_server_that_keeps_silent_is_waited_for_no_longer(
    folder: Path,
    checkout: Checkout,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
) -> None:
    """The push ends, with whatever git has started for it."""
    monkeypatch.setattr(pushing, "PUSH_SECONDS", 1.0)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/school.git"
        git(folder, "remote", "set-url", "origin", address)
        if scheme == "ssh":
            # Holds git's pipes open, as ssh does, and outlives git alone.
            git(folder, "config", "core.sshCommand", "sh -c 'sleep 600; true'")
        with pytest.raises(PushRefused) as caught:
            push(checkout, MAIN)
    assert caught.value.kind is PushRefusal.NO_ANSWER


def test_no_password_is_asked_for_and_none_is_told(
    folder: Path, checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that would ask somebody is not begun; ssh is told to ask nobody."""
    asked, called = folder.parent / "asked", folder.parent / "called"
    program = folder.parent / "ask"
    program.write_text(f"#!/bin/sh\ntouch '{asked}'\necho secret\n")
    program.chmod(0o755)
    for name in ("GIT_ASKPASS", "SSH_ASKPASS"):
        monkeypatch.setenv(name, str(program))
    ssh = folder.parent / "ssh"
    ssh.write_text(
        f"#!/bin/sh\necho \"$@\" > '{called}'\n"
        "echo 'git@school.example: Permission denied (publickey).' >&2\nexit 255\n"
    )
    ssh.chmod(0o755)
    git(folder, "config", "core.sshCommand", str(ssh))
    git(folder, "remote", "set-url", "origin", "git@school.example:policy.git")
    with pytest.raises(PushRefused) as caught:
        push(checkout, MAIN)
    assert caught.value.kind is PushRefusal.NOT_ALLOWED
    assert "-oBatchMode=yes" in called.read_text()
    assert not asked.exists()
    told = without_password(b"no 'https://ada:word@git.example/a.git' here")
    assert told == "no 'https://git.example/a.git' here"


def test_the_rules_of_the_server_are_told(folder: Path, checkout: Checkout) -> None:
    """A branch that is closed to us stays as it is, and the server's reason is told."""
    hook = folder.parent / "origin.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'main is protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(PushRefused) as caught:
        push(checkout, MAIN)
    assert caught.value.kind is PushRefusal.NOT_ALLOWED
    assert "main is protected" in caught.value.said


def test_a_branch_may_have_another_name_and_remote(
    folder: Path, checkout: Checkout
) -> None:
    """It goes to the remote and branch that git is configured for, or nowhere."""
    git(folder, "remote", "rename", "origin", "school")
    git(folder, "branch", "-q", "--move", "main", "work")
    assert remote_of(checkout) == Remote("school", "work", "main")
    git(folder, "remote", "add", "mine", str(folder.parent / "mine.git"))
    git(folder, "config", "branch.work.pushRemote", "mine")
    assert remote_of(checkout) == Remote("mine", "work", "work")
    for name in ("mine", "school"):
        git(folder, "remote", "remove", name)
    assert remote_of(checkout) is None
