"""A release that is killed at any moment leaves none or a whole one."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from signer.cli import main
from signer.policy.release import git as release_git
from signer.policy.release.immutability import check_immutable
from signer.policy.sha256sums import read_sums
from signer.policy.versions import read_versions
from tests.policy.checkouts import NAMED, git, new_checkout
from tests.policy.releasing import edited
from tests.sharing.long_form import rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

ARGUMENTS = [
    *("release", "--summary", "One policy has another name.", "--yes"),
    *("--review-by", f"{time.gmtime().tm_year + 1}-12"),
]
MOMENTS = rounds(8, long=20)

APART = rounds(3, long=1)
"""How many steps lie between two at which a release is stopped."""

# Starts `signer` again and again, each in a process of its own, without reading the
# program anew each time. Such a process ends itself, as if it had been killed, before
# the given step that touches a file or starts git; 0 is none of them.
STARTER = """
import json, os, signal, sys
from signer.cli import main

TOUCHING = {"os.link", "os.rename", "os.remove", "subprocess.Popen"}

def end_before(last):
    steps = 0
    def watch(event, arguments):
        nonlocal steps
        writes = event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)
        if event in TOUCHING or writes:
            steps += 1
            if steps == last:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)

for line in sys.stdin:
    folder, last, *arguments = json.loads(line)
    child = os.fork()
    if not child:
        os.setsid()
        os.chdir(folder)
        print(os.getpid(), flush=True)
        os.dup2(os.open(os.path.join(folder, "..", "log"), os.O_CREAT | os.O_WRONLY), 1)
        os.dup2(1, 2)
        end_before(last)
        try:
            main(arguments)
        except SystemExit as end:
            sys.stdout.flush()
            os._exit(end.code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Starter:
    """Starts `signer release` in a folder, and tells how it ended."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", STARTER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, folder: Path, *, end_before: int = 0) -> int:
        """Gives the process, which leads a group with every git it starts."""
        assert self._process.stdin
        print(
            json.dumps([str(folder), end_before, *ARGUMENTS]),
            file=self._process.stdin,
            flush=True,
        )
        return self._next()

    def ended(self) -> int:
        """Wait for the end; gives the exit code, or the signal as a negative one."""
        return self._next()

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()

    def _next(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())


@pytest.fixture
def starter() -> Iterator[Starter]:
    starter = Starter()
    yield starter
    starter.close()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in NAMED.items():
        monkeypatch.setenv(name, value)
    # A lock that a killed git left is not waited for here.
    monkeypatch.setattr(release_git, "LOCK_SECONDS", 0.0)
    return tmp_path


def a_checkout(folder: Path) -> Path:
    new_checkout(folder)
    draft = folder / "docs" / "code-of-conduct.md"
    draft.write_text(edited(), encoding="utf-8")
    return folder


def check_nothing_is_half_done(folder: Path) -> bool:
    """Whether the release is there; whole, if so, to every reader."""
    versions = read_versions(folder / "versions")
    draft = (folder / "docs" / "code-of-conduct.md").read_bytes()
    sums = read_sums(folder / "versions")
    assert [one.number for one in versions] in ([2], [2, 3])
    assert sums.items() <= {one.filename: one.sha256 for one in versions}.items()
    if len(versions) == 1:
        assert draft == edited().encode()
        return False
    assert "Inclusion Policy" in versions[-1].body
    assert draft in (edited().encode(), versions[-1].source)
    return True


def check_it_can_be_finished(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, there: bool
) -> None:
    """The same command again, and all is as if nothing had happened."""
    before = (folder / "versions" / "3.md").read_bytes() if there else None
    monkeypatch.chdir(folder)
    for _ in range(4):
        again = CliRunner().invoke(main, ARGUMENTS)
        lock = re.search(r"'(/[^']+\.lock)'", again.stderr)
        if again.exit_code == 0 or not lock:
            break
        # Git, killed with the rest, left its lock, and says to remove the file.
        Path(lock[1]).unlink()
    if again.exit_code:
        assert there
        assert "the draft says exactly what version 3 says" in again.stderr
    check_nothing_is_half_done(folder)
    released = (folder / "versions" / "3.md").read_bytes()
    assert before in (None, released)
    assert (folder / "docs" / "code-of-conduct.md").read_bytes() == released
    assert git(folder, "status", "--porcelain", "--ignored") == ""
    assert git(folder, "rev-list", "--count", "HEAD").strip() == "2"
    assert check_immutable(folder / "versions").releases == 2


def test_killed_at_random_moments(
    project: Path, monkeypatch: pytest.MonkeyPatch, starter: Starter
) -> None:
    """Process and git together, wherever they are: a release is all or nothing."""
    whole = a_checkout(project / "whole")
    starter.start(whole)
    began = time.monotonic()
    assert starter.ended() == 0
    seconds = time.monotonic() - began
    chance = random.Random(20261122)
    for number in range(MOMENTS):
        folder = a_checkout(project / str(number))
        group = starter.start(folder)
        time.sleep(chance.uniform(0, seconds * 1.1))
        with suppress(ProcessLookupError):  # it was done before
            os.killpg(group, signal.SIGKILL)
        assert starter.ended() in {0, -signal.SIGKILL}
        there = check_nothing_is_half_done(folder)
        check_it_can_be_finished(folder, monkeypatch, there=there)


def test_killed_before_each_step(
    project: Path, monkeypatch: pytest.MonkeyPatch, starter: Starter
) -> None:
    """No step that touches a file or starts git is one too many to be stopped at."""
    code, found = -signal.SIGKILL, []
    for step in count(1, APART):
        folder = a_checkout(project / str(step))
        starter.start(folder, end_before=step)
        code = starter.ended()
        found.append(check_nothing_is_half_done(folder))
        if code != -signal.SIGKILL:
            break
        check_it_can_be_finished(folder, monkeypatch, there=found[-1])
    assert code == 0
    # Once it is there it stays, and some steps came before it and some after.
    assert found == sorted(found)
    assert found.count(False) * APART > 3
    assert found.count(True) * APART > 5
