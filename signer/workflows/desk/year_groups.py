"""The year groups that children of the register are in."""

from __future__ import annotations

from sqlalchemy import select

from signer.store.tables import Child, Parent, Relationship
from signer.workflows.campaigns.selection import year_group_key
from signer.workflows.context import AppContext


def year_groups_in_use(context: AppContext) -> tuple[str, ...]:
    """The year groups of active parents' children, the youngest first, each once."""
    with context.sessions.reading() as session:
        written = session.scalars(
            select(Child.year_group)
            .join(Relationship, Relationship.child_id == Child.id)
            .join(Parent, Parent.id == Relationship.parent_id)
            .where(Parent.left_at.is_(None))
            .distinct()
        ).all()
    named = {year_group_key(one): one for one in sorted(written, reverse=True)}
    return tuple(named[key] for key in sorted(named))
