"""The register becomes what the file says, and nobody leaves by accident."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.errors import RegisterError
from signer.register.rows import read_register
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.register.history import parent_history
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import look_up_link
from tests.conftest import MOMENT, PEOPLE
from tests.workflows.conftest import Post, snapshot

if TYPE_CHECKING:
    from signer.register.rows import Reading
    from signer.workflows.context import AppContext


def without(name: str) -> Reading:
    """The example people, but for one."""
    lines = [line for line in PEOPLE.splitlines() if not line.startswith(name)]
    return read_register("\n".join(lines).encode())


def test_two_parents_who_share_a_mailbox_stay_two(app_context: AppContext) -> None:
    """Tom and Niamh O'Brien are two people at one address, each with Maeve."""
    found = [
        one for one in list_register(app_context) if one.email == "family@example.org"
    ]
    assert [(one.name, one.children) for one in found] == [
        ("Niamh O'Brien", (("Maeve O'Brien", "Year 10", "mother"),)),
        ("Tom O'Brien", (("Maeve O'Brien", "Year 10", "father"),)),
    ]


def test_importing_the_same_file_again_changes_nothing(app_context: AppContext) -> None:
    """Every row of every table stays as it was."""
    before = snapshot(app_context)
    result = import_register(app_context, read_register(PEOPLE.encode()))
    assert (result.added, result.changed, result.unchanged) == ([], [], 4)
    assert snapshot(app_context) == before


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    app_context: AppContext,
) -> None:
    """What it reports is what the import then does."""
    before = snapshot(app_context)
    reading = read_register(
        PEOPLE.replace("Year 8", "Year 9").encode()
        + b"Ann Lee,ann@example.org,mother,Bo Lee,Year 1\n"
    )
    said = import_register(app_context, reading, dry_run=True)
    assert snapshot(app_context) == before
    done = import_register(app_context, reading)
    assert said == done
    assert done.added == [("Ann Lee", "ann@example.org")]
    assert done.changed == [("Amira Khan", "amira@example.org")]


def test_a_child_moves_up_a_year(app_context: AppContext) -> None:
    """The new year group replaces the old one, for each parent."""
    import_register(
        app_context, read_register(PEOPLE.replace("Year 10", "Year 11").encode())
    )
    years = {
        year
        for one in list_register(app_context)
        for name, year, _ in one.children
        if name == "Maeve O'Brien"
    }
    assert years == {"Year 11"}


HEADINGS = "parent_name,parent_email,relationship,child_name,year_group\n"

HOMONYM = """\
Fiona MacDonald,fiona@example.org,mother,Anna MacDonald,Year 4
Ivan Macdonald,ivan@example.org,father,Anna Macdonald,Year 4
"""

CAPITALS = """\
Amina Yusuf,amina@example.org,mother,Leyla Yusuf,Year 4
Zaid Yusuf,zaid@example.org,father,LEYLA YUSUF,Year 4
Bob Stone,bob@example.org,father,Rose O'Neill,Year 2
Cat Field,cat@example.org,mother,ROSE O'NEILL,Year 2
"""


@pytest.mark.parametrize("rows", [HOMONYM, CAPITALS])
def test_a_child_is_spelled_as_its_own_parents_row_spells_it(
    app_context: AppContext, rows: str
) -> None:
    """Another family's spelling stands on nobody's declaration; twice is once."""
    reading = read_register((HEADINGS + rows).encode())
    import_register(app_context, reading)
    children = {
        one.name: one.children[0][0]
        for one in list_register(app_context)
        if one.name in rows
    }
    cells = [line.split(",") for line in rows.splitlines()]
    assert children == {row[0]: row[3] for row in cells}
    before = snapshot(app_context)
    again = import_register(app_context, reading)
    assert (again.added, again.changed) == ([], [])
    assert again.unchanged == len(cells)
    assert snapshot(app_context) == before


def test_a_child_spelled_otherwise_changes_for_its_own_parent_alone(
    app_context: AppContext,
) -> None:
    """The other parent's row stays as it was."""
    import_register(app_context, read_register((HEADINGS + HOMONYM).encode()))
    corrected = HOMONYM.replace("Anna Macdonald", "Ana Macdonald")
    result = import_register(
        app_context, read_register((HEADINGS + corrected).encode())
    )
    assert result.changed == [("Ivan Macdonald", "ivan@example.org")]
    children = {one.name: one.children[0][0] for one in list_register(app_context)}
    assert children["Fiona MacDonald"] == "Anna MacDonald"
    assert children["Ivan Macdonald"] == "Ana Macdonald"


def test_a_missing_parent_is_named_and_stays(app_context: AppContext) -> None:
    """Without being told that people left, the import only lists them."""
    result = import_register(app_context, without("Tom"))
    assert (result.missing, result.left) == (
        [("Tom O'Brien", "family@example.org")],
        False,
    )
    assert "Tom O'Brien" in {one.name for one in list_register(app_context)}


def test_a_leavers_links_open_nothing(app_context: AppContext, asked: Post) -> None:
    """Who has left is gone from the register, and the link says so."""
    token = asked.token("Tom O'Brien")
    result = import_register(app_context, without("Tom"), leavers=True)
    assert result.left
    assert "Tom O'Brien" not in {one.name for one in list_register(app_context)}
    assert look_up_link(app_context, token).state is LinkState.WITHDRAWN


def test_a_leaver_who_returns_is_asked_again(
    app_context: AppContext, asked: Post
) -> None:
    """The withdrawn request is opened again by the next asking, with a new mail."""
    import_register(app_context, without("Tom"), leavers=True)
    import_register(app_context, read_register(PEOPLE.encode()))
    assert ask_parents(app_context).newly == 1
    assert asked.send() == 1
    assert look_up_link(app_context, asked.token("Tom O'Brien")).state is LinkState.OPEN


def test_a_part_of_a_list_takes_no_child_away(app_context: AppContext) -> None:
    """A Year 8 list names Amira with one child; the other one stays, and is listed."""
    year_8 = "\n".join(line for line in PEOPLE.splitlines() if "Year 5" not in line)
    result = import_register(app_context, read_register(year_8.encode()))
    assert result.children_missing == [("Amira Khan", "Leila Khan")]
    assert (result.unchanged, result.changed) == (4, [])
    amira = list_register(app_context)[0]
    assert [name for name, _, _ in amira.children] == ["Leila Khan", "Yusuf Khan"]


def test_a_child_leaves_with_the_leavers(app_context: AppContext) -> None:
    """The parent stays, with the children whom the file names."""
    year_8 = "\n".join(line for line in PEOPLE.splitlines() if "Year 5" not in line)
    import_register(app_context, read_register(year_8.encode()), leavers=True)
    amira = list_register(app_context)[0]
    assert [name for name, _, _ in amira.children] == ["Yusuf Khan"]


def test_a_twin_whom_the_file_does_not_name_stays(app_context: AppContext) -> None:
    """Mila is no other spelling of Mia, where their parent has both."""
    row = "Ann Bell,ann@example.org,mother,{} Bell,Year 7\n"
    twins = PEOPLE + row.format("Mia") + row.format("Mila")
    import_register(app_context, read_register(twins.encode()))
    part = read_register((PEOPLE + row.format("Mila")).encode())
    result = import_register(app_context, part)
    assert result.children_missing == [("Ann Bell", "Mia Bell")]
    [ann] = [one for one in list_register(app_context) if one.name == "Ann Bell"]
    assert [name for name, _, _ in ann.children] == ["Mia Bell", "Mila Bell"]


def test_who_returns_has_the_children_that_the_file_names(
    app_context: AppContext,
) -> None:
    """One who was at the school before is not on the declaration again."""
    import_register(app_context, without("王小明"), leavers=True)
    back = PEOPLE.replace("王美,Year 7", "王丽,Year 1")
    result = import_register(app_context, read_register(back.encode()))
    assert result.returned == [("王小明", "wang@example.org")]
    [wang] = [one for one in list_register(app_context) if one.name == "王小明"]
    assert wang.children == (("王丽", "Year 1", "carer"),)


def test_each_leaving_and_return_stays_in_the_history(
    app_context: AppContext, asked: Post
) -> None:
    """The first "asked" and "withdrawn" too, with the days that they had."""
    days = [MOMENT + timedelta(days=number) for number in range(5)]
    for left, back in (days[1:3], days[3:5]):
        with clock.frozen(left):
            import_register(app_context, without("Tom"), leavers=True)
        with clock.frozen(back):
            import_register(app_context, read_register(PEOPLE.encode()))
            assert ask_parents(app_context).newly == 1
    histories = parent_history(app_context, "family@example.org")
    [tom] = [one for one in histories if one.name == "Tom O'Brien"]
    [request] = tom.requests
    assert [(one.asked_at, one.withdrawn_at) for one in request.earlier] == [
        (days[0], days[1]),
        (days[2], days[3]),
    ]
    assert request.asked_at == days[4]


def test_a_file_with_a_problem_imports_nothing(app_context: AppContext) -> None:
    """One bad row keeps the whole file out."""
    before = snapshot(app_context)
    reading = read_register(PEOPLE.encode() + b"No Child,n@example.org,aunt,,Year 1\n")
    with pytest.raises(RegisterError) as caught:
        import_register(app_context, reading)
    assert "Line 7" in caught.value.problems[0]
    assert snapshot(app_context) == before
