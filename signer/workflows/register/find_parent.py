"""Finding the one parent whom somebody in the office means."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.errors import ParentAmbiguous, ParentUnknown
from signer.store.tables import Parent
from signer.user_text import same_name


def one_parent(session: Session, email: str, name: str = "") -> Parent:
    """The parent at an address, whether in the register now or before.

    Args:
        session: the transaction.
        email: the address in the register.
        name: the parent's name, where two share the address; empty for any.

    Raises:
        ParentUnknown: nobody of this address (and name) was ever in the register.
        ParentAmbiguous: two parents share the address.
    """
    query = select(Parent).where(Parent.email_key == email.strip().lower())
    if name:
        query = query.where(Parent.name_key == same_name(name))
    found = session.scalars(query).all()
    if not found:
        raise ParentUnknown
    if len(found) > 1:
        raise ParentAmbiguous(len(found))
    return found[0]
