"""The form on which a parent signs by hand."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from signer import clock
from signer.declaration.pdf.paper_form import (
    FormText,
    statements_for_pen,
    typeset_form,
)
from signer.errors import PaperRefused
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.school_calendar import school_date
from signer.store.tables import EarlierAsk, Parent, PinnedVersion, Request
from signer.workflows.context import AppContext, current_number
from signer.workflows.paper.record import not_possible, versions_to_sign
from signer.workflows.register.find_parent import parent_known_by
from signer.workflows.requests.access import children_of


def paper_form(
    context: AppContext, who: str | int, *, name: str = "", version: int | None = None
) -> bytes:
    """Return a PDF to print: the form of one parent, and the text. Nothing is kept.

    Args:
        context: the context.
        who: as for `parents_known_by`.
        name: the parent's name, where two share the address.
        version: the one to be signed; by default that in force.

    Raises:
        ParentUnknown: nobody is known by ``who``.
        ParentAmbiguous: several are.
        PaperRefused: this version is not theirs to sign.
        TypesetError: the PDF cannot be made.
    """
    with context.sessions.reading() as session:
        parent = parent_known_by(session, who, name)
        possible = versions_to_sign(session, parent)
        number = version or current_number(session)
        if number is None or number not in possible:
            raise PaperRefused(not_possible(parent, number, possible))
        sha256 = session.get_one(PinnedVersion, number).sha256
        released = context.version(number, sha256)
        form = FormText(
            school=context.settings.school_name,
            motto=released.motto,
            title=released.title,
            number=released.number,
            label=released.label,
            address=context.settings.base_url + released.path,
            sha256=released.sha256,
            statements=statements_for_pen(released.declaration),
            parent_name=parent.name,
            children=tuple(
                (child, year_group) for child, year_group, _ in children_of(parent)
            ),
            desk_address=context.settings.base_url
            + _place_at_desk(session, parent, number),
            printed=school_date(clock.now()),
        )
    return typeset_form(form, blocks(to_html(released.body)))


def paper_of_request(context: AppContext, ref: str) -> tuple[int, int] | None:
    """Return the parent's id and the version of a request; None where there is none.

    Args:
        context: the context.
        ref: of the request, or of one that was merged into it.
    """
    earlier = select(EarlierAsk.request_id).where(EarlierAsk.ref == ref)
    query = select(Request.parent_id, Request.version_number).where(
        or_(Request.ref == ref, Request.id.in_(earlier))
    )
    with context.sessions.reading() as session:
        found = session.execute(query.limit(1)).first()
    return (found[0], found[1]) if found else None


def _place_at_desk(session: Session, parent: Parent, number: int) -> str:
    """Where at the desk a form is recorded; who was not asked has no reference."""
    ref = session.scalar(
        select(Request.ref).where(
            Request.parent_id == parent.id, Request.version_number == number
        )
    )
    if ref is None:
        return f"/desk/paper/{parent.id}?version={number}"
    return f"/desk/paper/request/{ref}"
