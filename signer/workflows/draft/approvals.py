"""Approvals of the draft: those given at the desk count with those of the record.

``versions/approvals.toml`` is what people who work with git add to; at the desk it is
the database. A release takes both. An approval names the SHA-256 of the draft's file,
so that it lapses when the draft changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from signer.config import Settings
from signer.errors import DatabaseMissing
from signer.policy.approvals import (
    ApprovalState,
    ApprovalStep,
    Step,
    approval_by_settings,
)
from signer.school_calendar import school_date
from signer.store.draft.tables import DraftStep, DraftStepKind
from signer.store.engine import connect
from signer.workflows.context import AppContext
from signer.workflows.draft.revisions import look_at_draft


@dataclass(frozen=True, slots=True)
class WantedChange:
    """That somebody wants the draft to be changed.

    Attributes:
        by: who.
        at: when.
        words: what they said.
    """

    by: str
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class DraftReview:
    """How the review of the draft goes.

    Attributes:
        state: who was asked, who approved, and how many are missing.
        wanted: the changes that somebody wants of the draft as it is.
    """

    state: ApprovalState
    wanted: tuple[WantedChange, ...]


@dataclass(frozen=True, slots=True)
class ApprovedDraft:
    """What a release may take.

    Attributes:
        source: the draft's file.
        sha256: its SHA-256 (hex).
        state: who approved it, and when.
    """

    source: bytes
    sha256: str
    state: ApprovalState


def look_at_review(context: AppContext, draft_sha256: str) -> DraftReview:
    """How the review of a draft goes; it changes nothing.

    Args:
        context: the context.
        draft_sha256: the SHA-256 (hex) of the draft's file.

    Raises:
        VersionFileError: the record beside the versions cannot be read.
        SettingsError: more approvals are needed than there are people to give them.
    """
    with context.sessions.reading() as session:
        rows = _rows(session)
        wanted = [
            row
            for row in _last_of_each(rows)
            if row.kind is DraftStepKind.CHANGES and row.draft_sha256 == draft_sha256
        ]
        found = tuple(WantedChange(row.by, row.at, row.words) for row in wanted)
        steps = _steps(rows)
    state = approval_by_settings(
        context.settings, context.versions, draft_sha256, at_desk=steps
    )
    return DraftReview(state, found)


def approved_draft(context: AppContext) -> ApprovedDraft:
    """The draft as it is, for a release, once it has the approvals that it needs.

    Raises:
        ApprovalsMissing: it has not.
        VersionFileError: as `look_at_review`.
        SettingsError: as `look_at_review`.
    """
    draft = look_at_draft(context)
    state = look_at_review(context, draft.sha256).state
    state.check()
    return ApprovedDraft(draft.source.encode(), draft.sha256, state)


def steps_at_desk(settings: Settings) -> tuple[ApprovalStep, ...]:
    """What was asked for and approved at the desk, the oldest first.

    Nothing where no database is at hand, as on a headteacher's own computer: a release
    that lacks approvals is refused then.
    """
    if not settings.names_database:
        return ()
    sessions = connect(settings.database)
    try:
        if not inspect(sessions.engine).has_table(DraftStep.__tablename__):
            return ()
        with sessions.reading() as session:
            return _steps(_rows(session))
    except (DatabaseMissing, SQLAlchemyError):
        return ()
    finally:
        sessions.close()


def _rows(session: Session) -> list[DraftStep]:
    return list(session.scalars(select(DraftStep).order_by(DraftStep.id)))


def _last_of_each(rows: Iterable[DraftStep]) -> list[DraftStep]:
    """What each person said last of each draft."""
    last = {
        (row.account_id, row.draft_sha256): row
        for row in rows
        if row.kind is not DraftStepKind.REQUESTED
    }
    return list(last.values())


def _steps(rows: list[DraftStep]) -> tuple[ApprovalStep, ...]:
    """The entries of a record; who wants changes after all has not approved.

    One account approves a draft once, whatever it was called at the time.
    """
    counts = {row.id for row in _last_of_each(rows)}
    return tuple(
        ApprovalStep(
            Step(row.kind.value),
            school_date(row.at).isoformat(),
            row.by,
            row.draft_sha256,
        )
        for row in rows
        if row.kind is DraftStepKind.REQUESTED
        or (row.kind is DraftStepKind.APPROVED and row.id in counts)
    )
