"""Parents who need not sign: exempting them, ending that, and who they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from signer import clock
from signer.errors import ExemptionRefused
from signer.store.columns import Status
from signer.store.exemption.tables import Exemption
from signer.store.tables import Parent, Request
from signer.user_text import one_line
from signer.workflows.context import AppContext, current_number
from signer.workflows.register.find_parent import parent_known_by


@dataclass(frozen=True, slots=True)
class Exempted:
    """That a parent need not sign, or is to sign again.

    Attributes:
        name: in the register.
        email: in the register; empty where they have none.
        reason: why they need not sign.
        made_by: who said so.
        made_at: when.
        ended_at: when that ended; None while it holds.
        ended_by: who ended it.
        ended_reason: why.
        outstanding: the version in force, where it was asked for and not answered.
    """

    name: str
    email: str
    reason: str
    made_by: str
    made_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    ended_reason: str | None
    outstanding: int | None = None


def exempt_parent(  # noqa: PLR0913 - what the office says, each by its name
    context: AppContext,
    who: str | int,
    *,
    by: str,
    reason: str,
    name: str = "",
    dry_run: bool = False,
) -> Exempted:
    """Note that a parent need not sign, whatever the version, until that is ended.

    Afterwards they are not asked and not reminded, and are counted apart. A request
    that is open stays open: they may sign all the same.

    Args:
        context: the context.
        who: as for `parents_known_by`.
        by: who says so.
        reason: why.
        name: the parent's name, where two share the address.
        dry_run: only say what would be done.

    Raises:
        ParentUnknown: nobody is known by ``who``.
        ParentAmbiguous: several are.
        ExemptionRefused: they have left, or are exempt already.
        TextRefused: ``by`` or ``reason`` is empty or cannot be kept.
    """
    made_by, reason = one_line("by", by), one_line("reason", reason)
    with _of_parent(context, who, name, dry_run=dry_run) as (session, parent):
        if parent.left_at is not None:
            raise ExemptionRefused(f"{parent.name} has left, and is not asked")
        if _open_exemption(session, parent) is not None:
            raise ExemptionRefused(f"{parent.name} is exempt already")
        exemption = Exemption(
            parent_id=parent.id, reason=reason, made_by=made_by, made_at=clock.now()
        )
        if not dry_run:
            session.add(exemption)
        return _exempted(session, exemption, parent)


def end_exemption(  # noqa: PLR0913 - as above
    context: AppContext,
    who: str | int,
    *,
    by: str,
    reason: str,
    name: str = "",
    dry_run: bool = False,
) -> Exempted:
    """Note that a parent is to sign again; what was noted before is kept.

    Afterwards they are asked by the next campaign, or reminded where they had been
    asked.

    Args:
        context: the context.
        who: as for `parents_known_by`.
        by: who says so.
        reason: why.
        name: the parent's name, where two share the address.
        dry_run: only say what would be done.

    Raises:
        ParentUnknown: nobody is known by ``who``.
        ParentAmbiguous: several are.
        ExemptionRefused: they are not exempt.
        TextRefused: ``by`` or ``reason`` is empty or cannot be kept.
    """
    ended_by, reason = one_line("by", by), one_line("reason", reason)
    with _of_parent(context, who, name, dry_run=dry_run) as (session, parent):
        exemption = _open_exemption(session, parent)
        if exemption is None:
            raise ExemptionRefused(f"{parent.name} is not exempt")
        if dry_run:
            session.expunge(exemption)
        exemption.ended_at, exemption.ended_by = clock.now(), ended_by
        exemption.ended_reason = reason
        return _exempted(session, exemption, parent)


def list_exemptions(context: AppContext) -> tuple[Exempted, ...]:
    """Return who need not sign, by name, and then those who are to sign again."""
    with context.sessions.reading() as session:
        rows = session.execute(
            select(Exemption, Parent)
            .join(Parent, Parent.id == Exemption.parent_id)
            .order_by(
                Exemption.ended_at.is_not(None), Parent.name_key, Exemption.id.desc()
            )
        )
        return tuple(
            _exempted(session, exemption, parent) for exemption, parent in rows
        )


def exemptions_of(session: Session, parent: Parent) -> Sequence[Exemption]:
    """Return every exemption of a parent, oldest first."""
    return session.scalars(
        select(Exemption).where(Exemption.parent_id == parent.id).order_by(Exemption.id)
    ).all()


def carry_over_exemptions(session: Session, goes: Parent, keeper: Parent) -> None:
    """Give a parent the exemptions of another record of theirs, which goes.

    Of two that have not ended, the parent's own goes on.
    """
    own = _open_exemption(session, keeper)
    for exemption in exemptions_of(session, goes):
        exemption.parent_id = keeper.id
        if own is not None and exemption.ended_at is None:
            exemption.ended_at, exemption.ended_by = clock.now(), exemption.made_by
            exemption.ended_reason = "Two records of one person were merged"


def is_exempt(parent: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that a parent need not sign.

    Args:
        parent: the column of the parent's id.
    """
    return parent.in_(select(Exemption.parent_id).where(Exemption.ended_at.is_(None)))


@contextmanager
def _of_parent(
    context: AppContext, who: str | int, name: str, *, dry_run: bool
) -> Iterator[tuple[Session, Parent]]:
    """Find a parent, and hold them unless nothing is to be changed."""
    using = context.sessions.reading if dry_run else context.sessions.writing
    with using() as session:
        parent = parent_known_by(session, who, name)
        if not dry_run:
            session.execute(
                select(Parent.id).where(Parent.id == parent.id).with_for_update()
            ).all()
        yield session, parent


def _open_exemption(session: Session, parent: Parent) -> Exemption | None:
    return session.scalar(
        select(Exemption).where(
            Exemption.parent_id == parent.id, Exemption.ended_at.is_(None)
        )
    )


def _exempted(session: Session, exemption: Exemption, parent: Parent) -> Exempted:
    outstanding = session.scalar(
        select(Request.version_number).where(
            Request.parent_id == parent.id,
            Request.version_number == current_number(session),
            Request.status == Status.PENDING,
        )
    )
    return Exempted(
        parent.name,
        parent.email,
        exemption.reason,
        exemption.made_by,
        exemption.made_at,
        exemption.ended_at,
        exemption.ended_by,
        exemption.ended_reason,
        outstanding,
    )
