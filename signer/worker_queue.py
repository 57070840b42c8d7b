"""The queue by which web processes and commands wake a worker.

A notification says "look now" and nothing else; what there is to do stands in the
tables. So the queue holds nothing of value, and what is wrong with it costs at most the
time until the worker looks by itself.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from huey import Huey, PostgresHuey, SqliteHuey
from sqlalchemy.engine import make_url

from signer import clock
from signer.config import Settings
from signer.errors import SettingsError
from signer.store.sqlite_files import (
    ENDINGS,
    Identity,
    create_private_file,
    identity_of,
)

_T = TypeVar("_T")

_log = logging.getLogger(__name__)

QUEUE_FILE = "queue.sqlite3"
NAP = 1.0
"""How long a worker sleeps between two looks at an empty queue, in seconds."""

RING_SECONDS = 2.0
"""How long a notification waits for another process's lock on the queue's file."""

_TABLES_LOCK = 0x5167_6E65
"""The advisory lock of whoever makes the queue's tables: any number of our own."""

_LOOK, _SWEEP = b"look", b"sweep"
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL}


class WorkerQueue:
    """What web processes notify and worker processes listen to.

    It is a file beside the SQLite database, or tables in the PostgreSQL one, so
    that processes on several machines need one server between them. A file that is
    damaged is put aside, one that was lost or replaced is left, and either is made
    anew.

    Raises:
        SettingsError: the queue's file cannot be created in the instance's folder.
    """

    def __init__(self, settings: Settings) -> None:
        url = make_url(settings.database)
        self._file: Path | None = None
        if url.get_backend_name() == "sqlite":
            self._file = settings.instance_path / QUEUE_FILE
        self.queue = _queue(settings, self._file)
        self._identity: Identity | None = None
        self._prepared = False
        self._unheard = False
        self._lock = threading.Lock()
        try:
            self._use(lambda: None)
        except (OSError, sqlite3.Error) as error:
            raise SettingsError(
                "SIGNER_INSTANCE",
                f"names a folder where {QUEUE_FILE} cannot be read and written",
            ) from error

    def notify(self) -> None:
        """Ask a worker to look now. Never fails: without it, the sweep looks."""
        self._ring(_LOOK)

    def notify_all(self) -> None:
        """Ask a worker to sweep now, for a release too. Never fails, as `notify`."""
        self._ring(_SWEEP)

    def listen(
        self,
        stop: threading.Event,
        *,
        look: Callable[[], None],
        sweep: Callable[[], None],
    ) -> None:
        """Answer rings until told to stop; what is wrong with the queue is logged.

        Args:
            stop: ends this, within seconds.
            look: what a notification calls; it must return at once.
            sweep: what a notification to all calls; so must this.
        """
        failing = False
        while not stop.is_set():
            message = None
            try:
                message = self._use(self.queue.storage.dequeue)
                failing = False
            except Exception as error:  # noqa: BLE001 - the lanes have their periods
                if not failing and _code(error) in _PASSING:
                    _log.warning("the queue is not read, the sweep looks: %s", error)
                elif not failing:
                    _log.exception("the queue cannot be read; the sweep looks instead")
                failing = True
            if message is None:
                stop.wait(NAP)
            elif message == _LOOK:
                look()
            else:
                # Whatever another release has put there.
                sweep()

    def close(self) -> None:
        """Close the queue's connection; the next notification opens another."""
        self.queue.storage.close()

    def _ring(self, message: bytes) -> None:
        try:
            self._use(lambda: self.queue.storage.enqueue(message))
        except Exception as error:  # noqa: BLE001 - what it would announce is committed
            if _code(error) not in _PASSING:
                _log.exception("the worker could not be called; its sweep will look")
            elif not self._unheard:
                self._unheard = True
                _log.warning("the worker is not called, its sweep looks: %s", error)
        else:
            self._unheard = False

    def _use(self, action: Callable[[], _T]) -> _T:
        """Do something with the queue, which is mended where that may help."""
        with self._lock:
            self._leave_lost_files()
            try:
                return self._tried(action)
            except Exception as error:
                if _code(error) in _PASSING:
                    raise
                if _code(error) in _DAMAGED:
                    self._put_aside()
                else:
                    self._reopen()
            try:
                return self._tried(action)
            except sqlite3.Error as error:
                if _code(error) in _PASSING:
                    raise
                # It is a database, and of something else.
                self._put_aside()
            return self._tried(action)

    def _tried(self, action: Callable[[], _T]) -> _T:
        connected = self._connected
        result = action()
        if self._file is not None and self._connected and not connected:
            # None of them changes from here on, while the connection is open.
            self._identity = identity_of(self._file)
        return result

    @property
    def _connected(self) -> bool:
        return self.queue.storage._conn is not None  # noqa: SLF001 - it has no other way

    def _leave_lost_files(self) -> None:
        """Let go of files that are no longer at their paths; make what is missing."""
        if self._file is None:
            if not self._prepared:
                self._reopen()
        elif self._connected and identity_of(self._file) != self._identity:
            _log.warning("the queue's file was lost or replaced: %s", self._file)
            self._reopen()
        elif not self._prepared or not self._file.exists():
            self._reopen()

    def _reopen(self) -> None:
        self._disconnect()
        if self._file is not None:
            # Before SQLite first opens it, and never again.
            create_private_file(str(self._file))
        try:
            self.queue.storage.initialize_schema()
        except sqlite3.Error as error:
            if _code(error) in _PASSING:
                raise
            self._put_aside()
        self._prepared = True

    def _put_aside(self) -> None:
        """Give a file that cannot be used a name with the time, and make a new one."""
        self._disconnect()
        if self._file is None:
            return
        moment = clock.now().strftime("%Y%m%dT%H%M%SZ")
        aside = self._file.with_name(f"{QUEUE_FILE}.damaged-{moment}")
        for ending in ENDINGS:
            with suppress(FileNotFoundError):
                Path(f"{self._file}{ending}").replace(f"{aside}{ending}")
        _log.error("the queue's file was damaged and is put aside as %s", aside.name)
        create_private_file(str(self._file))
        self.queue.storage.initialize_schema()

    def _disconnect(self) -> None:
        with suppress(Exception):
            self.queue.storage.close()
        self.queue.storage._conn = None  # noqa: SLF001 - closing may have failed


def _code(error: BaseException) -> int:
    """SQLite's primary result code of an error, or 0."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def _queue(settings: Settings, file: Path | None) -> Huey:
    if file is not None:
        # It holds nothing that must survive a power cut.
        return SqliteHuey(
            "signer",
            filename=str(file),
            results=False,
            create_tables=False,
            timeout=RING_SECONDS,
            fsync=False,
        )
    url = make_url(settings.database).set(drivername="postgresql")
    dsn = url.render_as_string(hide_password=False)
    queue = PostgresHuey("signer", dsn=dsn, results=False, create_tables=False)
    # "IF NOT EXISTS" does not hold for two processes that start at the same moment.
    queue.storage.ddl.insert(0, f"SELECT pg_advisory_xact_lock({_TABLES_LOCK})")
    return queue
