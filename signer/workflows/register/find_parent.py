"""Finding the parents whom somebody in the office means."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from signer.errors import ParentAmbiguous, ParentUnknown
from signer.store.tables import Declaration, FormerIdentity, Parent, Request
from signer.user_text import same_name


def parents_known_by(session: Session, who: str) -> Sequence[Parent]:
    """The parents whom an address or a reference means, by name.

    Args:
        session: the transaction.
        who: an address in the register, now or before a parent left; else one that a
            parent had before it was corrected; or the reference of a request or of a
            declaration.
    """
    who = who.strip()
    referred = (
        select(Request.parent_id)
        .outerjoin(Declaration, Declaration.request_id == Request.id)
        .where(or_(Request.ref == who, Declaration.id == who.upper()))
    )
    former = select(FormerIdentity.parent_id).where(
        FormerIdentity.email_key == who.lower()
    )
    for meant in (
        Parent.email_key == who.lower(),
        Parent.id.in_(referred),
        Parent.id.in_(former),
    ):
        parents = session.scalars(
            select(Parent).where(meant).order_by(Parent.name_key, Parent.id)
        ).all()
        if parents:
            return parents
    return ()


def one_parent(session: Session, who: str, name: str = "") -> Parent:
    """The parent whom an address or a reference means, here now or before.

    Args:
        session: the transaction.
        who: as for `parents_known_by`.
        name: the parent's name, where two share the address; empty for any.

    Raises:
        ParentUnknown: nobody of this address (and name) was ever in the register.
        ParentAmbiguous: two parents share the address.
    """
    parents = [
        parent
        for parent in parents_known_by(session, who)
        if not name or parent.name_key == same_name(name)
    ]
    if not parents:
        raise ParentUnknown
    if len(parents) > 1:
        raise ParentAmbiguous(len(parents))
    return parents[0]
