"""The migrations and the models say the same; another schema is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from signer.errors import DatabaseMissing, StoreError
from signer.store import (
    retention,  # noqa: F401 - its tables are part of the models
    schema,
)
from signer.store.draft import tables as draft  # noqa: F401 - as above
from signer.store.engine import connect
from signer.store.exemption import tables as exemption  # noqa: F401 - as above
from signer.store.log import tables  # noqa: F401 - its tables are part of the models
from signer.store.paper import tables as paper  # noqa: F401 - as above
from signer.store.tables import Base
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    from signer.store.engine import Sessions


def test_migrated_schema_equals_the_models(sessions: Sessions) -> None:
    """What the migrations make differs in nothing from what the models declare."""
    with sessions.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        differences = compare_metadata(context, Base.metadata)
    assert differences == []


def test_the_names_of_the_files_are_the_revisions() -> None:
    """Every process goes by them; Alembic goes by what stands in the files."""
    folder = REPOSITORY / "signer" / "store" / "migrations"
    scripts = ScriptDirectory(str(folder), recursive_version_locations=True)
    assert schema.revisions() == [one.revision for one in scripts.walk_revisions()]
    assert schema.newest() == scripts.get_current_head()


def test_upgrading_twice_changes_nothing(sessions: Sessions) -> None:
    """A database that is up to date stays as it is."""
    engine = sessions.engine
    schema.upgrade(engine)
    schema.check(engine)


def test_an_empty_database_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """A database without tables names the command that makes them."""
    (tmp_path / "empty.sqlite3").touch()
    engine = connect(f"sqlite:///{tmp_path / 'empty.sqlite3'}").engine
    with pytest.raises(StoreError, match="signer db upgrade"):
        schema.check(engine)
    engine.dispose()


def test_looking_for_a_database_creates_none(tmp_path: Path) -> None:
    """Where there is no file there is none afterwards, and the error says where."""
    path = tmp_path / "none.sqlite3"
    engine = connect(f"sqlite:///{path}").engine
    with pytest.raises(DatabaseMissing) as caught:
        schema.check(engine)
    engine.dispose()
    assert caught.value.path == str(path)
    assert list(tmp_path.iterdir()) == []


def test_no_database_is_created_beside_the_log_of_writes_of_another(
    tmp_path: Path,
) -> None:
    """SQLite would empty it; it stays as it is, and so does the folder."""
    path = tmp_path / "signer.sqlite3"
    beside = tmp_path / "signer.sqlite3-wal"
    beside.write_bytes(b"what was signed")
    engine = connect(f"sqlite:///{path}").engine
    with pytest.raises(StoreError, match="log of writes"):
        schema.upgrade(engine)
    engine.dispose()
    assert list(tmp_path.iterdir()) == [beside]
    assert beside.read_bytes() == b"what was signed"


def test_a_newer_schema_is_refused(sessions: Sessions) -> None:
    """A database of a later release is not touched by this one."""
    engine = sessions.engine
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="9999"):
        schema.check(engine)
