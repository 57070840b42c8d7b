"""Whether what a proof vouches for still stands in the log as it is today."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import clock
from signer.audit.inclusion import led_to_the_log
from signer.errors import EntryLost, LogContradicted
from signer.ledger.commitments import SALT_BYTES, commit
from signer.ledger.proof_files import Proof
from signer.ledger.signed_notes import NoteVerifier
from signer.store.engine import Sessions
from signer.store.log.hashes import use_snapshot
from signer.store.log.tables import Leaf, LogHead, Opening, SignedCheckpoint
from signer.workflows.log.checkpoint_consistency import begins_with
from signer.workflows.log.log_vs_records import erasure_of, is_kept
from signer.workflows.log.origins import origins
from signer.workflows.log.sign_checkpoint import newest_checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """What today's log has of an entry that a proof vouches for.

    Attributes:
        entry: its position today, counted from 0.
        size: how many entries the log has.
        restarted: whether the log was reopened since, so that the entry may have moved.
        erased_by: the position of the entry that says the school has deleted what it
            kept of it; None where none does.
        lost: whether the school's record no longer has it, though no entry says that
            it was erased.
        head_size: how many entries the newest signed head covers; None where there is
            none, or it does not cover this one.
        head_at: when that was signed.
        covered_at: when the first head of the log's present name was signed that covers
            it.
        witnesses: who has cosigned the newest head.
    """

    entry: int
    size: int
    restarted: bool = False
    erased_by: int | None = None
    lost: bool = False
    head_size: int | None = None
    head_at: datetime | None = None
    covered_at: datetime | None = None
    witnesses: tuple[str, ...] = ()


def still_stands(
    record: Sessions,
    proof: Proof,
    verifiers: Collection[NoteVerifier],
    alarm: Callable[[str], object] | None = None,
    lost_alarm: Callable[[], object] | None = None,
) -> Stands:
    """Compare what a proof vouches for with the log as the record holds it today.

    A log that was reopened need not begin with what was signed before. Then it is the
    entry alone that is looked for.

    Args:
        record: the school's.
        proof: as read.
        verifiers: the keys of the log, one for each name that it has had.
        alarm: called with the proof's head where that contradicts today's log, or
            where a log that was reopened has lost the entry.
        lost_alarm: called where the record has lost what the log still tells of.

    Raises:
        CheckFailed: the proof does not hold.
        LogContradicted: the log no longer begins with what its head vouches for.
        EntryLost: the log was reopened since, and no longer has the entry.
        NotChecked: it is of another log, or holds no record.
    """
    try:
        with record.reading() as session:
            # A record that is erased meanwhile is not to seem lost.
            use_snapshot(session)
            found = standing_in(session, proof, verifiers)
    except (LogContradicted, EntryLost):
        if alarm:
            alarm(proof.checkpoint)
        raise
    if found.lost and lost_alarm:
        lost_alarm()
    return found


def standing_in(
    session: Session, proof: Proof, verifiers: Collection[NoteVerifier]
) -> Stands:
    """Compare what a proof vouches for with the log, in a transaction of the caller's.

    Args:
        session: a transaction with a snapshot, or one for whose time nobody erases
            what the proof is of.
        proof: as read.
        verifiers: the keys of the log, one for each name that it has had.

    Raises:
        CheckFailed: the proof does not hold.
        LogContradicted: the log no longer begins with what its head vouches for.
        EntryLost: the log was reopened since, and no longer has the entry.
        NotChecked: it is of another log, or holds no record.
    """
    head, told = led_to_the_log(proof, verifiers)
    size = session.scalars(select(LogHead.size)).one()
    *before, now = [row.origin for row in origins(session)] or [""]
    restarted = head.origin in before
    if restarted:
        place = _place_today(session, proof, before.index(head.origin))
    elif head.origin == now and begins_with(session, head, size=size):
        place = proof.position
    else:
        # Of a name that the record does not know, too: it is older than the log.
        raise LogContradicted(
            "Today's log is not the one that this proof was made from: the log had "
            f"{head.size} entries when its head was signed, and no longer begins "
            "with them. Keep the proof: it is evidence that the log was changed, "
            "or restored from an older backup."
        )
    newest = newest_checkpoint(session)
    covers = newest is not None and newest.size > place
    formerly = proof.position if restarted else None
    erased_by = erasure_of(session, place, formerly=formerly)
    return Stands(
        entry=place,
        size=size,
        restarted=restarted,
        erased_by=erased_by,
        lost=erased_by is None and not is_kept(session, place, told),
        head_size=newest.size if newest and covers else None,
        head_at=newest.signed_at if newest and covers else None,
        covered_at=session.scalar(
            select(SignedCheckpoint.signed_at)
            .where(
                SignedCheckpoint.size > place,
                SignedCheckpoint.origin_number
                == (newest.origin_number if newest else 0),
            )
            .order_by(SignedCheckpoint.size)
            .limit(1)
        ),
        witnesses=tuple(one.witness for one in (newest.cosignatures if newest else ())),
    )


def _place_today(session: Session, proof: Proof, name: int) -> int:
    """Where an entry stands in a log that was reopened since its proof was made.

    Reopening closes gaps, and logs a record anew whose entry was lost.

    Args:
        session: a transaction.
        proof: a proof that holds.
        name: how many names the log had before the one that the proof's head has.

    Raises:
        EntryLost: it is not there.
    """
    salt, record = proof.extra[:SALT_BYTES], proof.extra[SALT_BYTES:]
    commitment = commit(salt, record)
    place = session.scalar(
        select(Leaf.position).where(Leaf.commitment == commitment).limit(1)
    )
    if place is None or session.get(Opening, place) is None:
        again = select(Opening.position).where(Opening.record == record).limit(1)
        anew = session.scalar(again)
        place = anew if anew is not None else place
    if place is None:
        began = clock.in_school_time(origins(session)[name + 1].began_at)
        raise EntryLost(
            f"The proof is good. But the log was restarted on {began}, and today's log "
            "no longer has the entry that this proof is of: the school has lost or "
            "removed it, and no entry says that it was deleted. Keep the proof, and "
            "the PDF if you have it: they show what the log contained."
        )
    return place
