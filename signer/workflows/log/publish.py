"""What anybody may read of the log: its newest signed head, and all that it covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.errors import KeyUnusable, LogBroken, SettingsError
from signer.ledger.tiles import Tile
from signer.store.log.append import parts_of
from signer.store.log.hashes import use_snapshot
from signer.store.log.tables import LogHead
from signer.workflows.context import AppContext
from signer.workflows.log.checkpoint_consistency import read_outside
from signer.workflows.log.cosigning.standing import standings
from signer.workflows.log.origins import origins
from signer.workflows.log.sign_checkpoint import newest_checkpoint, problem_of_log
from signer.workflows.reconciliation.kept import differs_from_log


@dataclass(frozen=True, slots=True)
class Reopening:
    """That the log could not go on, and was begun anew.

    Attributes:
        at: when.
        reason: why, in the words of whoever did it.
        origin: the name that it had until then.
        size: the number of entries that its last known head covered.
    """

    at: datetime
    reason: str
    origin: str
    size: int


@dataclass(frozen=True, slots=True)
class SignedLog:
    """The log as it was signed last.

    Attributes:
        number: 1, and one more each time the log was reopened.
        origin: the name that it is signed under.
        size: number of entries.
        root: the root hash, 32 bytes.
        signed_at: when.
        note: the checkpoint as a signed note, with the cosignatures of witnesses.
        cosigned_by: the witnesses that have cosigned it, and when each did.
        broken: whether no head is signed until somebody has looked: a check found a
            fault, or the log does not fit a head that is held here, was shown, or that
            a witness has seen.
        differs_at: when the school's own check last saw that its record lacks what
            the log tells of, or says something else; None where it saw nothing of it.
        reopenings: the newest first.
    """

    number: int
    origin: str
    size: int
    root: bytes
    signed_at: datetime
    note: str
    cosigned_by: tuple[tuple[str, datetime], ...]
    broken: bool
    differs_at: datetime | None
    reopenings: tuple[Reopening, ...]


def signed_log(context: AppContext) -> SignedLog | None:
    """The log as it was signed last; None before the first checkpoint."""
    # Before the snapshot begins, or a head that is signed meanwhile is newer.
    outside = read_outside(context.settings)
    with context.sessions.reading() as session:
        use_snapshot(session)
        newest = newest_checkpoint(session)
        if newest is None:
            return None
        return SignedLog(
            number=newest.origin_number,
            origin=newest.origin.origin,
            size=newest.size,
            root=newest.root,
            signed_at=newest.signed_at,
            note=newest.cosigned,
            cosigned_by=tuple((one.witness, one.at) for one in newest.cosignatures),
            broken=_is_broken(context, session, outside),
            differs_at=differs.at if (differs := differs_from_log(session)) else None,
            reopenings=_reopenings(session),
        )


def _is_broken(
    context: AppContext, session: Session, outside: Mapping[Path, str]
) -> bool:
    if any(one.contradicts for one in standings(session, context.settings)):
        return True
    try:
        return problem_of_log(context, session, outside) is not None
    except (KeyUnusable, SettingsError):
        # Without the key, what the last check of the whole log found is left.
        return session.scalars(select(LogHead.problem)).one() is not None


def tile_content(
    context: AppContext, tile: Tile, number: int | None = None
) -> tuple[bytes, int] | None:
    """The hashes or entries of a tile (C2SP tlog-tiles), and the number of its log.

    Args:
        context: the context.
        tile: which.
        number: under which name of the log it is asked for; None takes the newest.

    Returns:
        None where the newest signed head does not cover all of it, or is of another
        name: what is not signed yet is nobody's business.

    Raises:
        LogBroken: a part of what was signed is not there any more.
    """
    with context.sessions.reading() as session:
        newest = newest_checkpoint(session)
        if newest is None or number not in {None, newest.origin_number}:
            return None
        if not tile.is_within(newest.size):
            return None
        found = parts_of(session, tile)
        if len(found) != tile.width:
            problem = f"A part of the log is missing: tile {tile.path}."
            raise LogBroken(problem, size=newest.size)
        return tile.packed(found), newest.origin_number


def _reopenings(session: Session) -> tuple[Reopening, ...]:
    found = []
    for one in origins(session):
        if one.after is None:
            continue
        origin, size, *_ = one.after.split("\n")
        found.append(Reopening(one.began_at, one.reason or "", origin, int(size)))
    return tuple(found[::-1])
