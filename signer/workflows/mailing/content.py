"""The content of each mail: who it goes to, and the values its template wants."""

from __future__ import annotations

import logging
import shlex
from datetime import date, datetime
from email.message import EmailMessage
from functools import lru_cache
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer import clock
from signer.declaration.statement import Statement, from_json
from signer.errors import RequestUnknown
from signer.mail.compose import compose
from signer.mail.kinds import MAIL_KINDS, WITH_LINK, Kind
from signer.mail.letter import Attachment, Letter
from signer.markdown.blocks import reading_minutes
from signer.markdown.rendering import to_html
from signer.policy.comparison import compare
from signer.policy.versions import Version
from signer.school_calendar import end_of, morning_of, school_date
from signer.store.columns import Delivery, Status
from signer.store.tables import Bounce, Note, Outbox, Request, SealedPdf
from signer.workflows.campaigns.deadlines import deadline_of
from signer.workflows.context import AppContext
from signer.workflows.log.inclusion_proofs import proof_of_declaration
from signer.workflows.requests.changes_since_signed import ChangesSinceSigned

_log = logging.getLogger(__name__)

SAMPLE_NAME = "Sample Parent"
SAMPLE_TOKEN = "sample-link-that-opens-nothing"  # noqa: S105 - it opens nothing
"""Stands in a sample mail in place of a token; its page says what it is."""

REDLINE_CHARACTERS = 10_000
"""The longest redline that a mail holds; a longer one is read on the page."""

REFUSED = "refused:"
"""Before the number of the refused mail, in the occasion of the one that tells."""

BOUNCED = "bounced:"
"""Before the number of the bounce, in the occasion of the mail that tells of it."""


def composed(context: AppContext, letter: Letter, message_ref: str) -> EmailMessage:
    """Return a mail, written now; its Message-ID begins with the reference."""
    host = urlsplit(context.settings.base_url).hostname or "localhost"
    return compose(
        letter.kind,
        sender=context.settings.mail_from,
        to_name=letter.to_name,
        to_email=letter.to_email,
        message_id=f"<{message_ref}@{host}>",
        at=clock.now(),
        values=letter.values,
        language=context.language,
        attachments=letter.attachments,
    )


def parent_letter(  # noqa: PLR0913 - what a letter is made of, named by its caller
    context: AppContext,
    session: Session,
    kind: Kind,
    request: Request,
    *,
    link: str,
    since: ChangesSinceSigned | None,
) -> Letter | None:
    """A mail to the parent of a request; None for a receipt without a declaration.

    Args:
        context: the context.
        session: the transaction that the mail is written in.
        kind: which mail.
        request: what it is about.
        link: the address that opens the request, in a mail that has one.
        since: what is new to a parent who signed before.
    """
    settings = context.settings
    version = context.version(request.version_number, request.version_sha256)
    values: dict[str, object] = {
        "school": settings.school_name,
        "parent_name": request.parent.name,
        "policy_title": version.title,
        "version": version.number,
        "label": version.label,
        "office_email": settings.office_email,
    }
    to = request.parent.name, request.parent.email
    if kind in WITH_LINK:
        values |= {
            **_what_to_read(context, version),
            # A new link to a receipt is short.
            **_what_changed(
                context, None if request.status is Status.SIGNED else since
            ),
            "link": link,
            "site_url": settings.base_url,
            "link_days": settings.link_days,
            **_deadline(context, version, request.asked_at),
        }
        if kind is Kind.REMIND:
            asked_at = _first_accepted(session, request)
            values["asked_text"] = context.language.day(asked_at)
        return Letter(kind, *to, values)
    declaration = request.declaration
    if declaration is None:
        return None
    statement = _statement_of(request)
    values |= {
        **_declared(statement),
        "signed_at_text": context.language.moment(statement.confirmed_at),
        "verify_url": f"{settings.base_url}/verify",
    }
    if kind is Kind.ACKNOWLEDGEMENT:
        # The receipt overtook it.
        return None if declaration.pdf_sha256 else Letter(kind, *to, values)
    pdf = session.get_one(SealedPdf, declaration.pdf_sha256).content
    attachments = [Attachment(f"{declaration.id}.pdf", pdf, "pdf")]
    proof = proof_of_declaration(context, session, declaration.id)
    if proof is None:
        _log.warning(
            "the receipt %s goes without its proof: no checkpoint covers it yet, or "
            "the log cannot be signed",
            declaration.id,
        )
    else:
        attachments.append(
            Attachment(
                f"{declaration.id}.tlog-proof", str(proof).encode(), "octet-stream"
            )
        )
    values["with_proof"] = proof is not None
    return Letter(kind, *to, values, tuple(attachments))


def office_letter(
    context: AppContext, session: Session, kind: Kind, row: Outbox
) -> Letter | None:
    """A mail to the office: what a parent wrote, or what the mail server said.

    None where a refusal is not believed any more.
    """
    request = session.get_one(Request, row.request_id)
    name, bounced = request.parent.name, False
    if row.note_id is not None:
        note = session.get_one(Note, row.note_id)
        words, at = note.words, note.written_at
    elif row.occasion.startswith(BOUNCED):
        bounce = session.get_one(Bounce, int(row.occasion.removeprefix(BOUNCED)))
        words = f"{bounce.status} {bounce.diagnostic}".strip()
        at, bounced = bounce.told_at, True
    elif kind is Kind.OFFICE_NAME:
        statement = _statement_of(request)
        name = statement.parent_name
        words, at = statement.typed_name, statement.confirmed_at
    else:
        refused = session.get_one(Outbox, int(row.occasion.split(":")[1]))
        if refused.delivery is not Delivery.REFUSED:
            return None
        words, at = refused.reply or "", row.queued_at
    version = context.version(request.version_number, request.version_sha256)
    settings = context.settings
    values = {
        "school": settings.school_name,
        "parent_name": name,
        "parent_email": request.parent.email,
        "policy_title": version.title,
        "version": version.number,
        "at_text": clock.in_school_time(at),
        "note": words,
        "bounced": bounced,
        # Whoever copies it into a shell gets what it says, apostrophes included.
        "command": MAIL_KINDS[kind].command.format(
            email=shlex.quote(request.parent.email),
            name=shlex.quote(request.parent.name),
        ),
    }
    return Letter(kind, "", settings.office_email, values)


def _declared(statement: Statement) -> dict[str, object]:
    """What a mail about a declaration repeats of it, as the PDF beside it does."""
    return {
        "declaration_id": statement.declaration_id,
        "school": statement.school,
        "parent_name": statement.parent_name,
        "typed_name": statement.typed_name,
        "policy_title": statement.policy_title,
        "version": statement.policy_version,
        "label": statement.policy_label,
        "version_url": statement.policy_address,
        "children": [
            {"name": child.name, "year_group": child.year_group}
            for child in statement.children
        ],
    }


def _statement_of(request: Request) -> Statement:
    """What the declaration of a signed request says, whatever the register says now."""
    if request.declaration is None:
        raise RequestUnknown
    return from_json(request.declaration.statement)


def _first_accepted(session: Session, request: Request) -> datetime:
    """When the first mail to sign was accepted; it may have waited for days."""
    accepted = session.scalar(
        select(func.min(Outbox.sent_at)).where(
            Outbox.request_id == request.id,
            Outbox.kind.in_(WITH_LINK),
            Outbox.queued_at >= request.asked_at,
        )
    )
    return accepted or request.asked_at


@lru_cache(maxsize=16)
def _minutes(version: Version) -> int:
    return reading_minutes(to_html(version.body))


def _deadline(
    context: AppContext, version: Version, asked_at: datetime
) -> dict[str, object]:
    """By when a parent who was asked then is to answer, and whether that has passed."""
    last = deadline_of(context.settings, version, school_date(asked_at))
    if last is None:
        return {"deadline_text": "", "overdue": False}
    return {
        "deadline_text": context.language.day(end_of(last)),
        "overdue": last < school_date(clock.now()),
    }


def _what_to_read(context: AppContext, version: Version) -> dict[str, object]:
    begins = ""
    if version.in_force_from:
        day = date.fromisoformat(version.in_force_from)
        begins = context.language.day(morning_of(day))
    return {
        "summary": list(version.summary),
        "minutes": _minutes(version),
        "in_force_text": begins,
    }


def _what_changed(
    context: AppContext, since: ChangesSinceSigned | None
) -> dict[str, object]:
    """The values that tell of the changes since the parent signed last."""
    if since is None:
        return {"signed_before": False}
    newest = since.releases[-1]
    compared = compare(since.version, newest)
    short = len(compared.text) <= REDLINE_CHARACTERS
    numbers = f"{since.version.number}/{newest.number}"
    return {
        "signed_before": True,
        "since": {"version": since.version.number, "label": since.version.label},
        "releases": [
            {
                "version": one.number,
                "label": one.label,
                "summary": list(one.summary),
            }
            for one in since.releases
        ],
        "redline_summary": compared.summary,
        "redline_text": compared.text if short else "",
        "redline_html": compared.changes if short else "",
        "compare_url": f"{context.settings.base_url}/compare/{numbers}",
    }


def sample_letter(
    context: AppContext,
    to_email: str,
    version: Version,
    *,
    name: str = "",
    since: ChangesSinceSigned | None = None,
) -> Letter:
    """A mail as a parent will get it, for somebody to look at; its link opens nothing.

    Without a name, and where there is a version before, it is the mail of a parent who
    signed that one.
    """
    settings = context.settings
    earlier = [one for one in context.versions if one.number < version.number]
    if not name and earlier:
        since = ChangesSinceSigned(earlier[-1], (version,))
    values = {
        "school": settings.school_name,
        "parent_name": name or SAMPLE_NAME,
        "policy_title": version.title,
        "version": version.number,
        "label": version.label,
        "office_email": settings.office_email,
        **_what_to_read(context, version),
        **_what_changed(context, since),
        "link": f"{settings.base_url}/s/{SAMPLE_TOKEN}",
        "site_url": settings.base_url,
        "link_days": settings.link_days,
        **_deadline(context, version, clock.now()),
    }
    return Letter(Kind.ASK, name or SAMPLE_NAME, to_email, values)
