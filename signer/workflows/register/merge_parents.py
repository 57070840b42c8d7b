"""Two records of one person, made one: nothing of either is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import MergeRefused
from signer.register.evidence import weigh
from signer.register.people import Known
from signer.register.spelling import same_signature
from signer.store.columns import Status
from signer.store.exemption.tables import Exemption
from signer.store.locking import lock_table
from signer.store.paper.tables import Paper
from signer.store.register.tables import ParentNote, YearlyMail
from signer.store.retention import RetentionHold
from signer.store.tables import (
    Child,
    Declaration,
    EarlierAsk,
    FormerIdentity,
    Link,
    Membership,
    Note,
    Outbox,
    Parent,
    Relationship,
    Request,
)
from signer.store.webhooks.tables import WebhookDelivery
from signer.workflows.context import AppContext
from signer.workflows.exemption.exempt import carry_over_exemptions
from signer.workflows.parents.known import person_of
from signer.workflows.parents.notes import carry_over_notes
from signer.workflows.register.deletion import lock_parents
from signer.workflows.register.find_parent import parent_known_by
from signer.workflows.register.identity import (
    drop_link_mails,
    end_links,
    mail_again,
)
from signer.workflows.requests.disputes import THE_ADDRESS, settle_unused
from signer.workflows.retention.hold import carry_over_hold
from signer.workflows.yearly.occasions import carry_over_yearly_mail

_OF_PERSONS = (FormerIdentity, Membership, Relationship)
OF_PARENTS = (
    *(*_OF_PERSONS, Exemption, ParentNote, Request, RetentionHold, YearlyMail),
)
"""The tables that refer to a parent; a merge carries over each."""

OF_REQUESTS = (Declaration, EarlierAsk, Link, Note, Outbox, Paper, WebhookDelivery)
"""The tables that refer to a request; a merge carries over each."""

# Of two requests for one version the one that says most of the person is kept.
_RANK = {
    Status.SIGNED: 4,
    Status.DECLINED: 3,
    Status.PENDING: 2,
    Status.SUPERSEDED: 1,
    Status.WITHDRAWN: 0,
}


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge does, or would.

    Attributes:
        kept: name and address of the person, which stay.
        gone: name and address of the other record, kept among those of before.
        identifiers: of the school's management system, the one that is kept first;
            two where the records have different ones.
        children: the names of the children that the person gets by it.
        returns: whether the person is in the register again by it.
        requests: each version that either was asked to sign, with what holds of it
            afterwards, oldest first.
        links_ended: how many links end.
        mailed_again: how many open requests are mailed to the address that is kept.
        dry_run: whether nothing was done.
    """

    kept: tuple[str, str]
    gone: tuple[str, str]
    identifiers: tuple[str, ...]
    children: tuple[str, ...]
    returns: bool
    requests: tuple[tuple[int, Status], ...]
    links_ended: int
    mailed_again: int
    dry_run: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """What becomes of what the other record has.

    Attributes:
        kept: a request for each version, oldest first.
        folded: those that become a part of another one, with that one.
        relations: to children whom the person does not have.
        ending: the ids of requests whose links end.
        mailed: those of the kept that are mailed again.
    """

    kept: Sequence[Request]
    folded: Sequence[tuple[Request, Request]]
    relations: Sequence[Relationship]
    ending: Sequence[int]
    mailed: Sequence[Request]


def merge_parents(  # noqa: PLR0913 - two people, each by address and name
    context: AppContext,
    who: str | int,
    other: str | int,
    *,
    known_as: str = "",
    other_known_as: str = "",
    dry_run: bool = False,
) -> Merged:
    """Make one parent of two records of the same person.

    Afterwards all that was signed, asked, mailed and told under either is the one
    parent's, in one history; the name and address of the other are among those of
    before, and its row is gone. Links to the other's address end, and a request of it
    that is still open is mailed again. Of two requests for one version, the one that
    was answered stays, and the other is told as an earlier asking of it. Links to the
    address that stays are good, and lead to the request that stays.

    Args:
        context: the context.
        who: whose name and address stay; as for `parents_known_by`.
        other: the record that becomes a part of theirs; likewise.
        known_as: the name of the first, where two share the address.
        other_known_as: the name of the second, where two share the address.
        dry_run: only say what would be done.

    Raises:
        ParentUnknown: nobody is known by ``who`` or ``other``.
        ParentAmbiguous: several are.
        MergeRefused: what the two hold contradicts each other; nothing was changed.
    """
    using = context.sessions.reading if dry_run else context.sessions.writing
    with using() as session:
        if not dry_run:
            # An import may be at work.
            lock_table(session, Parent)
        keeper = parent_known_by(session, who, known_as)
        goes = parent_known_by(session, other, other_known_as)
        if not dry_run:
            lock_parents(session, [keeper.id, goes.id])
        if reasons := tuple(_contradictions(session, keeper, goes)):
            raise MergeRefused(reasons)
        plan = _make_plan(session, keeper, goes)
        result = _result(session, keeper, goes, plan, dry_run=dry_run)
        if not dry_run:
            _carry_out(session, keeper, goes, plan)
    if not dry_run:
        context.wake_worker()
    return result


def _contradictions(session: Session, keeper: Parent, goes: Parent) -> Iterator[str]:
    """Why two records cannot be those of one person, each as a sentence."""
    if keeper.id == goes.id:
        yield "Both are the same record already."
        return
    if weigh(person_of(keeper), Known(goes.id, person_of(goes))).opposed:
        yield (
            "Their titles or relationships contradict each other, as of a woman and a "
            "man. First correct the one that is wrong."
        )
    disputed = (
        select(func.count(Note.id))
        .join(Request)
        .where(
            Request.parent_id.in_([keeper.id, goes.id]),
            Note.disputed_key.is_not(None),
            Note.settled_at.is_(None),
        )
    )
    if session.scalar(disputed):
        yield (
            "Someone said that a link reached the wrong person. Settle that first: "
            "see “signer disputes list”."
        )
    for version, (one, two) in _pairs(session, keeper, goes):
        statuses = {one.status, two.status}
        if statuses == {Status.SIGNED}:
            yield (
                f"Both have signed version {version}, and each signature has a record "
                "of its own. Keep both records: the one that is out of date leaves "
                "with an import."
            )
        elif statuses == {Status.SIGNED, Status.DECLINED}:
            signed, declined = sorted((one, two), key=lambda it: -_RANK[it.status])
            if _closed(declined) >= _closed(signed):
                yield (
                    f"Version {version} was signed as {signed.parent.name} "
                    f"<{signed.parent.email}>, and declined later as "
                    f"{declined.parent.name} <{declined.parent.email}>. Ask the family "
                    "which holds."
                )


def _pairs(
    session: Session, keeper: Parent, goes: Parent
) -> Iterator[tuple[int, tuple[Request, Request]]]:
    """Each version for which both have a request, with that of the keeper first."""
    for version, requests in _by_version(session, keeper, goes):
        if len(requests) > 1:
            yield version, (requests[0], requests[1])


def _by_version(
    session: Session, keeper: Parent, goes: Parent
) -> list[tuple[int, list[Request]]]:
    requests = session.scalars(
        select(Request)
        .where(Request.parent_id.in_([keeper.id, goes.id]))
        .order_by(Request.version_number, Request.parent_id != keeper.id)
    )
    groups = groupby(requests, key=lambda request: request.version_number)
    return [(version, list(of_version)) for version, of_version in groups]


def _closed(request: Request) -> datetime:
    return request.closed_at or request.asked_at


def _make_plan(session: Session, keeper: Parent, goes: Parent) -> _Plan:
    kept, folded = [], []
    for _, requests in _by_version(session, keeper, goes):
        # Of two that say as much, the first is the keeper's.
        best = max(requests, key=lambda request: _RANK[request.status])
        kept.append(best)
        folded += [(request, best) for request in requests if request is not best]
    moved_here = goes.email_key != keeper.email_key
    is_here = keeper.left_at is None or goes.left_at is None
    followed = [
        request
        for request in kept
        if request.parent_id == goes.id and request.status is Status.PENDING
    ]
    # At one address every link is in the mailbox that is kept.
    of_goes = select(Request.id).where(Request.parent_id == goes.id)
    ending = session.scalars(of_goes).all() if moved_here else ()
    relations = [
        relation
        for relation in goes.relationships
        if not any(
            same_signature(relation.child.name, own.child.name)
            for own in keeper.relationships
        )
    ]
    mailed = followed if moved_here and is_here and keeper.email else []
    return _Plan(kept, folded, relations, ending, mailed)


def _result(
    session: Session, keeper: Parent, goes: Parent, plan: _Plan, *, dry_run: bool
) -> Merged:
    links = select(func.count(Link.id)).where(
        Link.request_id.in_(plan.ending), Link.revoked_at.is_(None)
    )
    identifiers = filter(None, (keeper.identifier, goes.identifier))
    return Merged(
        kept=(keeper.name, keeper.email),
        gone=(goes.name, goes.email),
        identifiers=tuple(dict.fromkeys(identifiers)),
        children=tuple(sorted(one.child.name for one in plan.relations)),
        returns=keeper.left_at is not None and goes.left_at is None,
        requests=tuple((one.version_number, one.status) for one in plan.kept),
        links_ended=session.scalar(links) or 0,
        mailed_again=len(plan.mailed),
        dry_run=dry_run,
    )


def _carry_out(session: Session, keeper: Parent, goes: Parent, plan: _Plan) -> None:
    end_links(session, plan.ending)
    # The links of the keeper's lead on to what the other has answered.
    drop_link_mails(session, [request.id for request, _ in plan.folded])
    for request, into in plan.folded:
        _fold(session, request, into)
    for request in plan.kept:
        request.parent_id = keeper.id
    session.flush()
    for relation in plan.relations:
        session.add(
            Relationship(
                parent_id=keeper.id, child_id=relation.child_id, words=relation.words
            )
        )
    _keep_identity(session, keeper, goes)
    _keep_memberships(session, keeper, goes)
    carry_over_hold(session, goes, keeper)
    carry_over_exemptions(session, goes, keeper)
    carry_over_notes(session, goes, keeper)
    carry_over_yearly_mail(session, goes, keeper)
    keeper.identifier = keeper.identifier or goes.identifier
    keeper.added_at = min(keeper.added_at, goes.added_at)
    address = goes.email_key
    session.flush()
    session.execute(delete(Relationship).where(Relationship.parent_id == goes.id))
    session.execute(delete(Parent).where(Parent.id == goes.id))
    session.expire_all()
    session.execute(delete(Child).where(Child.id.not_in(select(Relationship.child_id))))
    settle_unused(session, [address], by=THE_ADDRESS)
    for request in plan.mailed:
        mail_again(session, request)


def _fold(session: Session, request: Request, into: Request) -> None:
    """Make a request an earlier asking of another one, with all that hangs on it."""
    session.add(
        EarlierAsk(
            request_id=into.id,
            asked_at=request.asked_at,
            opened_at=request.opened_at,
            withdrawn_at=request.closed_at or clock.now(),
            ref=request.ref,
        )
    )
    # A declaration is never among these: of two that are signed none is folded.
    # Nor is a paper that was not undone: the request would be signed.
    for table in (EarlierAsk, Link, Note, Outbox, Paper):
        moved = update(table).where(table.request_id == request.id)
        session.execute(moved.values(request_id=into.id))
    session.execute(delete(Request).where(Request.id == request.id))
    session.expunge(request)


def _keep_identity(session: Session, keeper: Parent, goes: Parent) -> None:
    since = goes.former[-1].until_at if goes.former else goes.added_at
    session.execute(
        update(FormerIdentity)
        .where(FormerIdentity.parent_id == goes.id)
        .values(parent_id=keeper.id)
    )
    session.add(
        FormerIdentity(
            parent_id=keeper.id,
            name=goes.name,
            email=goes.email or None,
            email_key=goes.email_key if goes.email else None,
            from_at=since,
            until_at=clock.now(),
        )
    )


def _keep_memberships(session: Session, keeper: Parent, goes: Parent) -> None:
    """Give the keeper one membership for each time that either was in the register."""
    stays = [
        (it.joined_at, it.left_at) for it in (*keeper.memberships, *goes.memberships)
    ]
    session.execute(
        delete(Membership).where(Membership.parent_id.in_([keeper.id, goes.id]))
    )
    session.add_all(
        Membership(parent_id=keeper.id, joined_at=joined_at, left_at=left_at)
        for joined_at, left_at in _united(stays)
    )
    if keeper.left_at is not None:
        lefts = (keeper.left_at, goes.left_at)
        keeper.left_at = None if goes.left_at is None else max(filter(None, lefts))


def _united(
    stays: Iterable[tuple[datetime, datetime | None]],
) -> list[tuple[datetime, datetime | None]]:
    """Times without those that lie within others or overlap with them."""
    united: list[tuple[datetime, datetime | None]] = []
    for joined_at, left_at in sorted(stays, key=lambda stay: stay[0]):
        if united and (united[-1][1] is None or joined_at <= united[-1][1]):
            first, until = united.pop()
            both = [moment for moment in (until, left_at) if moment is not None]
            united.append((first, max(both) if len(both) > 1 else None))
        else:
            united.append((joined_at, left_at))
    return united
