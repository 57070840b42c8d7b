"""What is known to be wrong with the log is told, and nothing goes on in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from signer.errors import LogBroken
from signer.store.log.tables import Opening
from signer.store.tables import Outbox
from signer.workflows.log.check import check_log
from signer.workflows.log.contradictions import note_contradiction
from signer.workflows.log.publish import signed_log
from signer.workflows.log.reopen import reopen_log
from signer.workflows.log.sign_checkpoint import accept_lost_file, sign_checkpoint
from signer.workflows.log.sign_when_due import sign_log_whole
from signer.workflows.mailing.alarms import alarm_letter
from signer.workflows.operations.findings import FindingKind
from signer.workflows.operations.readiness import examine
from signer.workflows.reconciliation import reconcile as reconcile_module
from signer.workflows.reconciliation.disagreement import Between, Disagreement
from signer.workflows.reconciliation.reconcile import MOST_KEPT, reconcile_nightly
from tests.workflows.log import logs

if TYPE_CHECKING:
    from signer.workflows.context import AppContext


def is_told(app_context: AppContext) -> bool:
    """Whether the public page says so, and readiness too."""
    log = signed_log(app_context)
    assert log
    found = [
        one
        for one in examine(app_context)
        if one.kind is FindingKind.CHECKPOINT and "not signed any more" in one.problem
    ]
    assert bool(found) is log.broken
    return log.broken


def test_a_known_rollback_is_told_until_it_is_solved(logged: AppContext) -> None:
    """By the file outside: on the page, in /readyz, and no more once it is reopened."""
    backup = logs.saved(logged)
    logs.append(logged.sessions, 3)
    newest = sign_checkpoint(logged)
    assert newest
    assert not is_told(logged)
    logs.restore(logged, backup)
    assert is_told(logged)
    reopen_log(logged, "The disk failed.", newest)
    assert not is_told(logged)


def test_a_restored_backup_signs_nothing_without_the_file(logged: AppContext) -> None:
    """On another machine nothing tells how old it is: an operator has to."""
    backup = logs.saved(logged)
    logs.append(logged.sessions, 3)
    newest = sign_checkpoint(logged)
    assert newest
    kept = logged.settings.checkpoint_path
    kept.unlink()
    logs.restore(logged, backup)
    logs.append(logged.sessions, 1)
    with pytest.raises(LogBroken, match="is missing"):
        sign_checkpoint(logged)
    assert is_told(logged)
    # Somebody had the newest: it was lost.
    kept.write_text(newest)
    accept_lost_file(logged)
    with pytest.raises(LogBroken, match="entries are gone"):
        sign_checkpoint(logged)
    kept.unlink()
    assert sign_checkpoint(logged)
    assert kept.exists()
    assert not is_told(logged)


def test_a_proof_that_was_shown_is_held(logged: AppContext) -> None:
    """Nothing is signed after it, whoever loses what else was held here."""
    note = sign_checkpoint(logged)
    assert note
    logs.truncate(logged, 7)
    logs.forget_heads(logged)
    assert sign_checkpoint(logged)
    assert not is_told(logged)
    note_contradiction(logged, note)
    note_contradiction(logged, note)
    assert is_told(logged)
    with pytest.raises(LogBroken, match="a proof that was shown"):
        sign_checkpoint(logged)
    assert any("a proof that was shown" in one for one in check_log(logged).problems)
    reopen_log(logged, "Entries were lost.", note)
    assert not is_told(logged)
    assert check_log(logged).is_whole


def test_records_that_go_after_a_reopening_are_missed(logged: AppContext) -> None:
    """The log is what it was, so that it is signed; beside it something is gone."""
    backup = logs.saved(logged)
    logs.append(logged.sessions, 3)
    newest = sign_checkpoint(logged)
    assert newest
    logs.restore(logged, backup)
    reopen_log(logged, "The disk failed.", newest)
    logs.append(logged.sessions, 2)
    sign_checkpoint(logged)
    assert check_log(logged).is_whole
    with logged.sessions.writing() as session:
        session.execute(delete(Opening).where(Opening.position == 15))
    report = check_log(logged)
    assert report.problems == (
        "The record of entry 15 is gone, and no entry says that it was erased.",
    )
    assert report.beside_the_log
    assert not is_told(logged)


def record_findings(app_context: AppContext) -> list[str]:
    """What readiness, and so the desk and signer status, tell of record and log."""
    return [
        one.problem for one in examine(app_context) if one.kind is FindingKind.RECORD
    ]


def test_records_that_are_deleted_beside_the_log_are_told_each_morning(
    logged: AppContext,
) -> None:
    """In readiness, to the public and by one mail a day; the log goes on."""
    sign_checkpoint(logged)
    reconcile_nightly(logged)
    assert record_findings(logged) == []
    with logged.sessions.writing() as session:
        opening = session.get_one(Opening, 4)
        kept = {"salt": opening.salt, "record": opening.record}
        session.execute(delete(Opening).where(Opening.position == 4))
    sign_log_whole(logged)
    reconcile_nightly(logged)
    reconcile_nightly(logged)
    [told] = record_findings(logged)
    assert "The record of entry 4 is gone, and no entry says" in told
    log = signed_log(logged)
    assert log
    assert log.differs_at
    assert not is_told(logged)
    with logged.sessions.reading() as session:
        [alarm] = session.scalars(select(Outbox))
        assert alarm.occasion.startswith("alarm:record:")
        letter = alarm_letter(logged, session, alarm)
    assert letter
    assert "The record of entry 4 is gone" in str(letter.values["problem"])
    logs.append(logged.sessions, 1)
    note = sign_checkpoint(logged)
    assert note
    assert logs.size_of(note) > log.size
    # Once it was put back, nobody hears of it any more.
    with logged.sessions.writing() as session:
        session.add(Opening(position=4, **kept))
    reconcile_nightly(logged)
    assert record_findings(logged) == []


def test_what_the_log_tells_of_is_kept_first(
    logged: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much else disagrees, and is more than is kept."""
    others = [
        Disagreement(Between.MAIL, f"request {number}", "It was not mailed.", "Ask.")
        for number in range(MOST_KEPT)
    ]
    monkeypatch.setattr(reconcile_module, "check_requests", lambda _: others)
    with logged.sessions.writing() as session:
        session.execute(delete(Opening).where(Opening.position == 4))
    reconcile_nightly(logged)
    assert len(record_findings(logged)) == 1
