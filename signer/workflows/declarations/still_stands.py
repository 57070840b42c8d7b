"""Whether what a proof vouches for still stands in the log as it is today."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from signer.audit.inclusion import led_to_the_log
from signer.errors import LogContradicted
from signer.ledger.proof_files import Proof
from signer.ledger.signed_notes import NoteVerifier
from signer.store.engine import Sessions
from signer.store.log.hashes import use_snapshot
from signer.store.log.tables import LogHead, SignedCheckpoint
from signer.workflows.log.checkpoint_consistency import begins_with
from signer.workflows.log.log_vs_records import erasure_of, is_kept
from signer.workflows.log.origins import origins
from signer.workflows.log.sign_checkpoint import newest_checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """What today's log has of an entry that a proof vouches for.

    Attributes:
        entry: its position, counted from 0.
        size: how many entries the log has.
        restarted: whether it was reopened since, so that nothing follows from comparing
            them.
        erased_by: the position of the entry that says the school has deleted what it
            kept of it; None where none does.
        lost: whether the school's record no longer has it, though no entry says that
            it was erased.
        head_size: how many entries the newest signed head covers; None where there is
            none, or it does not cover this one.
        head_at: when that was signed.
        covered_at: when the first head was signed that covers it.
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
    """Compare the head of a proof with the log as the record holds it today.

    Args:
        record: the school's.
        proof: as read.
        verifiers: the keys of the log, one for each name that it has had.
        alarm: called with the proof's head where that contradicts today's log.
        lost_alarm: called where the record has lost what the log still tells of.

    Raises:
        CheckFailed: the proof does not hold.
        LogContradicted: the log no longer begins with what its head vouches for.
        NotChecked: it is of another log, or holds no record.
    """
    head, told = led_to_the_log(proof, verifiers)
    found: Stands | None = None
    with record.reading() as session:
        # A record that is erased meanwhile is not to seem lost.
        use_snapshot(session)
        size = session.scalars(select(LogHead.size)).one()
        if head.origin in {row.origin for row in origins(session)[:-1]}:
            return Stands(entry=proof.position, size=size, restarted=True)
        if begins_with(session, head, size=size):
            newest = newest_checkpoint(session)
            covers = newest is not None and newest.size > proof.position
            erased_by = erasure_of(session, proof.position)
            kept = is_kept(session, proof.position, told)
            found = Stands(
                entry=proof.position,
                size=size,
                erased_by=erased_by,
                lost=erased_by is None and not kept,
                head_size=newest.size if newest and covers else None,
                head_at=newest.signed_at if newest and covers else None,
                covered_at=session.scalar(
                    select(SignedCheckpoint.signed_at)
                    .where(
                        SignedCheckpoint.size > proof.position,
                        SignedCheckpoint.origin_number
                        == (newest.origin_number if newest else 0),
                    )
                    .order_by(SignedCheckpoint.size)
                    .limit(1)
                ),
                witnesses=tuple(
                    one.witness for one in (newest.cosignatures if newest else ())
                ),
            )
    if found:
        if found.lost and lost_alarm:
            lost_alarm()
        return found
    if alarm:
        alarm(proof.checkpoint)
    raise LogContradicted(
        "Today's log is not the one that this proof was made from: the log had "
        f"{head.size} entries when its head was signed, and no longer begins "
        "with them. Keep the proof: it is evidence that the log was changed, "
        "or restored from an older backup."
    )
