"""What the register keeps of a child: its best spelling, year group and tutor group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from signer.register.rows import read_register
from signer.store.tables import Child
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import Listed, list_register
from tests.conftest import PEOPLE
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from signer.register.rows import Reading
    from signer.workflows.context import AppContext

HEADINGS = "parent_name,parent_email,relationship,child_name,year_group,tutor_group\n"


def lee(child: str, year_group: str, tutor_group: str) -> Reading:
    """The example people, and one parent with one child."""
    first, *rest = PEOPLE.splitlines()
    lines = [f"{first},tutor_group", *(f"{line}," for line in rest)]
    lines.append(f"Ann Lee,ann@example.org,mother,{child},{year_group},{tutor_group}")
    return read_register("\n".join(lines).encode())


def ann(context: AppContext) -> Listed:
    return next(one for one in list_register(context) if one.name == "Ann Lee")


def test_year_and_tutor_group_are_kept_and_shown(app_context: AppContext) -> None:
    """The year group in the usual way, and as the file had it beside it."""
    import_register(app_context, lee("Zoë Lee", "Yr 7", "7 Oak"))
    assert ann(app_context).classes == ("Zoë Lee (Year 7, 7 Oak)",)
    with app_context.sessions.reading() as session:
        query = select(Child.written_year_group).where(Child.name == "Zoë Lee")
        assert session.scalar(query) == "Yr 7"
    # Another way to write the same, and a spelling that lost something, are no change.
    before = snapshot(app_context)
    result = import_register(app_context, lee("ZOE LEE", "7", "7 Oak"))
    assert (result.changed, result.corrected) == ([], [])
    assert snapshot(app_context) == before


def test_another_tutor_group_is_a_change(app_context: AppContext) -> None:
    """The child stays one, and has the new one."""
    import_register(app_context, lee("Bo Lee", "7", "7 Oak"))
    result = import_register(app_context, lee("Bo Lee", "8", "8 Elm"))
    assert result.changed == [("Ann Lee", "ann@example.org")]
    assert ann(app_context).classes == ("Bo Lee (Year 8, 8 Elm)",)


def test_a_file_without_tutor_groups_takes_none_away(app_context: AppContext) -> None:
    """Not every list has them; in another year group it is another one."""
    import_register(app_context, lee("Bo Lee", "7", "7 Oak"))
    assert import_register(app_context, lee("Bo Lee", "7", "")).changed == []
    assert ann(app_context).classes == ("Bo Lee (Year 7, 7 Oak)",)
    import_register(app_context, lee("Bo Lee", "8", ""))
    assert ann(app_context).classes == ("Bo Lee (Year 8)",)


def test_an_import_says_what_changes_of_a_child(app_context: AppContext) -> None:
    """The year group, the tutor group, what the parent is to them, and who is new."""
    import_register(app_context, lee("Bo Lee", "7", "7 Oak"))

    def changes(reading: Reading) -> tuple[str, ...]:
        result = import_register(app_context, reading, dry_run=True)
        return next(one.changes for one in result.outcomes if one.name == "Ann Lee")

    assert changes(lee("Bo Lee", "7", "7 Oak")) == ()
    assert changes(lee("Bo Lee", "7", "7 Elm")) == (
        "Bo Lee (Year 7, 7 Oak) → Bo Lee (Year 7, 7 Elm)",
    )
    assert changes(lee("Bo Lee", "8", "")) == (
        "Bo Lee (Year 7, 7 Oak) → Bo Lee (Year 8)",
    )
    assert changes(lee("Zoë Lee", "7", "")) == ("new: Zoë Lee (Year 7)",)
    carer = HEADINGS + "Ann Lee,ann@example.org,carer,Bo Lee,7,7 Oak\n"
    assert changes(read_register(carer.encode())) == ("Bo Lee: mother → carer",)


def test_a_year_group_of_a_release_before_is_written_anew_by_an_import(
    app_context: AppContext,
) -> None:
    """It stands as it was written until then, and then in the usual way."""
    import_register(app_context, lee("Bo Lee", "Year 7", ""))
    with app_context.sessions.writing() as session:
        session.execute(
            update(Child).where(Child.name == "Bo Lee").values(year_group="Yr 7")
        )
    result = import_register(app_context, lee("Bo Lee", "Yr 7", ""))
    assert result.changed == [("Ann Lee", "ann@example.org")]
    assert ann(app_context).classes == ("Bo Lee (Year 7)",)
