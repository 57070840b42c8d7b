"""Comparing the log with the records: nothing may be gone that nobody erased."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.audit.inclusion import said_by
from signer.store.log.tables import Leaf, Opening
from signer.store.tables import Declaration
from signer.workflows.register.deletion import ERASED

REOPENED = "log:reopened"
"""The event of the entry that tells of a reopening."""

_AT_ONCE = 1000


def vanished(session: Session) -> Iterator[str]:
    """What the log tells of and the records lack, each as a sentence.

    An entry whose record is gone must be named by one that says it was erased; and a
    declaration that the log knows as signed must be there. Reopening moves entries, and
    admits that some are lost: those from before it may be closed and named by none.

    Args:
        session: a transaction.
    """
    erased: set[int] = set()
    signed: dict[str, int] = {}
    reopened = -1
    query = select(Opening.position, Opening.record).order_by(Opening.position)
    for position, record in session.execute(query).yield_per(_AT_ONCE):
        # Of a record that was spoilt others tell.
        said = said_by(record)
        if said.get("event") == ERASED:
            erased |= {int(one) for one in str(said.get("entries")).split(",")}
        elif said.get("event") == REOPENED:
            reopened = position
        elif said.get("event") == "declaration:signed":
            signed[str(said.get("declaration"))] = position
    closed = session.scalars(
        select(Leaf.position)
        .outerjoin(Opening, Opening.position == Leaf.position)
        .where(Opening.position.is_(None))
        .order_by(Leaf.position)
    )
    for position in closed:
        if position > reopened and position not in erased:
            yield (
                f"The record of entry {position} is gone, and no entry says that it "
                "was erased."
            )
    there = set(session.scalars(select(Declaration.id)))
    for declaration_id in sorted(signed.keys() - there):
        yield (
            f"Entry {signed[declaration_id]} tells of the declaration "
            f"{declaration_id}, which is gone."
        )


def erasure_of(
    session: Session, position: int, *, formerly: int | None = None
) -> int | None:
    """The position of the entry which says that an earlier one's record was erased.

    Args:
        session: a transaction.
        position: the earlier entry's.
        formerly: its position before the log was reopened, where it was: an entry from
            before then names it by that.

    Returns:
        None where the record is kept, and where no entry says that it was erased.
    """
    if session.get(Opening, position):
        return None
    query = (
        select(Opening.position, Opening.record)
        .where(Opening.position > position)
        .order_by(Opening.position)
    )
    # By how often the log was reopened before each of them.
    erasures: list[tuple[int, int, set[int]]] = []
    reopened = 0
    for later, record in session.execute(query).yield_per(_AT_ONCE):
        said = said_by(record)
        if said.get("event") == REOPENED and formerly is not None:
            reopened += 1
        elif said.get("event") == ERASED:
            entries = {*map(int, str(said.get("entries")).split(","))}
            erasures.append((reopened, later, entries))
    numbers = {position} if formerly is None else {position, formerly}
    for names, later, entries in erasures:
        if (position if names == reopened else formerly) in entries:
            return later
    # Between two reopenings it had a number that nobody knows any more.
    since = range(min(numbers), max(numbers) + 1)
    for names, later, entries in erasures:
        if 0 < names < reopened and not entries.isdisjoint(since):
            return later
    return None


def is_kept(session: Session, position: int, record: bytes) -> bool:
    """Whether the school still has what an entry tells of.

    Args:
        session: a transaction with a snapshot.
        position: the entry's.
        record: what the entry commits to, from whoever has kept it.
    """
    if session.get(Opening, position) is None:
        return False
    named = said_by(record).get("declaration")
    return not isinstance(named, str) or session.get(Declaration, named) is not None
