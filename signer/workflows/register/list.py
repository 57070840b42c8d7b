"""Who is in the register, and the state of each for the version in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, selectinload

from signer.mail.compose import Kind
from signer.policy.versions import in_force
from signer.school_calendar import school_date
from signer.store.columns import Delivery, SignedHow
from signer.store.paper.tables import Paper
from signer.store.tables import Outbox, Parent, Relationship, Request
from signer.workflows.campaigns.ask import waits
from signer.workflows.campaigns.coverage import IS_SIGNED_BY_PAPER
from signer.workflows.campaigns.deadlines import deadline_of
from signer.workflows.campaigns.deliveries import deliveries
from signer.workflows.campaigns.selection import (
    EVERYBODY,
    Selection,
    State,
    request_for,
    state_of_parent,
)
from signer.workflows.context import AppContext, current_number
from signer.workflows.requests.access import children_of, tutor_groups_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An active parent, and their request for the version that parents are asked for.

    Attributes:
        parent_id: of the row of the register, for telling two of one name apart.
        name: as in the register.
        email: as in the register.
        children: name, year group and relationship of each.
        tutor_groups: of each child, in the same order; empty for one without.
        state: where they stand.
        asked_at: when they were asked, the last time; None where not asked.
        sign_by: the last day on which they answer in time; None for no deadline.
        opened_at: when a link was first opened.
        reminders: how many reminders the mail server accepted since they were asked.
        reminded_at: when it accepted the last of them.
        signed_how: by link or on paper; None where not signed.
        signed_at: when they signed, or when the paper was recorded.
        dated: the date on the paper; None for another way, or where nobody was asked
            for it.
        delivery: what came of the newest mail with a link: sent, bounced, refused or
            queued; None where no mail went out.
    """

    parent_id: int
    name: str
    email: str
    children: tuple[tuple[str, str, str], ...]
    tutor_groups: tuple[str, ...]
    state: State
    asked_at: datetime | None
    sign_by: date | None
    opened_at: datetime | None
    reminders: int
    reminded_at: datetime | None
    signed_how: SignedHow | None
    signed_at: datetime | None
    dated: date | None
    delivery: str | None

    @property
    def year_groups(self) -> tuple[str, ...]:
        """Those of the children, each once, in the children's order."""
        return tuple(dict.fromkeys(year for _, year, _ in self.children))

    @property
    def classes(self) -> tuple[str, ...]:
        """Each child with year and tutor group: Leyla Yusuf (Year 7, 7B)."""
        return with_classes(self.children, self.tutor_groups)


def with_classes(
    children: Sequence[tuple[str, str, str]], tutor_groups: Sequence[str]
) -> tuple[str, ...]:
    """Each child with year and tutor group in words: Leyla Yusuf (Year 7, 7B)."""
    return tuple(
        f"{name} ({', '.join(filter(None, (year_group, tutor_group)))})"
        for (name, year_group, _), tutor_group in zip(
            children, tutor_groups, strict=True
        )
    )


def list_register(
    context: AppContext, selection: Selection = EVERYBODY
) -> list[Listed]:
    """Every active parent who is meant, by name; changes nothing."""
    with context.sessions.reading() as session:
        return list_in(context, session, current_number(session), selection)


@dataclass(frozen=True, slots=True)
class ListPage:
    """A part of a list.

    Attributes:
        people: of this page, by name.
        count: how many are on the whole list.
    """

    people: list[Listed]
    count: int


def list_page(
    context: AppContext, selection: Selection, *, offset: int, limit: int
) -> ListPage:
    """A page of the active parents who are meant, by name; changes nothing.

    Args:
        context: the context.
        selection: who is meant.
        offset: how many come before the page.
        limit: how many are on it at most; 0 where only their number is wanted.
    """
    with context.sessions.reading() as session:
        number = current_number(session)
        meant = selection.condition(context, session, number)
        return _page(context, session, number, meant, slice(offset, offset + limit))


def page_of_waiting(context: AppContext, *, limit: int) -> ListPage:
    """The first of those whom `ask_parents` would ask now; changes nothing."""
    number = in_force(context.versions).number
    with context.sessions.reading() as session:
        return _page(context, session, number, waits(number), slice(0, limit))


def _page(
    context: AppContext,
    session: Session,
    number: int | None,
    meant: ColumnElement[bool],
    places: slice,
) -> ListPage:
    count = session.scalar(select(func.count(Parent.id)).where(meant))
    if places.start == places.stop:
        return ListPage([], count or 0)
    # The ids of one page first: what is told of each is read for those alone.
    ids = session.scalars(
        select(Parent.id)
        .where(meant)
        .order_by(Parent.name_key, Parent.email_key, Parent.id)
        .slice(places.start, places.stop)
    ).all()
    people = _list(context, session, number, Parent.id.in_(ids))
    return ListPage(people, count or 0)


def list_waiting(context: AppContext, selection: Selection = EVERYBODY) -> list[Listed]:
    """Whom of those who are meant `ask_parents` would ask now; changes nothing."""
    number = in_force(context.versions).number
    with context.sessions.reading() as session:
        meant = selection.condition(context, session, number)
        return _list(context, session, number, waits(number) & meant)


def list_in(
    context: AppContext, session: Session, number: int | None, selection: Selection
) -> list[Listed]:
    """The list for a version, read in a transaction that its caller has begun."""
    meant = selection.condition(context, session, number)
    return _list(context, session, number, meant)


def _list(
    context: AppContext,
    session: Session,
    number: int | None,
    condition: ColumnElement[bool],
) -> list[Listed]:
    """The list of those of whom a condition is true.

    Args:
        context: the context.
        session: a transaction.
        number: the version that they are asked to sign.
        condition: who is meant.
    """
    requests = (
        select(Request.id)
        .join(Parent)
        .where(Request.version_number == number, condition)
    )
    mail = deliveries(requests)
    reminders = _reminders(session, requests)
    rows = session.execute(
        select(Parent, Request, state_of_parent(), mail.c.fate, Paper.signed_on)
        .outerjoin(Request, request_for(number))
        .outerjoin(Paper, IS_SIGNED_BY_PAPER)
        .outerjoin(mail, mail.c.request_id == Request.id)
        .where(condition)
        .order_by(Parent.name_key, Parent.email_key, Parent.id)
        .options(selectinload(Parent.relationships).joinedload(Relationship.child))
    )
    return [
        _listed(context, parent, request, State(state), fate, reminders, dated)
        for parent, request, state, fate, dated in rows
    ]


def _listed(  # noqa: PLR0913, PLR0917 - a column of the query each
    context: AppContext,
    parent: Parent,
    request: Request | None,
    state: State,
    fate: str | None,
    reminders: Mapping[int, tuple[int, datetime]],
    dated: str | None,
) -> Listed:
    asked = request if state is not State.NOT_ASKED else None
    count, last = reminders.get(asked.id, (0, None)) if asked else (0, None)
    signed = asked if asked and state is State.SIGNED else None
    sign_by = None
    if asked:
        version = context.version(asked.version_number, asked.version_sha256)
        day = school_date(asked.asked_at)
        sign_by = deadline_of(context.settings, version, day)
    return Listed(
        parent_id=parent.id,
        name=parent.name,
        email=parent.email,
        children=children_of(parent),
        tutor_groups=tutor_groups_of(parent),
        state=state,
        asked_at=asked.asked_at if asked else None,
        sign_by=sign_by,
        opened_at=asked.opened_at if asked else None,
        reminders=count,
        reminded_at=last,
        signed_how=signed.signed_how if signed else None,
        signed_at=signed.closed_at if signed else None,
        dated=date.fromisoformat(dated) if signed and dated else None,
        delivery=fate if asked else None,
    )


def _reminders(
    session: Session, requests: Select[int]
) -> dict[int, tuple[int, datetime]]:
    """How many reminders each request had since it was asked, and when the last."""
    rows = session.execute(
        select(Outbox.request_id, func.count(), func.max(Outbox.sent_at))
        .join(Request, Request.id == Outbox.request_id)
        .where(
            Outbox.request_id.in_(requests),
            Outbox.kind == Kind.REMIND.value,
            Outbox.delivery == Delivery.SENT,
            Outbox.queued_at >= Request.asked_at,
        )
        .group_by(Outbox.request_id)
    )
    return {
        request_id: (count, last)
        for request_id, count, last in rows
        if request_id is not None and last is not None
    }
