"""What people do about the check-list: mails sent and read, lines set aside."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import ChecklistRefused
from signer.mail.kinds import Kind
from signer.mail.letter import Letter
from signer.mail.transport import Transport
from signer.store.desk.checklist import ChecklistEntry, EntryKind
from signer.store.locking import lock_table
from signer.store.tables import Outbox
from signer.user_text import one_line
from signer.workflows.checklist.lines import Item
from signer.workflows.checklist.look import has_entry, mark_of
from signer.workflows.context import AppContext
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.mailing.sample import send_sample

MOST_AN_HOUR = 6
"""How many mails with a code go to the office within an hour."""

CODE_DIGITS = 6
_OCCASION = "office_check:"


def write_to_office(context: AppContext, *, by: str) -> bool:
    """Queue a mail with a code to the office's address; gives whether it was.

    Afterwards whoever reads it can prove that by the code.
    """
    mark = mark_of(context.settings.office_email)
    with context.sessions.writing() as session:
        lock_table(session, ChecklistEntry)
        lately = session.scalar(
            select(func.count()).where(
                Outbox.occasion.startswith(_OCCASION),
                Outbox.queued_at > clock.now() - timedelta(hours=1),
            )
        )
        if (lately or 0) >= MOST_AN_HOUR:
            return False
        queue_mail(session, Kind.OFFICE_CHECK, _OCCASION + secrets.token_hex(8))
        _add(session, Item.OFFICE, EntryKind.SENT, by, mark=mark)
    context.wake_worker()
    return True


def office_check_letter(
    context: AppContext, _session: Session, _row: Outbox
) -> Letter | None:
    """The mail with the code, to the office's address as it is now."""
    settings = context.settings
    values = {
        "school": settings.school_name,
        "code": _codes(context)[-1],
        "checklist_url": f"{settings.base_url}/desk/checklist",
    }
    return Letter(Kind.OFFICE_CHECK, "", settings.office_email, values)


def confirm_office(context: AppContext, code: str, *, by: str) -> None:
    """Note that the office's mailbox is read, proved by the code of a mail to it.

    Afterwards that line is done, for as long as the office has this address.

    Raises:
        ChecklistRefused: the code is another.
    """
    typed = "".join(code.split())
    if not any(hmac.compare_digest(one, typed) for one in _codes(context)):
        raise ChecklistRefused("This is not the code of the newest email.")
    mark = mark_of(context.settings.office_email)
    _once(context, Item.OFFICE, EntryKind.CONFIRMED, by, mark)


def send_own_sample(
    context: AppContext, transport: Transport, to_email: str, *, by: str
) -> None:
    """Send the mail that parents will get to somebody of the school.

    Afterwards it is noted that it was sent, so that they can say that they read it.

    Raises:
        MailError: the mail was not accepted.
    """
    send_sample(context, transport, to_email)
    _once(context, Item.SAMPLE, EntryKind.SENT, by)


def confirm_sample(context: AppContext, *, by: str) -> None:
    """Note that somebody has read the mail that parents will get.

    Raises:
        ChecklistRefused: none was sent.
    """
    with context.sessions.reading() as session:
        rows = session.scalars(select(ChecklistEntry)).all()
    if not has_entry(rows, Item.SAMPLE, EntryKind.SENT):
        raise ChecklistRefused("Send the email to yourself first.")
    _once(context, Item.SAMPLE, EntryKind.CONFIRMED, by)


def set_aside(context: AppContext, item: Item, reason: str, *, by: str) -> None:
    """Go on without a line, for a reason; the same twice is noted once.

    Afterwards the line holds the first asking back no more.

    Raises:
        TextRefused: the reason cannot be kept.
    """
    reason = one_line("reason", reason)
    with context.sessions.writing() as session:
        lock_table(session, ChecklistEntry)
        last = _last_decision(session, item)
        if (
            last is None
            or last.kind is EntryKind.TAKEN_UP
            or (last.words, last.by) != (reason, by)
        ):
            _add(session, item, EntryKind.SET_ASIDE, by, words=reason)


def take_up(context: AppContext, item: Item, *, by: str) -> None:
    """Let a line that was set aside hold the first asking back again."""
    with context.sessions.writing() as session:
        lock_table(session, ChecklistEntry)
        last = _last_decision(session, item)
        if last is not None and last.kind is EntryKind.SET_ASIDE:
            _add(session, item, EntryKind.TAKEN_UP, by)


def _last_decision(session: Session, item: Item) -> ChecklistEntry | None:
    return session.scalars(
        select(ChecklistEntry)
        .where(
            ChecklistEntry.item == item.value,
            ChecklistEntry.kind.in_((EntryKind.SET_ASIDE, EntryKind.TAKEN_UP)),
        )
        .order_by(ChecklistEntry.id.desc())
        .limit(1)
    ).first()


def _once(
    context: AppContext, item: Item, kind: EntryKind, by: str, mark: str = ""
) -> None:
    with context.sessions.writing() as session:
        lock_table(session, ChecklistEntry)
        rows = session.scalars(select(ChecklistEntry)).all()
        if not has_entry(rows, item, kind, mark):
            _add(session, item, kind, by, mark=mark)


def _add(  # noqa: PLR0913 - what makes up a row, each named by its caller
    session: Session,
    item: Item,
    kind: EntryKind,
    by: str,
    *,
    mark: str = "",
    words: str = "",
) -> None:
    session.add(
        ChecklistEntry(
            item=item.value, kind=kind, mark=mark, words=words, at=clock.now(), by=by
        )
    )


def _codes(context: AppContext) -> tuple[str, ...]:
    """The code of a mail to the office's address, by each secret, the newest last."""
    about = f"office mailbox {mark_of(context.settings.office_email)}".encode()
    digests = (
        hmac.digest(key.encode(), about, sha256) for key in context.settings.secret_keys
    )
    return tuple(
        str(int.from_bytes(one[:8]) % 10**CODE_DIGITS).zfill(CODE_DIGITS)
        for one in digests
    )
