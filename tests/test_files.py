"""A file is there whole or not at all, and no kill leaves a part of one for good."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from signer import files
from signer.errors import FileExists, FileNotWritten
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT = b"all of it\n" * 1000

# Each writes a file named on the command line, and waits in the middle of it.
WRITING = """
import sys
from pathlib import Path
from signer import files

with files.creating(Path(sys.argv[1]), private=True) as file:
    file.write(b"half of it")
    file.flush()
    print("half", flush=True)
    sys.stdin.read()
"""
WORKING = """
import sys, tempfile
from signer.files import TemporaryFolder

tempfile.tempdir = sys.argv[1]
folder = TemporaryFolder("signer-test-")
(folder.path / "name").write_text("Amira Khan")
print("half", flush=True)
sys.stdin.read()
folder.remove()
"""
# Writes as it is told, where no file may grow beyond a few bytes.
LIMITED = """
import resource, sys
from pathlib import Path
from signer import files
from signer.errors import FileNotWritten

sys.dont_write_bytecode = True
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
path, content = Path(sys.argv[2]), b"more than fits" * 1000
try:
    if sys.argv[1] == "folder":
        files.create_folder(path, {"one": b"fits", "two": content})
    else:
        getattr(files, sys.argv[1])(path, content)
except FileNotWritten as error:
    print(error.reason)
"""


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def start(program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A process in the middle of its work; what it reads from ends it."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert process.stdout
    assert process.stdout.readline() == b"half\n"
    return process


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has written half a file."""
    process = start(WRITING, str(tmp_path / "slow"))
    with process:
        yield process
        process.kill()


@pytest.mark.parametrize("private", [True, False])
def test_a_new_file_is_whole(tmp_path: Path, private: bool) -> None:  # noqa: FBT001
    """It holds what was given, and only its owner reads what is private."""
    path = tmp_path / "new"
    before = os.umask(0o022)
    try:
        files.create(path, CONTENT, private=private)
    finally:
        os.umask(before)
    assert path.read_bytes() == CONTENT
    assert path.stat().st_mode & 0o777 == (0o600 if private else 0o644)
    assert names_in(tmp_path) == {"new"}


def test_a_file_that_is_there_is_never_replaced_by_a_new_one(tmp_path: Path) -> None:
    """Not even where it appears while the other is being written."""
    path = tmp_path / "new"
    with pytest.raises(FileExists), files.creating(path) as file:
        file.write(CONTENT)
        path.write_bytes(b"somebody else's")
    with pytest.raises(FileExists):
        files.create(path, CONTENT)
    assert path.read_bytes() == b"somebody else's"
    assert names_in(tmp_path) == {"new"}


def test_a_link_that_leads_nowhere_is_there_too(tmp_path: Path) -> None:
    """Writing through it would put a file where nobody asked for one."""
    path = tmp_path / "new"
    path.symlink_to(tmp_path / "missing")
    with pytest.raises(FileExists):
        files.create(path, CONTENT)
    assert names_in(tmp_path) == {"new"}


def test_a_memory_stick_without_links_takes_a_new_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its system gives a file one name alone; nothing is replaced there either."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "new"
    files.create(path, CONTENT)
    assert path.read_bytes() == CONTENT
    with pytest.raises(FileExists), files.creating(tmp_path / "other") as file:
        file.write(CONTENT)
        (tmp_path / "other").write_bytes(b"somebody else's")
    assert (tmp_path / "other").read_bytes() == b"somebody else's"
    assert names_in(tmp_path) == {"new", "other"}


def test_what_raises_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    """Half a file would be taken for a whole one."""
    with pytest.raises(ZeroDivisionError), files.creating(tmp_path / "new") as file:
        file.write(CONTENT)
        raise ZeroDivisionError
    assert names_in(tmp_path) == set()


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    """Who holds the old one open goes on reading it; a link stays a link."""
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(b"old")
    link.symlink_to(path)
    with path.open("rb") as old:
        files.replace(link, CONTENT)
        assert old.read() == b"old"
    assert link.is_symlink()
    assert path.read_bytes() == CONTENT
    assert names_in(tmp_path) == {"file", "link"}


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """Such as /dev/stdout: it is no file that could be replaced."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        files.replace(pipe, b"all of it")
        assert os.read(reader, 100) == b"all of it"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    """It and its files are its owner's alone, and the first one wins."""
    folder = tmp_path / "above" / "keys"
    files.create_folder(folder, {"one": b"1", "two": b"2"})
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == {
        "one": b"1",
        "two": b"2",
    }
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}
    with pytest.raises(FileExists):
        files.create_folder(folder, {"three": b"3"})
    assert names_in(folder) == {"one", "two"}
    assert names_in(folder.parent) == {"keys"}


@pytest.mark.parametrize("way", ["create", "replace", "folder"])
def test_what_does_not_fit_leaves_everything_as_it_was(
    tmp_path: Path, way: str
) -> None:
    """A system that says no in the middle of the writing is told by its reason."""
    path = tmp_path / "file"
    if way == "replace":
        path.write_bytes(b"old")
    before = names_in(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, way, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert done.stdout == f"{os.strerror(errno.EFBIG)}\n"
    assert names_in(tmp_path) == before
    assert way != "replace" or path.read_bytes() == b"old"


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    """The error holds the file's name and what the system said."""
    path = tmp_path / "missing" / "file"
    for write in (files.create, files.replace):
        with pytest.raises(FileNotWritten) as refused:
            write(path, CONTENT)
        assert (refused.value.path, refused.value.reason) == (
            str(path),
            os.strerror(errno.ENOENT),
        )


def test_what_a_killed_writer_left_goes(
    tmp_path: Path, writing: subprocess.Popen[bytes]
) -> None:
    """The next writer in that folder takes it away, and a start does."""
    [left] = tmp_path.iterdir()
    assert left.read_bytes() == b"half of it"
    assert left.stat().st_mode & 0o777 == 0o600
    writing.send_signal(signal.SIGKILL)
    writing.wait()
    assert names_in(tmp_path) == {left.name}
    files.create(tmp_path / "next", CONTENT)
    assert names_in(tmp_path) == {"next"}


def test_the_file_of_a_living_writer_stays(
    tmp_path: Path, writing: subprocess.Popen[bytes]
) -> None:
    """However slow it is, its file is not taken away under it."""
    files.sweep(tmp_path)
    files.create(tmp_path / "next", CONTENT)
    assert len(names_in(tmp_path)) == 2
    writing.communicate()
    assert (tmp_path / "slow").read_bytes() == b"half of it"
    assert names_in(tmp_path) == {"slow", "next"}


def test_what_earlier_releases_left_goes_too(tmp_path: Path) -> None:
    """Nobody holds those, and other people's files are left alone."""
    for name in (".monday.backup.4711.part", ".bundle-a1b2c3d4"):
        (tmp_path / name).write_bytes(b"half of it")
    others = {"film.part", ".film.part", ".profile", ".a.4711.parts"}
    for name in others:
        (tmp_path / name).write_bytes(b"whole")
    (tmp_path / ".a.4712.part").symlink_to(tmp_path / "film.part")
    files.sweep(tmp_path)
    assert names_in(tmp_path) == others | {".a.4712.part"}


def test_sweeping_fails_nowhere(tmp_path: Path) -> None:
    """A folder that is missing holds no leftovers."""
    files.sweep(tmp_path / "missing")


def test_the_temporary_folder_of_a_killed_process_goes(tmp_path: Path) -> None:
    """What it wrote of a parent goes with it; that of a living one stays."""
    living = start(WORKING, str(tmp_path))
    [kept] = names_in(tmp_path)
    killed = start(WORKING, str(tmp_path))
    with killed, living:
        killed.kill()
        killed.wait()
        assert len(names_in(tmp_path)) == 2
        third = start(WORKING, str(tmp_path))
        with third:
            assert kept in names_in(tmp_path)
            assert len(names_in(tmp_path)) == 2
            assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o700}
            third.communicate()
        living.communicate()
    assert names_in(tmp_path) == set()


@pytest.mark.parametrize("kind", ["temporary", "lasting"])
def test_a_folder_that_is_swept_as_it_is_made_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Another process's sweep may come before the lock, and before the opening too."""
    opened = os.open
    swept: list[object] = []

    def late(path: Any, flags: int, *rest: int, **options: Any) -> int:
        if not swept and Path(path).is_dir() and Path(path).parent == tmp_path:
            swept.append(path)
            Path(path).rmdir()
        return opened(path, flags, *rest, **options)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "open", late)
    if kind == "temporary":
        folder = files.TemporaryFolder("signer-test-")
        assert folder.path.is_dir()
        folder.remove()
    else:
        files.create_folder(tmp_path / "folder", {"one": b"1"})
        assert (tmp_path / "folder" / "one").read_bytes() == b"1"
    assert swept


def test_a_forked_child_leaves_the_folder_to_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lets go of it, so that it is not kept from being swept later."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = files.TemporaryFolder("signer-test-")
    child = os.fork()
    if not child:
        folder.remove()
        os._exit(0)
    os.waitpid(child, 0)
    assert folder.path.is_dir()
    folder.remove()
    assert names_in(tmp_path) == set()
