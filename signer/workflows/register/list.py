"""Who is in the register, and the state of each for the version in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from signer.mail.kinds import Kind
from signer.policy.versions import in_force
from signer.school_calendar import school_date
from signer.store.columns import Delivery, SignedHow
from signer.store.log.hashes import use_snapshot
from signer.store.paper.tables import Paper
from signer.store.tables import Child, Outbox, Parent, Relationship, Request
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
from signer.workflows.requests.unasked import waits

AT_ONCE = 1_000
"""Of how many parents what is told is read in one go."""


_BY_NAME = Parent.name_key, Parent.email_key, Parent.id


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
    return list(walk_register(context, selection))


def walk_register(
    context: AppContext, selection: Selection = EVERYBODY
) -> Iterator[Listed]:
    """The same one after the other, as they were when it began.

    However many there are, a few of them are held in memory.
    """
    with context.sessions.reading() as session:
        use_snapshot(session)
        number = current_number(session)
        meant = selection.condition(context, session, number)
        yield from _walk(context, session, number, meant)


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
        .order_by(*_BY_NAME)
        .slice(places.start, places.stop)
    ).all()
    return ListPage(list(_told(context, session, number, ids)), count or 0)


def list_waiting(context: AppContext, selection: Selection = EVERYBODY) -> list[Listed]:
    """Whom of those who are meant `ask_parents` would ask now; changes nothing."""
    number = in_force(context.versions).number
    with context.sessions.reading() as session:
        meant = selection.condition(context, session, number)
        return list(_walk(context, session, number, waits(number) & meant))


def list_in(
    context: AppContext, session: Session, number: int | None, selection: Selection
) -> list[Listed]:
    """The list for a version, read in a transaction that its caller has begun."""
    meant = selection.condition(context, session, number)
    return list(_walk(context, session, number, meant))


def _walk(
    context: AppContext,
    session: Session,
    number: int | None,
    condition: ColumnElement[bool],
) -> Iterator[Listed]:
    """Those of whom a condition is true, by name.

    Args:
        context: the context.
        session: a transaction.
        number: the version that they are asked to sign.
        condition: who is meant.
    """
    # What is told of each is read for a few at a time; of all of them, the ids.
    ids = session.scalars(select(Parent.id).where(condition).order_by(*_BY_NAME)).all()
    for few in _in_pieces(ids):
        yield from _told(context, session, number, few)


def _in_pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE))


def _told(
    context: AppContext, session: Session, number: int | None, ids: Sequence[int]
) -> Iterator[Listed]:
    """What is told of a few parents, by name."""
    meant = Parent.id.in_(ids)
    requests = (
        select(Request.id).join(Parent).where(Request.version_number == number, meant)
    )
    mail = deliveries(requests)
    reminders = _reminders(session, requests)
    children = _children(session, ids)
    deadlines = _Deadlines(context)
    rows = session.execute(
        select(
            Parent.id,
            Parent.name,
            Parent.email,
            state_of_parent().label("state"),
            Request.id.label("request_id"),
            Request.version_number,
            Request.version_sha256,
            Request.asked_at,
            Request.opened_at,
            Request.closed_at,
            Request.signed_how,
            Paper.signed_on,
            mail.c.fate,
        )
        .outerjoin(Request, request_for(number))
        .outerjoin(Paper, IS_SIGNED_BY_PAPER)
        .outerjoin(mail, mail.c.request_id == Request.id)
        .where(meant)
        .order_by(*_BY_NAME)
    )
    for row in rows:
        yield _listed(row, children[row.id], reminders, deadlines)


class _Deadlines:
    """By when those answer who were asked on a day: few days, and many parents."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._known: dict[tuple[int, str, date], date | None] = {}

    def of(self, number: int, sha256: str, asked_at: datetime) -> date | None:
        asked = number, sha256, school_date(asked_at)
        if asked not in self._known:
            version = self._context.version(number, sha256)
            settings = self._context.settings
            self._known[asked] = deadline_of(settings, version, asked[2])
        return self._known[asked]


def _listed(
    row: Any,  # noqa: ANN401 - of the columns that are told of
    children: Sequence[tuple[str, str, str, str]],
    reminders: Mapping[int, tuple[int, datetime]],
    deadlines: _Deadlines,
) -> Listed:
    state = State(row.state)
    asked = row if row.request_id and state is not State.NOT_ASKED else None
    count, last = reminders.get(row.request_id, (0, None)) if asked else (0, None)
    signed = asked if state is State.SIGNED else None
    sign_by = None
    if asked:
        sign_by = deadlines.of(row.version_number, row.version_sha256, row.asked_at)
    return Listed(
        parent_id=row.id,
        name=row.name,
        email=row.email,
        children=tuple(one[:3] for one in children),
        tutor_groups=tuple(one[3] for one in children),
        state=state,
        asked_at=asked.asked_at if asked else None,
        sign_by=sign_by,
        opened_at=asked.opened_at if asked else None,
        reminders=count,
        reminded_at=last,
        signed_how=signed.signed_how if signed else None,
        signed_at=signed.closed_at if signed else None,
        dated=(
            date.fromisoformat(signed.signed_on)
            if signed and signed.signed_on
            else None
        ),
        delivery=asked.fate if asked else None,
    )


def _children(
    session: Session, ids: Sequence[int]
) -> Mapping[int, list[tuple[str, str, str, str]]]:
    """Name, year group, relationship and tutor group of each child, by its parent.

    In the order of `children_of`.
    """
    found: defaultdict[int, list[tuple[str, str, str, str]]] = defaultdict(list)
    for parent_id, name, year_group, words, tutor_group in session.execute(
        select(
            Relationship.parent_id,
            Child.name,
            Child.year_group,
            Relationship.words,
            Child.tutor_group,
        )
        .join(Child, Child.id == Relationship.child_id)
        .where(Relationship.parent_id.in_(ids))
        .order_by(Relationship.parent_id, Relationship.child_id)
    ):
        found[parent_id].append((name, year_group, words, tutor_group or ""))
    for children in found.values():
        children.sort(key=lambda one: one[:3])
    return found


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
