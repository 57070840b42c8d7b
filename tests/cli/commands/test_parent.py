"""signer parent, as the office types it."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from signer.register.rows import read_register
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.register.erase import OUT_OF_REACH
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from tests.cli.invoking import signer
from tests.conftest import PEOPLE

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def gone(app_context: AppContext) -> AppContext:
    """Wang was asked, and has left."""
    ask_parents(app_context)
    rest = PEOPLE.splitlines()[:-1]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)
    return app_context


def test_a_copy_is_written_for_its_owner_alone(
    app_context: AppContext, tmp_path: Path
) -> None:
    """Nobody else on the machine may read it, and no file is written over."""
    out = tmp_path / "amira.zip"
    command = ("parent", "export", "amira@example.org", "--out", str(out))
    done = signer(app_context.settings, *command)
    assert done.exit_code == 0, done.output
    assert out.stat().st_mode & 0o777 == 0o600
    assert "data.json" in zipfile.ZipFile(out).namelist()
    again = signer(app_context.settings, *command)
    assert again.exit_code == 1
    assert "is there already, and was not touched. Name another file." in again.stderr


def test_a_new_link_is_sent_by_the_office(app_context: AppContext) -> None:
    """To whoever was asked; for anybody else it says what to do."""
    ask_parents(app_context)
    done = signer(app_context.settings, "parent", "new-link", "family@example.org")
    assert (done.exit_code, done.stdout) == (
        0,
        "2 new links go out within a minute. Then those of before end.\n",
    )
    done = signer(app_context.settings, "parent", "new-link", "nobody@example.org")
    assert done.exit_code == 1
    assert "No parent in the register has been asked at this address." in done.stderr


def test_erasing_asks_first(gone: AppContext) -> None:
    """It says what would go; "no" leaves all of it."""
    done = signer(gone.settings, "parent", "erase", "wang@example.org", answer="n\n")
    assert done.exit_code == 1
    assert "To be erased: 王小明" in done.stderr
    assert "Nothing was erased." in done.stderr
    done = signer(gone.settings, "parent", "erase", "wang@example.org", answer="y\n")
    assert done.exit_code == 0
    assert "Erased: 王小明" in done.stdout
    for copies in ("backups", "bundles", "mailboxes"):
        assert copies in done.stdout.partition("does not reach")[2]
    done = signer(gone.settings, "parent", "erase", "wang@example.org", "--yes")
    assert done.exit_code == 1
    assert "No parent in the register has this address" in done.stderr


def test_who_is_in_the_register_is_refused_with_what_to_do(
    app_context: AppContext,
) -> None:
    """The answer names the command that lets people leave."""
    done = signer(app_context.settings, "parent", "erase", "amira@example.org", "--yes")
    assert done.exit_code == 1
    assert "signer register import --leavers" in done.stderr
    assert len(list_register(app_context)) == 4


def test_two_of_one_address_need_a_name(gone: AppContext) -> None:
    """So that nobody is erased by mistake."""
    done = signer(gone.settings, "parent", "erase", "family@example.org", "--yes")
    assert done.exit_code == 1
    assert "2 parents share this address. Add --name" in done.stderr


def test_an_erasure_is_one_document_for_programs(gone: AppContext) -> None:
    """--json gives what went, and nothing else on standard output."""
    done = signer(
        gone.settings, "parent", "erase", "wang@example.org", "--yes", "--json"
    )
    assert json.loads(done.stdout) == {
        "name": "王小明",
        "requests": 1,
        "declarations": [],
        "entries": [1],
        "dry_run": False,
        "out_of_reach": list(OUT_OF_REACH),
    }
