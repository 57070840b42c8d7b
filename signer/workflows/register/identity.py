"""A parent's name and address put right: the person, and all that is theirs, stays."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import IdentityTaken, RegisterError, TextRefused
from signer.mail.kinds import WITH_LINK, Kind
from signer.register.file.cells import FORMULA_SIGNS
from signer.store.columns import Delivery, Status
from signer.store.locking import lock_table
from signer.store.tables import FormerIdentity, Link, Outbox, Parent, Request
from signer.user_text import one_line, same_name, without_invisible
from signer.workflows.context import AppContext
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.register.deletion import lock_parents
from signer.workflows.register.find_parent import parent_known_by
from signer.workflows.requests.disputes import (
    THE_ADDRESS,
    on_hold_at,
    settle_unused,
)


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction changes, or would.

    Attributes:
        before: name and address.
        after: name and address.
        links_ended: how many links end, which were mailed to the old address.
        mailed_again: how many open requests are mailed to the new one.
        on_hold: the names of other parents at the old address, where it is in dispute:
            mail to it stays on hold.
        dry_run: whether nothing was done.
    """

    before: tuple[str, str]
    after: tuple[str, str]
    links_ended: int
    mailed_again: int
    on_hold: tuple[str, ...]
    dry_run: bool


def correct_parent(  # noqa: PLR0913 - what the office gives, each by its name
    context: AppContext,
    who: str | int,
    *,
    known_as: str = "",
    name: str = "",
    email: str = "",
    no_email: bool = False,
    dry_run: bool = False,
) -> Corrected:
    """Correct the name or the address of one parent, who stays the same person.

    Args:
        context: the context.
        who: as for `parents_known_by`.
        known_as: the parent's name until now, where two share the address.
        name: the right one; empty where it is right.
        email: the right one, which `fault_of` finds nothing wrong with; empty where it
            is right.
        no_email: whether they have no address any more.
        dry_run: only say what would be done.

    Raises:
        ParentUnknown: nobody is known by ``who``.
        ParentAmbiguous: several are.
        IdentityTaken: another parent has the new name and address.
        TextRefused: the name cannot be kept.
    """
    if name:
        name = one_line("name", without_invisible(name))
        if name[0] in FORMULA_SIGNS:
            raise TextRefused("name", "formula", name[0])
    using = context.sessions.reading if dry_run else context.sessions.writing
    with using() as session:
        if not dry_run:
            # An import may be at work.
            lock_table(session, Parent)
        parent = parent_known_by(session, who, known_as)
        if not dry_run:
            lock_parents(session, [parent.id])
        address = parent.email_key
        new_email = "" if no_email else email.strip() or parent.email
        after = name or parent.name, new_email
        _refuse_taken(session, parent, *after)
        moved = after[1].lower() != parent.email.lower()
        held = on_hold_at(session, [address], without=[parent.id]) if moved else []
        result = Corrected(
            (parent.name, parent.email),
            after,
            _count_links(session, parent) if moved else 0,
            _count_pending(session, parent) if moved and new_email else 0,
            tuple(other for other, _ in held),
            dry_run,
        )
        if not dry_run:
            correct_identity(session, parent, name=after[0], email=after[1])
            if moved:
                settle_unused(session, [address], by=THE_ADDRESS)
    if not dry_run:
        context.wake_worker()
    return result


def _refuse_taken(session: Session, parent: Parent, name: str, email: str) -> None:
    other = session.scalar(
        select(Parent.id).where(
            Parent.name_key == same_name(name),
            Parent.email_key == email.lower(),
            Parent.id != parent.id,
        )
    )
    if other is not None:
        raise IdentityTaken


def _count_links(session: Session, parent: Parent) -> int:
    query = (
        select(func.count(Link.id))
        .join(Request, Request.id == Link.request_id)
        .where(Request.parent_id == parent.id, Link.revoked_at.is_(None))
    )
    return session.scalar(query) or 0


def _count_pending(session: Session, parent: Parent) -> int:
    if parent.left_at is not None:
        return 0
    query = select(func.count(Request.id)).where(
        Request.parent_id == parent.id, Request.status == Status.PENDING
    )
    return session.scalar(query) or 0


def new_email_key(email: str) -> str:
    """Return what tells the address of a parent from others, and nobody can type.

    Parents without an address have one each, so that two of one name are two people.
    """
    return email.lower() or f"\n{secrets.token_hex(8)}"


def displaced_parents(
    register: Iterable[Parent], wanted: Mapping[tuple[str, str], Parent | None]
) -> list[Parent]:
    """The parents whose name and address others are to have, and they others.

    Args:
        register: everybody in it.
        wanted: for each name and address, by their keys, who is to have them; None for
            somebody new.

    Raises:
        RegisterError: one of those would keep them.
    """
    moving = {
        parent.id
        for key, parent in wanted.items()
        if parent is not None and key != (parent.name_key, parent.email_key)
    }
    displaced = []
    for holder in register:
        key = holder.name_key, holder.email_key
        if key not in wanted or wanted[key] is holder:
            continue
        if holder.id not in moving:
            sentence = (
                f"{holder.name} <{holder.email}> of the file is somebody else than the "
                "one of the register. Correct the address in the register first, with "
                "“signer parent correct”."
            )
            raise RegisterError((sentence,))
        displaced.append(holder)
    return displaced


def vacate(session: Session, displaced: Iterable[Parent]) -> None:
    """Let others have the names and addresses of parents who get others themselves."""
    for parent in displaced:
        # No key of a name has a line end.
        parent.name_key = f"{parent.name_key}\n{parent.id}"
    session.flush()


def correct_identity(session: Session, parent: Parent, *, name: str, email: str) -> int:
    """Give a parent another name or address, and keep those of before.

    Where the address is another one, links that were mailed to the old one end, and
    each open request is mailed again. What is in dispute there is the caller's to
    settle (`settle_unused`).

    Args:
        session: a transaction that writes and holds the parent (`lock_parents`).
        parent: who.
        name: as it is to stand in the register.
        email: as it is to stand in the register; empty for no address.

    Returns:
        How many requests are mailed again.
    """
    if (parent.name, parent.email) == (name, email):
        return 0
    now = clock.now()
    since = parent.former[-1].until_at if parent.former else parent.added_at
    parent.former.append(
        FormerIdentity(
            name=parent.name,
            email=parent.email or None,
            email_key=parent.email_key if parent.email else None,
            from_at=since,
            until_at=now,
        )
    )
    moved = parent.email.lower() != email.lower()
    parent.name, parent.name_key = name, same_name(name)
    parent.email = email
    if moved:
        parent.email_key = new_email_key(email)
    session.flush()
    return _readdress(session, parent) if moved else 0


def _readdress(session: Session, parent: Parent) -> int:
    requests = session.scalars(
        select(Request).where(Request.parent_id == parent.id).order_by(Request.id)
    ).all()
    end_links(session, [request.id for request in requests])
    pending = [
        request
        for request in requests
        if request.status is Status.PENDING and parent.left_at is None and parent.email
    ]
    for request in pending:
        mail_again(session, request)
    return len(pending)


def end_links(session: Session, requests: Collection[int]) -> None:
    """End every link to requests, and drop what waits to be mailed with one.

    Args:
        session: a transaction that holds the requests.
        requests: their ids.
    """
    session.execute(
        update(Link)
        .where(Link.request_id.in_(requests), Link.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    # One that is being sent leads nowhere by now; what waits would be a second one.
    drop_link_mails(session, requests)


def drop_link_mails(session: Session, requests: Collection[int]) -> None:
    """Drop what waits to be mailed with a link to requests.

    Args:
        session: a transaction that holds the requests.
        requests: their ids.
    """
    session.execute(
        update(Outbox)
        .where(
            Outbox.request_id.in_(requests),
            Outbox.delivery == Delivery.QUEUED,
            Outbox.kind.in_([kind.value for kind in WITH_LINK]),
        )
        .values(delivery=Delivery.DROPPED)
    )


def mail_again(session: Session, request: Request) -> None:
    """Mail an open request to the address that its parent has by now."""
    occasion = f"ask:request:{request.id}:moved:{secrets.token_hex(8)}"
    queue_mail(session, Kind.ASK, occasion, request_id=request.id)
