"""Who is in the register, and where each stands with the version in force."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from signer.store.tables import Parent, Relationship, Request
from signer.workflows.context import AppContext, current_number
from signer.workflows.requests.access import children_of


@dataclass(frozen=True, slots=True)
class Listed:
    """An active parent.

    Attributes:
        name: as in the register.
        email: as in the register.
        children: name, year group and relationship of each.
        status: of the request for the version in force, and how it was signed, such
            as ``signed (paper)``; None where not asked.
    """

    name: str
    email: str
    children: tuple[tuple[str, str, str], ...]
    status: str | None


def list_register(context: AppContext) -> list[Listed]:
    """Every active parent, by name."""
    with context.sessions.reading() as session:
        number = current_number(session)
        asked = {
            parent_id: f"{status} ({how})" if how else f"{status}"
            for parent_id, status, how in session.execute(
                select(Request.parent_id, Request.status, Request.signed_how).where(
                    Request.version_number == number
                )
            )
        }
        parents = session.scalars(
            select(Parent)
            .where(Parent.left_at.is_(None))
            .order_by(Parent.name_key, Parent.email_key)
            .options(selectinload(Parent.relationships).joinedload(Relationship.child))
        )
        return [
            Listed(
                parent.name,
                parent.email,
                children_of(parent),
                asked.get(parent.id),
            )
            for parent in parents
        ]
