"""Counting, version by version, who has been asked and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer.store.columns import Delivery, SignedHow, Status
from signer.store.tables import Declaration, Parent, PinnedVersion, Request
from signer.workflows.campaigns.ask import waits
from signer.workflows.campaigns.deadlines import deadline_of_campaign, is_overdue
from signer.workflows.campaigns.deliveries import BOUNCED, deliveries
from signer.workflows.context import AppContext
from signer.workflows.exemption.exempt import is_exempt
from signer.workflows.requests.disputes import in_dispute
from signer.workflows.staff.tell import StaffTold, count_told


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """All requests of one version, counted.

    Each request counts once among ``signed_by_link`` to ``outstanding``, and once
    among the mails, by the newest of its mails with a link whose fate is known.

    Attributes:
        version: the version's number.
        label: such as "August 2022".
        asked: how many parents were asked.
        mail_accepted: the mail server took the mail, and it has not come back.
        mail_bounced: the mail server took the mail, and it came back.
        mail_refused: the mail server refused it for good.
        mail_waiting: no mail has gone out yet, and one will.
        mail_none: no mail went out, because the parent answered or left before, or has
            no address.
        signed_by_link: signed online.
        signed_on_paper: recorded by the office.
        declined: said no, and has not signed since.
        superseded: did not answer before a newer version came.
        withdrawn: left before answering.
        disputed: has not answered, and is not mailed: whoever got the link says that
            they are somebody else, and the office has yet to look.
        outstanding: has not answered.
        need_not_sign: has not answered, and need not: the school has said so.
        without_email: how many of the outstanding have no address to mail to.
        levels: how many of the seals reached each level, such as ``B-B``.
        unsealed: how many signatures by link wait for their seal.
    """

    version: int
    label: str
    asked: int
    mail_accepted: int
    mail_bounced: int
    mail_refused: int
    mail_waiting: int
    mail_none: int
    signed_by_link: int
    signed_on_paper: int
    declined: int
    superseded: int
    withdrawn: int
    disputed: int
    need_not_sign: int
    outstanding: int
    without_email: int
    levels: dict[str, int]
    unsealed: int

    @property
    def covered(self) -> float | None:
        """Signed, of those asked who stayed and are to sign, in per cent: one decimal.

        Rounded down, so that 100.0 means everybody. None where nobody is left.
        """
        stayed = self.asked - self.withdrawn - self.need_not_sign
        if not stayed:
            return None
        return (self.signed_by_link + self.signed_on_paper) * 1000 // stayed / 10


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


def count_status(context: AppContext) -> Standing:
    """Count every request and its mail; changes nothing."""
    with context.sessions.reading() as session:
        pinned = session.execute(
            select(PinnedVersion.number, PinnedVersion.label).order_by(
                PinnedVersion.number.desc()
            )
        ).all()
        answers = _answers(session)
        mails = _mails(session)
        levels = _levels(session)
        disputed = _disputed(session)
        unmailed = _without_email(session)
        exempt = _exempt(session)
        newest = pinned[0][0] if pinned else None
        not_asked = _not_asked(session, newest)
        staff_told = count_told(session)
        sign_by = newest and deadline_of_campaign(context, session, newest)
        overdue = _overdue(context, session, newest)
        need_not_sign = session.scalar(
            select(func.count(Parent.id)).where(
                Parent.left_at.is_(None), is_exempt(Parent.id)
            )
        )
    return Standing(
        tuple(
            _campaign(
                number,
                label,
                answers,
                mails,
                levels,
                disputed=disputed[number],
                exempt=exempt[number],
                without_email=unmailed[number],
            )
            for number, label in pinned
        ),
        not_asked,
        staff_told,
        sign_by or None,
        overdue,
        need_not_sign or 0,
    )


def _campaign(  # noqa: PLR0913 - each count, taken once for all campaigns
    number: int,
    label: str,
    answers: Counter[tuple[int, Status, SignedHow | None]],
    mails: Counter[tuple[int, str]],
    levels: Counter[tuple[int, str | None]],
    *,
    disputed: int,
    exempt: int,
    without_email: int,
) -> Campaign:
    def ended(status: Status, how: SignedHow | None = None) -> int:
        return answers[number, status, how]

    asked = sum(count for (one, _, _), count in answers.items() if one == number)
    known = sum(count for (one, _), count in mails.items() if one == number)
    return Campaign(
        version=number,
        label=label,
        asked=asked,
        mail_accepted=mails[number, Delivery.SENT],
        mail_bounced=mails[number, BOUNCED],
        mail_refused=mails[number, Delivery.REFUSED],
        mail_waiting=mails[number, Delivery.QUEUED],
        mail_none=asked - known,
        signed_by_link=ended(Status.SIGNED, SignedHow.LINK),
        signed_on_paper=ended(Status.SIGNED, SignedHow.PAPER),
        declined=ended(Status.DECLINED),
        superseded=ended(Status.SUPERSEDED),
        withdrawn=ended(Status.WITHDRAWN),
        disputed=disputed,
        need_not_sign=exempt,
        outstanding=ended(Status.PENDING) - disputed - exempt,
        without_email=without_email,
        levels={
            level: count
            for (one, level), count in sorted(levels.items(), key=repr)
            if one == number and level is not None
        },
        unsealed=levels[number, None],
    )


def _answers(session: Session) -> Counter[tuple[int, Status, SignedHow | None]]:
    rows = session.execute(
        select(
            Request.version_number, Request.status, Request.signed_how, func.count()
        ).group_by(Request.version_number, Request.status, Request.signed_how)
    )
    return Counter({(number, status, how): n for number, status, how, n in rows})


def _disputed(session: Session) -> Counter[int]:
    rows = session.execute(
        select(Request.version_number, func.count())
        .where(
            Request.status == Status.PENDING,
            in_dispute(Request.parent_id),
            ~is_exempt(Request.parent_id),
        )
        .group_by(Request.version_number)
    )
    return Counter({number: n for number, n in rows})  # noqa: C416 - rows


def _exempt(session: Session) -> Counter[int]:
    rows = session.execute(
        select(Request.version_number, func.count())
        .where(Request.status == Status.PENDING, is_exempt(Request.parent_id))
        .group_by(Request.version_number)
    )
    return Counter({number: n for number, n in rows})  # noqa: C416 - rows


def _without_email(session: Session) -> Counter[int]:
    rows = session.execute(
        select(Request.version_number, func.count())
        .join(Parent, Parent.id == Request.parent_id)
        .where(
            Request.status == Status.PENDING,
            Parent.email == "",
            ~in_dispute(Request.parent_id),
            ~is_exempt(Request.parent_id),
        )
        .group_by(Request.version_number)
    )
    return Counter({number: n for number, n in rows})  # noqa: C416 - rows


def _mails(session: Session) -> Counter[tuple[int, str]]:
    """How many requests have their mail accepted, bounced, refused or waiting."""
    mail = deliveries()
    rows = session.execute(
        select(Request.version_number, mail.c.fate, func.count())
        .join(mail, mail.c.request_id == Request.id)
        .group_by(Request.version_number, mail.c.fate)
    )
    return Counter({(number, fate): n for number, fate, n in rows})


def _levels(session: Session) -> Counter[tuple[int, str | None]]:
    rows = session.execute(
        select(Request.version_number, Declaration.level, func.count())
        .join(Declaration, Declaration.request_id == Request.id)
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
