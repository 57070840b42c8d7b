"""Having witnesses cosign the newest head, which nothing else ever waits for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from signer import clock
from signer.errors import WitnessRefused
from signer.ledger.cosignatures import Cosignature
from signer.store.log.append import consistency_of, lock_log
from signer.store.log.tables import CosignatureLine
from signer.store.transient import WitnessState
from signer.workflows.context import AppContext
from signer.workflows.log.cosigning.add_checkpoint import cosigned_by
from signer.workflows.log.cosigning.servers import WitnessServer, witness_servers
from signer.workflows.log.sign_checkpoint import newest_checkpoint
from signer.workflows.mailing.alarms import sound_alarm

_log = logging.getLogger(__name__)

SECONDS = 15.0
"""How long a witness may take over one answer, however slowly it drips."""

SECONDS_OF_A_RECEIPT = 3.0
"""The same while a receipt waits for its proof."""

_SHORTEST = timedelta(minutes=1)
_LONGEST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Head:
    """A head to be cosigned, and who is to be asked."""

    id: int
    origin: str
    size: int
    note: str
    due: tuple[WitnessServer, ...]
    known: dict[str, int]
    """By the witness's name, the size that it cosigned last."""


def cosign_head(context: AppContext, *, seconds: float = SECONDS) -> int:
    """Ask each witness that has not cosigned the newest head; gives how many did now.

    Afterwards each new cosignature is stored with the head, and of each witness that
    gave none it is kept since when and why. It is asked again after a minute, later
    after up to an hour. Where a witness holds a head that the log does not fit, the
    headteacher's address has an alarm in the outbox.

    Args:
        context: the context.
        seconds: how long one answer may take; all are asked at the same time.
    """
    head = _head(context, only_well=seconds < SECONDS)
    if head is None or not head.due:
        return 0
    with ThreadPoolExecutor(len(head.due), "witness") as threads:
        answers = list(
            threads.map(lambda one: _ask(context, head, one, seconds), head.due)
        )
    _keep(context, head, answers)
    refusals = [one for one in answers if isinstance(one, WitnessRefused)]
    if any(one.contradicts for one in refusals):
        sound_alarm(context, "witness")
    return len(answers) - len(refusals)


def cosign_for_receipts(context: AppContext) -> None:
    """Ask those witnesses that answered last time, before receipts get their proofs."""
    if context.settings.witness_servers:
        cosign_head(context, seconds=SECONDS_OF_A_RECEIPT)


def _head(context: AppContext, *, only_well: bool) -> _Head | None:
    servers = witness_servers(context.settings)
    with context.sessions.reading() as session:
        newest = newest_checkpoint(session)
        if newest is None:
            return None
        there = {one.witness for one in newest.cosignatures}
        states = {one.witness: one for one in session.scalars(select(WitnessState))}
        now = clock.now()
        origin = newest.origin.origin
        return _Head(
            id=newest.id,
            origin=origin,
            size=newest.size,
            note=newest.note,
            due=tuple(
                one
                for one in servers
                if one.key.name not in there
                and _is_due(states.get(one.key.name), now, only_well=only_well)
            ),
            known={
                name: one.size for name, one in states.items() if one.origin == origin
            },
        )


def _is_due(state: WitnessState | None, now: datetime, *, only_well: bool) -> bool:
    if state is None or state.failing_since is None:
        return True
    # As long again as it has been failing.
    pause = min(max(state.asked_at - state.failing_since, _SHORTEST), _LONGEST)
    return not only_well and now >= state.asked_at + pause


def _ask(
    context: AppContext, head: _Head, server: WitnessServer, seconds: float
) -> Cosignature | WitnessRefused:
    def prove(known: int) -> Sequence[bytes]:
        with context.sessions.reading() as session:
            return consistency_of(session, known, head.size)

    known = min(head.known.get(server.key.name, 0), head.size)
    try:
        return cosigned_by(server, head.note, known=known, prove=prove, seconds=seconds)
    except WitnessRefused as refusal:
        return refusal
    except NoResultFound:
        # Of a log that has lost entries others tell, and nothing is signed.
        return WitnessRefused("was not asked: the log has lost what it was made from")


def _keep(
    context: AppContext, head: _Head, answers: Sequence[Cosignature | WitnessRefused]
) -> None:
    now = clock.now()
    with context.sessions.writing() as session:
        # Two workers that ask at the same moment keep one answer.
        lock_log(session)
        newest = newest_checkpoint(session)
        for server, answer in zip(head.due, answers, strict=True):
            name = server.key.name
            state = session.get(WitnessState, name)
            if state is None:
                state = WitnessState(
                    witness=name,
                    origin=head.origin,
                    size=0,
                    asked_at=now,
                    contradicts=False,
                )
                session.add(state)
            state.asked_at = now
            if state.origin != head.origin:
                state.origin, state.size = head.origin, 0
            if isinstance(answer, Cosignature):
                if session.get(CosignatureLine, (head.id, name)) is None:
                    session.add(
                        CosignatureLine(
                            checkpoint_id=head.id,
                            witness=name,
                            line=answer.line,
                            at=answer.at,
                        )
                    )
                state.size = head.size
                state.failing_since = state.problem = None
                state.contradicts = False
                continue
            outdated = newest is not None and newest.id != head.id
            if answer.contradicts and outdated:
                # Another worker's newer head is what it holds, perhaps: ask again.
                continue
            if state.failing_since is None:
                state.failing_since = now
                _log.warning("the witness %s %s", name, answer.problem)
            state.problem, state.contradicts = answer.problem, answer.contradicts
