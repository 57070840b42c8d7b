"""signer backup and signer restore, as an operator types them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.register.list import list_register
from tests.cli.invoking import signer

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_backup_is_restored_elsewhere(
    app_context: AppContext, tmp_path: Path
) -> None:
    """On another machine with an empty database, everything is there again."""
    ask_parents(app_context)
    file = tmp_path / "monday.backup"
    done = signer(app_context.settings, "backup", str(file))
    assert done.exit_code == 0, done.output
    assert "Backed up: " in done.stdout
    elsewhere = replace(
        app_context.settings, database_url=f"sqlite:///{tmp_path / 'other.sqlite3'}"
    )
    done = signer(elsewhere, "restore", str(file))
    assert done.exit_code == 0, done.output
    assert "including 0 declarations and 1 entry of the log" in done.stdout
    listed = signer(elsewhere, "register", "list", "--json")
    assert {one["name"] for one in json.loads(listed.stdout)} == {
        one.name for one in list_register(app_context)
    }


def test_refusals_say_what_to_do(app_context: AppContext, tmp_path: Path) -> None:
    """A file that is there, a database that is not empty, a file that is no backup."""
    file = tmp_path / "monday.backup"
    assert signer(app_context.settings, "backup", str(file)).exit_code == 0
    again = signer(app_context.settings, "backup", str(file))
    assert again.exit_code == 1
    assert "already exists" in again.stderr
    full = signer(app_context.settings, "restore", str(file))
    assert full.exit_code == 1
    assert "Name an empty one with SIGNER_DATABASE_URL." in full.stderr
    file.write_text("nothing")
    none = signer(app_context.settings, "restore", str(file))
    assert none.exit_code == 1
    assert "Nothing was changed." in none.stderr


def test_a_backup_is_one_document_for_programs(
    app_context: AppContext, tmp_path: Path
) -> None:
    """--json counts the rows of each table."""
    file = tmp_path / "monday.backup"
    done = signer(app_context.settings, "backup", str(file), "--json")
    document = json.loads(done.stdout)
    assert document["rows"]["parent"] == 4
    assert document["bytes"] == file.stat().st_size


def test_a_backup_is_restored_into_an_instance_that_is_not_there_yet(
    app_context: AppContext, tmp_path: Path
) -> None:
    """Its folder is made for the owner alone, as `signer db upgrade` makes it."""
    file = tmp_path / "monday.backup"
    assert signer(app_context.settings, "backup", str(file)).exit_code == 0
    new = replace(app_context.settings, instance=tmp_path / "new", database_url="")
    done = signer(new, "restore", str(file))
    assert done.exit_code == 0, done.output
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_refused_restore_leaves_what_parents_signed_last(
    app_context: AppContext, tmp_path: Path
) -> None:
    """A log of writes whose database was moved away stays byte for byte as it is."""
    file = tmp_path / "monday.backup"
    assert signer(app_context.settings, "backup", str(file)).exit_code == 0
    database = tmp_path / "elsewhere" / "signer.sqlite3"
    database.parent.mkdir()
    beside = {
        database.with_name(f"{database.name}{ending}"): ending.encode() * 100
        for ending in ("-wal", "-shm")
    }
    for path, content in beside.items():
        path.write_bytes(content)
    elsewhere = replace(app_context.settings, database_url=f"sqlite:///{database}")
    done = signer(elsewhere, "restore", str(file))
    assert done.exit_code == 1
    assert "put the database back beside it" in done.stderr
    assert {path: path.read_bytes() for path in beside} == beside
    assert not database.exists()
