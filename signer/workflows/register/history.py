"""What happened with the parents at one address, from the first day to now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.errors import ParentUnknown
from signer.mail.bounces.reports import Finality
from signer.store.columns import Delivery, NoteKind, SignedHow, Status
from signer.store.paper.tables import Paper
from signer.store.tables import Declaration, Outbox, Parent, Request
from signer.workflows.context import AppContext
from signer.workflows.exemption.exempt import exemptions_of
from signer.workflows.keys.seal_level import level_asked
from signer.workflows.register.find_parent import parents_known_by
from signer.workflows.yearly.occasions import mails_without_request


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail about a request.

    Attributes:
        kind: such as ``ask``, ``remind`` or ``receipt``.
        delivery: queued, sent, refused or dropped (nobody wanted it any more).
        queued_at: when it was put into the outbox.
        sent_at: when the mail server accepted it; that tells not whether it arrived.
        reply: what the mail server said last.
        bounces: that it came back, oldest first.
    """

    kind: str
    delivery: Delivery
    queued_at: datetime
    sent_at: datetime | None
    reply: str | None
    bounces: tuple[CameBack, ...] = ()


@dataclass(frozen=True, slots=True)
class CameBack:
    """That a mail came back after the mail server had accepted it.

    Attributes:
        told_at: when that was read here.
        finality: whether the next mail would come back as well.
        status: the enhanced status code, such as ``5.1.1``, or empty.
        diagnostic: what the last mail server said, without addresses.
        lifted_at: when the office had the address tried again.
    """

    told_at: datetime
    finality: Finality
    status: str
    diagnostic: str
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """That a parent told the office something; the words went by mail.

    Attributes:
        kind: decline, question, not_me or paper.
        written_at: when.
        settled_at: when the office had looked, where it was that the link reached
            somebody else.
        settled_by: who looked.
    """

    kind: NoteKind
    written_at: datetime
    settled_at: datetime | None = None
    settled_by: str | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """A time in the register.

    Attributes:
        joined_at: when it began.
        left_at: when it ended; None for who is there.
    """

    joined_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class SealedAs:
    """The declaration of a request that was signed by link.

    Attributes:
        id: its reference.
        signed_at: when.
        replaces: the reference of the declaration before it.
        level_asked: the level of the seal that is asked for.
        level_reached: the level that it has; None while there is no seal.
        sealed_at: when it was sealed.
        pdf_sha256: SHA-256 (hex) of the PDF.
        problem: why there is no seal yet.
    """

    id: str
    signed_at: datetime
    replaces: str | None
    level_asked: str
    level_reached: str | None
    sealed_at: datetime | None
    pdf_sha256: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A paper that the office recorded.

    Attributes:
        signed_on: the date on it, ``2026-11-20``; None where none was kept.
        recorded_by: who in the office recorded it.
        recorded_at: when.
        scan_sha256: SHA-256 (hex) of its scan, or None.
        undone_at: when the record was undone; None where it counts.
        undone_by: who undid it.
        undone_reason: why.
        status_before: the state of the request; None where there was none.
        closed_before: when the request had been closed before.
    """

    signed_on: str | None
    recorded_by: str
    recorded_at: datetime
    scan_sha256: str | None
    undone_at: datetime | None
    undone_by: str | None
    undone_reason: str | None
    status_before: Status | None
    closed_before: datetime | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """That a request was open before, until its parent left or was merged.

    Attributes:
        asked_at: when the parent was asked.
        withdrawn_at: when that ended.
        opened_at: when a link was first opened, where it was a request of another
            record that was merged into this one.
    """

    asked_at: datetime
    withdrawn_at: datetime
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a parent.

    Attributes:
        version: the version's number.
        status: its state.
        asked_at: when the parent was asked, the last time.
        opened_at: when a link was first opened.
        closed_at: when it was signed, declined, superseded or withdrawn.
        signed_how: by link or on paper.
        recorded_by: who in the office recorded the paper.
        links: how many links were mailed.
        links_revoked: how many of them no longer work, because a newer one was asked
            for.
        mails: every mail, oldest first.
        notes: what the parent told the office, oldest first.
        declaration: what was signed by link.
        earlier: when it was open before, each time until the parent left.
        papers: what the office recorded as signed on paper, oldest first. A release
            before this one recorded no paper of its own.
        was_asked: whether the parent was asked, and did not sign on paper unasked.
    """

    version: int
    status: Status
    asked_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    signed_how: SignedHow | None
    recorded_by: str | None
    links: int
    links_revoked: int
    mails: tuple[Mail, ...]
    notes: tuple[Told, ...]
    declaration: SealedAs | None
    earlier: tuple[Earlier, ...] = ()
    papers: tuple[OnPaper, ...] = ()
    was_asked: bool = True


@dataclass(frozen=True, slots=True)
class Former:
    """A name and address that a parent had until they were corrected."""

    name: str
    email: str
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Exempt:
    """That the school said that a parent need not sign.

    Attributes:
        reason: why.
        made_by: who said so.
        made_at: when.
        ended_at: when that ended; None while it holds.
        ended_by: who ended it.
        ended_reason: why.
    """

    reason: str
    made_by: str
    made_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    ended_reason: str | None


@dataclass(frozen=True, slots=True)
class History:
    """A parent's history.

    Attributes:
        name: in the register.
        email: in the register.
        before: names and addresses that they had in it before, oldest first.
        memberships: when they were in it, oldest first.
        requests: one for each version they were asked to sign, oldest first.
        exemptions: when they need not sign, oldest first.
        mails: those about no request, from before they were ever asked, oldest first.
    """

    name: str
    email: str
    before: tuple[Former, ...]
    memberships: tuple[Stay, ...]
    requests: tuple[Asked, ...]
    exemptions: tuple[Exempt, ...] = ()
    mails: tuple[Mail, ...] = ()


def parent_history(context: AppContext, who: str) -> tuple[History, ...]:
    """The history of each parent whom an address or a reference means.

    Args:
        context: the context.
        who: as for `parents_known_by`.

    Raises:
        ParentUnknown: nobody of it has ever been in the register.
    """
    with context.sessions.reading() as session:
        parents = parents_known_by(session, who)
        if not parents:
            raise ParentUnknown
        level = level_asked(context.settings)
        return tuple(history_of(session, parent, level) for parent in parents)


def requests_of(session: Session, parent: Parent) -> Sequence[Request]:
    """Each request of a parent, by version."""
    return session.scalars(
        select(Request)
        .where(Request.parent_id == parent.id)
        .order_by(Request.version_number)
    ).all()


def history_of(session: Session, parent: Parent, level: str) -> History:
    """Return the history of one parent; `level` is that of the seals asked for."""
    return History(
        parent.name,
        parent.email,
        tuple(
            Former(one.name, one.email or "", one.from_at, one.until_at)
            for one in parent.former
        ),
        tuple(Stay(one.joined_at, one.left_at) for one in parent.memberships),
        tuple(
            _asked(request, papers_of(session, request), level)
            for request in requests_of(session, parent)
        ),
        tuple(
            Exempt(
                one.reason,
                one.made_by,
                one.made_at,
                one.ended_at,
                one.ended_by,
                one.ended_reason,
            )
            for one in exemptions_of(session, parent)
        ),
        tuple(map(_mail, mails_without_request(session, parent))),
    )


def papers_of(session: Session, request: Request) -> Sequence[Paper]:
    """Return what was recorded of a request as signed on paper, oldest first."""
    return session.scalars(
        select(Paper).where(Paper.request_id == request.id).order_by(Paper.id)
    ).all()


def was_asked(request: Request, papers: Sequence[Paper]) -> bool:
    """Return whether a parent was asked, and did not sign on paper unasked."""
    return not any(
        paper.status_before is None and paper.recorded_at == request.asked_at
        for paper in papers
    )


def _asked(request: Request, papers: Sequence[Paper], level: str) -> Asked:
    return Asked(
        version=request.version_number,
        status=request.status,
        asked_at=request.asked_at,
        opened_at=request.opened_at,
        closed_at=request.closed_at,
        signed_how=request.signed_how,
        recorded_by=request.recorded_by,
        links=len(request.links),
        links_revoked=sum(link.revoked_at is not None for link in request.links),
        mails=tuple(map(_mail, request.mails)),
        notes=tuple(
            Told(note.kind, note.written_at, note.settled_at, note.settled_by)
            for note in request.notes
        ),
        declaration=_sealed_as(request.declaration, level),
        earlier=tuple(
            Earlier(one.asked_at, one.withdrawn_at, one.opened_at)
            for one in request.earlier
        ),
        papers=tuple(map(_on_paper, papers)),
        was_asked=was_asked(request, papers),
    )


def _on_paper(paper: Paper) -> OnPaper:
    return OnPaper(
        paper.signed_on,
        paper.recorded_by,
        paper.recorded_at,
        paper.scan.sha256 if paper.scan else None,
        paper.undone_at,
        paper.undone_by,
        paper.undone_reason,
        paper.status_before,
        paper.closed_before,
    )


def _mail(mail: Outbox) -> Mail:
    bounces = tuple(
        CameBack(row.told_at, row.finality, row.status, row.diagnostic, row.lifted_at)
        for row in mail.bounces
    )
    return Mail(
        mail.kind, mail.delivery, mail.queued_at, mail.sent_at, mail.reply, bounces
    )


def _sealed_as(declaration: Declaration | None, level: str) -> SealedAs | None:
    if declaration is None:
        return None
    return SealedAs(
        id=declaration.id,
        signed_at=declaration.signed_at,
        replaces=declaration.replaces,
        # A level is never lowered: what was reached is what was asked for.
        level_asked=declaration.level or level,
        level_reached=declaration.level,
        sealed_at=declaration.sealed_at,
        pdf_sha256=declaration.pdf_sha256,
        problem=declaration.seal_problem,
    )
