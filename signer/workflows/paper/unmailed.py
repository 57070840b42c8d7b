"""Parents to whom no mail can go, and who sign on paper."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from signer.store.columns import Status
from signer.store.tables import Parent, Relationship, Request
from signer.workflows.exemption.exempt import is_exempt


@dataclass(frozen=True, slots=True)
class Unmailed:
    """A parent without an email address, who has yet to sign.

    Attributes:
        name: in the register.
        children: name and year group of each.
    """

    name: str
    children: tuple[tuple[str, str], ...]


def unmailed_parents(session: Session, number: int) -> tuple[Unmailed, ...]:
    """Return the active parents without an address who have yet to answer, by name.

    Args:
        session: any transaction.
        number: the version that they are asked to sign.
    """
    answered = (
        select(Request.id)
        .where(
            Request.parent_id == Parent.id,
            Request.version_number == number,
            Request.status.in_([Status.SIGNED, Status.DECLINED]),
        )
        .exists()
    )
    parents = session.scalars(
        select(Parent)
        .where(
            Parent.email == "",
            Parent.left_at.is_(None),
            ~answered,
            ~is_exempt(Parent.id),
        )
        .order_by(Parent.name_key, Parent.id)
        .options(selectinload(Parent.relationships).joinedload(Relationship.child))
    )
    return tuple(
        Unmailed(
            parent.name,
            tuple(
                sorted(
                    (one.child.name, one.child.year_group)
                    for one in parent.relationships
                )
            ),
        )
        for parent in parents
    )
