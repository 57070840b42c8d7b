"""Connections and transactions, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from signer.errors import SettingsError
from signer.store.sqlite_files import opener

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up."""

_WRITES = "signer_writes"


class Sessions:
    """Opens transactions: to read, or (in workflows alone) to write."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**{_WRITES: True})

    def close(self) -> None:
        """Close every connection; the next transaction opens new ones."""
        self.engine.dispose()

    def settle(self) -> None:
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
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed as a whole, or not at all."""
        with (
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session


def connect(url: str) -> Sessions:
    """Sessions on a database, which is reached when the first one opens.

    None is created: `schema.upgrade` does that.

    Args:
        url: an SQLAlchemy address, ``sqlite:///…`` or ``postgresql+psycopg://…``.

    Raises:
        SettingsError: it is neither.
    """
    _check(url)
    if not url.startswith("sqlite"):
        return Sessions(create_engine(url, pool_pre_ping=True, hide_parameters=True))
    # Errors end up in logs: they tell the statement, and none of its values.
    engine = create_engine(
        url,
        creator=opener(make_url(url).database or "", BUSY_SECONDS),
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return Sessions(engine)


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


def _set_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI's
    # Python's driver would begin transactions by itself, and late; _begin does.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # what is committed survives a power cut
        "foreign_keys = ON",
        "secure_delete = ON",  # what is erased is overwritten in the file
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # SQLite does not wait when a reader turns into a writer, so that a writer
    # takes its lock at once.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
