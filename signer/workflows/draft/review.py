"""The review of the draft: asking for it, approving, wanting changes, comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from signer import clock
from signer.errors import ReviewRefused
from signer.mail.kinds import Kind
from signer.mail.letter import Letter
from signer.store.desk.roles import DeskRole
from signer.store.desk.tables import DeskAccount
from signer.store.draft.tables import (
    DraftComment,
    DraftRevision,
    DraftStep,
    DraftStepKind,
)
from signer.store.locking import lock_table
from signer.store.tables import Outbox
from signer.user_text import paragraphs, same_name
from signer.workflows.context import AppContext
from signer.workflows.desk.accounts import account_of
from signer.workflows.draft.approvals import look_at_review
from signer.workflows.draft.check import check_text
from signer.workflows.draft.revisions import look_at_draft
from signer.workflows.mailing.outbox import queue_mail

MOST_COMMENTS = 300
"""How many comments a page shows at most: the newest."""

_OCCASION = "draft_review:"
_CHANGED = "The draft has been changed since. Read it again, then decide."


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said about a passage.

    Attributes:
        id: of the comment.
        revision: the number of the revision that they read.
        passage: the words that it is about; empty for the whole text.
        words: what they said.
        by: who.
        at: when.
        settled_by: who settled it; empty while it is open.
    """

    id: int
    revision: int
    passage: str
    words: str
    by: str
    at: datetime
    settled_by: str


def ask_for_review(
    context: AppContext, *, account_id: int, by: str, sha256: str
) -> int:
    """Ask every Head of School to review the draft; gives how many are told by mail.

    Afterwards a mail to each who may sign in waits in the outbox, and they can approve
    the draft as it is. Where the same person asked for that, nothing is added.

    Args:
        context: the context.
        account_id: of whoever asks.
        by: their name.
        sha256: the SHA-256 (hex) of the draft's file that they saw.

    Raises:
        ReviewRefused: the draft is another by now, or a release would refuse it.
    """
    draft = look_at_draft(context)
    checked = check_text(context, draft.text)
    if draft.saved_at is None or checked.unchanged is not None:
        raise ReviewRefused("The draft says what the version in force says.")
    if not checked.releasable:
        raise ReviewRefused("Correct first what a release would refuse.")
    with context.sessions.writing() as session:
        _check_present(session, sha256)
        there = select(DraftStep.id).where(
            DraftStep.kind == DraftStepKind.REQUESTED,
            DraftStep.draft_sha256 == sha256,
            DraftStep.account_id == account_id,
        )
        if session.scalar(there.limit(1)) is not None:
            return 0
        step = _step(DraftStepKind.REQUESTED, sha256, account_id, by)
        session.add(step)
        session.flush()
        reviewers = session.scalars(
            select(DeskAccount.ref).where(
                DeskAccount.role == DeskRole.REVIEWER,
                DeskAccount.removed_at.is_(None),
            )
        ).all()
        for ref in reviewers:
            queue_mail(session, Kind.DRAFT_REVIEW, f"{_OCCASION}{step.id}:{ref}")
    context.wake_worker()
    return len(reviewers)


def review_request_letter(
    context: AppContext, session: Session, row: Outbox
) -> Letter | None:
    """The mail that asks for a review; None where the account is gone."""
    step_id, _, ref = row.occasion.removeprefix(_OCCASION).partition(":")
    step = session.get(DraftStep, int(step_id))
    account = account_of(session, ref)
    if step is None or account is None:
        return None
    settings = context.settings
    values = {
        "school": settings.school_name,
        "staff_name": account.name,
        "asked_by": step.by,
        "review_url": f"{settings.base_url}/desk/text/review",
        "office_email": settings.office_email,
    }
    return Letter(Kind.DRAFT_REVIEW, account.name, account.email, values)


def approve(context: AppContext, *, account_id: int, by: str, sha256: str) -> None:
    """Approve the draft as it is.

    Afterwards a release of these very words counts it. Approved once more, nothing is
    added.

    Args:
        context: the context.
        account_id: of whoever approves.
        by: their name.
        sha256: the SHA-256 (hex) of the draft's file that they read.

    Raises:
        ReviewRefused: the draft is another by now, nobody asked for its approval, or
            the settings name others who may approve.
    """
    approvers = context.settings.approvers
    if approvers and same_name(by) not in map(same_name, approvers):
        raise ReviewRefused(
            f"The settings name who may approve, and {by} is not among them: "
            f"{', '.join(approvers)}."
        )
    if look_at_review(context, sha256).state.requested is None:
        raise ReviewRefused("Nobody has asked for approval of this draft.")
    with context.sessions.writing() as session:
        _check_present(session, sha256)
        last = _last(session, account_id, sha256)
        if last is None or last.kind is not DraftStepKind.APPROVED:
            session.add(_step(DraftStepKind.APPROVED, sha256, account_id, by))


def want_changes(
    context: AppContext, *, account_id: int, by: str, sha256: str, words: str
) -> None:
    """Say that the draft needs changes, and which.

    Afterwards that is shown with the draft, and an approval of it by the same person
    does not count any more.

    Args:
        context: the context.
        account_id: of whoever wants them.
        by: their name.
        sha256: the SHA-256 (hex) of the draft's file that they read.
        words: which changes.

    Raises:
        ReviewRefused: the draft is another by now.
        TextRefused: the words cannot be kept.
    """
    words = paragraphs("words", words)
    with context.sessions.writing() as session:
        _check_present(session, sha256)
        last = _last(session, account_id, sha256)
        same = last is not None and (last.kind, last.words) == (
            DraftStepKind.CHANGES,
            words,
        )
        if not same:
            session.add(_step(DraftStepKind.CHANGES, sha256, account_id, by, words))


def comment(
    context: AppContext, *, account_id: int, revision: int, passage: str, words: str
) -> None:
    """Say something about a passage of the draft; the same twice is said once.

    Args:
        context: the context.
        account_id: of whoever says it.
        revision: the number of the revision that they read.
        passage: the words that it is about; empty for the whole text.
        words: what they say.

    Raises:
        TextRefused: the words cannot be kept.
        ReviewRefused: there is no such revision.
    """
    words = paragraphs("words", words)
    with context.sessions.writing() as session:
        if session.get(DraftRevision, revision) is None:
            raise ReviewRefused("Save the draft before it is commented on.")
        there = select(DraftComment.id).where(
            DraftComment.account_id == account_id,
            DraftComment.revision == revision,
            DraftComment.passage == passage,
            DraftComment.words == words,
        )
        if session.scalar(there.limit(1)) is None:
            session.add(
                DraftComment(
                    revision=revision,
                    passage=passage,
                    words=words,
                    account_id=account_id,
                    at=clock.now(),
                )
            )


def settle_comment(context: AppContext, comment_id: int, *, by: str) -> None:
    """Note that a comment is dealt with; once is enough.

    Raises:
        ReviewRefused: there is no such comment.
    """
    with context.sessions.writing() as session:
        row = session.get(DraftComment, comment_id)
        if row is None:
            raise ReviewRefused("There is no such comment.")
        if row.settled_at is None:
            row.settled_at, row.settled_by = clock.now(), by


def list_comments(context: AppContext) -> tuple[Comment, ...]:
    """The comments since the version in force was released, the oldest first."""
    current = context.versions[-1].number if context.versions else 0
    query = (
        select(DraftComment)
        .join(DraftRevision)
        .where(DraftRevision.based_on == current)
        .options(joinedload(DraftComment.account))
        .order_by(DraftComment.id.desc())
        .limit(MOST_COMMENTS)
    )
    with context.sessions.reading() as session:
        return tuple(
            Comment(
                row.id,
                row.revision,
                row.passage,
                row.words,
                row.account.name,
                row.at,
                row.settled_by or "",
            )
            for row in reversed(session.scalars(query).all())
        )


def _check_present(session: Session, sha256: str) -> None:
    """Refuse what is about another draft than the present one, until it is decided."""
    lock_table(session, DraftRevision)
    highest = select(func.max(DraftRevision.number)).scalar_subquery()
    query = select(DraftRevision.sha256).where(DraftRevision.number == highest)
    if session.scalar(query) != sha256:
        raise ReviewRefused(_CHANGED)


def _last(session: Session, account_id: int, sha256: str) -> DraftStep | None:
    return session.scalars(
        select(DraftStep)
        .where(
            DraftStep.account_id == account_id,
            DraftStep.draft_sha256 == sha256,
            DraftStep.kind != DraftStepKind.REQUESTED,
        )
        .order_by(DraftStep.id.desc())
        .limit(1)
    ).first()


def _step(
    kind: DraftStepKind, sha256: str, account_id: int, by: str, words: str = ""
) -> DraftStep:
    return DraftStep(
        kind=kind,
        draft_sha256=sha256,
        account_id=account_id,
        by=by,
        at=clock.now(),
        words=words,
    )
