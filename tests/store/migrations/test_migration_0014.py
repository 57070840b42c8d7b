"""A child whom two parents shared becomes two, and nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from signer import clock
from signer.store import schema
from signer.store.tables import Child, Parent, Relationship

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_each_parent_of_before_has_children_of_their_own(sessions: Sessions) -> None:
    """Spelled as before; a new child is added without touching those that were."""
    before = schema.tables_at("0013").tables
    given: dict[str, list[dict[str, Any]]] = {
        "parent": [
            {
                "id": number,
                "name": name,
                "name_key": name,
                "email": name,
                "email_key": name,
                "added_at": clock.now(),
            }
            for number, name in enumerate(("ann", "bob", "cat"), start=1)
        ],
        "child": [
            {"id": 5, "name": "Anna", "name_key": "anna", "year_group": "Year 4"},
            {"id": 9, "name": "Max", "name_key": "max", "year_group": "Year 7"},
        ],
        "relationship": [
            {"parent_id": 1, "child_id": 5, "relationship": "mother"},
            {"parent_id": 2, "child_id": 5, "relationship": "father"},
            {"parent_id": 3, "child_id": 5, "relationship": "carer"},
            {"parent_id": 2, "child_id": 9, "relationship": "father"},
        ],
    }
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0013")
        for name, rows in given.items():
            connection.execute(insert(before[name]), rows)
    schema.upgrade(sessions.engine)
    with sessions.writing() as session:
        session.add(Child(name="New", name_key="new", year_group="Year 1"))
    with sessions.reading() as session:
        after = session.execute(
            select(
                Parent.name, Child.id, Child.name, Child.year_group, Relationship.words
            )
            .join(Relationship, Relationship.parent_id == Parent.id)
            .join(Child, Child.id == Relationship.child_id)
            .order_by(Parent.name, Child.name)
        ).all()
        assert [(row[0], *row[2:]) for row in after] == [
            ("ann", "Anna", "Year 4", "mother"),
            ("bob", "Anna", "Year 4", "father"),
            ("bob", "Max", "Year 7", "father"),
            ("cat", "Anna", "Year 4", "carer"),
        ]
        assert len({row[1] for row in after}) == len(after)
        assert {5, 9} <= {row[1] for row in after}
