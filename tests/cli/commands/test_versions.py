"""signer versions, as anyone types it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from signer.workflows.campaigns.ask import ask_parents
from tests.cli.invoking import signer

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_versions_are_listed_with_what_identifies_them(app_context: AppContext) -> None:
    """The number, the label, the review, and the SHA-256 in full."""
    path = app_context.settings.versions_dir / "2.md"
    done = signer(app_context.settings, "versions", COLUMNS="120")
    assert done.exit_code == 0
    row = done.stdout.splitlines()[-1]
    assert row.split()[:3] == ["2", "August", "2022"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() in row


def test_the_list_is_one_document_for_programs(app_context: AppContext) -> None:
    """--json, oldest first."""
    found = json.loads(signer(app_context.settings, "versions", "--json").stdout)
    assert [one["version"] for one in found] == [
        one.number for one in app_context.versions
    ]
    assert found[-1]["sha256"] == app_context.versions[-1].sha256


def test_what_was_asked_is_what_is_there(app_context: AppContext) -> None:
    """The check says what it compared with."""
    ask_parents(app_context)
    done = signer(app_context.settings, "versions", "check")
    assert done.exit_code == 0, done.output
    assert "They are those that parents were asked to sign." in done.stdout


def test_without_a_database_the_rest_is_checked(
    app_context: AppContext, tmp_path: Path
) -> None:
    """An auditor's copy has none, and none is made."""
    missing = tmp_path / "none.sqlite3"
    url = f"sqlite:///{missing}"
    done = signer(app_context.settings, "versions", "check", SIGNER_DATABASE_URL=url)
    assert done.exit_code == 0, done.output
    assert "There is no database here" in done.stdout
    assert not missing.exists()


@pytest.mark.parametrize("asked", [True, False])
def test_a_changed_version_is_told_in_plain_words(
    app_context: AppContext,
    asked: bool,  # noqa: FBT001 - a case
) -> None:
    """Exit code 1, the file's name, and no traceback."""
    if asked:
        ask_parents(app_context)
    path = app_context.settings.versions_dir / "2.md"
    path.write_text(path.read_text().replace("respect", "contempt"))
    done = signer(app_context.settings, "versions", "check")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "2.md" in done.stderr


def test_a_file_that_is_no_version_is_named(app_context: AppContext) -> None:
    """A stray file in the folder is not passed over."""
    (app_context.settings.versions_dir / "3.md").write_text("Dear parents\n")
    done = signer(app_context.settings, "versions", "check")
    assert done.exit_code == 1
    assert "3.md" in done.stderr


def test_a_folder_that_is_missing_is_told(
    app_context: AppContext, tmp_path: Path
) -> None:
    """The folder's name stands in the answer."""
    gone = str(tmp_path / "gone")
    done = signer(app_context.settings, "versions", SIGNER_VERSIONS_DIR=gone)
    assert done.exit_code == 1
    assert gone in done.stderr


def test_a_database_that_does_not_answer_is_told(app_context: AppContext) -> None:
    """It was to be compared with, and was not: that is no "yes"."""
    url = "postgresql+psycopg://school:hush@127.0.0.1:1/signer?connect_timeout=1"
    done = signer(app_context.settings, "versions", "check", SIGNER_DATABASE_URL=url)
    assert done.exit_code == 1
    assert "SIGNER_DATABASE_URL" in done.stderr
    assert "hush" not in done.stderr
