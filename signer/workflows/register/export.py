"""Everything that is kept of one parent, as one file for them to have."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import clock
from signer.store.log.tables import Leaf, Opening
from signer.store.paper.tables import Paper
from signer.store.retention import RetentionHold
from signer.store.tables import (
    Declaration,
    Membership,
    Outbox,
    Parent,
    Request,
    SealedPdf,
)
from signer.workflows.context import AppContext
from signer.workflows.declarations.archive_state import archive_copy_of
from signer.workflows.declarations.dictionary import as_found
from signer.workflows.exemption.exempt import exemptions_of
from signer.workflows.paper.scan import ENDINGS
from signer.workflows.parents.notes import notes_about
from signer.workflows.register.deletion import entries_of
from signer.workflows.register.find_parent import one_parent
from signer.workflows.register.history import papers_of, requests_of, was_asked
from signer.workflows.yearly.occasions import mails_without_request, years_of

PAGE = "index.html"
DATA = "data.json"
README = "README.txt"
_WORDS = """\
What {school} keeps about you for its code of conduct, as of {at}.

Open {page} to read it. {data} holds the same, in a form that computers read: your
name and address, your children as they stand in the register, each time you were
asked to sign, every mail, every note that you wrote to the office or that its staff
made about you, what you declared, and the entries about it in the public log.
The folder "declarations" holds your sealed declarations, "archive" a copy of each that
can be checked for longer, and "papers" scans of what you signed on paper, where the
school keeps any.

Links that were mailed to you are not here: the school keeps only a fingerprint of
each, from which nobody can make the link again.
"""


def export_parent(context: AppContext, email: str | int, *, name: str = "") -> bytes:
    """A ZIP archive of all that is kept of a parent, those who left among them.

    Args:
        context: the context.
        email: the address in the register, or the id of the row.
        name: the parent's name, where two share the address.

    Raises:
        ParentUnknown: nobody of this address was ever in the register.
        ParentAmbiguous: two share the address, and no name was given.
    """
    with context.sessions.reading() as session:
        parent = one_parent(session, email, name)
        requests = requests_of(session, parent)
        document = _document(session, parent, requests)
        files = {
            README: _WORDS.format(
                school=context.settings.school_name,
                at=clock.in_school_time(clock.now()),
                page=PAGE,
                data=DATA,
            ).encode(),
            PAGE: _page(context, document),
            DATA: _json(document),
            **_declarations(session, requests),
            **_scans(session, requests),
        }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path, content in files.items():
            out.writestr(path, content)
    return archive.getvalue()


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _page(context: AppContext, document: dict[str, Any]) -> bytes:
    """The same for people, in the language of the mails to parents."""
    language = context.language
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined] # by i18n
        language.translations, newstyle=True
    )
    environment.filters["moment"] = lambda iso: language.moment(clock.parse(iso))
    # Noon is the same day in every zone that the school's may be.
    environment.filters["date"] = lambda day: language.day(
        datetime.fromisoformat(f"{day}T12:00:00+00:00")
    )
    page = environment.get_template("export.html").render(
        language=language,
        school=context.settings.school_name,
        at=language.moment(clock.now()),
        data=document,
    )
    return page.strip().encode() + b"\n"


def _document(
    session: Session, parent: Parent, requests: Sequence[Request]
) -> dict[str, Any]:
    return {
        "name": parent.name,
        "email": parent.email,
        "identifier": parent.identifier,
        "before": [
            {
                "name": one.name,
                "email": one.email,
                "from": _when(one.from_at),
                "until": _when(one.until_at),
            }
            for one in parent.former
        ],
        "in_the_register": [_membership(one) for one in parent.memberships],
        "children": [
            {
                "name": one.child.name,
                "year_group": one.child.year_group,
                "year_group_as_written": one.child.written_year_group,
                "tutor_group": one.child.tutor_group,
                "relationship": one.words,
            }
            for one in parent.relationships
        ],
        "held": _held(session, parent),
        "need_not_sign": [
            {
                "reason": one.reason,
                "by": one.made_by,
                "from": _when(one.made_at),
                "until": _when(one.ended_at),
                "ended_by": one.ended_by,
                "ended_reason": one.ended_reason,
            }
            for one in exemptions_of(session, parent)
        ],
        "staff_notes": [
            {
                "words": one.words,
                "by": one.written_by,
                "written_at": _when(one.written_at),
            }
            for one in notes_about(session, parent)
        ],
        "requests": [_request(one) | _papers(session, one) for one in requests],
        "other_mails": [_mail(one) for one in mails_without_request(session, parent)],
        "yearly_mails": list(years_of(session, parent)),
        "log_entries": _log_entries(session, requests),
    }


def _held(session: Session, parent: Parent) -> dict[str, Any] | None:
    hold = session.get(RetentionHold, parent.id)
    if hold is None:
        return None
    return {"since": _when(hold.held_at), "reason": hold.reason}


def _log_entries(session: Session, requests: Sequence[Request]) -> list[dict[str, Any]]:
    """The entries about these requests, with what it takes to check each of them."""
    references = {request.ref for request in requests}
    references |= {it.declaration.id for it in requests if it.declaration is not None}
    references |= {it.ref for one in requests for it in one.earlier if it.ref}
    places = entries_of(session, references).values()
    rows = session.execute(
        select(Opening, Leaf.commitment)
        .join(Leaf, Leaf.position == Opening.position)
        .where(Opening.position.in_({at for positions in places for at in positions}))
        .order_by(Opening.position)
    )
    return [
        {
            "position": opening.position,
            "commitment": commitment.hex(),
            "salt": opening.salt.hex(),
            "record": json.loads(opening.record),
        }
        for opening, commitment in rows
    ]


def _membership(stay: Membership) -> dict[str, Any]:
    return {"from": _when(stay.joined_at), "until": _when(stay.left_at)}


def _request(request: Request) -> dict[str, Any]:
    return {
        "version": request.version_number,
        "version_sha256": request.version_sha256,
        "status": request.status.value,
        "asked_at": _when(request.asked_at),
        "earlier": [
            {
                "asked_at": _when(one.asked_at),
                "withdrawn_at": _when(one.withdrawn_at),
                "opened_at": _when(one.opened_at),
            }
            for one in request.earlier
        ],
        "opened_at": _when(request.opened_at),
        "closed_at": _when(request.closed_at),
        "signed_how": request.signed_how and request.signed_how.value,
        "recorded_by": request.recorded_by,
        "links": [
            {"made_at": _when(one.made_at), "revoked_at": _when(one.revoked_at)}
            for one in sorted(request.links, key=lambda link: link.id)
        ],
        "mails": [_mail(one) for one in request.mails],
        "notes": [
            {
                "kind": one.kind.value,
                "written_at": _when(one.written_at),
                "words": one.words,
                "disputed_address": one.disputed_key,
                "settled_at": _when(one.settled_at),
                "settled_by": one.settled_by,
            }
            for one in request.notes
        ],
        "declaration": _declaration(request.declaration),
    }


def _mail(mail: Outbox) -> dict[str, Any]:
    return {
        "kind": mail.kind,
        "delivery": mail.delivery.value,
        "queued_at": _when(mail.queued_at),
        "sent_at": _when(mail.sent_at),
        "reply": mail.reply,
        "bounces": [
            {
                "told_at": _when(row.told_at),
                "finality": row.finality.value,
                "status": row.status,
                "diagnostic": row.diagnostic,
                "tried_again_at": _when(row.lifted_at),
            }
            for row in mail.bounces
        ],
    }


def _declaration(declaration: Declaration | None) -> dict[str, Any] | None:
    if declaration is None:
        return None
    return {
        "id": declaration.id,
        "signed_at": _when(declaration.signed_at),
        "sealed_at": _when(declaration.sealed_at),
        "level": declaration.level,
        "pdf_sha256": declaration.pdf_sha256,
        "statement": json.loads(declaration.statement),
    }


def _declarations(session: Session, requests: Sequence[Request]) -> dict[str, bytes]:
    found = {}
    for request in requests:
        made = request.declaration
        if made is not None and made.pdf_sha256 is not None:
            pdf = session.get_one(SealedPdf, made.pdf_sha256)
            found[f"declarations/{made.id}.pdf"] = as_found(pdf)
            copy = archive_copy_of(session, made.id)
            if copy is not None:
                found[f"archive/{made.id}.pdf"] = copy
    return found


def _papers(session: Session, request: Request) -> dict[str, Any]:
    papers = papers_of(session, request)
    return {
        "asked": was_asked(request, papers),
        "papers": [
            {
                "signed_on": paper.signed_on,
                "recorded_by": paper.recorded_by,
                "recorded_at": _when(paper.recorded_at),
                "scan": _scan_path(request, paper),
                "undone_at": _when(paper.undone_at),
                "undone_by": paper.undone_by,
                "undone_reason": paper.undone_reason,
            }
            for paper in papers
        ],
    }


def _scans(session: Session, requests: Sequence[Request]) -> dict[str, bytes]:
    return {
        path: paper.scan.content
        for request in requests
        for paper in papers_of(session, request)
        if paper.scan and (path := _scan_path(request, paper))
    }


def _scan_path(request: Request, paper: Paper) -> str | None:
    if paper.scan is None:
        return None
    ending = ENDINGS[paper.scan.media_type]
    return f"papers/version-{request.version_number}-{paper.id}.{ending}"


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else clock.iso(moment)
