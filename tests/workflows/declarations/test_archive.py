"""Each declaration has an archive copy, which is renewed before it ends."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import delete, select

from signer import clock
from signer.declaration.seal.archive_copy import extended
from signer.declaration.verify import Result
from signer.declaration.verify.verify import verify_with
from signer.register.rows import read_register
from signer.store.archive_copies.tables import ArchiveCopy
from signer.store.engine import connect
from signer.store.tables import Declaration, Outbox, Parent, SealedPdf
from signer.worker import Worker
from signer.workflows.backup.create import back_up
from signer.workflows.backup.restore import restore
from signer.workflows.declarations import archive as archiving
from signer.workflows.declarations.archive import Archived, archive_declarations
from signer.workflows.declarations.archive_state import archive_copy_of, archive_state
from signer.workflows.declarations.own_trust import own_trust
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.declarations.verify_with_records import Outside
from signer.workflows.reconciliation.reconcile import reconcile
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.export import export_parent
from signer.workflows.register.import_register import import_register
from tests.conftest import MOMENT, PEOPLE
from tests.declaration.archiving import AFTERWARDS, YEARS
from tests.declaration.authorities import ARCHITECTURE, Authorities
from tests.declaration.school import School
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

AMIRA = "amira@example.org"


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authorities]:
    """Certomancer over HTTP on this machine."""
    running = Authorities(tmp_path_factory.mktemp("authorities"))
    yield running
    running.close()


@pytest.fixture(autouse=True)
def authorities_of_now(authorities: Authorities) -> Iterator[None]:
    """They are back at `MOMENT`, and honest, after each test."""
    yield
    authorities.move_to(MOMENT)
    authorities.instead.clear()


def stamp_with(app_context: AppContext, authorities: Authorities, name: str) -> None:
    """Have the settings name the authority with one of the certificates."""
    app_context.settings = replace(
        app_context.settings, tsa_url=f"{authorities.address}/{ARCHITECTURE}/tsa/{name}"
    )


@pytest.fixture
def signed(
    app_context: AppContext,
    amira: Followed,
    authorities: Authorities,
    tmp_path: Path,
) -> AppContext:
    """Amira has signed; her declaration is sealed with a timestamp."""
    root = tmp_path / "tsa.pem"
    root.write_bytes(authorities.certificate("root").public_bytes(Encoding.PEM))
    keys = app_context.settings.trust_path.parent
    app_context.settings = replace(
        app_context.settings, tsa_trust_file=root, crl_file=keys / "ca.crl"
    )
    stamp_with(app_context, authorities, "tsa-first")
    sign(app_context, amira)
    seal_outstanding(app_context)
    return app_context


def row_of(app_context: AppContext) -> ArchiveCopy:
    with app_context.sessions.reading() as session:
        return session.scalars(select(ArchiveCopy)).one()


def copy_of(app_context: AppContext) -> tuple[bytes, bytes]:
    """The sealed file, and the whole copy of it."""
    with app_context.sessions.reading() as session:
        declaration = session.scalars(select(Declaration)).one()
        sealed = session.scalars(select(SealedPdf)).one().content
        copy = archive_copy_of(session, declaration.id)
    assert copy is not None
    return sealed, copy


def alarms(app_context: AppContext) -> list[str]:
    with app_context.sessions.reading() as session:
        query = select(Outbox.occasion).where(Outbox.occasion.like("alarm:archive%"))
        return list(session.scalars(query))


def test_a_copy_is_made_once_and_is_the_record_s_own_file(signed: AppContext) -> None:
    """The sealed file byte for byte; verification names the record's and the log's."""
    assert archive_declarations(signed) == Archived(made=1)
    assert archive_declarations(signed) == Archived()
    sealed, copy = copy_of(signed)
    row = row_of(signed)
    assert copy == sealed + (row.addition or b"")
    assert row.sha256 == hashlib.sha256(copy).hexdigest()
    assert (row.timestamps, row.made_at) == (1, MOMENT)
    outside = Outside(versions=signed.versions, record=signed.sessions)
    report = outside.complete(verify_with(own_trust(signed), copy))
    assert (report.result, report.level) == (Result.GENUINE, "B-LTA")
    told = {check.name: check.sentence for check in report.checks}
    assert told["record"].startswith("The sealed file in it is, byte for byte,")
    assert told["log"].startswith("The sealing of this very file is entry")


def test_a_copy_is_renewed_twice_by_new_authorities(
    signed: AppContext, authorities: Authorities
) -> None:
    """Each time before the certificate ends, and only when that is near."""
    archive_declarations(signed)
    sealed, former = copy_of(signed)
    for name, at in YEARS[1:]:
        stamp_with(signed, authorities, name)
        authorities.move_to(at - timedelta(days=60))
        with clock.frozen(at - timedelta(days=60)):
            assert archive_declarations(signed) == Archived()
        authorities.move_to(at)
        with clock.frozen(at):
            assert archive_declarations(signed) == Archived(renewed=1)
        _, copy = copy_of(signed)
        assert copy.startswith(former)
        former = copy
    assert row_of(signed).timestamps == 3
    with clock.frozen(AFTERWARDS):
        report = verify_with(own_trust(signed), former)
        assert report.result is Result.GENUINE
        with signed.sessions.reading() as session:
            assert archive_state(session).due == 0
    assert former.startswith(sealed)


def test_without_a_newer_certificate_a_copy_is_not_renewed(
    signed: AppContext, authorities: Authorities
) -> None:
    """It would last no longer; in its last month the headteacher hears of it."""
    archive_declarations(signed)
    for days, rung in ((80, 0), (20, 1)):
        at = datetime(2028, 1, 1, tzinfo=UTC) - timedelta(days=days)
        authorities.move_to(at)
        with clock.frozen(at):
            assert archive_declarations(signed) == Archived(waiting=1)
        assert len(alarms(signed)) == rung
    assert row_of(signed).timestamps == 1


def test_a_copy_that_has_ended_begins_anew(
    signed: AppContext, authorities: Authorities, key_files: KeyFiles, tmp_path: Path
) -> None:
    """A timestamp over one that has ended would prove nothing of it.

    The school's list of what it revoked has to be a newer one by then.
    """
    archive_declarations(signed)
    at = datetime(2028, 1, 2, tzinfo=UTC)
    stamp_with(signed, authorities, "tsa-second")
    authorities.move_to(at)
    with clock.frozen(at):
        assert archive_declarations(signed) == Archived(failed=1)
        assert "ran out" in (row_of(signed).problem or "")
        newer = School(key_files, signed.seal_key()).listed(at=at)
        path = tmp_path / "newer.crl"
        path.write_bytes(newer.public_bytes(Encoding.DER))
        signed.settings = replace(signed.settings, crl_file=path)
        assert archive_declarations(signed) == Archived(renewed=1)
    assert row_of(signed).timestamps == 1
    assert row_of(signed).made_at == at


@pytest.mark.parametrize("manner", ["broken", "imprint", "nonce"])
def test_what_fails_is_recorded_and_tried_again(
    signed: AppContext, authorities: Authorities, manner: str
) -> None:
    """The declaration is as it was, and an alarm comes after a week."""
    path = f"/{ARCHITECTURE}/tsa/tsa-first"
    authorities.instead[path] = f"/{manner}{path}"
    # What was learned of it while it was honest is not asked for again.
    later = MOMENT + timedelta(days=8)
    authorities.move_to(later)
    with clock.frozen(later):
        assert archive_declarations(signed) == Archived(failed=1)
        row = row_of(signed)
        assert (row.addition, row.attempts) == (None, 1)
        assert row.problem
        [occasion] = alarms(signed)
        assert archive_declarations(signed) == Archived(failed=1)
        assert alarms(signed) == [occasion]
        authorities.instead.clear()
        assert archive_declarations(signed) == Archived(made=1)
        row = row_of(signed)
        assert (row.attempts, row.problem) == (0, None)
        post = Post(signed)
        post.send()
        assert [one for one in post.mails() if "archive" in str(one)] == []


def test_the_alarm_says_what_is_the_matter(
    signed: AppContext, authorities: Authorities
) -> None:
    """How many are late, why, and which command shows more."""
    path = f"/{ARCHITECTURE}/tsa/tsa-first"
    authorities.instead[path] = f"/broken{path}"
    later = MOMENT + timedelta(days=8)
    authorities.move_to(later)
    with clock.frozen(later):
        archive_declarations(signed)
        post = Post(signed)
        post.send()
    text = str(post.mails()[-1].get_body(("plain",)))
    assert "1 declaration has no archive copy that lasts" in text
    assert "signer archive" in text


def test_without_an_authority_there_are_no_copies(
    app_context: AppContext, amira: Followed
) -> None:
    """And nobody is asked for one."""
    sign(app_context, amira)
    seal_outstanding(app_context)
    assert archive_declarations(app_context) == Archived()
    with app_context.sessions.reading() as session:
        assert session.scalars(select(ArchiveCopy)).all() == []


def test_the_worker_makes_copies(signed: AppContext) -> None:
    """Nobody has to type a command."""
    Worker(signed).do_round()
    assert row_of(signed).timestamps == 1


def test_two_at_once_leave_one_copy(
    signed: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second stores nothing, and both end well."""
    inner: list[Archived] = []

    def meanwhile(*given: object, **named: object) -> object:
        if not inner:
            inner.append(Archived())
            inner[0] = archive_declarations(signed)
        return extended(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(archiving, "extended", meanwhile)
    assert archive_declarations(signed) == Archived()
    assert inner == [Archived(made=1)]
    assert row_of(signed).timestamps == 1


def test_who_is_erased_meanwhile_gets_no_copy(
    signed: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of them comes back by it."""

    def meanwhile(*given: object, **named: object) -> object:
        leave_and_erase(signed)
        return extended(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(archiving, "extended", meanwhile)
    assert archive_declarations(signed) == Archived()
    with signed.sessions.reading() as session:
        assert session.scalars(select(ArchiveCopy)).all() == []


def leave_and_erase(app_context: AppContext) -> None:
    rest = [line for line in PEOPLE.splitlines() if not line.startswith("Amira")]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)
    erase_parent(app_context, AMIRA)


def test_a_copy_is_erased_with_its_declaration(signed: AppContext) -> None:
    """And goes with it where a process of the release before deletes that."""
    archive_declarations(signed)
    with signed.sessions.writing() as session:
        declaration = session.scalars(select(Declaration)).one()
        before = session.get_one(ArchiveCopy, declaration.id)
        session.expunge(before)
        session.execute(delete(Declaration))
        assert session.scalars(select(ArchiveCopy)).all() == []
        session.rollback()
    leave_and_erase(signed)
    with signed.sessions.reading() as session:
        assert session.scalars(select(ArchiveCopy)).all() == []
        assert AMIRA not in session.scalars(select(Parent.email)).all()


def test_a_parent_s_own_copy_of_their_data_holds_it(signed: AppContext) -> None:
    """Beside the sealed file, as something of theirs that is kept."""
    archive_declarations(signed)
    _, copy = copy_of(signed)
    archive = zipfile.ZipFile(io.BytesIO(export_parent(signed, AMIRA)))
    [name] = [one for one in archive.namelist() if one.startswith("archive/")]
    assert archive.read(name) == copy


def test_a_backup_carries_it(signed: AppContext, tmp_path: Path) -> None:
    """Byte for byte."""
    archive_declarations(signed)
    path = tmp_path / "all.backup"
    back_up(signed.sessions, path)
    other = connect(f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    try:
        done = restore(other, path)
        assert done.rows["archive_copy"] == 1
        with other.reading() as session:
            row = session.scalars(select(ArchiveCopy)).one()
            assert row.addition == row_of(signed).addition
    finally:
        other.close()


def test_the_record_s_own_check_looks_at_copies(signed: AppContext) -> None:
    """One that holds is no disagreement, and an altered one is named."""
    archive_declarations(signed)
    assert reconcile(signed, verify=True).disagreements == ()
    with signed.sessions.writing() as session:
        row = session.scalars(select(ArchiveCopy)).one()
        row.addition = (row.addition or b"") + b"\n"
    [one] = reconcile(signed).disagreements
    assert one.problem == "Its archive copy is not the one that was made."
    with signed.sessions.writing() as session:
        row = session.scalars(select(ArchiveCopy)).one()
        sealed = session.scalars(select(SealedPdf)).one().content
        row.sha256 = hashlib.sha256(sealed + (row.addition or b"")).hexdigest()
    [one] = reconcile(signed, verify=True).disagreements
    assert one.problem.startswith("Its archive copy does not verify. ")


def test_an_altered_copy_in_the_record_is_not_renewed(
    signed: AppContext, authorities: Authorities
) -> None:
    """A timestamp would say that it had always been so."""
    archive_declarations(signed)
    with signed.sessions.writing() as session:
        row = session.scalars(select(ArchiveCopy)).one()
        row.addition = (row.addition or b"")[:-9] + b" %%EOF\n\n\n"[-9:]
    name, at = YEARS[1]
    stamp_with(signed, authorities, name)
    authorities.move_to(at)
    with clock.frozen(at):
        assert archive_declarations(signed) == Archived(failed=1)
    assert "not the one that was made" in (row_of(signed).problem or "")
