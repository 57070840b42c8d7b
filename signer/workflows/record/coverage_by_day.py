"""How many parents were covered on each of many days, counted in the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    Select,
    and_,
    case,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from signer.school_calendar import end_of, school_date
from signer.store.columns import Status
from signer.store.paper.tables import Paper
from signer.store.tables import Membership, PinnedVersion, Request
from signer.workflows.campaigns.coverage import IS_SIGNED_BY_PAPER, count_covered
from signer.workflows.desk.hours import NOON, day_of_hour, hour_of


@dataclass(frozen=True, slots=True)
class CoveredDay:
    """How many were covered at the end of a day.

    Attributes:
        day: by the school's time.
        version: the version that parents were being asked to sign; None before any.
        parents: how many were in the register.
        covered: how many of them had signed that version.
    """

    day: date
    version: int | None
    parents: int
    covered: int

    @property
    def share(self) -> float | None:
        """Covered, in per cent: one decimal, rounded down; None of nobody."""
        return self.covered * 1000 // self.parents / 10 if self.parents else None


_FEW = 5_000
"""How many parents are named to the database one by one."""

_Span = tuple[date, date | None, int]
"""The first day, the day from which it is over, and how many."""


def coverage_by_day(session: Session, days: Sequence[date]) -> tuple[CoveredDay, ...]:
    """Return what `covered_at` counts at the end of each day, in few queries.

    Args:
        session: any transaction.
        days: ascending.
    """
    pinned = session.execute(
        select(PinnedVersion.number, PinnedVersion.pinned_at).order_by(
            PinnedVersion.number
        )
    ).all()
    versions = [
        max((number for number, at in pinned if at <= end_of(day)), default=None)
        for day in days
    ]
    asked = {number for number in versions if number is not None}
    starts = {number: school_date(at) for number, at in pinned}
    spans = _signed_spans(session, asked, starts)
    parents = _count(_stays(session), days)
    covered = {number: _count(spans[number], days) for number in asked}
    return tuple(
        CoveredDay(day, number, parents[place], covered[number][place] if number else 0)
        for place, (day, number) in enumerate(zip(days, versions, strict=True))
    )


def coverage_of_day(session: Session, day: date) -> CoveredDay:
    """Return what `coverage_by_day` gives for a day alone, in less time.

    Args:
        session: any transaction.
        day: by the school's time.
    """
    version, parents, covered = count_covered(session, end_of(day))
    return CoveredDay(day, version, parents, covered)


def _count(spans: Iterable[_Span], days: Sequence[date]) -> list[int]:
    """How many spans cover each day."""
    changes = Counter[date]()
    for start, end, count in spans:
        if end is None or start < end:
            changes[start] += count
            if end is not None:
                changes[end] -= count
    coming = sorted(changes.items(), reverse=True)
    counts, count = [], 0
    for day in days:
        while coming and coming[-1][0] <= day:
            count += coming.pop()[1]
        counts.append(count)
    return counts


def _stays(session: Session) -> list[_Span]:
    stays = select(
        hour_of(session, Membership.joined_at).label("start"),
        hour_of(session, Membership.left_at).label("end"),
    ).subquery()
    rows = session.execute(
        select(stays.c.start, stays.c.end, func.count()).group_by(
            stays.c.start, stays.c.end
        )
    )
    return [(day_of_hour(start), _day(end), count) for start, end, count in rows]


def _signed_spans(
    session: Session, asked: set[int], starts: dict[int, date]
) -> defaultdict[int, list[_Span]]:
    """When how many parents were here and had signed a version, by version."""
    found = session.scalars(_early(starts).limit(_FEW + 1)).all()
    early = found if len(found) <= _FEW else _early(starts)
    closed, signed_on = hour_of(session, Request.closed_at), Paper.signed_on + NOON
    # A paper tells its day alone, and may have been recorded later.
    signed = case((signed_on < closed, signed_on), else_=closed)
    joined = hour_of(session, Membership.joined_at)
    here = (
        select(
            Request.version_number.label("number"),
            case((joined > signed, joined), else_=signed).label("start"),
            hour_of(session, Membership.left_at).label("end"),
        )
        .select_from(Request)
        .join(Membership, Membership.parent_id == Request.parent_id)
        .outerjoin(Paper, IS_SIGNED_BY_PAPER)
        .where(
            Request.status == Status.SIGNED,
            Request.version_number.in_(asked),
            Request.parent_id.not_in(early),
        )
        .subquery()
    )
    rows = session.execute(
        select(here.c.number, here.c.start, here.c.end, func.count()).group_by(
            here.c.number, here.c.start, here.c.end
        )
    )
    spans: defaultdict[int, list[_Span]] = defaultdict(list)
    for number, start, end, count in rows:
        spans[number].append((day_of_hour(start), _day(end), count))
    if found:
        _add_early(session, early, asked, spans)
    return spans


def _early(starts: dict[int, date]) -> Select[int]:
    """The parents who signed a version on paper before others were asked for it.

    From then on they are covered although the version in force is an earlier one.
    """
    return (
        select(Request.parent_id)
        .distinct()
        .join(Paper, IS_SIGNED_BY_PAPER)
        .where(
            # Papers first: they are far fewer than requests.
            Request.id.in_(select(Paper.request_id)),
            Request.status == Status.SIGNED,
            or_(
                false(),
                *(
                    and_(
                        Request.version_number == number,
                        Paper.signed_on < start.isoformat(),
                    )
                    for number, start in starts.items()
                ),
            ),
        )
    )


def _add_early(
    session: Session,
    early: Sequence[int] | Select[int],
    asked: set[int],
    spans: defaultdict[int, list[_Span]],
) -> None:
    """Add them one by one: there are few."""
    signed: defaultdict[int, list[tuple[int, date]]] = defaultdict(list)
    for parent_id, number, closed_at, signed_on in session.execute(
        select(
            Request.parent_id,
            Request.version_number,
            Request.closed_at,
            Paper.signed_on,
        )
        .outerjoin(Paper, IS_SIGNED_BY_PAPER)
        .where(Request.status == Status.SIGNED, Request.parent_id.in_(early))
    ):
        days = [school_date(closed_at)] if closed_at else []
        days += [date.fromisoformat(signed_on)] if signed_on else []
        signed[parent_id].append((number, min(days)))
    for parent_id, joined_at, left_at in session.execute(
        select(Membership.parent_id, Membership.joined_at, Membership.left_at).where(
            Membership.parent_id.in_(early)
        )
    ):
        left = school_date(left_at) if left_at else None
        for number in asked:
            days = [day for one, day in signed[parent_id] if one >= number]
            if days:
                start = max(school_date(joined_at), min(days))
                spans[number].append((start, left, 1))


def _day(hour: str | None) -> date | None:
    return day_of_hour(hour) if hour else None
