"""A notification tells the worker to look now; nothing is lost without it.

The queue's file holds nothing of value: whatever happens to it costs one notification
at most.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from signer.worker_queue import QUEUE_FILE, WorkerQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.config import Settings


@pytest.fixture
def queue_of(settings: Settings) -> Iterator[Callable[[], WorkerQueue]]:
    """Makes queues on one set of settings, as processes would; closes them all."""
    made: list[WorkerQueue] = []

    def make() -> WorkerQueue:
        made.append(WorkerQueue(settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_ring_waits_for_whoever_answers(
    settings: Settings, queue_of: Callable[[], WorkerQueue]
) -> None:
    """It stands in a file beside SQLite, or in PostgreSQL: for any other process."""
    queue_of().notify()
    assert len(queue_of().queue) == 1
    beside = (settings.instance_path / QUEUE_FILE).exists()
    assert beside is settings.database_url.startswith("sqlite")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_ring_that_is_not_heard_fails_nothing(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The folder is gone: what it would announce is committed, and the log tells."""
    folder = tmp_path / "queue"
    folder.mkdir()
    worker_queue = WorkerQueue(replace(settings, instance=folder))
    worker_queue.close()
    shutil.rmtree(folder)
    worker_queue.notify()
    worker_queue.notify_all()
    assert caplog.text.count("the worker could not be called") == 2


def rings(worker_queue: WorkerQueue) -> list[str]:
    """What is heard until nothing more comes."""
    heard: list[str] = []
    stop = threading.Event()

    class Quiet(threading.Event):
        """Ends the listening as soon as it would rest."""

        def wait(self, timeout: float | None = None) -> bool:
            del timeout
            stop.set()
            return True

        def is_set(self) -> bool:
            return stop.is_set()

    worker_queue.listen(
        Quiet(), look=lambda: heard.append("look"), sweep=lambda: heard.append("sweep")
    )
    return heard


def test_each_ring_is_heard_once(queue_of: Callable[[], WorkerQueue]) -> None:
    """In order, by whoever listens first; what another release rang is a sweep."""
    ringing, listening = queue_of(), queue_of()
    ringing.notify()
    ringing.notify_all()
    ringing.queue.storage.enqueue(b"a message of another release")
    assert rings(listening) == ["look", "sweep", "sweep"]
    assert rings(ringing) == []


def spoil(path: Path, how: str) -> None:
    """Do something to the queue's file from another process."""
    commands = {
        "overwritten": 'yes "Dear parents" | head -c 60000 > "$0"',
        "emptied": ': > "$0"; rm -f "$0-wal" "$0-shm"',
        "lost": 'rm -f "$0" "$0-wal" "$0-shm"',
        "replaced": 'yes x | head -c 9000 > "$0.new"; mv "$0.new" "$0"',
    }
    subprocess.run(["sh", "-c", commands[how], path], check=True)


@pytest.mark.parametrize("how", ["overwritten", "emptied", "lost", "replaced"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_queue_that_is_spoilt_is_made_anew(
    settings: Settings,
    queue_of: Callable[[], WorkerQueue],
    caplog: pytest.LogCaptureFixture,
    how: str,
) -> None:
    """While processes have it open: the next rings are heard, and the log tells once.

    What was no database any more is kept beside it, for whoever wonders.
    """
    ringing, listening = queue_of(), queue_of()
    ringing.notify()
    spoil(settings.instance_path / QUEUE_FILE, how)
    for _ in range(3):
        ringing.notify()
        rings(listening)
    ringing.notify()
    assert rings(listening) == ["look"]
    assert [r for r in caplog.records if r.levelname == "CRITICAL"] == []
    kept = list(settings.instance_path.glob(f"{QUEUE_FILE}.damaged-*"))
    assert bool(kept) == (how != "lost")
    assert len(kept) <= 3


@pytest.mark.parametrize("how", ["overwritten", "emptied", "replaced"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_queue_that_is_spoilt_before_the_start_stops_nothing(
    settings: Settings,
    queue_of: Callable[[], WorkerQueue],
    caplog: pytest.LogCaptureFixture,
    how: str,
) -> None:
    """It is put aside with one line in the log, and the first notification is heard."""
    spoil(settings.instance_path / QUEUE_FILE, how)
    queue_of().notify()
    assert rings(queue_of()) == ["look"]
    told = [one for one in caplog.records if "put aside" in one.getMessage()]
    assert len(told) == (how != "emptied")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_of_another_program_is_no_queue(
    settings: Settings, queue_of: Callable[[], WorkerQueue]
) -> None:
    """A table of the same name with other columns: it is put aside."""
    path = settings.instance_path / QUEUE_FILE
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE task (what TEXT)")
    queue_of().notify()
    assert rings(queue_of()) == ["look"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_tables_of_the_queue_that_are_lost_are_made_anew(
    settings: Settings, queue_of: Callable[[], WorkerQueue]
) -> None:
    """In PostgreSQL, while processes are connected."""
    ringing, listening = queue_of(), queue_of()
    dsn = settings.database.replace("+psycopg", "")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP TABLE huey_task")
    ringing.notify()
    assert rings(listening) == ["look"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_was_cut_is_made_anew(
    settings: Settings, queue_of: Callable[[], WorkerQueue]
) -> None:
    """As when the server was restarted: the next notification goes through."""
    ringing, listening = queue_of(), queue_of()
    ringing.notify()
    assert rings(listening) == ["look"]
    dsn = settings.database.replace("+psycopg", "")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    ringing.notify()
    assert rings(listening) == ["look"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_processes_that_start_together_make_the_tables_once(
    queue_of: Callable[[], WorkerQueue],
) -> None:
    """Several services and workers on a database that is new: each of them starts."""
    together = threading.Barrier(12)

    def begin(_number: int) -> None:
        together.wait()
        queue_of().notify()

    with ThreadPoolExecutor(together.parties) as processes:
        list(processes.map(begin, range(together.parties)))
    assert len(queue_of().queue) == together.parties
