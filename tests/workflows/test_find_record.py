"""The record says of each declaration which file it keeps, and is never made anew."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from signer.store import schema
from signer.store.engine import connect
from signer.workflows.find_record import record_at_hand, recorded_sha256
from signer.workflows.sign_declaration import declaration_pdf, sign_declaration
from tests.workflows.conftest import answers

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.follow_link import Followed
    from signer.workflows.house import House


def test_the_file_kept_is_named_by_its_hash(house: House, amira: Followed) -> None:
    """What the parent can fetch is what the record says."""
    assert amira.request_ref
    assert amira.link_fingerprint
    signed = sign_declaration(
        house,
        amira.request_ref,
        link_fingerprint=amira.link_fingerprint,
        answers=answers(house),
    )
    found = declaration_pdf(house, amira.request_ref, amira.link_fingerprint)
    assert found
    kept = hashlib.sha256(found[0]).hexdigest()
    assert recorded_sha256(house.sessions, signed.declaration_id) == kept
    with record_at_hand(house.settings.database) as record:
        assert record
        assert recorded_sha256(record, signed.declaration_id) == kept


def test_an_unknown_declaration_has_no_file(house: House) -> None:
    """Whatever is asked for, nothing is found and nothing breaks."""
    for unknown in ("D-0000-0000-0000", "", "' OR 1=1 --"):
        assert recorded_sha256(house.sessions, unknown) is None


def test_looking_for_a_record_makes_none(tmp_path: Path) -> None:
    """No file, a folder, an empty file, another program's: there is no record."""
    missing = tmp_path / "none.sqlite3"
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "letter").write_text("Dear parents")
    before = sorted(tmp_path.iterdir())
    for path in (missing, tmp_path / "folder", tmp_path / "empty", tmp_path / "letter"):
        with record_at_hand(f"sqlite:///{path}") as record:
            assert record is None
    assert [one for one in before if not one.exists()] == []
    assert not missing.exists()
    assert (tmp_path / "letter").read_text() == "Dear parents"


def test_a_server_that_does_not_answer_is_no_record() -> None:
    """An auditor's copy of the settings need not reach the school's server."""
    nobody = "postgresql+psycopg://127.0.0.1:1/signer?connect_timeout=1"
    with record_at_hand(nobody) as record:
        assert record is None


def test_a_record_of_another_release_is_none(database: str) -> None:
    """What cannot be understood is not asked."""
    sessions = connect(database)
    assert schema.is_there(sessions.engine)
    with sessions.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert not schema.is_there(sessions.engine)
    sessions.close()
