"""Counting, version by version, who has been asked and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer.store.columns import Delivery
from signer.store.tables import Declaration, Parent, PinnedVersion, Request
from signer.workflows.campaigns.deadlines import deadline_of_campaign, is_overdue
from signer.workflows.campaigns.deliveries import BOUNCED, count_deliveries
from signer.workflows.context import AppContext, current_number
from signer.workflows.exemption.exempt import is_exempt
from signer.workflows.record.answers import (
    Answers,
    count_answers,
    count_pending,
    of_versions,
)
from signer.workflows.requests.disputes import in_dispute
from signer.workflows.requests.unasked import waits
from signer.workflows.staff.tell import StaffTold, count_told


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign(Answers):
    """All requests of one version, counted, and what came of their mails and seals.

    Each request counts once among the answers, and once among the mails, by the newest
    of its mails with a link whose fate is known.

    Attributes:
        mail_accepted: the mail server took the mail, and it has not come back.
        mail_bounced: the mail server took the mail, and it came back.
        mail_refused: the mail server refused it for good.
        mail_waiting: no mail has gone out yet, and one will.
        mail_none: no mail went out, because the parent answered or left before, or has
            no address.
        without_email: how many of the outstanding have no address to mail to.
        levels: how many of the seals reached each level, such as ``B-B``.
        unsealed: how many signatures by link wait for their seal.
    """

    mail_accepted: int
    mail_bounced: int
    mail_refused: int
    mail_waiting: int
    mail_none: int
    without_email: int
    levels: dict[str, int]
    unsealed: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Every campaign, and who is in none.

    Attributes:
        campaigns: one for each version that parents were asked to sign, the newest
            first.
        not_asked: parents in the register who wait to be asked to sign the newest of
            them, those who came back among them.
        staff_told: how far teachers were told of each version, the newest first.
        sign_by: the deadline of those who were asked when the newest was first asked
            for; None where it has none.
        overdue: how many have not answered although their own deadline has passed.
        need_not_sign: parents in the register who need not sign, whatever the version.
    """

    campaigns: tuple[Campaign, ...]
    not_asked: int
    staff_told: tuple[StaffTold, ...] = ()
    sign_by: date | None = None
    overdue: int = 0
    need_not_sign: int = 0


@dataclass(frozen=True, slots=True)
class NewestCampaign:
    """Which campaign is the newest, and who is still to hear of it.

    Attributes:
        version: the version's number.
        label: such as "August 2022".
        not_asked: parents in the register who wait to be asked.
        staff_told: the mails to teachers about it; None where there are none.
    """

    version: int
    label: str
    not_asked: int
    staff_told: StaffTold | None


def newest_campaign(context: AppContext) -> NewestCampaign | None:
    """The newest campaign, none of whose requests is counted; None before the first."""
    with context.sessions.reading() as session:
        number = current_number(session)
        if number is None:
            return None
        label = session.get_one(PinnedVersion, number).label
        told = count_told(session)
        return NewestCampaign(
            number,
            label,
            _not_asked(session, number),
            next((one for one in told if one.version == number), None),
        )


def has_begun(context: AppContext) -> bool:
    """Whether parents were ever asked to sign a version."""
    with context.sessions.reading() as session:
        return current_number(session) is not None


def count_status(context: AppContext, *, newest_only: bool = False) -> Standing:
    """Count every request and its mail; changes nothing.

    Args:
        context: the context.
        newest_only: of the campaigns, count the newest alone, and tell nothing of
            teachers.
    """
    with context.sessions.reading() as session:
        newest = current_number(session)
        only = [newest] if newest_only and newest is not None else None
        sign_by = newest and deadline_of_campaign(context, session, newest)
        need_not_sign = session.scalar(
            select(func.count(Parent.id)).where(
                Parent.left_at.is_(None), is_exempt(Parent.id)
            )
        )
        return Standing(
            count_campaigns(session, only),
            _not_asked(session, newest),
            () if newest_only else count_told(session),
            sign_by or None,
            _overdue(context, session, newest),
            need_not_sign or 0,
        )


def count_campaigns(
    session: Session, numbers: Collection[int] | None = None
) -> tuple[Campaign, ...]:
    """Count the requests of versions, their mails and seals, the newest first.

    Args:
        session: a transaction.
        numbers: of the versions that are meant; None for each that parents were asked
            to sign.
    """
    mails = count_deliveries(session, numbers)
    levels = _levels(session, numbers)
    unmailed = _without_email(session, numbers)
    return tuple(
        Campaign(
            **{one.name: getattr(answers, one.name) for one in fields(answers)},
            mail_accepted=mails[answers.version, Delivery.SENT],
            mail_bounced=mails[answers.version, BOUNCED],
            mail_refused=mails[answers.version, Delivery.REFUSED],
            mail_waiting=mails[answers.version, Delivery.QUEUED],
            mail_none=answers.asked
            - sum(n for (one, _), n in mails.items() if one == answers.version),
            without_email=unmailed[answers.version],
            levels={
                level: n
                for (one, level), n in sorted(levels.items(), key=repr)
                if one == answers.version and level is not None
            },
            unsealed=levels[answers.version, None],
        )
        for answers in count_answers(session, numbers)
    )


def _without_email(session: Session, numbers: Collection[int] | None) -> Counter[int]:
    without = select(Parent.id).where(Parent.email == "")
    return count_pending(
        session,
        numbers,
        Request.parent_id.in_(without),
        ~in_dispute(Request.parent_id),
        ~is_exempt(Request.parent_id),
    )


def _levels(
    session: Session, numbers: Collection[int] | None
) -> Counter[tuple[int, str | None]]:
    rows = session.execute(
        select(Request.version_number, Declaration.level, func.count())
        .join(Declaration, Declaration.request_id == Request.id)
        .where(of_versions(numbers))
        .group_by(Request.version_number, Declaration.level)
    )
    return Counter({(number, level): n for number, level, n in rows})


def _not_asked(session: Session, number: int | None) -> int:
    query = select(func.count()).select_from(Parent).where(waits(number))
    return session.scalar(query) or 0


def _overdue(context: AppContext, session: Session, number: int | None) -> int:
    query = (
        select(func.count())
        .select_from(Request)
        .join(Parent)
        .where(
            Request.version_number == number,
            Parent.left_at.is_(None),
            is_overdue(context, session, number),
        )
    )
    return session.scalar(query) or 0
