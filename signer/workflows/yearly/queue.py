"""Queueing the yearly mail: what the school holds of a parent, once a school year."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, insert, or_, select
from sqlalchemy.orm import Session

from signer import clock
from signer.mail.kinds import Kind
from signer.store.locking import lock_table
from signer.store.register.tables import YearlyMail
from signer.store.tables import Outbox, Parent, Relationship, Request
from signer.workflows.context import AppContext, current_number
from signer.workflows.mailing.bounces.dead_addresses import is_dead
from signer.workflows.mailing.outbox import MESSAGE_REF_BYTES, mail_row
from signer.workflows.requests.disputes import is_held
from signer.workflows.yearly.days import YearlyDay, open_day
from signer.workflows.yearly.occasions import OCCASION

_log = logging.getLogger(__name__)

BATCH = 500
"""How many parents one transaction deals with: nobody who signs waits for long."""


def queue_yearly_mail(context: AppContext) -> int:
    """Queue the yearly mail to each parent who is to have it; gives how many.

    Afterwards each parent in the register whom `to_be_told` means has exactly one for
    this school year in the outbox, whatever ran before. Safe to repeat, to interrupt
    and to run twice at once: a batch is one transaction, and batches take turns. Stops
    early when the process is about to end; the next call goes on. A school that has
    asked no parent yet writes to none.
    """
    day = open_day(context.settings, clock.now())
    if day is None:
        return 0
    with context.sessions.reading() as session:
        if current_number(session) is None or not _parents(session, day, 1):
            return 0
    queued = 0
    while not context.stopping.is_set() and (count := _queue_batch(context, day)):
        queued += count
        context.beat()
        context.wake_worker()
    _log.info("the yearly mail is queued for %s parents", queued)
    return queued


def to_be_told(day: YearlyDay) -> ColumnElement[bool]:
    """Return the condition that a parent is to have the mail of a day, and has not.

    That is one who was in the register by that morning and is there, of whom something
    is held, and whose address takes mail: neither is it in dispute, nor did mail come
    back from it for good.
    """
    mailed = select(YearlyMail.parent_id).where(
        YearlyMail.school_year == day.school_year
    )
    has_child = select(Relationship.child_id).where(Relationship.parent_id == Parent.id)
    was_asked = select(Request.id).where(Request.parent_id == Parent.id)
    return and_(
        Parent.left_at.is_(None),
        Parent.email != "",
        Parent.added_at <= day.begins,
        Parent.id.not_in(mailed),
        or_(has_child.exists(), was_asked.exists()),
        ~is_held(Parent.email_key),
        ~is_dead(Parent.email_key),
    )


def _parents(session: Session, day: YearlyDay, most: int) -> Sequence[int]:
    meant: Select[int] = select(Parent.id).where(to_be_told(day))
    return session.scalars(meant.order_by(Parent.id).limit(most)).all()


def _queue_batch(context: AppContext, day: YearlyDay) -> int:
    with context.sessions.writing() as session:
        # Whoever imports, merges or erases waits, and so does another worker.
        lock_table(session, Parent)
        parents = _parents(session, day, BATCH)
        if not parents:
            return 0
        # With the newest request a mail shares what holds and follows mails: disputes,
        # limits, bounces, the parent's history. A parent never asked has none.
        asked = session.execute(
            select(Request.parent_id, Request.id)
            .where(Request.parent_id.in_(parents))
            .order_by(Request.version_number)
        )
        requests = {parent: newest for parent, newest in asked}  # noqa: C416 - rows
        refs = {one: secrets.token_hex(MESSAGE_REF_BYTES) for one in parents}
        session.execute(
            insert(YearlyMail),
            [
                {"parent_id": one, "school_year": day.school_year, "ref": ref}
                for one, ref in refs.items()
            ],
        )
        session.execute(
            insert(Outbox),
            [
                mail_row(Kind.YEARLY, OCCASION + ref, request_id=requests.get(one))
                for one, ref in refs.items()
            ],
        )
    return len(parents)
