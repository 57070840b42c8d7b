"""Recording a declaration that a parent signed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import PaperRefused, RequestClosed
from signer.policy.dates import date_in_words
from signer.policy.versions import Version
from signer.school_calendar import school_date
from signer.store.columns import SignedHow, Status
from signer.store.log.append import append_leaf
from signer.store.paper.tables import Paper, PaperScan
from signer.store.tables import Parent, PinnedVersion, Request
from signer.user_text import one_line
from signer.workflows.context import AppContext, current_number
from signer.workflows.paper.scan import Scan
from signer.workflows.register.find_parent import parent_known_by
from signer.workflows.requests.reference import new_reference
from signer.workflows.webhooks.events import EventKind, queue_events


@dataclass(frozen=True, slots=True)
class RecordedPaper:
    """What recording a paper does, or would.

    Attributes:
        name: of the parent.
        email: of the parent.
        version: the number of the version that the paper names.
        label: its label, such as "August 2022".
        signed_on: the date on the paper.
        recorded_by: who in the office holds it.
        before: the state of the request; None where the parent had not been asked.
        owes: the version in force, where the parent has yet to answer it.
        scan: the media type of the scan that is kept, or None.
        dry_run: whether nothing was done.
    """

    name: str
    email: str
    version: int
    label: str
    signed_on: date
    recorded_by: str
    before: Status | None
    owes: int | None
    scan: str | None
    dry_run: bool


def record_paper(  # noqa: PLR0913 - what is on the paper, each by its name
    context: AppContext,
    who: str | int,
    *,
    by: str,
    version: int | None = None,
    signed_on: date | None = None,
    name: str = "",
    scan: Scan | None = None,
    dry_run: bool = False,
) -> RecordedPaper:
    """Record that a parent signed a version on paper, by that version.

    Afterwards their request for it is signed on paper, with the date on it, who
    recorded it and when, and the log's leaf appended. Requests for other versions stay
    as they are.

    Args:
        context: the context.
        who: as for `parents_known_by`.
        by: who in the office holds the paper.
        version: the one that the paper names; by default that in force.
        signed_on: the date on the paper; by default today's.
        name: the parent's name, where two share the address.
        scan: a scan of it, which is kept.
        dry_run: only say what would be done.

    Raises:
        ParentUnknown: nobody is known by ``who``.
        ParentAmbiguous: several are.
        PaperRefused: the parent can have signed no such paper.
        RequestClosed: they have signed this version already.
        TextRefused: ``by`` is empty or cannot be kept.
    """
    recorded_by = one_line("by", by)
    today = school_date(clock.now())
    signed_on = signed_on or today
    using = context.sessions.reading if dry_run else context.sessions.writing
    with using() as session:
        parent = parent_known_by(session, who, name)
        possible = versions_to_sign(session, parent)
        current = current_number(session)
        number = version or current
        if number is None or number not in possible:
            raise PaperRefused(not_possible(parent, number, possible))
        pinned = session.get_one(PinnedVersion, number)
        _check_date(context.version(number, pinned.sha256), signed_on, today)
        request = _request_of(session, parent, number, lock=not dry_run)
        if request is not None and request.status is Status.SIGNED:
            raise RequestClosed(Status.SIGNED)
        result = RecordedPaper(
            parent.name,
            parent.email,
            pinned.number,
            pinned.label,
            signed_on,
            recorded_by,
            request.status if request else None,
            _owed(session, parent, pinned.number, current),
            scan.media_type if scan else None,
            dry_run,
        )
        if not dry_run:
            request = request or _open(session, parent, pinned)
            _record(session, request, result, scan)
            queue_events(context, session, EventKind.SIGNED, number, [request.id])
    return result


def possible_papers(
    context: AppContext, who: str | int, name: str = ""
) -> tuple[tuple[int, str], ...]:
    """Return number and label of each version that a parent may have signed on paper.

    Args:
        context: the context.
        who: as for `parents_known_by`.
        name: the parent's name, where two share the address.

    Raises:
        ParentUnknown: nobody is known by ``who``.
        ParentAmbiguous: several are.
    """
    with context.sessions.reading() as session:
        numbers = versions_to_sign(session, parent_known_by(session, who, name))
        return tuple(
            (number, session.get_one(PinnedVersion, number).label) for number in numbers
        )


def versions_to_sign(session: Session, parent: Parent) -> tuple[int, ...]:
    """Return the versions that a parent may have signed on paper, ascending.

    That is each one that they were asked for, or that was in force while they were in
    the register.
    """
    asked = session.scalars(
        select(Request.version_number).where(Request.parent_id == parent.id)
    )
    pinned = session.execute(
        select(PinnedVersion.number, PinnedVersion.pinned_at).order_by(
            PinnedVersion.number
        )
    ).all()
    starts = [(number, pinned_at) for number, pinned_at in pinned]
    ends = [after for _, (_, after) in pairwise(starts)] + [None] * bool(starts)
    in_force = {
        number
        for (number, start), end in zip(starts, ends, strict=True)
        if any(
            (end is None or stay.joined_at < end)
            and (stay.left_at is None or stay.left_at > start)
            and start != end
            for stay in parent.memberships
        )
    }
    return tuple(sorted({*asked, *in_force}))


def paper_in_force(session: Session, request: Request) -> Paper | None:
    """Return the paper by which a request is signed; None where there is none."""
    return session.scalar(
        select(Paper).where(Paper.request_id == request.id, Paper.undone_at.is_(None))
    )


def not_possible(parent: Parent, number: int | None, possible: Sequence[int]) -> str:
    """Return why a version is not a parent's to sign on paper, as a clause."""
    if not possible:
        return f"{parent.name} has not been asked to sign any version"
    which = ", ".join(map(str, possible))
    return (
        f"{parent.name} was not asked to sign version {number}, which was not in force "
        f"while they were in the register either. They may have signed: {which}"
    )


def _check_date(version: Version, signed_on: date, today: date) -> None:
    """Refuse a date on which nobody can have signed a version."""
    day = date_in_words(signed_on.isoformat())
    if signed_on.isoformat()[: len(version.released)] < version.released:
        raise PaperRefused(
            f"the paper is dated {day}, before version {version.number} was released "
            f"({date_in_words(version.released)})"
        )
    if signed_on > today:
        raise PaperRefused(f"the paper is dated {day}, which is still to come")


def _request_of(
    session: Session, parent: Parent, number: int, *, lock: bool
) -> Request | None:
    query = select(Request).where(
        Request.parent_id == parent.id, Request.version_number == number
    )
    if not lock:
        return session.scalar(query)
    query = query.with_for_update()
    request = session.scalar(query)
    if request is None:
        # Whoever asks this parent meanwhile would open one as well.
        version = select(PinnedVersion).where(PinnedVersion.number == number)
        session.scalars(version.with_for_update()).one()
        request = session.scalar(query)
    return request


def _owed(
    session: Session, parent: Parent, number: int, current: int | None
) -> int | None:
    """The version in force, where it is another one and is not signed."""
    if parent.left_at is not None or number == current:
        return None
    signed = select(Request.id).where(
        Request.parent_id == parent.id,
        Request.version_number == current,
        Request.status == Status.SIGNED,
    )
    return current if session.scalar(signed) is None else None


def _open(session: Session, parent: Parent, pinned: PinnedVersion) -> Request:
    """Open the request of a parent who was not asked; it is signed at once."""
    request = Request(
        ref=new_reference(),
        parent_id=parent.id,
        version_number=pinned.number,
        version_sha256=pinned.sha256,
        asked_at=clock.now(),
    )
    session.add(request)
    return request


def _record(
    session: Session, request: Request, recorded: RecordedPaper, scan: Scan | None
) -> None:
    now = clock.now()
    paper = Paper(
        signed_on=recorded.signed_on.isoformat(),
        recorded_by=recorded.recorded_by,
        recorded_at=now,
        status_before=recorded.before,
        closed_before=request.closed_at,
    )
    request.status, request.signed_how = Status.SIGNED, SignedHow.PAPER
    request.recorded_by, request.closed_at = recorded.recorded_by, now
    session.flush()
    paper.request_id = request.id
    evidence = {
        "request": request.ref,
        "version_sha256": request.version_sha256,
        "signed_on": recorded.signed_on.isoformat(),
    }
    if scan is not None:
        paper.scan = PaperScan(
            sha256=scan.sha256, media_type=scan.media_type, content=scan.content
        )
        evidence["scan_sha256"] = scan.sha256
    session.add(paper)
    append_leaf(session, "declaration:paper", **evidence)
