"""Asking every parent who owes the version in force a signature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import CampaignUnopened, VersionTampered
from signer.mail.kinds import Kind
from signer.policy.versions import Version, in_force
from signer.store.columns import Status
from signer.store.log.append import append_leaf, lock_log
from signer.store.tables import EarlierAsk, Outbox, Parent, PinnedVersion, Request
from signer.workflows.campaigns.plan_ask import called_off_number, settle_plans
from signer.workflows.campaigns.selection import EVERYBODY, Selection
from signer.workflows.checklist.hold import check_first_ask
from signer.workflows.context import AppContext, current_number
from signer.workflows.exemption.exempt import is_exempt
from signer.workflows.mailing.dead_letters import mail_asks_again
from signer.workflows.mailing.outbox import mail_row, new_mail
from signer.workflows.paper.unmailed import Unmailed, unmailed_parents
from signer.workflows.requests.reference import new_reference
from signer.workflows.requests.unasked import owes, waits
from signer.workflows.staff.tell import queue_staff_mails
from signer.workflows.webhooks.events import EventKind, queue_events

BATCH = 1000
"""How many parents one transaction asks; memory never holds more of them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking did, or would do.

    Attributes:
        version: the version in force.
        newly: how many parents are asked by this.
        before: how many had been asked already.
        again: of those, how many are mailed again, whose mail had been given up.
        unmailed: who has been asked, or is, and has yet to answer without an address
            that a mail could go to, by name. They sign on paper.
    """

    version: Version
    newly: int
    before: int
    again: int = 0
    unmailed: tuple[Unmailed, ...] = ()


def ask_parents(
    context: AppContext,
    version: Version | None = None,
    *,
    selection: Selection = EVERYBODY,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Asked:
    """Open a request, and queue one mail, for every active parent without one.

    Afterwards the version is pinned, older open requests are superseded, and each
    active parent has exactly one request for it; an ask that was given up, since the
    mail server would not take it for days, is mailed again. Each teacher on the list
    when the version was pinned has a mail that tells of it, and a plan of when to ask
    everybody is done with. Called off as it goes out (`call_off_sending`), it stops.
    Safe to repeat, to interrupt and to run twice at once: a batch is one transaction,
    and batches take turns.

    Whoever calls this has seen that the version is published; see
    `check_publication`.

    Args:
        context: the context.
        version: the version to ask for; by default the newest one in the folder,
            which is read again for it.
        selection: who is asked of those who wait, once the campaign has been opened.
            A new campaign is for everybody: what it leaves out the worker asks.
        progress: called after each batch with the parents asked so far and in all.

    Raises:
        PolicyError: the released versions cannot be read, or do not follow.
        VersionTampered: parents were asked to sign another text under a number, or
            a newer one than this.
        CampaignUnopened: a part of the parents is meant, and nobody was asked yet.
        FirstAskHeld: these would be the first parents of all, and the check-list at
            the desk has open lines.
    """
    check_first_ask(context)
    if version is None:
        context.reload_versions()
        version = in_force(context.versions)
    with context.sessions.writing() as session:
        if not selection.is_everybody and current_number(session) != version.number:
            raise CampaignUnopened(version.number)
        # Requests first, the log last: in that order parents who answer take them too.
        _supersede_older(session, version)
        _pin(
            context,
            session,
            [one for one in context.versions if one.number <= version.number],
        )
        if selection.is_everybody:
            settle_plans(session, version.number)
        before, owing = _count(context, session, version, selection)
    newly = 0

    def show(done: int) -> None:
        progress(done, max(owing, done))

    while returned := _ask_returned(context, version, selection):
        newly += returned
        show(newly)
        context.wake_worker()
    while asked := _ask_all(context, version, selection, newly, show):
        # Once more: whoever came back meanwhile stands before where we had got to.
        newly += asked
    with context.sessions.writing() as session:
        # What an older campaign still asked while this one began.
        _supersede_older(session, version)
        again = mail_asks_again(session, version.number)
        unmailed = unmailed_parents(session, version.number)
    if again:
        context.wake_worker()
    progress(newly, newly)
    return Asked(version, newly, before, again, unmailed)


def would_ask(context: AppContext, selection: Selection = EVERYBODY) -> Asked:
    """What `ask_parents` would do now; changes nothing."""
    version = in_force(context.versions)
    with context.sessions.reading() as session:
        before, owing = _count(context, session, version, selection)
        unmailed = unmailed_parents(session, version.number)
    return Asked(version, owing, before, unmailed=unmailed)


def ask_one(
    context: AppContext, session: Session, parent_id: int, version: Version
) -> str:
    """Ask one parent ahead of the batches; gives the reference of the request.

    For a parent who is here, while the campaign has yet to come to them. Gives the
    request that there is, where the campaign has come.

    Args:
        context: the context.
        session: a transaction that writes.
        parent_id: an active parent.
        version: the version that parents are being asked to sign.
    """
    _take_turn(session, version)
    query = select(Request.ref).where(
        Request.parent_id == parent_id, Request.version_number == version.number
    )
    if session.scalar(query) is None:
        _open(context, session, version, [parent_id])
    return session.scalars(query).one()


def _pin(context: AppContext, session: Session, versions: Sequence[Version]) -> None:
    """Pin the versions that are not, and have teachers told of the newest with it."""
    # Two campaigns that begin at once pin one after the other.
    lock_log(session)
    pinned = session.execute(select(PinnedVersion.number, PinnedVersion.sha256))
    known = {number: sha256 for number, sha256 in pinned}  # noqa: C416 - rows
    newest = max(known, default=0)
    if newest > versions[-1].number:
        raise VersionTampered(newest, known[newest], None)
    for version in versions:
        if version.number in known:
            if known[version.number] != version.sha256:
                raise VersionTampered(
                    version.number, known[version.number], version.sha256
                )
            continue
        session.add(
            PinnedVersion(
                number=version.number,
                sha256=version.sha256,
                title=version.title,
                label=version.label,
                pinned_at=clock.now(),
            )
        )
        append_leaf(
            session, "version:pinned", version=version.number, sha256=version.sha256
        )
    if versions[-1].number > newest:
        queue_staff_mails(session, versions[-1].number)
        queue_events(context, session, EventKind.RELEASED, versions[-1].number)


def _supersede_older(session: Session, version: Version) -> None:
    session.execute(
        update(Request)
        .where(
            Request.version_number < version.number, Request.status == Status.PENDING
        )
        .values(status=Status.SUPERSEDED, closed_at=clock.now())
    )


def _ask_returned(context: AppContext, version: Version, selection: Selection) -> int:
    """Open again what was withdrawn when parents left who are back now; one batch."""
    now = clock.now()
    with context.sessions.writing() as session:
        if not _goes_on(session, version):
            return 0
        returned = session.scalars(
            select(Request)
            .join(Parent)
            .where(
                Request.version_number == version.number,
                Request.status == Status.WITHDRAWN,
                selection.condition(context, session, version.number),
                ~is_exempt(Parent.id),
            )
            .limit(BATCH)
            .with_for_update(of=Request)
        ).all()
        for request in returned:
            withdrawn_at = request.closed_at or now
            session.add(
                EarlierAsk(
                    request_id=request.id,
                    asked_at=request.asked_at,
                    withdrawn_at=withdrawn_at,
                )
            )
            request.status, request.asked_at = Status.PENDING, now
            request.closed_at = None
            if request.parent.email:
                session.add(
                    new_mail(
                        Kind.ASK,
                        f"ask:request:{request.id}:after:{withdrawn_at}",
                        request_id=request.id,
                    )
                )
        asked = [request.id for request in returned]
        queue_events(context, session, EventKind.ASKED, version.number, asked)
    return len(returned)


def _count(
    context: AppContext, session: Session, version: Version, selection: Selection
) -> tuple[int, int]:
    """How many meant have been asked, and how many are to be."""
    meant = selection.condition(context, session, version.number)
    # Who left before answering, and is back, waits once more.
    here = select(Parent.id).where(Parent.left_at.is_(None))
    asked_before = select(func.count(Request.id)).where(
        Request.version_number == version.number,
        or_(
            Request.status != Status.WITHDRAWN,
            Request.parent_id.not_in(here),
            is_exempt(Request.parent_id),
        ),
    )
    # Parents who have left were asked as well; a selection is of those who are here.
    if not selection.is_everybody:
        asked_before = asked_before.where(
            Request.parent_id.in_(select(Parent.id).where(meant))
        )
    to_ask = select(func.count(Parent.id)).where(waits(version.number), meant)
    return session.scalar(asked_before) or 0, session.scalar(to_ask) or 0


def _ask_all(
    context: AppContext,
    version: Version,
    selection: Selection,
    done: int,
    progress: Callable[[int], None],
) -> int:
    """Ask whoever owes, in the order of the register; gives how many were asked."""
    asked = last = 0
    while parents := _ask_batch(context, version, selection, after=last):
        asked, last = asked + len(parents), parents[-1]
        progress(done + asked)
        context.wake_worker()
    return asked


def _ask_batch(
    context: AppContext, version: Version, selection: Selection, *, after: int
) -> Sequence[int]:
    with context.sessions.writing() as session:
        _take_turn(session, version)
        if not _goes_on(session, version):
            return []
        parents = session.scalars(
            select(Parent.id)
            .where(
                owes(version.number),
                selection.condition(context, session, version.number),
                Parent.id > after,
            )
            .order_by(Parent.id)
            .limit(BATCH)
        ).all()
        if parents:
            _open(context, session, version, parents)
    return parents


def _goes_on(session: Session, version: Version) -> bool:
    """Whether parents are still to be asked.

    Not where a newer version was released meanwhile, which has a campaign of its own,
    nor where this one was called off as it went out.
    """
    called_off = called_off_number(session)
    return current_number(session) == version.number != called_off


def _take_turn(session: Session, version: Version) -> None:
    """Whoever holds the version's row asks; another campaign waits its turn."""
    session.scalars(
        select(PinnedVersion)
        .where(PinnedVersion.number == version.number)
        .with_for_update()
    ).one()


def _open(
    context: AppContext, session: Session, version: Version, parents: Sequence[int]
) -> None:
    now = clock.now()
    session.execute(
        insert(Request),
        [
            {
                "ref": new_reference(),
                "parent_id": parent_id,
                "version_number": version.number,
                "version_sha256": version.sha256,
                "status": Status.PENDING,
                "asked_at": now,
            }
            for parent_id in parents
        ],
    )
    opened = session.execute(
        select(Request.id, Parent.email != "")
        .join(Parent)
        .where(Request.version_number == version.number, Request.parent_id.in_(parents))
    ).all()
    queue_events(
        context, session, EventKind.ASKED, version.number, [one for one, _ in opened]
    )
    # Whoever has no address is asked on paper.
    mailed = [one for one, has_address in opened if has_address]
    if mailed:
        session.execute(
            insert(Outbox),
            [mail_row(Kind.ASK, f"ask:request:{it}", request_id=it) for it in mailed],
        )
