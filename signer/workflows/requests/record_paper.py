"""Recording a declaration that a parent signed by hand."""

from __future__ import annotations

from sqlalchemy import select

from signer import clock
from signer.errors import RequestClosed, RequestUnknown
from signer.store.columns import SignedHow, Status
from signer.store.log.append import append_leaf
from signer.store.tables import Parent, Request
from signer.user_text import one_line, same_name
from signer.workflows.context import AppContext, current_number
from signer.workflows.requests.access import LinkState, state_of


def record_paper(context: AppContext, email: str, *, by: str, name: str = "") -> str:
    """Close the request of a parent who signed on paper; gives the parent's name.

    Afterwards the request is signed on paper, with who recorded it and when, and
    the log's leaf appended.

    Args:
        context: the context.
        email: the parent's address in the register.
        by: who in the office holds the paper.
        name: the parent's name, where two share the address.

    Raises:
        RequestUnknown: no open request, or more than one, answers to this.
        RequestClosed: it is signed already.
        TextRefused: ``by`` is empty or cannot be kept.
    """
    recorded_by = one_line("by", by)
    now = clock.now()
    with context.sessions.writing() as session:
        query = (
            select(Request)
            .join(Parent)
            .where(
                Parent.email_key == email.strip().lower(),
                Parent.left_at.is_(None),
                Request.version_number == current_number(session),
            )
        )
        if name:
            query = query.where(Parent.name_key == same_name(name))
        requests = session.scalars(query.with_for_update(of=Request)).all()
        if len(requests) != 1:
            raise RequestUnknown(len(requests))
        request = requests[0]
        state = state_of(session, request)
        # Whoever holds the sheet knows whose it is, whatever the mail's reader said.
        if state not in {LinkState.OPEN, LinkState.DECLINED, LinkState.DISPUTED}:
            raise RequestClosed(state)
        request.status = Status.SIGNED
        request.signed_how = SignedHow.PAPER
        request.recorded_by = recorded_by
        request.closed_at = now
        append_leaf(
            session,
            "declaration:paper",
            request=request.ref,
            version_sha256=request.version_sha256,
        )
        return request.parent.name
