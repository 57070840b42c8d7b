"""The weekly digest: how things stand, by mail to head and office, once a week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from signer import clock
from signer.config import Settings
from signer.i18n import counted
from signer.mail.kinds import Kind
from signer.mail.letter import Letter
from signer.school_calendar import school_date
from signer.store.desk.choices import DigestRefusal
from signer.store.desk.roles import DeskRole
from signer.store.desk.tables import DeskAccount
from signer.store.locking import lock_table
from signer.store.log.append import lock_log
from signer.store.tables import Outbox
from signer.workflows.context import AppContext, current_number
from signer.workflows.desk.accounts import account_of
from signer.workflows.desk.due import DueKind
from signer.workflows.desk.today import WAITING, Today, look_at_today
from signer.workflows.mailing.outbox import queue_mail

READERS = (DeskRole.HEAD, DeskRole.OFFICE)
"""Who gets it, as long as they want it."""

WEEKDAYS = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
NEVER = "never"

STALE = timedelta(days=2)
"""A worker that was down for longer waits for the next week's hour."""

_OCCASION = "digest:"

PAGES = {
    DueKind.DEADLINE: "campaign?more=overdue",
    DueKind.PUBLICATION: "campaign",
    DueKind.APPROVAL: "text/review",
    DueKind.REVIEW: "text",
    DueKind.RETENTION: "parents/retention",
    DueKind.YEARLY: "parents/retention",
}
"""Where at the desk something that is due is looked at."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the mail.

    Attributes:
        words: without names.
        address: where at the desk it is looked at; signing in comes first.
    """

    words: str
    address: str


def queue_digest(context: AppContext) -> int:
    """Queue this week's digest for each who wants it; gives how many were queued.

    Afterwards each account of a head or of the office has one for the week of the
    newest hour that the setting names, whatever ran when; nobody has one for an hour
    before they had an account. A school that has asked no parent yet gets none.
    """
    moment = newest_moment(context.settings, clock.now())
    if moment is None or clock.now() - moment > STALE:
        return 0
    week = f"{_OCCASION}{school_date(moment):%G-W%V}:"
    with context.sessions.reading() as session:
        if current_number(session) is None or not _wanting(session, moment, week):
            return 0
    with context.sessions.writing() as session:
        # Two workers that see the same hour write one mail to each.
        lock_log(session)
        return sum(
            queue_mail(session, Kind.DESK_DIGEST, week + ref)
            for ref in _wanting(session, moment, week)
        )


def newest_moment(settings: Settings, now: datetime) -> datetime | None:
    """The newest hour at which a digest was due, not after now; None for never.

    Args:
        settings: those that name the weekday and the hour, by the school's clock.
        now: the present moment.
    """
    if settings.digest.lower() == NEVER:
        return None
    name, _, at = settings.digest.lower().partition(" ")
    today = school_date(now)
    day = today - timedelta(days=(today.weekday() - WEEKDAYS.index(name)) % 7)
    for one in (day, day - timedelta(days=7)):
        # An hour that the clocks leave out is the one after it; one that they repeat
        # counts the first time.
        local = datetime.combine(one, time.fromisoformat(at), clock.SCHOOL_ZONE)
        if local.astimezone(UTC) <= now:
            return local.astimezone(UTC)
    return None


def digest_letter(context: AppContext, session: Session, row: Outbox) -> Letter | None:
    """The digest to one of them, as things stand now.

    None where they want none any more, or may not come in.
    """
    ref = row.occasion.rpartition(":")[2]
    account = account_of(session, ref)
    if (
        account is None
        or account.role not in READERS
        or session.get(DigestRefusal, account.id) is not None
    ):
        return None
    today = look_at_today(context)
    campaign = today.campaign
    if campaign is None:
        return None
    settings = context.settings
    desk = f"{settings.base_url}/desk"
    values = {
        "school": settings.school_name,
        "staff_name": account.name,
        "policy_title": context.version(campaign.version).title,
        "version": campaign.version,
        "label": campaign.label,
        "numbers": [
            ("asked", today.asked),
            ("signed", campaign.signed_by_link + campaign.signed_on_paper),
            ("outstanding", campaign.outstanding),
            ("declined", campaign.declined),
            ("bounced", campaign.mail_bounced + campaign.mail_refused),
        ],
        "waiting": [(one.words, one.address) for one in _waiting(today, desk)],
        "due": [(one.words, f"{desk}/{PAGES[one.kind]}") for one in today.due],
        "trouble": len(today.findings),
        "desk_url": f"{desk}/",
        "account_url": f"{desk}/account",
        "weekday": settings.digest.partition(" ")[0].capitalize(),
    }
    return Letter(Kind.DESK_DIGEST, account.name, account.email, values)


def choose_digest(context: AppContext, ref: str, *, wanted: bool) -> None:
    """Keep whether somebody wants the digest; the same twice is kept once.

    Afterwards no digest goes to who wants none, not even one that waits.
    """
    with context.sessions.writing() as session:
        lock_table(session, DigestRefusal)
        account = account_of(session, ref)
        if account is None:
            return
        there = session.get(DigestRefusal, account.id)
        if wanted and there is not None:
            session.execute(
                delete(DigestRefusal).where(DigestRefusal.account_id == account.id)
            )
        elif not wanted and there is None:
            session.add(DigestRefusal(account_id=account.id, refused_at=clock.now()))


def wants_digest(context: AppContext, ref: str) -> bool:
    """Whether somebody has not refused it."""
    with context.sessions.reading() as session:
        account = account_of(session, ref)
        return account is not None and session.get(DigestRefusal, account.id) is None


def _wanting(session: Session, moment: datetime, week: str) -> list[str]:
    """Who is to have a digest of a week, and has none."""
    refused = select(DigestRefusal.account_id)
    refs = session.scalars(
        select(DeskAccount.ref)
        .where(
            DeskAccount.removed_at.is_(None),
            DeskAccount.role.in_(READERS),
            DeskAccount.added_at <= moment,
            DeskAccount.id.not_in(refused),
        )
        .order_by(DeskAccount.id)
    ).all()
    queued = set(
        session.scalars(
            select(Outbox.occasion).where(Outbox.occasion.in_(week + r for r in refs))
        )
    )
    return [ref for ref in refs if week + ref not in queued]


def _waiting(today: Today, desk: str) -> Iterator[Item]:
    for kind, count in today.waiting.items():
        yield Item(counted(count, *WAITING[kind]), f"{desk}/inbox")
    if today.standing.not_asked:
        words = counted(
            today.standing.not_asked,
            "new parent to be asked",
            "new parents to be asked",
        )
        yield Item(words, f"{desk}/campaign/ask")
