"""Telling a parent that they were erased, at an address that is erased with them.

An erasure that nobody asked for must not pass unseen: the parent still has the PDF and
the proof. Until the mail has gone, whom it goes to stays encrypted in the database.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from signer import clock
from signer.mail.compose import Kind
from signer.store.tables import Outbox, Parent
from signer.store.transient import ErasureNotice
from signer.workflows.context import AppContext
from signer.workflows.mailing.content import Letter
from signer.workflows.mailing.outbox import MESSAGE_REF_BYTES, new_mail
from signer.workflows.requests.private_text import LONGEST, PrivateText

_OCCASION = "erasure:"


def queue_erasure_notice(
    context: AppContext, session: Session, parent: Parent, declarations: Sequence[str]
) -> None:
    """Queue the mail that tells a parent of their erasure, where they have an address.

    Args:
        context: the context.
        session: the transaction that erases them.
        parent: who; their row is still there.
        declarations: the references of the declarations that go.
    """
    if not parent.email:
        return
    content = json.dumps(
        {
            "name": parent.name,
            "email": parent.email,
            "declarations": list(declarations),
            "erased_at": clock.iso(clock.now()),
        }
    )
    # Their number is told by the length, as the log tells it.
    longest = -(-len(content) // LONGEST) * LONGEST
    encrypted = _texts(context, longest).encrypt(content)
    ref = secrets.token_hex(MESSAGE_REF_BYTES)
    session.add(ErasureNotice(ref=ref, content=encrypted))
    session.add(new_mail(Kind.ERASURE, _OCCASION + ref))


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
    values = {
        "school": settings.school_name,
        "parent_name": told["name"],
        "erased_text": context.language.day(clock.parse(told["erased_at"])),
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
