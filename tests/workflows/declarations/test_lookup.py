"""The record says of each declaration which file it keeps, and is never made anew."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

from signer import clock
from signer.audit.currency import Fate
from signer.declaration.statement import new_declaration_id
from signer.errors import CheckFailed, NotChecked
from signer.store import schema
from signer.store.engine import connect
from signer.store.log.tables import Opening
from signer.store.tables import Declaration, Request
from signer.workflows.declarations.lookup import find_record, log_check, record_at_hand
from signer.workflows.requests.sign import declaration_pdf, sign_declaration
from tests.workflows.conftest import answers

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed


def signed_pdf(app_context: AppContext, amira: Followed) -> tuple[str, bytes]:
    """A declaration that was signed just now: its reference and its file."""
    assert amira.request_ref
    assert amira.link_fingerprint
    marks = amira.request_ref, amira.link_fingerprint
    signed = sign_declaration(
        app_context, marks[0], link_fingerprint=marks[1], answers=answers(app_context)
    )
    found = declaration_pdf(app_context, *marks)
    assert found
    return signed.declaration_id, found[0]


def test_the_file_kept_is_named_by_its_hash(
    app_context: AppContext, amira: Followed
) -> None:
    """What the parent can fetch is what the record says, and so does its log."""
    named, pdf = signed_pdf(app_context, amira)
    sha256 = hashlib.sha256(pdf).hexdigest()
    with record_at_hand(app_context.settings.database) as record:
        assert record
        for sessions in (app_context.sessions, record):
            kept = find_record(sessions, named)
            assert kept
            assert kept.pdf_sha256 == sha256
            assert kept.fate == Fate()
            told = log_check(kept, declaration_id=named, pdf_sha256=sha256)
            assert kept.entry
            assert f"is entry {kept.entry.position} of the log" in told


def test_the_log_does_not_vouch_for_another_file(
    app_context: AppContext, amira: Followed
) -> None:
    """Another file under the reference is a "no"; another reference says nothing."""
    named, pdf = signed_pdf(app_context, amira)
    sha256 = hashlib.sha256(pdf).hexdigest()
    kept = find_record(app_context.sessions, named)
    assert kept
    with pytest.raises(CheckFailed, match="another file was sealed"):
        log_check(kept, declaration_id=named, pdf_sha256="0" * 64)
    with pytest.raises(NotChecked, match="something else"):
        log_check(kept, declaration_id="D-0000-0000-0000", pdf_sha256=sha256)


def test_an_entry_that_was_rewritten_vouches_for_nothing(
    app_context: AppContext, amira: Followed
) -> None:
    """Nor does one whose record was erased."""
    named, pdf = signed_pdf(app_context, amira)
    sha256 = hashlib.sha256(pdf).hexdigest()
    for change, said in (
        (update(Opening).values(salt=bytes(32)), "do not fit together"),
        (delete(Opening), "holds no entry"),
    ):
        with app_context.sessions.writing() as session:
            session.execute(change)
        kept = find_record(app_context.sessions, named)
        assert kept
        assert kept.pdf_sha256 == sha256
        with pytest.raises(NotChecked, match=said):
            log_check(kept, declaration_id=named, pdf_sha256=sha256)


def test_who_left_and_who_signed_anew_is_told(
    app_context: AppContext, amira: Followed
) -> None:
    """The record knows what became of a declaration."""
    named, _ = signed_pdf(app_context, amira)
    left = clock.now()
    later = new_declaration_id()
    with app_context.sessions.writing() as session:
        first = session.get_one(Declaration, named)
        request = session.scalars(
            select(Request).where(Request.id != first.request_id)
        ).first()
        assert request
        session.add(
            Declaration(
                id=later,
                request_id=request.id,
                statement=b"{}",
                statement_sha256="0" * 64,
                signed_at=left,
                replaces=named,
            )
        )
        first.request.parent.left_at = left
    kept = find_record(app_context.sessions, named)
    assert kept
    assert kept.fate == Fate(replaced_by=later, left_at=left)
    kept = find_record(app_context.sessions, later)
    assert kept
    assert (kept.pdf_sha256, kept.entry, kept.fate) == (None, None, Fate())


def test_an_unknown_declaration_has_no_file(app_context: AppContext) -> None:
    """Whatever is asked for, nothing is found and nothing breaks."""
    for unknown in ("D-0000-0000-0000", "", "' OR 1=1 --"):
        assert find_record(app_context.sessions, unknown) is None


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
