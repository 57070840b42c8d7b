"""Which parents a command is about, and the state of each for the version asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import Session

from signer.register.year_groups import usual_year_group, year_number
from signer.store.columns import Delivery, Status
from signer.store.tables import Child, Parent, Relationship, Request
from signer.workflows.campaigns.deadlines import is_overdue
from signer.workflows.campaigns.deliveries import BOUNCED, deliveries, in_doubt
from signer.workflows.context import AppContext
from signer.workflows.exemption.exempt import is_exempt
from signer.workflows.mailing.bounces.dead_addresses import is_dead
from signer.workflows.requests.disputes import in_dispute


class State(StrEnum):
    """The state of a parent for the version that parents are asked to sign."""

    NOT_ASKED = "not asked"
    NEED_NOT_SIGN = "need not sign"
    DISPUTED = "disputed"
    OUTSTANDING = "outstanding"
    DECLINED = "declined"
    SIGNED = "signed"


LAST_YEAR = 99
"""Where a year group without a number is sorted among the others."""

UNDELIVERED: frozenset[str] = frozenset({BOUNCED, Delivery.REFUSED})
"""Fates of a mail of which somebody has to hear from the family."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which active parents are meant; all those of whom each thing named is true.

    Attributes:
        year_groups: with a child in one of these, such as "7"; empty for any.
        states: who has one of them; empty for any.
        never_opened: who was asked, has not answered, and has opened no link.
        bounced: whose newest mail came back or was refused, or whose address is known
            not to exist.
        emails: who has one of these addresses; empty for any.
        overdue: who has not answered, although the deadline has passed.
    """

    year_groups: frozenset[str] = field(default_factory=frozenset)
    states: frozenset[State] = field(default_factory=frozenset)
    never_opened: bool = False
    bounced: bool = False
    emails: frozenset[str] = field(default_factory=frozenset)
    overdue: bool = False

    @property
    def is_everybody(self) -> bool:
        """Whether it leaves nobody out."""
        return self == EVERYBODY

    def condition(
        self, context: AppContext, session: Session, number: int | None
    ) -> ColumnElement[bool]:
        """Return the condition that a parent is here, and is meant.

        Args:
            context: the context.
            session: the transaction that it is for.
            number: the version that parents are asked to sign; None before any.
        """
        here = Parent.left_at.is_(None)
        if self.is_everybody:
            return here
        wanted: list[ColumnElement[bool]] = [here]
        if self.year_groups:
            wanted.append(Parent.id.in_(_in_year_groups(session, self.year_groups)))
        if self.states:
            wanted.append(state_of_parent().in_([one.value for one in self.states]))
        if self.never_opened:
            wanted += [Request.status == Status.PENDING, Request.opened_at.is_(None)]
        if self.overdue:
            wanted.append(is_overdue(context, session, number))
        if self.bounced:
            mail = deliveries(
                select(Request.id).where(
                    Request.version_number == number, Request.id.in_(in_doubt())
                )
            )
            lost = select(mail.c.request_id).where(mail.c.fate.in_(UNDELIVERED))
            wanted.append(or_(Request.id.in_(lost), is_dead(Parent.email_key)))
        if self.emails:
            keys = [one.strip().lower() for one in self.emails]
            wanted.append(Parent.email_key.in_(keys))
        chosen = (
            select(Parent.id)
            .outerjoin(Request, request_for(number))
            .where(*wanted)
            .correlate(None)
        )
        return Parent.id.in_(chosen)


EVERYBODY = Selection()


def request_for(number: int | None) -> ColumnElement[bool]:
    """Return the condition that joins parents with their request for a version."""
    return and_(Request.parent_id == Parent.id, Request.version_number == number)


def state_of_parent() -> ColumnElement[str]:
    """Return the state of an active parent, joined with the request of the version."""
    return case(
        *((condition, state.value) for state, condition in _conditions().items()),
        else_=State.OUTSTANDING.value,
    )


def _conditions() -> Mapping[State, ColumnElement[bool]]:
    """Return what makes each state; the first that holds is a parent's."""
    return {
        State.SIGNED: Request.status == Status.SIGNED,
        State.DECLINED: Request.status == Status.DECLINED,
        State.NEED_NOT_SIGN: is_exempt(Parent.id),
        # Who came back is asked once more.
        State.NOT_ASKED: Request.id.is_(None) | (Request.status == Status.WITHDRAWN),
        State.DISPUTED: in_dispute(Parent.id),
    }


def _in_year_groups(session: Session, wanted: frozenset[str]) -> Select[int]:
    """Return the parents with a child in a year group, however that is written.

    A child of before is counted in no longer: relationships end, children stay.
    """
    keys = {year_group_key(one) for one in wanted}
    written = [
        one
        for one in session.scalars(select(Child.year_group).distinct())
        if year_group_key(one) in keys
    ]
    return (
        select(Relationship.parent_id)
        .join(Child, Child.id == Relationship.child_id)
        .where(Child.year_group.in_(written))
    )


def year_group_key(written: str) -> tuple[int, str]:
    """What year groups are compared and sorted by: those without a number come last."""
    number = year_number(written)
    words = usual_year_group(written).casefold()
    return (LAST_YEAR if number is None else number), words
