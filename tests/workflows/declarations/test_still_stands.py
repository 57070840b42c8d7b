"""What a proof vouches for, looked for in the log as it is today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from signer.errors import EntryLost, LogContradicted, NotChecked
from signer.ledger.proof_files import Proof, read_proof
from signer.store.log.append import append_leaf
from signer.store.log.tables import ContradictingHead, Leaf, Opening
from signer.store.tables import Outbox
from signer.workflows.declarations.still_stands import Stands, still_stands
from signer.workflows.log.contradictions import note_contradiction
from signer.workflows.log.inclusion_proofs import proof_of_leaf
from signer.workflows.log.origins import verifiers
from signer.workflows.log.reopen import reopen_log
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.mailing.alarms import alarm_letter
from tests.workflows.log import logs

if TYPE_CHECKING:
    from signer.workflows.context import AppContext

ENTRY = 9
"""The entry that somebody holds a proof of, in a log of 13."""


@pytest.fixture
def proof(logged: AppContext) -> Proof:
    """The proof of an entry, as it was made."""
    with logged.sessions.reading() as session:
        made = proof_of_leaf(session, ENTRY)
    assert made
    return read_proof(str(made))


def reopen(app_context: AppContext, proof: Proof) -> None:
    """Say that a disk was lost, and go on after the head of a proof."""
    reopen_log(app_context, "A disk was lost.", proof.checkpoint)


def close(app_context: AppContext, position: int, *, said: bool) -> None:
    """Delete what an entry stands for, with or without an entry that says so."""
    with app_context.sessions.writing() as session:
        session.execute(delete(Opening).where(Opening.position == position))
        if said:
            append_leaf(session, "parent:erased", entries=f"{position}")


def stands(app_context: AppContext, proof: Proof) -> Stands:
    """What the log has of it."""
    return still_stands(app_context.sessions, proof, verifiers(app_context))


def test_an_erasure_between_two_restarts_is_found(
    logged: AppContext, proof: Proof
) -> None:
    """It names the entry by a number that it has no more, and that no proof has."""
    logs.remove(logged, 2)
    reopen(logged, proof)
    close(logged, ENTRY - 1, said=True)
    between = sign_checkpoint(logged)
    assert between
    logs.remove(logged, 3)
    reopen_log(logged, "Another disk was lost.", between)
    found = stands(logged, proof)
    assert (found.entry, found.lost) == (ENTRY - 2, False)
    assert found.erased_by is not None


def test_an_entry_that_moved_is_found_again(logged: AppContext, proof: Proof) -> None:
    """Reopening closes the gap that an earlier entry left."""
    logs.remove(logged, 2)
    reopen(logged, proof)
    found = stands(logged, proof)
    assert (found.restarted, found.entry, found.erased_by) == (True, ENTRY - 1, None)
    assert found.head_size == found.size


def test_an_entry_that_was_logged_anew_is_found(
    logged: AppContext, proof: Proof
) -> None:
    """Its leaf was spoilt, and reopening has logged the record once more."""
    with logged.sessions.writing() as session:
        session.get_one(Leaf, ENTRY).commitment = bytes(32)
    reopen(logged, proof)
    found = stands(logged, proof)
    assert (found.restarted, found.entry) == (True, 13)


@pytest.mark.parametrize("before", [True, False], ids=["before", "since"])
def test_an_erasure_is_told_before_and_since_a_reopening(
    logged: AppContext, proof: Proof, *, before: bool
) -> None:
    """Each names the entry by the number that it had at the time."""
    if before:
        close(logged, ENTRY, said=True)
        logs.remove(logged, 2)
        reopen(logged, proof)
        # Of another entry, which has that number since.
        close(logged, ENTRY, said=True)
    else:
        logs.remove(logged, 2)
        reopen(logged, proof)
        close(logged, ENTRY - 1, said=True)
    sign_checkpoint(logged)
    found = stands(logged, proof)
    assert (found.entry, found.erased_by) == (ENTRY - 1, 12 if before else 13)


def test_an_entry_that_reopening_hides_is_missed(
    logged: AppContext, proof: Proof
) -> None:
    """It is taken out with its record; then the log is reopened for a reason.

    The proof alone can tell: the headteacher's address hears of it, the head is kept,
    and the log goes on being signed.
    """
    logs.remove(logged, ENTRY)
    reopen(logged, proof)
    shown: list[str] = []
    with pytest.raises(EntryLost, match="was restarted on 22 November 2026") as caught:
        still_stands(logged.sessions, proof, verifiers(logged), shown.append)
    assert shown == [proof.checkpoint]
    assert isinstance(caught.value, NotChecked)
    assert not caught.value.doubtful
    note_contradiction(logged, proof.checkpoint)
    with logged.sessions.reading() as session:
        query = select(Outbox).where(Outbox.occasion.startswith("alarm:lost:"))
        letter = alarm_letter(logged, session, session.scalars(query).one())
        assert session.scalars(select(ContradictingHead.note)).one()
    assert letter
    assert "no longer has its entry" in str(letter.values["problem"])
    logs.append(logged.sessions, 1)
    assert sign_checkpoint(logged, whole=True)


def test_a_record_that_reopening_hides_is_missed(
    logged: AppContext, proof: Proof
) -> None:
    """The entry alone is left, under another number, and nothing says why."""
    close(logged, ENTRY, said=False)
    logs.remove(logged, 2)
    reopen(logged, proof)
    rung: list[str] = []
    found = still_stands(
        logged.sessions,
        proof,
        verifiers(logged),
        lost_alarm=lambda: rung.append("vanished"),
    )
    assert (found.entry, found.erased_by, found.lost) == (ENTRY - 1, None, True)
    assert rung == ["vanished"]


def test_a_proof_of_a_name_that_the_record_does_not_know_is_newer_than_it(
    logged: AppContext, proof: Proof
) -> None:
    """The record was restored from before the reopening: its log is not the one."""
    backup = logs.saved(logged)
    logs.remove(logged, 2)
    reopen(logged, proof)
    with logged.sessions.reading() as session:
        newer = proof_of_leaf(session, 0)
    logs.restore(logged, backup)
    shown: list[str] = []
    assert newer
    with pytest.raises(LogContradicted):
        still_stands(logged.sessions, newer, verifiers(logged), shown.append)
    assert shown == [newer.checkpoint]
