"""Telling a parent that they were erased, at an address that is erased with them.

An erasure that nobody asked for must not pass unseen: the parent still has the PDF and
the proof. So it is where everything goes because of its age: somebody may have marked
the parent falsely as left. Until the mail has gone, whom it goes to stays encrypted in
the database.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete
from sqlalchemy.orm import Session

from signer import clock
from signer.mail.kinds import Kind, Rank
from signer.mail.letter import Letter
from signer.school_calendar import morning_of
from signer.store.tables import Outbox, Parent
from signer.store.transient import ErasureNotice
from signer.workflows.context import AppContext
from signer.workflows.mailing.outbox import MESSAGE_REF_BYTES, new_mail
from signer.workflows.requests.private_text import LONGEST, PrivateText

_OCCASION = "erasure:"


def queue_erasure_notice(
    context: AppContext,
    session: Session,
    parent: Parent,
    declarations: Sequence[str],
    *,
    left_on: date | None = None,
) -> None:
    """Queue the mail that tells a parent of their erasure, where they have an address.

    Args:
        context: the context.
        session: the transaction that erases them.
        parent: who; their row is still there.
        declarations: the references of the declarations that go.
        left_on: the day on which the family left, where everything goes because of
            its age; None where somebody erases the parent.
    """
    if not parent.email:
        return
    told = {
        # After years the mailbox may be another person's.
        "name": "" if left_on else parent.name,
        "email": parent.email,
        "declarations": list(declarations),
        "erased_at": clock.iso(clock.now()),
        "left_on": left_on.isoformat() if left_on else "",
    }
    content = json.dumps(told)
    # Their number is told by the length, as the log tells it.
    longest = -(-len(content) // LONGEST) * LONGEST
    encrypted = _texts(context, longest).encrypt(content)
    ref = secrets.token_hex(MESSAGE_REF_BYTES)
    session.add(ErasureNotice(ref=ref, content=encrypted))
    mail = new_mail(Kind.ERASURE, _OCCASION + ref)
    if left_on:
        # A whole year group may leave on one day, and nobody waits for these.
        mail.rank = Rank.REMINDERS.value
    session.add(mail)


def erasure_letter(context: AppContext, session: Session, row: Outbox) -> Letter | None:
    """The mail; None where its notice is gone, or the key that it was encrypted with.

    Args:
        context: the context.
        session: a transaction that writes.
        row: of the outbox.
    """
    notice = session.get(ErasureNotice, _ref_of(row))
    content = _texts(context).decrypt(notice.content) if notice else None
    if content is None:
        end_erasure_notice(session, row)
        return None
    told = json.loads(content)
    settings = context.settings
    left_on = told.get("left_on")
    values = {
        "school": settings.school_name,
        "parent_name": told["name"],
        "erased_text": context.language.day(clock.parse(told["erased_at"])),
        "left_text": (
            context.language.day(morning_of(date.fromisoformat(left_on)))
            if left_on
            else ""
        ),
        "declarations": told["declarations"],
        "verify_url": f"{settings.base_url}/verify",
        "office_email": settings.office_email,
    }
    return Letter(Kind.ERASURE, told["name"], told["email"], values)


def end_erasure_notice(session: Session, row: Outbox) -> None:
    """Delete what a mail of erasure was made from: it has gone, or never will.

    Args:
        session: a transaction that writes.
        row: of the outbox.
    """
    own = ErasureNotice.ref == _ref_of(row)
    session.execute(delete(ErasureNotice).where(own))


def _ref_of(row: Outbox) -> str:
    return row.occasion.removeprefix(_OCCASION)


def _texts(context: AppContext, longest: int = LONGEST) -> PrivateText:
    keys = context.settings.secret_keys
    return PrivateText(keys, purpose="erasure notices", longest=longest)
