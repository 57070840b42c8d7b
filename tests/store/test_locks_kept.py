"""A process keeps its locks on SQLite's files, whatever other processes do.

POSIX drops every lock that a process has on a file when it closes any descriptor of
it, so nothing may open the database by its path beside SQLite.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.store import schema
from signer.store.engine import connect
from signer.store.tables import Parent
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEEPING = [sys.executable, "-m", "tests.store.keeping_process"]
LOOKING = """
import sys
from signer.store import schema
from signer.store.engine import connect
sessions = connect(sys.argv[1])
schema.check(sessions.engine)
sessions.close()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a migrated database that nobody has open."""
    path = tmp_path / "signer.sqlite3"
    with closing(connect(f"sqlite:///{path}")) as sessions:
        schema.upgrade(sessions.engine)
    return path


@pytest.fixture
def keeper(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with two connections, which it keeps."""
    with subprocess.Popen(
        [*KEEPING, f"sqlite:///{path}"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def write(process: subprocess.Popen[str], name: str) -> None:
    """Have a process write a row, and wait until it is committed."""
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{name}\n")
    process.stdin.flush()
    assert process.stdout.readline() == "written\n"


def look(path: Path) -> None:
    """Open the database in another process, as a short command does, and close it."""
    subprocess.run(
        [sys.executable, "-c", LOOKING, f"sqlite:///{path}"], cwd=REPOSITORY, check=True
    )


def test_a_short_command_does_not_take_the_log_of_writes_away(
    path: Path, keeper: subprocess.Popen[str]
) -> None:
    """The last connection of another process is not the last; the log stays."""
    write_ahead_log = path.with_name(f"{path.name}-wal")
    write(keeper, "amira")
    before = write_ahead_log.stat().st_ino
    look(path)
    assert write_ahead_log.exists()
    assert write_ahead_log.stat().st_ino == before


def test_what_was_written_survives_a_short_command_and_a_kill(
    path: Path, keeper: subprocess.Popen[str]
) -> None:
    """Rows written before, between and after two commands are all there."""
    for name in ("amira", "niamh", "tom"):
        write(keeper, name)
        look(path)
    write(keeper, "wang")
    keeper.kill()
    keeper.wait()
    with closing(connect(f"sqlite:///{path}")) as sessions, sessions.reading() as found:
        names = found.scalars(select(Parent.name).order_by(Parent.id)).all()
    assert names == ["amira", "niamh", "tom", "wang"]
