"""A process that writes seldom is not kept from it by one that never pauses."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from signer.errors import DatabaseBusy
from signer.store.engine import connect
from signer.store.sqlite_files import TURN_ENDING, create_private_file
from signer.store.write_turns import Patience, WriteTurns
from tests.conftest import REPOSITORY
from tests.production.harness.launching import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signer.store.engine import Sessions

WRITES = 300
MOST_BETWEEN = 4
"""How many transactions of the other process may come before each of ours."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "writes.sqlite3"


@pytest.fixture
def sessions(path: Path) -> Iterator[Sessions]:
    create_private_file(str(path))
    with closing(connect(f"sqlite:///{path}")) as sessions:
        with sessions.writing() as session:
            session.execute(text("CREATE TABLE written (times INTEGER)"))
            session.execute(text("INSERT INTO written VALUES (0)"))
        yield sessions


@contextmanager
def writing_elsewhere(path: Path, counts: Path) -> Iterator[None]:
    """Another process that writes without a pause."""
    counts.touch()
    command = [sys.executable, "-m", "tests.store.writing_process"]
    process = subprocess.Popen(
        [*command, f"sqlite:///{path}", str(counts)], cwd=REPOSITORY
    )
    try:
        until(lambda: counts.stat().st_size > 10, what="the other process")
        yield
    finally:
        process.kill()
        process.wait()


def write(sessions: Sessions) -> None:
    """One transaction."""
    with sessions.writing() as session:
        session.execute(text("UPDATE written SET times = times + 1"))


def test_no_process_is_overtaken_again_and_again(
    sessions: Sessions, path: Path, tmp_path: Path
) -> None:
    """Of two processes that both want to write, neither waits for many of the other."""
    counts = tmp_path / "counts"
    with writing_elsewhere(path, counts):
        before = counts.stat().st_size
        for _ in range(WRITES):
            write(sessions)
        between = counts.stat().st_size - before
    assert between <= WRITES * MOST_BETWEEN


def test_whoever_is_suspended_in_the_queue_holds_up_nobody(path: Path) -> None:
    """SQLite's lock is free, and the one who is first in the queue never takes it."""
    create_private_file(str(path))
    with (
        closing(connect(f"sqlite:///{path}", Patience(seconds=0.5))) as sessions,
        open(f"{path}{TURN_ENDING}", "wb") as first,  # noqa: PTH123 - no suffix of a name
    ):
        fcntl.flock(first, fcntl.LOCK_EX)
        with sessions.writing() as session:
            session.execute(text("CREATE TABLE written (times INTEGER)"))


def test_without_a_place_for_the_queue_there_is_none(path: Path) -> None:
    """A folder stands where its file would be; the writers go without."""
    create_private_file(str(path))
    os.mkdir(f"{path}{TURN_ENDING}")  # noqa: PTH102 - no suffix of a name
    with (
        closing(connect(f"sqlite:///{path}")) as sessions,
        sessions.writing() as session,
    ):
        session.execute(text("CREATE TABLE written (times INTEGER)"))


def test_the_queue_is_closed_with_its_sessions(path: Path) -> None:
    """As many descriptors as before, however often a database is opened and closed."""
    create_private_file(str(path))
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names are enough
    for _ in range(5):
        with closing(connect(f"sqlite:///{path}")) as sessions:
            with sessions.writing() as session:
                session.execute(text("SELECT 1"))
            assert Path(f"{path}{TURN_ENDING}").exists()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - the same


def test_threads_write_in_the_order_in_which_they_came() -> None:
    """Nobody who comes later is let in first."""
    turns = WriteTurns(Patience(), alone=True)
    order: list[int] = []

    def take(number: int) -> None:
        with turns.take():
            order.append(number)

    def are_waiting(number: int) -> bool:
        return turns.waiting == number

    threads = [threading.Thread(target=take, args=(n,)) for n in range(20)]
    with turns.take():
        for waiting, thread in enumerate(threads, start=1):
            thread.start()
            until(partial(are_waiting, waiting + 1))
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_slow_is_not_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """While others are committed, nobody is sent away who comes when many wait."""
    turns = WriteTurns(Patience(seconds=5, threads=1), alone=False)
    now = [0.0]
    monkeypatch.setattr("signer.store.write_turns.time.monotonic", lambda: now[0])
    with turns.take():
        now[0] = 10.0
        turns.succeed()
        with turns.take():
            pass
        now[0] = 20.0
        with pytest.raises(DatabaseBusy), turns.take():
            pass
