"""Whom the register knows, read at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import event, select

from signer.register.people import Known
from signer.register.rows import read_register
from signer.store.tables import Parent
from signer.workflows.parents.known import person_of, read_register_of, records_of
from signer.workflows.parents.leave import leave_register
from signer.workflows.register.identity import correct_parent
from signer.workflows.register.import_register import import_register

if TYPE_CHECKING:
    from signer.workflows.context import AppContext

HEADER = (
    "parent_name,parent_email,parent_id,relationship,child_name,year_group,"
    "tutor_group\n"
)
ODD = (
    "王小明,wang@example.org,P1,carer,王美,Year 7,7B\n"
    "王小明,wang@example.org,P1,carer,王丽,Year 9,\n"
    "Se\u0301an O\u2019Brien,,P2,father,Zoë,Reception,\n"
    "محمد علي,m@example.org,,father,علي,Year 3,3A\n"
)


def test_everybody_is_read_as_their_record_says(app_context: AppContext) -> None:
    """Odd names, no address, other names of before, and those who left."""
    import_register(app_context, read_register((HEADER + ODD).encode()))
    correct_parent(app_context, "wang@example.org", email="Ming@example.org")
    leave_register(app_context, "m@example.org")
    with app_context.sessions.reading() as session:
        register = read_register_of(session)
        records = session.scalars(select(Parent).order_by(Parent.id)).all()
        assert [one.id for one in register.known] == [one.id for one in records]
        for known, record in zip(register.known, records, strict=True):
            assert known.person.key == person_of(record).key
            assert set(known.person.children) == set(person_of(record).children)
            assert known.person.identifier == (record.identifier or "")
            assert known.active == (record.left_at is None)
            assert register.by_keys[record.name_key, record.email_key] == record.id
        ming = _named(register.known, "王小明")
        assert ming.former == {"wang@example.org"}
        assert ming.former_keys == {("王小明", "wang@example.org")}
        assert not _named(register.known, "محمد علي").active
        assert records_of(session, {ming.id}).keys() == {ming.id}


def test_a_hundred_more_take_no_more_queries(app_context: AppContext) -> None:
    """Whatever the number of parents and children."""
    asked: list[str] = []
    event.listen(
        app_context.sessions.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: asked.append(statement),
    )

    def queries() -> int:
        asked.clear()
        with app_context.sessions.reading() as session:
            read_register_of(session)
        return len(asked)

    few = queries()
    rows = "".join(
        f"Parent {n},p{n}@example.org,,mother,Child {n},Year 3,\n" for n in range(100)
    )
    import_register(app_context, read_register((HEADER + rows).encode()))
    assert queries() == few


def _named(everybody: tuple[Known, ...], name: str) -> Known:
    return next(one for one in everybody if one.person.name == name)
