"""How far each witness has cosigned the log, and what keeps it from doing so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer.config import Settings
from signer.store.log.tables import CosignatureLine, SignedCheckpoint
from signer.store.transient import WitnessState
from signer.workflows.context import AppContext
from signer.workflows.log.cosigning.servers import witness_servers
from signer.workflows.log.sign_checkpoint import newest_checkpoint


@dataclass(frozen=True, slots=True)
class WitnessStanding:
    """What is known of a witness.

    Attributes:
        name: as in its key.
        size: how many entries the newest head covers that it has cosigned; None where
            it has cosigned none.
        at: when it did, by its clock.
        current: whether that is the newest head.
        failing_since: since when no try came to a cosignature; None where the last did.
        problem: what the last try met, as a clause.
        contradicts: whether it holds a head that the log does not fit.
    """

    name: str
    size: int | None
    at: datetime | None
    current: bool
    failing_since: datetime | None
    problem: str | None
    contradicts: bool


def witness_standings(context: AppContext) -> tuple[WitnessStanding, ...]:
    """What is known of each witness of the settings."""
    with context.sessions.reading() as session:
        return standings(session, context.settings)


def standings(session: Session, settings: Settings) -> tuple[WitnessStanding, ...]:
    """The same within a transaction."""
    servers = witness_servers(settings)
    if not servers:
        return ()
    newest = newest_checkpoint(session)
    number = newest.origin_number if newest else 0
    origin = newest.origin.origin if newest else ""
    rows = session.execute(
        select(
            CosignatureLine.witness,
            func.max(SignedCheckpoint.size),
            func.max(CosignatureLine.at),
        )
        .join(SignedCheckpoint, SignedCheckpoint.id == CosignatureLine.checkpoint_id)
        .where(SignedCheckpoint.origin_number == number)
        .group_by(CosignatureLine.witness)
    )
    cosigned = {name: (size, at) for name, size, at in rows}
    states = {one.witness: one for one in session.scalars(select(WitnessState))}
    found = []
    for name in (one.key.name for one in servers):
        size, at = cosigned.get(name, (None, None))
        state = states.get(name)
        found.append(
            WitnessStanding(
                name=name,
                size=size,
                at=at,
                current=newest is not None and size == newest.size,
                failing_since=state.failing_since if state else None,
                problem=state.problem if state else None,
                contradicts=bool(
                    state and state.contradicts and state.origin == origin
                ),
            )
        )
    return tuple(found)
