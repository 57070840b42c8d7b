"""What stands in each mail: who it goes to, and the values its template wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from signer import clock
from signer.mail.composing import Attachment, Kind
from signer.policy.blocks import reading_minutes
from signer.policy.rendering import to_html
from signer.store.tables import Declaration, Note, Outbox, Request, SealedPdf, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from signer.workflows.house import House

_NEXT_STEP = {
    Kind.OFFICE_DECLINE: "",
    Kind.OFFICE_QUESTION: "",
    Kind.OFFICE_NOT_ME: "signer register list",
    Kind.OFFICE_PAPER: "signer record-paper {email}",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is composed."""

    kind: Kind
    to_name: str
    to_email: str
    values: Mapping[str, object]
    attachments: tuple[Attachment, ...] = ()


def parent_letter(
    house: House, session: Session, kind: Kind, request: Request, *, link: str
) -> Letter | None:
    """A mail to the parent of a request; None for a receipt without a declaration."""
    settings = house.settings
    version = house.version(request.version_number, request.version_sha256)
    values: dict[str, object] = {
        "school": settings.school_name,
        "parent_name": request.parent.name,
        "policy_title": version.title,
        "version": version.number,
        "label": version.label,
        "office_email": settings.office_email,
    }
    to = request.parent.name, request.parent.email
    if kind in {Kind.ASK, Kind.NEW_LINK}:
        values |= {
            "summary": list(version.summary),
            "link": link,
            "site_url": settings.base_url,
            "minutes": reading_minutes(to_html(version.body)),
            "link_days": settings.link_days,
            "signed_before": _signed_before(session, request),
        }
        return Letter(kind, *to, values)
    declaration = request.declaration
    if declaration is None:
        return None
    values |= {
        "declaration_id": declaration.id,
        "signed_at_text": clock.in_school_time(declaration.signed_at),
        "children": [
            {"name": one.child.name, "year_group": one.child.year_group}
            for one in request.parent.relationships
        ],
        "verify_url": f"{settings.base_url}/checking/",
        "version_url": settings.base_url + version.path,
    }
    if kind is Kind.ACKNOWLEDGEMENT:
        # The receipt overtook it.
        return None if declaration.pdf_sha256 else Letter(kind, *to, values)
    pdf = session.get_one(SealedPdf, declaration.pdf_sha256).content
    attachment = Attachment(f"{declaration.id}.pdf", pdf, "pdf")
    return Letter(kind, *to, values, (attachment,))


def office_letter(house: House, session: Session, kind: Kind, row: Outbox) -> Letter:
    """A mail to the office, passing on what a parent wrote."""
    note = session.get_one(Note, row.note_id)
    request = session.get_one(Request, note.request_id)
    version = house.version(request.version_number, request.version_sha256)
    settings = house.settings
    values = {
        "school": settings.school_name,
        "parent_name": request.parent.name,
        "parent_email": request.parent.email,
        "policy_title": version.title,
        "version": version.number,
        "at_text": clock.in_school_time(note.written_at),
        "note": note.words,
        "command": _NEXT_STEP[kind].format(email=request.parent.email),
    }
    return Letter(kind, "", settings.office_email, values)


def alarm_letter(house: House, session: Session) -> Letter | None:
    """A mail about declarations without a seal; None once all are sealed."""
    query = select(func.count()).where(Declaration.pdf_sha256.is_(None))
    waiting = session.scalar(query) or 0
    if not waiting:
        return None
    problem = session.scalar(
        select(Declaration.seal_problem)
        .where(Declaration.seal_problem.is_not(None))
        .limit(1)
    )
    values = {
        "school": house.settings.school_name,
        "problem": f"{waiting} signed declarations have no seal yet"
        + (f": {problem}" if problem else "."),
        "what_to_do": "The signatures are safe and sealing is tried every minute. "
        "Ask whoever runs the service to look at the seal's key.",
    }
    return Letter(Kind.HEAD_ALARM, "", house.settings.head_email, values)


def _signed_before(session: Session, request: Request) -> bool:
    """Whether the parent signed an earlier version."""
    query = select(func.count()).where(
        Request.parent_id == request.parent_id,
        Request.version_number < request.version_number,
        Request.status == Status.SIGNED,
    )
    return bool(session.scalar(query))
