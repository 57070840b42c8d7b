"""Telling the headteacher each month what was deleted, and what will be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer import clock
from signer.mail.kinds import Kind
from signer.mail.letter import Letter
from signer.policy.dates import date_in_words
from signer.school_calendar import school_date
from signer.store.columns import Delivery
from signer.store.log.append import lock_log
from signer.store.retention import RetentionDeletion, RetentionHold
from signer.store.tables import Outbox
from signer.workflows.context import AppContext
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.retention.due import count_due
from signer.workflows.retention.rules import DataKind, periods_in_short

AHEAD = timedelta(days=45)
"""How far ahead a report tells what will be deleted."""

NOTICE = timedelta(days=14)
"""How long before its deletion data is announced at least."""


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What was deleted since the last report, and what will be before the next.

    Attributes:
        deleted: how many records of each kind.
        coming: how many records of each kind, up to `until`.
        until: the last day that is announced.
        held: how many parents' data is held.
    """

    deleted: Mapping[DataKind, int]
    coming: Mapping[DataKind, int]
    until: date
    held: int


def report_retention(context: AppContext) -> bool:
    """Queue the month's report to the headteacher's address, if it has anything to say.

    Afterwards there is one for this month and these periods: where the operator
    changes a period, what follows is announced anew. Gives whether one was queued by
    this.
    """
    with context.sessions.reading() as session:
        if not _has_news(retention_report(context, session)):
            return False
    month = school_date(clock.now()).isoformat()[:7]
    occasion = f"retention:{month}:{periods_in_short(context.settings)}"
    with context.sessions.writing() as session:
        # Two workers that see the same month write one mail.
        lock_log(session)
        return queue_mail(session, Kind.HEAD_RETENTION, occasion)


def retention_report(context: AppContext, session: Session) -> RetentionReport:
    """What a report says that is written now."""
    now = clock.now()
    deletions = select(RetentionDeletion)
    last = session.scalar(
        select(func.max(Outbox.sent_at)).where(
            Outbox.kind == Kind.HEAD_RETENTION.value,
            Outbox.delivery == Delivery.SENT,
        )
    )
    if last is not None:
        deletions = deletions.where(RetentionDeletion.deleted_at > last)
    deleted: Counter[DataKind] = Counter()
    for row in session.scalars(deletions):
        deleted[DataKind(row.kind)] += row.records
    until = school_date(now + AHEAD)
    coming = count_due(session, context.settings, until)
    held = session.scalar(select(func.count()).select_from(RetentionHold)) or 0
    return RetentionReport(deleted, coming, until, held)


def retention_letter(context: AppContext, session: Session) -> Letter | None:
    """The monthly report as a mail; None where it has nothing to say any more."""
    report = retention_report(context, session)
    if not _has_news(report):
        return None
    settings = context.settings
    values = {
        "school": settings.school_name,
        "deleted": _rows(report.deleted),
        "coming": _rows(report.coming),
        "until_text": date_in_words(report.until.isoformat()),
        "notice_days": NOTICE.days,
        "held": report.held,
        "guide_url": f"{settings.base_url}/privacy/",
    }
    return Letter(Kind.HEAD_RETENTION, "", settings.head_email, values)


def announced_until(context: AppContext, session: Session) -> date | None:
    """Up to which day what is past its time may be deleted now.

    It must have been announced two weeks ago or more, under the periods that hold now.
    None where it never was.
    """
    suffix = f":{periods_in_short(context.settings)}"
    sent_at = session.scalar(
        select(func.max(Outbox.sent_at)).where(
            Outbox.kind == Kind.HEAD_RETENTION.value,
            Outbox.occasion.endswith(suffix),
            Outbox.delivery == Delivery.SENT,
            Outbox.sent_at <= clock.now() - NOTICE,
        )
    )
    return None if sent_at is None else school_date(sent_at + AHEAD)


def _has_news(report: RetentionReport) -> bool:
    return bool(report.deleted or report.coming)


def _rows(records: Mapping[DataKind, int]) -> list[tuple[str, int]]:
    """What the mail lists: kind and number, in the order of the kinds."""
    return [(kind.value, records[kind]) for kind in DataKind if records.get(kind)]
