"""Planning the day and the hour at which parents are asked, and calling it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import PlanRefused
from signer.mail.kinds import Kind
from signer.policy.versions import in_force
from signer.store.campaigns.plans import PlannedAsk
from signer.store.log.append import lock_log
from signer.store.tables import Outbox, Request
from signer.workflows.context import AppContext, current_number


class PlanState(StrEnum):
    """What a plan means now."""

    WAITING = "waiting"
    """Its moment is still to come: nobody is asked by themselves until then."""
    DUE = "due"
    """Its moment has come, and parents have not been asked yet."""
    CALLED_OFF = "called_off"
    """Nobody is asked until somebody asks, or plans anew."""
    ASKED = "asked"
    """It is done with."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When parents are to be asked to sign a version.

    Attributes:
        version: the version's number.
        send_at: the moment from which the mail goes out.
        state: what it means now.
        planned_by: who planned it.
        called_off_by: who called it off, or None.
    """

    version: int
    send_at: datetime
    state: PlanState
    planned_by: str
    called_off_by: str | None


def plan_ask(
    context: AppContext, send_at: datetime, *, by: str, number: int | None = None
) -> Plan:
    """Plan that parents are asked to sign a version from a moment on.

    Afterwards this plan counts for the version, and one of before is called off. Until
    its moment the worker asks nobody to sign this version by itself; then it does,
    also where it was not running at that moment. What one version's parents have been
    asked already is not touched.

    Args:
        context: the context.
        send_at: the moment.
        by: who plans it.
        number: of the version; by default the newest one. It may be the next one,
            which is not released yet, so that its release does not ask at once.

    Raises:
        PlanRefused: the moment has passed, or the version is none that can be planned.
    """
    newest = in_force(context.versions).number
    number = newest if number is None else number
    if number not in {newest, newest + 1}:
        raise PlanRefused(
            f"the newest version is {newest}: a mail can be planned for that one, or "
            f"for {newest + 1}, which comes next"
        )
    if send_at <= clock.now():
        raise PlanRefused(f"{clock.in_school_time(send_at)} has passed")
    with context.sessions.writing() as session:
        # Two who plan at once: the second replaces what the first has planned.
        lock_log(session)
        return plan_within(session, number, send_at, by=by)


def plan_within(session: Session, number: int, send_at: datetime, *, by: str) -> Plan:
    """Let a plan count for a version, and call off one of before.

    Args:
        session: a transaction that writes, and holds the log.
        number: of the version.
        send_at: the moment; one that has passed means as soon as it can be.
        by: who plans it.
    """
    now = clock.now()
    _call_off(session, number, by, now)
    row = PlannedAsk(
        version_number=number, send_at=send_at, planned_at=now, planned_by=by
    )
    session.add(row)
    session.flush()
    return _plan(row)


def call_off_ask(context: AppContext, *, by: str) -> Plan | None:
    """Call off the mail that is planned; gives the plan, or None where there is none.

    Afterwards nobody is asked to sign that version until somebody asks, or plans anew:
    its release alone does not ask any more.

    Args:
        context: the context.
        by: who calls it off.
    """
    with context.sessions.writing() as session:
        lock_log(session)
        rows = session.scalars(
            select(PlannedAsk)
            .where(PlannedAsk.called_off_at.is_(None), PlannedAsk.asked_at.is_(None))
            .order_by(PlannedAsk.version_number.desc())
        ).all()
        for row in rows:
            row.called_off_at, row.called_off_by = clock.now(), by
        return _plan(rows[0]) if rows else None


def plan_of(session: Session, number: int) -> Plan | None:
    """The plan that counts for a version; None where nothing was ever planned.

    Args:
        session: a transaction.
        number: of the version.
    """
    row = session.scalar(
        select(PlannedAsk)
        .where(PlannedAsk.version_number == number)
        .order_by(PlannedAsk.id.desc())
        .limit(1)
    )
    return None if row is None else _plan(row)


def open_plans(context: AppContext) -> tuple[Plan, ...]:
    """The plans that are not done with, of versions that can still be asked for."""
    with context.sessions.reading() as session:
        least = current_number(session) or 0
        numbers = session.scalars(
            select(PlannedAsk.version_number)
            .where(PlannedAsk.version_number >= least)
            .distinct()
            .order_by(PlannedAsk.version_number)
        )
        plans = [plan_of(session, number) for number in numbers.all()]
    return tuple(plan for plan in plans if plan and plan.state is not PlanState.ASKED)


def called_off_number(session: Session) -> int | None:
    """The version that parents were being asked for, where its mail was called off.

    Args:
        session: a transaction.
    """
    number = current_number(session)
    plan = None if number is None else plan_of(session, number)
    return number if plan and plan.state is PlanState.CALLED_OFF else None


def is_called_off(session: Session) -> ColumnElement[bool]:
    """The condition that a mail, joined with its request, was called off.

    Args:
        session: a transaction.
    """
    number = called_off_number(session)
    if number is None:
        return false()
    asks = and_(Outbox.kind == Kind.ASK.value, Outbox.request_id.is_not(None))
    return and_(asks, Request.version_number == number)


def settle_plans(session: Session, number: int) -> None:
    """Note that parents have been asked to sign a version: plans for it are done with.

    Args:
        session: a transaction that writes.
        number: of the version.
    """
    session.execute(
        update(PlannedAsk)
        .where(PlannedAsk.version_number == number, PlannedAsk.asked_at.is_(None))
        .values(asked_at=clock.now())
    )


def _call_off(session: Session, number: int, by: str, now: datetime) -> None:
    session.execute(
        update(PlannedAsk)
        .where(
            PlannedAsk.version_number == number,
            PlannedAsk.called_off_at.is_(None),
            PlannedAsk.asked_at.is_(None),
        )
        .values(called_off_at=now, called_off_by=by)
    )


def _plan(row: PlannedAsk) -> Plan:
    if row.asked_at is not None:
        state = PlanState.ASKED
    elif row.called_off_at is not None:
        state = PlanState.CALLED_OFF
    elif row.send_at <= clock.now():
        state = PlanState.DUE
    else:
        state = PlanState.WAITING
    return Plan(
        row.version_number, row.send_at, state, row.planned_by, row.called_off_by
    )
