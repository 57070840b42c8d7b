"""Writing the letter of a mail as it is claimed, or none where nobody wants it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from signer import clock
from signer.link_tokens import fingerprint
from signer.mail.kinds import TO_PARENTS, WITH_LINK, Kind
from signer.mail.letter import Letter
from signer.store.tables import Link, Outbox, Parent, Request
from signer.workflows.campaigns.escalation import overdue_letter
from signer.workflows.campaigns.review_date import review_letter
from signer.workflows.checklist.entries import office_check_letter
from signer.workflows.context import AppContext, current_number
from signer.workflows.desk.inbox import answer_letter
from signer.workflows.desk.sign_in import sign_in_letter
from signer.workflows.digest.digest import digest_letter
from signer.workflows.draft.review import review_request_letter
from signer.workflows.exemption.exempt import is_exempt
from signer.workflows.log.witnesses import witness_letter
from signer.workflows.mailing.alarms import alarm_letter
from signer.workflows.mailing.bounces.dead_addresses import is_dead
from signer.workflows.mailing.content import office_letter, parent_letter
from signer.workflows.requests.access import LinkState, state_of
from signer.workflows.requests.changes_since_signed import (
    ChangesSinceSigned,
    all_changes_since_signed,
)
from signer.workflows.requests.disputes import in_dispute
from signer.workflows.retention.erasure_notice import erasure_letter
from signer.workflows.retention.report import retention_letter
from signer.workflows.staff.letter import staff_letter
from signer.workflows.yearly.letter import yearly_letter


@dataclass(frozen=True, slots=True)
class Known:
    """What is read once for all letters of a batch.

    Attributes:
        current: the version that is in force.
        since: what is new to the parents, by their requests' ids.
        exempt: the ids of parents who need not sign.
        disputed: the ids of parents at whose address a stranger may be.
        dead: the ids of parents from whose address mail came back for good.
    """

    current: int | None
    since: Mapping[int, ChangesSinceSigned]
    exempt: frozenset[int] = frozenset()
    disputed: frozenset[int] = frozenset()
    dead: frozenset[int] = frozenset()


def look_up(
    context: AppContext, session: Session, requests: Sequence[Request]
) -> Known:
    """What the letters about these requests need, in a few queries for all of them."""
    if not requests:
        return Known(None, {})
    since = all_changes_since_signed(context, session, requests)
    parents = {request.parent_id for request in requests}

    def those(meant: ColumnElement[bool]) -> frozenset[int]:
        query = select(Parent.id).where(Parent.id.in_(parents), meant)
        return frozenset(session.scalars(query))

    return Known(
        current_number(session),
        since,
        exempt=those(is_exempt(Parent.id)),
        disputed=those(in_dispute(Parent.id)),
        dead=those(is_dead(Parent.email_key)),
    )


def write(
    context: AppContext, session: Session, row: Outbox, known: Known
) -> tuple[Letter | None, str]:
    """The mail of an outbox row, and the fingerprint of the link in it.

    None in place of the mail where nobody wants it any more.
    """
    kind = Kind(row.kind)
    if row.request_id is None or kind is Kind.YEARLY:
        written = _WITHOUT_REQUEST.get(kind, alarm_letter)
        return written(context, session, row), ""
    request = session.get_one(Request, row.request_id)
    if kind not in TO_PARENTS:
        return office_letter(context, session, kind, row), ""
    if kind is Kind.ANSWER:
        return answer_letter(context, session, row), ""
    asks = kind in {Kind.ASK, Kind.REMIND}
    if not request.parent.email or (asks and request.parent_id in known.exempt):
        return None, ""
    link = mark = ""
    if kind in WITH_LINK:
        wanted = {LinkState.OPEN}
        if kind is Kind.NEW_LINK:
            wanted |= {LinkState.DECLINED, LinkState.SIGNED}
        came_back = kind is Kind.REMIND and request.parent_id in known.dead
        state = state_of(
            session,
            request,
            current=known.current,
            disputed=request.parent_id in known.disputed,
        )
        unwanted = state not in wanted or request.parent.left_at
        if unwanted or came_back:
            return None, ""
        link, mark = _mint(context, session, request)
    since = known.since.get(request.id)
    letter = parent_letter(context, session, kind, request, link=link, since=since)
    return letter, mark


_WITHOUT_REQUEST: Mapping[
    Kind, Callable[[AppContext, Session, Outbox], Letter | None]
] = {
    Kind.HEAD_REVIEW: lambda context, _session, _row: review_letter(context),
    Kind.HEAD_RETENTION: lambda context, session, _row: retention_letter(
        context, session
    ),
    Kind.STAFF_OVERDUE: overdue_letter,
    Kind.WITNESS: witness_letter,
    Kind.STAFF_RELEASE: staff_letter,
    Kind.DESK_SIGN_IN: sign_in_letter,
    Kind.DRAFT_REVIEW: review_request_letter,
    Kind.OFFICE_CHECK: office_check_letter,
    Kind.DESK_DIGEST: digest_letter,
    Kind.ERASURE: erasure_letter,
    Kind.YEARLY: yearly_letter,
}
"""How mails are written that are not about one request; any other is an alarm."""


def _mint(context: AppContext, session: Session, request: Request) -> tuple[str, str]:
    """The address of a new link, and the fingerprint that is kept of it."""
    token, link_id = context.tokens.mint()
    mark = fingerprint(link_id)
    session.add(Link(request_id=request.id, fingerprint=mark, made_at=clock.now()))
    return f"{context.settings.base_url}/s/{token}", mark
