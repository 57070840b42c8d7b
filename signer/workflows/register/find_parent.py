"""Finding the parents whom somebody in the office means."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from signer.errors import ParentAmbiguous, ParentUnknown
from signer.store.tables import (
    Declaration,
    EarlierAsk,
    FormerIdentity,
    Parent,
    Request,
)
from signer.user_text import same_name


def parents_known_by(session: Session, who: str | int) -> Sequence[Parent]:
    """The parents whom an address or a reference means, by name.

    For looking somebody up, and not for what a parent may ask for by an address: one
    that was corrected may be a stranger's.

    Args:
        session: the transaction.
        who: an address in the register, now or before a parent left; the name or the
            identifier of a parent without one; else an address that a parent had
            before it was corrected; or the reference of a request or of a declaration.
            A number is the id of a parent's row, and nobody else's.
    """
    if isinstance(who, int):
        return _parents(session, Parent.id == who)
    who = who.strip()
    referred = (
        select(Request.parent_id)
        .outerjoin(Declaration, Declaration.request_id == Request.id)
        .outerjoin(EarlierAsk, EarlierAsk.request_id == Request.id)
        .where(
            or_(
                Request.ref == who,
                Declaration.id == who.upper(),
                EarlierAsk.ref == who,
            )
        )
    )
    former = select(FormerIdentity.parent_id).where(
        FormerIdentity.email_key == who.lower()
    )
    return (
        _parents_at(session, who)
        or _parents(session, Parent.id.in_(referred))
        or _parents(session, Parent.id.in_(former))
    )


def parent_known_by(session: Session, who: str | int, name: str = "") -> Parent:
    """The parent whom an address or a reference means, here now or before.

    Args:
        session: the transaction.
        who: as for `parents_known_by`.
        name: the parent's name, where two share the address; empty for any.

    Raises:
        ParentUnknown: nobody (of this name) is known by it.
        ParentAmbiguous: several parents are.
    """
    return _the_one(parents_known_by(session, who), name)


def one_parent(session: Session, email: str | int, name: str = "") -> Parent:
    """The parent who has an address, or had it when they left.

    Args:
        session: the transaction.
        email: the address in the register; of a parent without one, the name or the
            identifier of the school's management system. A number is the id of a row.
        name: the parent's name, where two share the address; empty for any.

    Raises:
        ParentUnknown: nobody of this address (and name) is or was in the register.
        ParentAmbiguous: two parents share the address.
    """
    if isinstance(email, int):
        return _the_one(_parents(session, Parent.id == email), name)
    return _the_one(_parents_at(session, email), name)


def _parents_at(session: Session, email: str) -> Sequence[Parent]:
    email = email.strip()
    if "@" in email:
        return _parents(session, Parent.email_key == email.lower())
    # Whoever has no address is meant by name, or by the school's own identifier.
    named = or_(Parent.name_key == same_name(email), Parent.identifier == email)
    return _parents(session, (Parent.email == "") & named)


def _parents(session: Session, condition: ColumnElement[bool]) -> Sequence[Parent]:
    query = select(Parent).where(condition).order_by(Parent.name_key, Parent.id)
    return session.scalars(query).all()


def _the_one(parents: Sequence[Parent], name: str) -> Parent:
    named = [
        parent for parent in parents if not name or parent.name_key == same_name(name)
    ]
    if not named:
        raise ParentUnknown(tuple(parent.name for parent in parents))
    if len(named) > 1:
        raise ParentAmbiguous(tuple(parent.name for parent in named))
    return named[0]
