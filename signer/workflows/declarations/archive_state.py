"""How the archive copies stand: which are there, which are due, which are late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from signer import clock
from signer.store.archive_copies.tables import ArchiveCopy
from signer.store.tables import Declaration, SealedPdf

RENEW_BEFORE = timedelta(days=90)
"""How long before the end of its newest timestamp's certificate a copy is renewed."""

LATE_BEFORE = timedelta(days=30)
"""How long before that end a copy that is not renewed yet is one to worry about."""

MADE_WITHIN = timedelta(days=7)
"""How long after the seal a copy that could not be made yet is one to worry about."""


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """How the archive copies stand.

    Attributes:
        kept: how many there are.
        due: how many are to be made or renewed.
        late: how many of these are overdue.
        first_ends: when the first of those kept ends; None where there are none.
        problem: what kept one of those due from being made, if anything was tried.
    """

    kept: int
    due: int
    late: int
    first_ends: datetime | None
    problem: str | None


def archive_state(session: Session) -> ArchiveState:
    """How the archive copies stand now."""
    counted = select(func.count()).select_from(Declaration).outerjoin(ArchiveCopy)
    kept, first_ends = session.execute(
        select(func.count(), func.min(ArchiveCopy.ends_at)).where(
            ArchiveCopy.sha256.is_not(None)
        )
    ).one()
    problem = session.scalar(
        select(ArchiveCopy.problem)
        .where(ArchiveCopy.problem.is_not(None))
        .order_by(ArchiveCopy.attempts.desc())
        .limit(1)
    )
    return ArchiveState(
        kept=kept,
        due=session.scalar(counted.where(is_due())) or 0,
        late=session.scalar(counted.where(_is_late())) or 0,
        first_ends=first_ends,
        problem=problem,
    )


def is_due() -> ColumnElement[bool]:
    """Whether a sealed declaration's copy is to be made, or renewed, by now."""
    return and_(
        Declaration.pdf_sha256.is_not(None),
        or_(
            ArchiveCopy.sha256.is_(None),
            ArchiveCopy.ends_at <= clock.now() + RENEW_BEFORE,
        ),
    )


def _is_late() -> ColumnElement[bool]:
    return or_(
        and_(
            ArchiveCopy.sha256.is_(None),
            ArchiveCopy.attempts > 0,
            Declaration.sealed_at <= clock.now() - MADE_WITHIN,
        ),
        ArchiveCopy.ends_at <= clock.now() + LATE_BEFORE,
    )


def archive_copy_of(session: Session, declaration_id: str) -> bytes | None:
    """The whole archive copy of a declaration; None where there is none."""
    found = session.execute(
        select(SealedPdf, ArchiveCopy.addition)
        .join(Declaration, Declaration.pdf_sha256 == SealedPdf.sha256)
        .join(ArchiveCopy, ArchiveCopy.declaration_id == Declaration.id)
        .where(Declaration.id == declaration_id, ArchiveCopy.addition.is_not(None))
    ).first()
    if found is None:
        return None
    sealed, addition = found
    return bytes(sealed.content) + (addition or b"")
