"""Connections and transactions, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from signer.errors import DatabaseBusy, SettingsError
from signer.register.spelling import search_key
from signer.store.desk import actions
from signer.store.sqlite_files import OpenFiles
from signer.store.write_health import (
    WriteHealth,
    WriteProblem,
    WriteState,
    write_problem,
)
from signer.store.write_queue import WriteQueue
from signer.store.write_turns import Patience, WriteTurns

_WRITES = "signer_writes"
_WAIT = "signer_wait"
_UNSYNCED = "signer_unsynced"
_SYNCHRONOUS = "signer_synchronous"

_MODE_SECONDS = 0.02

PROBE_SECONDS = 1.0
"""How long a look at whether the database can be written waits for its lock."""


class Sessions:
    """Opens transactions: to read, or (in workflows alone) to write."""

    def __init__(
        self,
        engine: Engine,
        patience: Patience,
        files: OpenFiles | None = None,
        queue: WriteQueue | None = None,
    ) -> None:
        self.engine = engine
        self._files = files
        self._queue = queue
        self._turns = WriteTurns(patience, alone=files is not None)
        self.writes = WriteHealth()

    def close(self) -> None:
        """Close every connection; the next transaction opens new ones to the same file.

        SQLite's file at the path must then still be the one that was open.
        """
        self.engine.dispose()
        if self._files is not None:
            self._files.forget()
        if self._queue is not None:
            self._queue.close()

    def remove(self) -> None:
        """Close every connection, and take away the SQLite file that was just made."""
        self.close()
        if self._files is not None:
            self._files.remove()

    def check_identity(self) -> None:
        """Check that SQLite's files at their paths are those that are open here.

        Raises:
            DatabaseReplaced: they are not; this process must stop.
        """
        if self._files is not None:
            self._files.check()

    def truncate_wal(self) -> None:
        """Empty SQLite's log of writes, which may still hold what was erased.

        Whoever reads at this moment keeps a part of it until the next time.
        """
        if self.engine.dialect.name == "sqlite":
            with closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that changes nothing: it always ends with a rollback."""
        with Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self, *, synced: bool = True) -> Iterator[Session]:
        """A transaction that is committed as a whole, or not at all.

        What somebody does at the desk is recorded in it.

        Args:
            synced: whether the disk has it before this ends. What was committed
                without that outlives this process, however it ends, and is safe from
                a power cut once the next transaction that is synced was committed.

        Raises:
            DatabaseBusy: others write for too long.
            DatabaseReplaced: SQLite's files are no longer those at their paths; what
                may have been committed to the others does not count.
        """
        waiter = self.writes.wait()
        try:
            with self._turns.take() as seconds:
                self.check_identity()
                engine = writer(self.engine, seconds, synced=synced)
                with (
                    Session(engine, expire_on_commit=False) as session,
                    session.begin(),
                ):
                    # SQLite's lock is taken here, and not at the first statement.
                    session.connection()
                    self.writes.begin(waiter)
                    changes = actions.watch(session)
                    yield session
                    act = actions.add_record(session, changes)
                self.check_identity()
                if act is not None:
                    act.recorded = True
        except (DatabaseBusy, DBAPIError) as error:
            self.writes.explains(error)
            raise
        else:
            self.writes.succeed()
            self._turns.succeed()
        finally:
            self.writes.begin(waiter)

    def look_at_writing(self) -> WriteState:
        """Look whether the database can be written; nothing is, and nobody waits.

        SQLite's lock is asked for during `PROBE_SECONDS` at most, and given back at
        once. Of a full disk only what this process's writers have met is known.

        Raises:
            SQLAlchemyError: the database cannot be used at all.
        """
        try:
            if self._files is not None:
                prober = writer(self.engine, PROBE_SECONDS)
                with prober.connect() as connection, connection.begin() as probe:
                    probe.rollback()
                self.writes.note_free()
            else:
                with self.engine.connect() as connection:
                    only_read = connection.exec_driver_sql("SHOW transaction_read_only")
                    if only_read.scalar() == "on":
                        return WriteState(WriteProblem.READ_ONLY, refused=True)
        except DBAPIError as error:
            problem = write_problem(error)
            if problem is None:
                raise
            if problem is not WriteProblem.BUSY:
                return WriteState(problem, refused=True)
            self.writes.note_held()
        return self.writes.state()


def writer(engine: Engine, seconds: float, *, synced: bool = True) -> Engine:
    """The same engine for transactions that write, each from its beginning.

    Args:
        engine: the engine.
        seconds: how long to wait for SQLite's lock, which is taken at the beginning.
        synced: whether a commit waits for the disk.
    """
    return engine.execution_options(
        **{_WRITES: True, _WAIT: seconds, _UNSYNCED: not synced}
    )


def connect(url: str, patience: Patience | None = None) -> Sessions:
    """Sessions on a database, which is reached when the first one opens.

    None is created: `schema.upgrade` does that.

    Args:
        url: an SQLAlchemy address, ``sqlite:///…`` or ``postgresql+psycopg://…``.
        patience: how long, and how many threads, may wait to write.

    Raises:
        SettingsError: it is neither.
    """
    _check(url)
    patience = patience or Patience()
    # Errors end up in logs: they tell the statement, and none of its values.
    if not url.startswith("sqlite"):
        # What waits for a lock gives up in the server, and a connection that a
        # restart of the server has cut is replaced before it is used.
        options = f"-c lock_timeout={round(patience.seconds * 1000)}"
        engine = create_engine(
            url,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"options": options} if _free(url) else {},
        )
        event.listen(engine, "begin", _begin_on_postgresql)
        return Sessions(engine, patience)
    files = OpenFiles(make_url(url).database or "", patience.seconds)
    engine = create_engine(url, creator=files.open, hide_parameters=True)

    def connected(connection: sqlite3.Connection, _record: object) -> None:
        _set_pragmas(connection, patience.seconds)
        connection.create_function("search_key", 1, search_key, deterministic=True)
        files.opened(connection)

    def closed(connection: object, _record: object = None) -> None:
        files.closed(connection)

    event.listen(engine, "connect", connected)
    event.listen(engine, "close", closed)
    event.listen(engine, "close_detached", closed)
    queue = WriteQueue(files.path)
    event.listen(engine, "begin", lambda connection: _begin(connection, queue))
    return Sessions(engine, patience, files, queue)


def _free(url: str) -> bool:
    """Whether an address leaves it to us what the server is told at the beginning."""
    return "options" not in make_url(url).query


def _check(url: str) -> None:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        known = False
    else:
        file = address.database not in {None, "", ":memory:"}
        known = address.drivername == "postgresql+psycopg" or (
            address.drivername == "sqlite" and file
        )
    if not known:
        # Without the address, which may hold a password.
        raise SettingsError(
            "SIGNER_DATABASE_URL",
            "must be sqlite:///PATH or postgresql+psycopg://user:password@host/name",
        )


def _set_pragmas(connection: sqlite3.Connection, seconds: float) -> None:
    # Python's driver would begin transactions by itself, and late; _begin does.
    connection.isolation_level = None
    _keep_a_write_ahead_log(connection, seconds)
    for pragma in (
        "synchronous = FULL",  # what is committed survives a power cut
        "foreign_keys = ON",
        "secure_delete = ON",  # what is erased is overwritten in the file
    ):
        connection.execute(f"PRAGMA {pragma}")


def _keep_a_write_ahead_log(connection: sqlite3.Connection, seconds: float) -> None:
    # In a new database that somebody writes to, SQLite refuses the change of mode
    # without any waiting.
    until = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > until:
                raise
            time.sleep(_MODE_SECONDS)
        else:
            return


def _begin(connection: Connection, queue: WriteQueue) -> None:
    # SQLite does not wait when a reader turns into a writer, so that a writer
    # takes its lock at once.
    options = connection.get_execution_options()
    _set_synchronous(connection, "NORMAL" if options.get(_UNSYNCED) else "FULL")
    if not options.get(_WRITES, False):
        connection.exec_driver_sql("BEGIN")
        return
    held = cast("sqlite3.Connection", connection.connection.driver_connection)
    if not queue.begin(held, options[_WAIT]):
        # Once more, so that the error comes in SQLAlchemy's words.
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _set_synchronous(connection: Connection, wanted: str) -> None:
    """Say when SQLite waits for the disk; it does not listen inside a transaction."""
    known = connection.info.get(_SYNCHRONOUS, "FULL")
    if known != wanted:
        connection.exec_driver_sql(f"PRAGMA synchronous = {wanted}")
        connection.info[_SYNCHRONOUS] = wanted


def _begin_on_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(_UNSYNCED):
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
