"""A process notices when its database's files are no longer those at their paths."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import DatabaseReplaced, ForeignLogOfWrites
from signer.store import schema
from signer.store.engine import connect
from signer.store.tables import Parent, PinnedVersion
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.store.engine import Sessions


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A migrated database."""
    path = tmp_path / "signer.sqlite3"
    with closing(connect(f"sqlite:///{path}")) as sessions:
        schema.upgrade(sessions.engine)
    return path


@pytest.fixture
def connected(path: Path) -> Iterator[Sessions]:
    """Sessions with a connection that has read."""
    sessions = connect(f"sqlite:///{path}")
    pin(sessions, 1)
    yield sessions
    sessions.close()


def pin(sessions: Sessions, number: int) -> None:
    """Write a row."""
    with sessions.writing() as session:
        session.add(
            PinnedVersion(
                number=number,
                sha256="0" * 64,
                title="",
                label="",
                pinned_at=datetime.now(UTC),
            )
        )


def test_files_that_stay_are_well(connected: Sessions, path: Path) -> None:
    """Through writes, further connections, and other processes' closing."""
    for number in range(2, 6):
        with connected.reading() as one, connected.reading() as another:
            for session in (one, another):
                session.scalars(select(PinnedVersion)).all()
        pin(connected, number)
        with closing(connect(f"sqlite:///{path}")) as other:
            schema.check(other.engine)
        connected.check_identity()


@pytest.mark.parametrize("ending", ["", "-wal", "-shm"])
@pytest.mark.parametrize("how", ["renamed", "removed", "replaced"])
def test_a_file_that_is_not_the_one_in_use_is_noticed(
    connected: Sessions, path: Path, ending: str, how: str
) -> None:
    """Whichever of the three it is, nothing more is written."""
    file = path.with_name(path.name + ending)
    if how == "renamed":
        file.rename(path.with_name("elsewhere"))
    elif how == "removed":
        file.unlink()
    else:
        # A copy is opened under another name, so that no lock of ours is dropped.
        shutil.copyfile("/dev/null", path.with_name("new"))
        path.with_name("new").replace(file)
    with pytest.raises(DatabaseReplaced) as caught:
        connected.check_identity()
    assert caught.value.missing == (ending == "" and how != "replaced")
    with pytest.raises(DatabaseReplaced):
        pin(connected, 2)


def test_a_replacement_during_a_transaction_is_noticed_after_it(
    connected: Sessions, path: Path
) -> None:
    """What was committed to a file that is gone by then does not count."""
    with pytest.raises(DatabaseReplaced), connected.writing() as session:
        session.scalars(select(PinnedVersion)).all()
        path.rename(path.with_name("elsewhere"))


def test_no_further_connection_is_opened_to_other_files(
    connected: Sessions, path: Path
) -> None:
    """It would fold the log of writes of the one into the other."""
    path.rename(path.with_name("elsewhere"))
    with (
        connected.reading() as session,
        pytest.raises(DatabaseReplaced),
    ):
        session.scalars(select(PinnedVersion)).all()
        with connected.reading() as another:
            another.scalars(select(PinnedVersion)).all()
    assert not path.exists()


@pytest.mark.parametrize("how", ["renamed", "replaced"])
def test_closing_keeps_the_file_in_mind(path: Path, how: str) -> None:
    """Whoever connects again means the same database, and opens no other."""
    sessions = connect(f"sqlite:///{path}")
    pin(sessions, 1)
    sessions.close()
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    if how == "replaced":
        shutil.copyfile(elsewhere, path)
    with pytest.raises(DatabaseReplaced):
        sessions.check_identity()
    with pytest.raises(DatabaseReplaced), sessions.reading() as session:
        session.scalars(select(PinnedVersion)).all()
    elsewhere.rename(path)
    pin(sessions, 2)
    sessions.close()


def test_closing_forgets_the_log_of_writes(path: Path) -> None:
    """The last one to close takes it away, and the next one makes another."""
    sessions = connect(f"sqlite:///{path}")
    pin(sessions, 1)
    sessions.close()
    with closing(connect(f"sqlite:///{path}")) as other:
        pin(other, 2)
    sessions.check_identity()
    pin(sessions, 3)
    sessions.close()


def test_what_was_made_for_nothing_is_taken_away_and_made_again(
    connected: Sessions, path: Path
) -> None:
    """As after a backup that could not be restored; its inode may be another's now."""
    connected.remove()
    assert list(path.parent.glob(f"{path.name}*")) == []
    for number in range(3):
        path.with_name(f"other-{number}").touch()
    schema.upgrade(connected.engine)
    pin(connected, 1)
    connected.check_identity()


def test_a_child_that_has_read_nothing_opens_no_other_file(path: Path) -> None:
    """Its parent has, and closed its connections before the fork."""
    sessions = connect(f"sqlite:///{path}")
    pin(sessions, 1)
    sessions.close()
    shutil.copyfile(path, path.with_name("new"))
    path.with_name("new").replace(path)
    child = os.fork()
    if not child:
        try:
            pin(sessions, 2)
        except DatabaseReplaced:
            os._exit(7)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7


def test_another_process_opens_no_file_beside_the_log_of_writes_of_another(
    path: Path,
) -> None:
    """It would read that log into the wrong file, and empty it."""
    command = [sys.executable, "-m", "tests.store.keeping_process", f"sqlite:///{path}"]
    pipe = subprocess.PIPE
    keeping = subprocess.Popen(
        command, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True
    )
    try:
        assert keeping.stdin is not None
        assert keeping.stdout is not None
        assert keeping.stdout.readline() == "ready\n"
        keeping.stdin.write("amira\n")
        keeping.stdin.flush()
        assert keeping.stdout.readline() == "written\n"
        with closing(connect(f"sqlite:///{path}")) as other:
            schema.check(other.engine)
        elsewhere = path.with_name("elsewhere")
        path.rename(elsewhere)
        shutil.copyfile(elsewhere, path)
        beside = path.with_name(path.name + "-wal")
        before = beside.read_bytes()
        with closing(connect(f"sqlite:///{path}")) as other:
            with pytest.raises(DatabaseReplaced):
                schema.check(other.engine)
            with pytest.raises(DatabaseReplaced):
                schema.upgrade(other.engine)
        assert beside.read_bytes() == before
        assert path.read_bytes() == elsewhere.read_bytes()
        elsewhere.rename(path)
        with closing(connect(f"sqlite:///{path}")) as other:
            schema.check(other.engine)
            with other.reading() as session:
                assert session.scalars(select(Parent.name)).all() == ["amira"]
    finally:
        keeping.kill()
        keeping.communicate()


CRASH = """\
import os, sys
from signer.store.engine import connect
from tests.store.test_identity import pin
sessions = connect(sys.argv[1])
pin(sessions, 7)
print("committed", flush=True)
os._exit(9)
"""


def crash_with_a_commit_in_the_log(path: Path) -> None:
    """Commit a row in a process that ends as by SIGKILL, its log of writes unfolded."""
    done = subprocess.run(
        [sys.executable, "-c", CRASH, f"sqlite:///{path}"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("committed\n", 9)
    assert path.with_name(f"{path.name}-wal").stat().st_size


def test_after_a_crash_no_other_file_is_opened_beside_the_log_of_writes(
    path: Path,
) -> None:
    """What it holds belongs to the file that stood there, and gets into no other."""
    shutil.copyfile(path, path.with_name("copy"))
    crash_with_a_commit_in_the_log(path)
    log_of_writes = path.with_name(f"{path.name}-wal")
    before = log_of_writes.read_bytes()
    path.rename(path.with_name("real"))
    path.with_name("copy").rename(path)
    for _ in range(2):
        with (
            closing(connect(f"sqlite:///{path}")) as other,
            pytest.raises(ForeignLogOfWrites),
        ):
            pin(other, 1)
    assert log_of_writes.read_bytes() == before
    path.with_name("real").replace(path)
    with closing(connect(f"sqlite:///{path}")) as sessions, sessions.reading() as one:
        assert one.get(PinnedVersion, 7) is not None


def test_a_database_moved_with_its_log_is_opened_once_the_operator_says_so(
    path: Path,
) -> None:
    """Copied to another disk after a crash: the note is removed, and nothing lost."""
    crash_with_a_commit_in_the_log(path)
    moved = path.with_name("moved.sqlite3")
    for ending in ("", "-wal", ".inode"):
        shutil.copyfile(f"{path}{ending}", f"{moved}{ending}")
    with closing(connect(f"sqlite:///{moved}")) as sessions:
        with pytest.raises(ForeignLogOfWrites):
            pin(sessions, 1)
        moved.with_name("moved.sqlite3.inode").unlink()
        with sessions.reading() as session:
            assert session.get(PinnedVersion, 7) is not None


def test_a_database_put_back_without_its_log_needs_no_word(path: Path) -> None:
    """Such as a file from a copy made while nothing ran."""
    with closing(connect(f"sqlite:///{path}")) as sessions:
        pin(sessions, 1)
    other = path.with_name("other")
    shutil.copyfile(path, other)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    other.replace(path)
    with closing(connect(f"sqlite:///{path}")) as sessions:
        pin(sessions, 2)
