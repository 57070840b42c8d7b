"""What is due: what the school has to do by a day, or before something else goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from signer import clock
from signer.errors import PolicyError, SettingsError
from signer.i18n import counted
from signer.policy.dates import date_in_words
from signer.policy.versions import in_force
from signer.school_calendar import school_date
from signer.workflows.campaigns.deadlines import deadline_words
from signer.workflows.campaigns.plan_ask import PlanState, plan_of
from signer.workflows.campaigns.review_date import review_date, review_words
from signer.workflows.campaigns.status import Standing
from signer.workflows.context import AppContext, current_number
from signer.workflows.draft.approvals import look_at_review
from signer.workflows.draft.revisions import look_at_draft
from signer.workflows.retention.report import retention_report
from signer.workflows.yearly.outlook import look_at_yearly_mail


class DueKind(StrEnum):
    """What is to be done, in the order in which it is shown."""

    DEADLINE = "deadline"
    PUBLICATION = "publication"
    APPROVAL = "approval"
    REVIEW = "review"
    RETENTION = "retention"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is due.

    Attributes:
        kind: what it is.
        words: a sentence about it, without names.
    """

    kind: DueKind
    words: str


def look_at_due(context: AppContext, standing: Standing) -> tuple[Due, ...]:
    """Return what is due; it changes nothing, and asks no other server.

    Args:
        context: the context.
        standing: the newest campaign, counted, if there is any.
    """
    return (
        *_deadline(standing),
        *_publication(context),
        *_approval(context),
        *_review(context),
        *_retention(context),
        *_yearly(context),
    )


def _deadline(standing: Standing) -> Iterator[Due]:
    late, last = standing.overdue, standing.sign_by
    if not late:
        return
    if last and last < school_date(clock.now()):
        words = deadline_words(standing.campaigns[0].version, last, late)
    else:
        # Those who joined later have deadlines of their own.
        words = counted(late, "parent has", "parents have")
        words += " not answered by their deadline."
    yield Due(DueKind.DEADLINE, words)


def _publication(context: AppContext) -> Iterator[Due]:
    """A version that is released, and that nobody was asked to sign yet."""
    if not context.versions:
        return
    number = in_force(context.versions).number
    with context.sessions.reading() as session:
        pinned = current_number(session)
        plan = plan_of(session, number)
    if pinned is None or pinned >= number:
        return
    words = f"Version {number} is released, and no parent has been asked to sign it. "
    if plan and plan.state is PlanState.CALLED_OFF:
        words += "The mail was called off."
    elif plan and plan.state is PlanState.WAITING:
        words += f"The mail goes out from {clock.in_school_time(plan.send_at)}."
    else:
        words += "The mail goes out as soon as the public site shows the version."
    yield Due(DueKind.PUBLICATION, words)


def _approval(context: AppContext) -> Iterator[Due]:
    draft = look_at_draft(context)
    if draft.saved_at is None:
        return
    try:
        state = look_at_review(context, draft.sha256).state
    except (PolicyError, SettingsError):
        # The draft's own page says what is wrong, and with what.
        return
    if state.requested is None or (state.approvals and not state.missing):
        return
    asked = f"{state.requested.by} asked for it on {date_in_words(state.requested.on)}"
    missing = counted(state.missing, "approval is", "approvals are") + " missing"
    words = f"The draft waits for approval: {asked}"
    yield Due(
        DueKind.APPROVAL, f"{words}, {missing}." if state.missing else f"{words}."
    )


def _review(context: AppContext) -> Iterator[Due]:
    try:
        review = review_date(context)
    except PolicyError:
        # What is wrong with the versions is among the findings.
        return
    if review.soon or review.overdue:
        yield Due(DueKind.REVIEW, review_words(review))


def _retention(context: AppContext) -> Iterator[Due]:
    with context.sessions.reading() as session:
        report = retention_report(context, session)
    records = sum(report.coming.values())
    if records:
        until = date_in_words(report.until.isoformat())
        words = counted(records, "record", "records") + " of families who have left"
        yield Due(DueKind.RETENTION, f"{words} will be deleted by {until}.")


def _yearly(context: AppContext) -> Iterator[Due]:
    outlook = look_at_yearly_mail(context)
    if outlook is not None:
        yield Due(DueKind.YEARLY, outlook.words)
