"""When the yearly mail goes out next, and how many it went to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from signer import clock
from signer.i18n import counted
from signer.mail.kinds import Kind
from signer.store.columns import Delivery
from signer.store.tables import Outbox, Parent
from signer.workflows.context import AppContext, current_number
from signer.workflows.yearly.days import YearlyDay, next_day, open_day
from signer.workflows.yearly.occasions import OCCASION
from signer.workflows.yearly.queue import to_be_told

ANNOUNCED = timedelta(days=30)
"""How long before its day the desk says that it will go out."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How the yearly mail stands.

    Attributes:
        day: that goes on, or the next one.
        under_way: whether it goes on: in the two weeks from its day.
        parents: how many are still to have one queued, as things stand.
        sent: of this day's, how many the mail server accepted.
        waiting: likewise, how many are still to go out.
        lost: likewise, how many it would not take.
    """

    day: YearlyDay
    under_way: bool
    parents: int
    sent: int = 0
    waiting: int = 0
    lost: int = 0

    @property
    def words(self) -> str:
        """A sentence about it, without names."""
        what = "an email of what the school has recorded about them"
        if not self.under_way:
            to = counted(self.parents, "parent", "parents")
            return f"On {self.day.in_words} {to} will be sent {what}."
        to = counted(self.sent, "parent has", "parents have")
        words = f"Since {self.day.in_words} {to} been sent {what}"
        if self.waiting:
            words += f"; {counted(self.waiting, 'email is', 'emails are')} still to go"
            words += " out"
        if self.lost:
            words += f"; {self.lost:,} could not be delivered"
        return f"{words}."


def look_at_yearly_mail(context: AppContext, *, ahead: bool = False) -> Outlook | None:
    """Return how the yearly mail stands; it changes nothing.

    None where no day is named, where no parent has been asked to sign yet, and where
    the day is further away than it is announced.

    Args:
        context: the context.
        ahead: whether to look further ahead than it is announced.
    """
    now = clock.now()
    going = open_day(context.settings, now)
    day = going or next_day(context.settings, now)
    if day is None or not (going or ahead or day.begins - now <= ANNOUNCED):
        return None
    with context.sessions.reading() as session:
        if current_number(session) is None:
            return None
        meant = select(func.count(Parent.id)).where(to_be_told(day))
        parents = session.scalar(meant) or 0
        of_day = (
            select(Outbox.delivery, func.count())
            .where(
                Outbox.kind == Kind.YEARLY.value,
                Outbox.occasion.startswith(OCCASION),
                Outbox.queued_at >= day.begins,
            )
            .group_by(Outbox.delivery)
        )
        rows = session.execute(of_day)
        counts = {delivery: count for delivery, count in rows}  # noqa: C416 - rows
    return Outlook(
        day,
        going is not None,
        parents,
        counts.get(Delivery.SENT, 0),
        counts.get(Delivery.QUEUED, 0) + (parents if going else 0),
        counts.get(Delivery.REFUSED, 0),
    )
