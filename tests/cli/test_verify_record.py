"""signer verify where the school's record is at hand."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from signer import clock
from signer.cli import main
from signer.config import environment
from signer.store import schema
from signer.store.engine import connect
from signer.store.tables import Declaration
from signer.workflows.ask_parents import ask_parents
from signer.workflows.follow_link import open_link
from signer.workflows.seal_declaration import seal_outstanding
from signer.workflows.sign_declaration import declaration_pdf, sign_declaration
from tests.workflows.conftest import Post, answers

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.house import House


@pytest.fixture
def pdf(house: House, tmp_path: Path) -> Path:
    """A declaration that a parent of the house has signed."""
    ask_parents(house)
    post = Post(house)
    post.send()
    amira = open_link(house, post.token("Amira Khan"))
    assert amira.request_ref
    assert amira.link_fingerprint
    marks = amira.request_ref, amira.link_fingerprint
    sign_declaration(house, marks[0], link_fingerprint=marks[1], answers=answers(house))
    found = declaration_pdf(house, *marks)
    assert found
    path = tmp_path / "declaration.pdf"
    path.write_bytes(found[0])
    return path


def verify(house: House, path: Path, **changed: str) -> tuple[int, str, dict[str, str]]:
    """The exit code, the result, and the check against the record."""
    env = {**environment(house.settings), **changed}
    done = CliRunner(env=env).invoke(main, ["verify", "--json", str(path)])
    [report] = json.loads(done.stdout)["files"]
    return done.exit_code, report["result"], report["checks"][11]


def test_the_file_in_the_record_is_found_there(house: House, pdf: Path) -> None:
    """Every check is made, the last one too."""
    code, result, record = verify(house, pdf)
    assert (code, result) == (0, "genuine")
    assert (record["name"], record["outcome"]) == ("record", "passed")


def test_another_file_under_the_same_reference_is_not_genuine(
    house: House, pdf: Path
) -> None:
    """However well it is sealed: the school keeps another."""
    with house.sessions.writing() as session:
        session.execute(update(Declaration).values(pdf_sha256=None))
    with clock.frozen(clock.now() + timedelta(seconds=1)):
        assert seal_outstanding(house) == 1
    code, result, record = verify(house, pdf)
    assert (code, result) == (1, "not genuine")
    assert record["outcome"] == "failed"


def test_without_a_record_that_check_is_left_out(
    house: House, pdf: Path, tmp_path: Path
) -> None:
    """Nothing is lowered, and no database is made by looking for one."""
    missing = tmp_path / "elsewhere.sqlite3"
    url = f"sqlite:///{missing}"
    code, result, record = verify(house, pdf, SIGNER_DATABASE_URL=url)
    assert (code, result) == (0, "genuine")
    assert record["outcome"] == "not checked"
    assert not missing.exists()


def test_a_declaration_that_the_record_does_not_know_is_not_compared(
    house: House, pdf: Path, tmp_path: Path
) -> None:
    """A record restored from an older backup says nothing of it."""
    url = f"sqlite:///{tmp_path / 'older.sqlite3'}"
    older = connect(url)
    schema.upgrade(older.engine)
    older.close()
    code, result, record = verify(house, pdf, SIGNER_DATABASE_URL=url)
    assert (code, result) == (0, "genuine")
    assert record["outcome"] == "not checked"
