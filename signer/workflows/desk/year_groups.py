"""The year groups that children of the register are in."""

from __future__ import annotations

from sqlalchemy import case, func, select

from signer.store.tables import Child, Parent, Relationship
from signer.workflows.campaigns.selection import (
    EVERYBODY,
    Selection,
    year_group_key,
)
from signer.workflows.context import AppContext, current_number


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


def count_by_year_group(
    context: AppContext, selection: Selection = EVERYBODY
) -> tuple[tuple[str, int], ...]:
    """How many active parents have a child in each year group, the youngest first.

    A parent with children in two year groups counts in both.

    Args:
        context: the context.
        selection: of the parents, those who are meant.
    """
    with context.sessions.reading() as session:
        number = current_number(session)
        children = (
            select(Child.year_group)
            .join(Relationship, Relationship.child_id == Child.id)
            .join(Parent, Parent.id == Relationship.parent_id)
            .where(selection.condition(context, session, number))
        )
        written = session.scalars(children.distinct()).all()
        names = {year_group_key(one): one for one in sorted(written, reverse=True)}
        if not names:
            return ()
        # The same year group, however it is written in a row.
        same = {one: names[year_group_key(one)] for one in written}
        counted = children.with_only_columns(
            case(same, value=Child.year_group).label("name"), Relationship.parent_id
        ).subquery()
        counts = session.execute(
            select(counted.c.name, func.count(counted.c.parent_id.distinct())).group_by(
                counted.c.name
            )
        )
        found = {name: count for name, count in counts}  # noqa: C416 - rows
    return tuple((names[key], found[names[key]]) for key in sorted(names))
