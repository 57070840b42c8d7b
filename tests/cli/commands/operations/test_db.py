"""signer db upgrade, as an operator types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from signer.config import Settings
from signer.store import schema
from signer.store.engine import connect
from tests.cli.invoking import signer
from tests.config.refusal import SECRET


def test_the_first_time_makes_folder_and_tables(tmp_path: Path) -> None:
    """The folder is its owner's alone; the second time changes nothing."""
    settings = Settings(instance=tmp_path / "new" / "instance")
    for _ in range(2):
        done = signer(settings, "db", "upgrade")
        assert done.exit_code == 0, done.output
        assert done.stdout == "The database is ready.\n"
    sessions = connect(settings.database)
    schema.check(sessions.engine)
    sessions.close()
    assert settings.instance_path.stat().st_mode & 0o077 == 0


def test_postgresql_is_brought_up_as_well(tmp_path: Path, database: str) -> None:
    """The same command, and a database that is up to date stays as it is."""
    done = signer(Settings(instance=tmp_path, database_url=database), "db", "upgrade")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("place", ["file/instance", "file"])
def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, place: str) -> None:
    """The setting, and why."""
    (tmp_path / "file").touch()
    done = signer(Settings(instance=tmp_path / place), "db", "upgrade")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: The setting SIGNER_INSTANCE ")


@pytest.mark.parametrize("spoiled", ["folder", "letter", "/proc/none/signer.sqlite3"])
def test_a_database_that_cannot_be_written_is_told(
    tmp_path: Path, spoiled: str
) -> None:
    """The setting to look at, and nothing of the database's own words."""
    path = tmp_path / "records"
    if spoiled == "folder":
        path.mkdir()
    elif spoiled == "letter":
        path.write_text("Dear parents, " * 100)
    else:
        path = path.__class__(spoiled)
    settings = Settings(instance=tmp_path, database_url=f"sqlite:///{path}")
    done = signer(settings, "db", "upgrade")
    assert done.exit_code == 1
    assert "SIGNER_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    """What it must look like."""
    settings = Settings(instance=tmp_path, database_url="records")
    done = signer(settings, "db", "upgrade")
    assert done.exit_code == 1
    assert "SIGNER_DATABASE_URL must be sqlite:///" in done.stderr


def test_a_database_of_a_newer_release_is_told_as_such(tmp_path: Path) -> None:
    """No command leads round in a circle, and the database stays as it is."""
    settings = Settings(instance=tmp_path, secret_keys=(SECRET,))
    assert signer(settings, "db", "upgrade").exit_code == 0
    sessions = connect(settings.database)
    with sessions.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    sessions.close()
    backup = Path(__file__).parents[3] / "kept" / "schema_0005" / "all.backup"
    for command in (("db", "upgrade"), ("restore", str(backup)), ("check",)):
        done = signer(settings, *command)
        assert done.exit_code == 1
        assert "9999, of a newer release" in done.stderr, done.output
        assert "`signer db upgrade`" not in done.stderr
