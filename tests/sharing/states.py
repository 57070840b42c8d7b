"""States that many tests start from: brought about once, then put back as rows.

Asking five parents and mailing them takes a third of a second of a processor, and some
thousand tests start with it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, insert, literal_column, select, union_all

from signer import clock
from signer.store.row_export import reset_sequences
from signer.store.tables import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sqlalchemy import CompoundSelect

    from signer.workflows.context import AppContext

Rows = dict[str, list[tuple[Any, ...]]]

DATABASE = "signer.sqlite3"
"""The name of SQLite's file, with which those beside it begin."""

_TABLES = Base.metadata.sorted_tables

_FILLED: CompoundSelect[str] = union_all(
    *(
        select(literal_column(f"'{table.name}'")).where(exists().select_from(table))
        for table in _TABLES
    )
)
"""Names the tables that have rows: to ask each takes longer than what is asked for."""

_OF_ONE_TEST = {"instance", "database_url", "versions_dir"}
"""Settings by which tests differ that start alike."""


@dataclass(frozen=True)
class State:
    """What a workflow left behind.

    Attributes:
        rows: every row of every table that has any.
        files: what is in the instance beside database and versions, by path.
    """

    rows: Rows
    files: dict[str, bytes]


class Memory:
    """States by what they came from: time, settings, versions, rows and files."""

    def __init__(self) -> None:
        self._states: dict[Hashable, State] = {}

    def bring_about(
        self, context: AppContext, work: Callable[[AppContext], object]
    ) -> None:
        """Do some work on a context, or put back what the same work left before.

        Args:
            context: whose record and instance are changed.
            work: the work; it takes the context, and changes record and instance alone.
        """
        if context.settings.mail_url:
            # What would be there afterwards is not here alone.
            work(context)
            return
        before = _rows_of(context)
        key = work, _circumstances(context), repr(before), *_files_of(context).items()
        if key in self._states:
            _put_back(context, before, self._states[key])
        else:
            work(context)
            self._states[key] = State(_rows_of(context), _files_of(context))


def _circumstances(context: AppContext) -> Hashable:
    settings = context.settings
    kept = {field.name for field in fields(settings)} - _OF_ONE_TEST
    return (
        context.sessions.engine.dialect.name,
        clock.now(),
        tuple(version.sha256 for version in context.versions),
        repr({name: getattr(settings, name) for name in sorted(kept)}),
    )


def _rows_of(context: AppContext) -> Rows:
    with context.sessions.reading() as session:
        filled = set(session.scalars(_FILLED))
        return {
            table.name: [
                tuple(row)
                for row in session.execute(
                    select(table).order_by(*table.primary_key.columns)
                )
            ]
            for table in _TABLES
            if table.name in filled
        }


def _files_of(context: AppContext) -> dict[str, bytes]:
    instance, versions = context.settings.instance_path, context.settings.versions_dir
    return {
        str(path.relative_to(instance)): path.read_bytes()
        for path in sorted(instance.rglob("*"))
        if path.is_file()
        and not path.name.startswith(DATABASE)
        and versions not in path.parents
    }


def _put_back(context: AppContext, before: Rows, state: State) -> None:
    filled = [table for table in _TABLES if table.name in state.rows]
    with context.sessions.writing() as session:
        for table in reversed(_TABLES):
            if table.name in before:
                session.execute(delete(table))
        for table in filled:
            names = table.columns.keys()
            values = [
                dict(zip(names, row, strict=True)) for row in state.rows[table.name]
            ]
            session.execute(insert(table), values)
        reset_sequences(session, filled)
    for name, content in state.files.items():
        path = context.settings.instance_path / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(content)
