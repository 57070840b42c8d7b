"""The register becomes what the file says, and nobody leaves by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.errors import RegisterError
from signer.register.rows import read_register
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import look_up_link
from tests.conftest import PEOPLE
from tests.workflows.conftest import Post, snapshot

if TYPE_CHECKING:
    from signer.register.rows import Reading
    from signer.workflows.context import AppContext


def without(name: str) -> Reading:
    """The example people, but for one."""
    lines = [line for line in PEOPLE.splitlines() if not line.startswith(name)]
    return read_register("\n".join(lines).encode())


def test_two_parents_who_share_a_mailbox_stay_two(context: AppContext) -> None:
    """Tom and Niamh O'Brien are two people at one address, each with Maeve."""
    found = [one for one in list_register(context) if one.email == "family@example.org"]
    assert [(one.name, one.children) for one in found] == [
        ("Niamh O'Brien", (("Maeve O'Brien", "Year 10", "mother"),)),
        ("Tom O'Brien", (("Maeve O'Brien", "Year 10", "father"),)),
    ]


def test_importing_the_same_file_again_changes_nothing(context: AppContext) -> None:
    """Every row of every table stays as it was."""
    before = snapshot(context)
    result = import_register(context, read_register(PEOPLE.encode()))
    assert (result.added, result.changed, result.unchanged) == ([], [], 4)
    assert snapshot(context) == before


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    context: AppContext,
) -> None:
    """What it reports is what the import then does."""
    before = snapshot(context)
    reading = read_register(
        PEOPLE.replace("Year 8", "Year 9").encode()
        + b"Ann Lee,ann@example.org,mother,Bo Lee,Year 1\n"
    )
    said = import_register(context, reading, dry_run=True)
    assert snapshot(context) == before
    done = import_register(context, reading)
    assert said == done
    assert done.added == [("Ann Lee", "ann@example.org")]
    assert done.changed == [("Amira Khan", "amira@example.org")]


def test_a_child_moves_up_a_year(context: AppContext) -> None:
    """The new year group replaces the old one, for each parent."""
    import_register(
        context, read_register(PEOPLE.replace("Year 10", "Year 11").encode())
    )
    years = {
        year
        for one in list_register(context)
        for name, year, _ in one.children
        if name == "Maeve O'Brien"
    }
    assert years == {"Year 11"}


def test_a_missing_parent_is_named_and_stays(context: AppContext) -> None:
    """Without being told that people left, the import only lists them."""
    result = import_register(context, without("Tom"))
    assert (result.missing, result.left) == (
        [("Tom O'Brien", "family@example.org")],
        False,
    )
    assert "Tom O'Brien" in {one.name for one in list_register(context)}


def test_a_leavers_links_open_nothing(context: AppContext, asked: Post) -> None:
    """Who has left is gone from the register, and the link says so."""
    token = asked.token("Tom O'Brien")
    result = import_register(context, without("Tom"), leavers=True)
    assert result.left
    assert "Tom O'Brien" not in {one.name for one in list_register(context)}
    assert look_up_link(context, token).state is LinkState.WITHDRAWN


def test_a_leaver_who_returns_is_asked_again(context: AppContext, asked: Post) -> None:
    """The withdrawn request is opened again by the next asking, with a new mail."""
    import_register(context, without("Tom"), leavers=True)
    import_register(context, read_register(PEOPLE.encode()))
    assert ask_parents(context).newly == 1
    assert asked.send() == 1
    assert look_up_link(context, asked.token("Tom O'Brien")).state is LinkState.OPEN


def test_a_file_with_a_problem_imports_nothing(context: AppContext) -> None:
    """One bad row keeps the whole file out."""
    before = snapshot(context)
    reading = read_register(PEOPLE.encode() + b"No Address,,mother,Bo,Year 1\n")
    with pytest.raises(RegisterError) as caught:
        import_register(context, reading)
    assert "Line 7" in caught.value.problems[0]
    assert snapshot(context) == before
