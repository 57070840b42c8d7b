"""Who is in the register, and where each stands with the version in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from signer.store.tables import Parent, Relationship, Request
from signer.workflows.context import AppContext, current_number
from signer.workflows.requests.access import children_of, tutor_groups_of


@dataclass(frozen=True, slots=True)
class Listed:
    """An active parent.

    Attributes:
        name: as in the register.
        email: as in the register.
        children: name, year group and relationship of each.
        tutor_groups: of each child, in the same order; empty for one without.
        status: of the request for the version in force, and how it was signed, such
            as ``signed (paper)``; None where not asked.
    """

    name: str
    email: str
    children: tuple[tuple[str, str, str], ...]
    status: str | None
    tutor_groups: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """Each child with year and tutor group: Leyla Yusuf (Year 7, 7B)."""
        return with_classes(self.children, self.tutor_groups)


def with_classes(
    children: Sequence[tuple[str, str, str]], tutor_groups: Sequence[str]
) -> tuple[str, ...]:
    """Each child with year and tutor group in words: Leyla Yusuf (Year 7, 7B)."""
    return tuple(
        f"{name} ({', '.join(filter(None, (year_group, tutor_group)))})"
        for (name, year_group, _), tutor_group in zip(
            children, tutor_groups, strict=True
        )
    )


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
                tutor_groups_of(parent),
            )
            for parent in parents
        ]
