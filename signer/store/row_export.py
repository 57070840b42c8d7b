"""Rows as lines of JSON and back, the same whichever database they come from."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum as PythonEnum
from typing import Any

from sqlalchemy import (
    Column,
    Enum,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from signer.errors import BackupRefused
from signer.store import retention  # noqa: F401 - its tables are part of the record
from signer.store.archive_copies import tables as copies
from signer.store.campaigns import plans, release_steps, staff  # noqa: F401 - likewise
from signer.store.columns import UtcDateTime
from signer.store.desk import (
    checklist,
    choices,  # noqa: F401 - likewise
    inbox,  # noqa: F401 - likewise
)
from signer.store.desk import tables as desk
from signer.store.draft import tables as draft  # noqa: F401 - as above
from signer.store.exemption import tables as exemption  # noqa: F401 - as above
from signer.store.paper import tables as paper
from signer.store.register import tables as _  # noqa: F401 - likewise
from signer.store.tables import Base, PdfDictionary, SealedPdf
from signer.store.transient import (
    ErasureNotice,
    Heartbeat,
    LinkAsk,
    LinkAskPace,
    MailboxState,
    MailPace,
    MailServer,
    Reconciliation,
    RegisterUpload,
    WitnessState,
)
from signer.store.webhooks import tables as webhooks  # noqa: F401 - likewise

AT_ONCE = 500
"""Rows that are read or written in one go."""

_FEW_AT_ONCE = {
    paper.PaperScan.__tablename__: 4,
    SealedPdf.__tablename__: 50,
    copies.ArchiveCopy.__tablename__: 50,
}
"""The same, of tables whose rows hold files."""


OF_FILES = frozenset(
    table.__tablename__
    for table in (PdfDictionary, SealedPdf, copies.ArchiveCopy, paper.PaperScan)
)
"""Tables whose rows hold whole files, which no compression makes smaller."""

TRANSIENT = frozenset(
    table.__tablename__
    for table in (
        checklist.BackupMade,
        checklist.ChecklistResult,
        desk.DeskSession,
        desk.DeskSignIn,
        ErasureNotice,
        Heartbeat,
        LinkAsk,
        LinkAskPace,
        MailboxState,
        MailPace,
        MailServer,
        MailPace,
        MailServer,
        Reconciliation,
        RegisterUpload,
        WitnessState,
    )
)
"""Tables that tell of running processes, and mean nothing anywhere else."""


def tables(metadata: MetaData = Base.metadata) -> list[Table]:
    """Every table of the record, each behind those that it refers to.

    Args:
        metadata: those of this release's schema, or of an older one.
    """
    return [table for table in metadata.sorted_tables if table.name not in TRANSIENT]


def lines(session: Session, table: Table) -> Iterator[bytes]:
    """Each row as one line of JSON, its newline included.

    In a table `OF_FILES` the lines are followed by what they hold in bytes: in their
    place stands how many there are.
    """
    query = select(table).order_by(*table.primary_key.columns)
    rows = session.execute(query)
    names = tuple(rows.keys())
    apart = table.name in OF_FILES
    encode = json.JSONEncoder(ensure_ascii=False, default=_written).encode
    for row in rows.yield_per(_FEW_AT_ONCE.get(table.name, AT_ONCE)):
        if not apart:
            yield encode(dict(zip(names, row, strict=True))).encode() + b"\n"
            continue
        files = [one for one in row if isinstance(one, bytes)]
        values = (len(one) if isinstance(one, bytes) else one for one in row)
        line = encode(dict(zip(names, values, strict=True))).encode() + b"\n"
        yield b"".join((line, *files))


def files_after(table: Table, line: bytes) -> list[int]:
    """How many bytes follow a line of a table `OF_FILES`, of each of its columns.

    Raises:
        BackupRefused: the line is not a row of this table.
    """
    row = _columns_of(table, line)
    sizes = [row[name] for name in _names_of_files(table, row)]
    if not all(type(size) is int and size >= 0 for size in sizes):
        raise BackupRefused(f"a row of {table.name} cannot be read")
    return sizes


def _names_of_files(table: Table, row: Mapping[str, Any]) -> list[str]:
    """The columns that a row has files in, in the order of its line."""
    held = {one.name for one in table.columns if isinstance(one.type, LargeBinary)}
    return [name for name in row if name in held and row[name] is not None]


def fill(
    session: Session, table: Table, given: Iterable[bytes | tuple[bytes, list[bytes]]]
) -> int:
    """Put rows into a table; gives how many.

    Args:
        session: the transaction.
        table: an empty one; those that it refers to are filled.
        given: lines as `lines` makes them; those of a table `OF_FILES` each with what
            follows it, of one column after the other.

    Raises:
        BackupRefused: a line is not a row of this table.
    """
    # A row may refer to another of its table, which may come later.
    own = [
        column
        for column in table.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]
    count, most = 0, _FEW_AT_ONCE.get(table.name, AT_ONCE)
    later: list[tuple[dict[str, Any], dict[str, Any]]] = []
    batch: list[dict[str, Any]] = []
    for line in given:
        text, files = (line, None) if isinstance(line, bytes) else line
        row = _row(table, text, files)
        refers = {one.name: row[one.name] for one in own if row[one.name] is not None}
        if refers:
            later.append(({k.name: row[k.name] for k in table.primary_key}, refers))
            row |= dict.fromkeys(refers)
        batch.append(row)
        count += 1
        if len(batch) == most:
            session.execute(insert(table), batch)
            batch = []
    if batch:
        session.execute(insert(table), batch)
    for key, refers in later:
        where = (table.columns[name] == value for name, value in key.items())
        session.execute(update(table).where(*where).values(refers))
    return count


def reset_sequences(session: Session, filled: Iterable[Table]) -> None:
    """Make PostgreSQL number new rows behind those that were put in; SQLite does."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in filled:
        column = table.autoincrement_column
        if column is None:
            continue
        newest = session.scalar(select(func.max(column)))
        if newest is not None:
            session.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, :column), :newest)"),
                {"table": table.name, "column": column.name, "newest": newest},
            )


def _written(value: object) -> object:
    """What JSON has no way to write."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, PythonEnum):
        return value.value
    raise TypeError(type(value))


def _columns_of(table: Table, line: bytes) -> dict[str, Any]:
    try:
        given = json.loads(line)
        if set(given) != set(table.columns.keys()):
            raise BackupRefused(f"a row of {table.name} has other columns")
        return dict(given)
    except (ValueError, TypeError, AttributeError) as error:
        raise BackupRefused(f"a row of {table.name} cannot be read") from error


def _row(table: Table, line: bytes, files: list[bytes] | None) -> dict[str, Any]:
    """A row by its line, and by the files that follow it where they do."""
    given = _columns_of(table, line)
    if files is not None:
        given |= dict(zip(_names_of_files(table, given), files, strict=True))
    try:
        return {
            column.name: _read(column, given[column.name]) for column in table.columns
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise BackupRefused(f"a row of {table.name} cannot be read") from error


def _read(column: Column[Any], value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    if value is None:
        return None
    if isinstance(column.type, LargeBinary):
        if isinstance(value, bytes):
            return value
        return b64decode(value, validate=True)
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Enum) and column.type.enum_class is not None:
        return column.type.enum_class(value)
    return value
