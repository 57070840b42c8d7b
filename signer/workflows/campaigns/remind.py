"""Reminding parents who have been asked and have not answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session, aliased

from signer import clock
from signer.mail.kinds import WITH_LINK, Kind
from signer.school_calendar import is_school_day, school_date, school_day_from
from signer.store.columns import Delivery, Status
from signer.store.tables import Outbox, Parent, PinnedVersion, Request
from signer.workflows.campaigns.reminder_schedule import schedule_of
from signer.workflows.campaigns.selection import EVERYBODY, Selection
from signer.workflows.context import AppContext, current_number
from signer.workflows.exemption.exempt import is_exempt
from signer.workflows.mailing.bounces.dead_addresses import is_dead
from signer.workflows.mailing.outbox import mail_row
from signer.workflows.requests.disputes import in_dispute, is_held

BATCH = 1000
"""How many requests are looked at together; memory never holds more of them."""

REMINDER = "remind:"
"""Before the request and the count, in the occasion of a reminder."""


_IsDue = Callable[..., bool]
"""Takes the days of asking and of the last reminder, and how many there were."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """What reminding did, or would do.

    Attributes:
        parents: who get a reminder by this, by their ids in the register.
        outstanding: how many parents have been asked and have not answered.
        today: the day in the United Kingdom.
        next_day: today, or the next school day where today is none.
    """

    parents: tuple[int, ...]
    outstanding: int
    today: date
    next_day: date

    @property
    def reminded(self) -> int:
        """How many parents get a reminder by this."""
        return len(self.parents)


@dataclass(frozen=True, slots=True)
class _Due:
    """A request that is due for a reminder.

    Attributes:
        parent_id: whose it is.
        ever: how many there were for it, ever.
        reached: whether the mail server accepted any mail with a link for it.
    """

    parent_id: int
    ever: int
    reached: bool


def remind_parents(
    context: AppContext,
    *,
    selection: Selection = EVERYBODY,
    by_hand: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Reminded:
    """Queue a reminder for each parent whose request is outstanding and due for one.

    A parent none of whose mails was accepted is asked once more in place of it.
    Afterwards nobody has two reminders for one day, and nobody has one who has
    signed, declined or left, or whose request was superseded; that is looked at
    once more as each mail goes out. Safe to repeat, to interrupt and to run twice
    at once: a batch is one transaction, and batches take turns.

    Args:
        context: the context.
        selection: who is looked at.
        by_hand: whether those too are reminded who are not due by the schedule, where
            they had no mail in the last days (`Schedule.may_be_by_hand`).
        dry_run: only count; changes nothing.
        progress: called after each batch with the requests looked at and all.
    """
    today = school_date(clock.now())
    next_day = school_day_from(today, context.settings.holidays)
    schedule = schedule_of(context.settings)
    rule = schedule.may_be_by_hand if by_hand else schedule.is_due
    is_due = cache(partial(rule, today))
    with context.sessions.reading() as session:
        number = current_number(session)
        outstanding = session.scalar(_count(context, session, number, selection)) or 0
    reminded: list[int] = []
    done = 0
    if is_school_day(today, context.settings.holidays):
        if dry_run:
            would = _would(context, number, selection, is_due)
            progress(outstanding, outstanding)
            return Reminded(would, outstanding, today, next_day)
        for ids in _batches(context, number, selection):
            due = _due(context, number, ids, is_due)
            reminded += due
            done += len(ids)
            progress(done, max(outstanding, done))
            if due:
                context.wake_worker()
    return Reminded(tuple(reminded), outstanding, today, next_day)


def _count(
    context: AppContext, session: Session, number: int | None, selection: Selection
) -> Select[int]:
    meant = _outstanding(context, session, number, selection).subquery()
    return select(func.count()).select_from(meant)


def _outstanding(
    context: AppContext, session: Session, number: int | None, selection: Selection
) -> Select[int]:
    """The requests of parents who are meant, are to answer, and have not."""
    return (
        select(Request.id)
        .join(Parent)
        .where(
            Request.version_number == number,
            Request.status == Status.PENDING,
            selection.condition(context, session, number),
            ~in_dispute(Request.parent_id),
            ~is_exempt(Request.parent_id),
        )
    )


def _batches(
    context: AppContext, number: int | None, selection: Selection
) -> Iterator[list[int]]:
    last = 0
    while True:
        with context.sessions.reading() as session:
            query = _outstanding(context, session, number, selection).where(
                Request.id > last
            )
            ids = list(session.scalars(query.order_by(Request.id).limit(BATCH)))
        if not ids:
            return
        yield ids
        last = ids[-1]


def _would(
    context: AppContext, number: int | None, selection: Selection, is_due: _IsDue
) -> tuple[int, ...]:
    """The ids of the parents who would be reminded, in the order of their requests."""
    with context.sessions.reading() as session:
        meant = _outstanding(context, session, number, selection)
        due = _look(session, number, meant, is_due)
    return tuple(due[one].parent_id for one in sorted(due))


def _due(
    context: AppContext, number: int | None, ids: list[int], is_due: _IsDue
) -> list[int]:
    """Queue what is due in one batch; gives the ids of the parents."""
    with context.sessions.reading() as session:
        # Most days nothing is due, and nobody needs to be kept waiting for that.
        due = _look(session, number, ids, is_due)
    if not due:
        return []
    with context.sessions.writing() as session:
        # Whoever holds the version's row reminds; another one waits its turn, and
        # then sees what was queued.
        session.scalars(
            select(PinnedVersion)
            .where(PinnedVersion.number == number)
            .with_for_update()
        ).one()
        due = _look(session, number, list(due), is_due)
        if due:
            session.execute(
                insert(Outbox),
                [
                    mail_row(
                        # Who never got a mail is not reminded of one: asked again.
                        Kind.REMIND if it.reached else Kind.ASK,
                        f"{REMINDER}{one}:{it.ever + 1}",
                        request_id=one,
                    )
                    for one, it in due.items()
                ],
            )
    return [one.parent_id for one in due.values()]


def _look(
    session: Session,
    number: int | None,
    ids: list[int] | Select[int],
    is_due: _IsDue,
) -> dict[int, _Due]:
    """Which of the requests are due, or may be reminded of by hand."""
    # Campaigns ask many at one moment.
    day = cache(school_date)
    reminder = (Outbox.request_id == Request.id) & Outbox.occasion.startswith(REMINDER)
    # A parent who left and came back was asked anew, and is reminded anew. What was
    # dropped reached nobody.
    anew = (Outbox.queued_at >= Request.asked_at) & (
        Outbox.delivery != Delivery.DROPPED
    )
    mail = aliased(Outbox)
    waiting = (
        select(mail.id)
        .where(
            mail.request_id == Request.id,
            mail.kind.in_(WITH_LINK),
            mail.delivery == Delivery.QUEUED,
        )
        .exists()
    )
    # Days count from when the parent could first read of it.
    reached = (
        select(func.min(mail.sent_at))
        .where(mail.request_id == Request.id, mail.kind.in_(WITH_LINK))
        .where(mail.queued_at >= Request.asked_at)
        .correlate(Request)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Request.id,
            Request.parent_id,
            Request.asked_at,
            reached,
            func.count(Outbox.id).filter(anew),
            func.max(func.coalesce(Outbox.sent_at, Outbox.queued_at)).filter(anew),
            func.count(Outbox.id),
        )
        .join(Parent)
        .outerjoin(Outbox, reminder)
        .where(
            Request.id.in_(ids),
            Request.version_number == number,
            Request.status == Status.PENDING,
            Parent.left_at.is_(None),
            Parent.email != "",
            # A mail with a link is on its way as it is.
            ~waiting,
            # It would come back, as the one before did.
            ~is_dead(Parent.email_key),
            # Nobody knows yet whose address it is.
            ~is_held(Parent.email_key),
            ~is_exempt(Parent.id),
        )
        .group_by(Request.id, Request.parent_id, Request.asked_at)
    )
    return {
        request_id: _Due(parent_id, ever, reached=first is not None)
        for request_id, parent_id, asked, first, count, last, ever in rows
        if is_due(
            asked=day(first or asked),
            last=_day(last),
            count=count,
        )
    }


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else school_date(moment)
