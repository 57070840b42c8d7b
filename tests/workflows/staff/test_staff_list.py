"""Bringing in the list of teachers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.errors import RegisterError, StaffLeaversUncounted
from signer.register.staff.read import read_staff
from signer.workflows.staff.staff_list import import_staff, list_staff
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from signer.workflows.staff.staff_list import StaffImported

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

TWENTY = [f"Teacher {n},t{n}@school.example" for n in range(20)]


def bring_in(
    app_context: AppContext,
    rows: list[str],
    *,
    leavers: bool = False,
    leaving: int | None = None,
    dry_run: bool = False,
) -> StaffImported:
    reading = read_staff("\n".join(["name,email", *rows]).encode())
    return import_staff(
        app_context, reading, leavers=leavers, leaving=leaving, dry_run=dry_run
    )


def names(app_context: AppContext) -> list[str]:
    return [one.name for one in list_staff(app_context)]


def test_a_file_brought_in_twice_changes_nothing(app_context: AppContext) -> None:
    """Whatever the letters of the address."""
    bring_in(app_context, ["Jo Field,jo@school.example"])
    result = bring_in(app_context, ["Jo Field,JO@school.example"])
    assert (result.added, result.renamed, result.unchanged) == ((), (), 1)
    assert names(app_context) == ["Jo Field"]


def test_a_new_name_at_an_address_is_a_correction(app_context: AppContext) -> None:
    """A marriage makes no second person."""
    bring_in(app_context, ["Jo Field,jo@school.example"])
    result = bring_in(app_context, ["Jo Marsh,jo@school.example"])
    assert result.renamed == (("Jo Marsh", "jo@school.example", "Jo Field"),)
    assert names(app_context) == ["Jo Marsh"]


def test_a_partial_file_takes_nobody_away(app_context: AppContext) -> None:
    """Who is missing is named."""
    bring_in(app_context, TWENTY)
    result = bring_in(app_context, TWENTY[1:])
    assert (result.missing, result.left) == (
        (("Teacher 0", "t0@school.example"),),
        False,
    )
    assert len(names(app_context)) == 20


def test_leavers_leave_where_it_is_said(app_context: AppContext) -> None:
    """And come back with the list that names them again."""
    bring_in(app_context, TWENTY)
    bring_in(app_context, TWENTY[1:], leavers=True)
    assert len(names(app_context)) == 19
    assert bring_in(app_context, TWENTY).returned == (
        ("Teacher 0", "t0@school.example"),
    )
    assert len(names(app_context)) == 20


@pytest.mark.parametrize("leaving", [None, 2])
def test_more_than_a_tenth_leave_only_by_their_number(
    app_context: AppContext, leaving: int | None
) -> None:
    """A file that was cut short takes nobody off the list."""
    bring_in(app_context, TWENTY)
    before = snapshot(app_context)
    with pytest.raises(StaffLeaversUncounted) as caught:
        bring_in(app_context, TWENTY[3:], leavers=True, leaving=leaving)
    assert caught.value.leaving == 3
    assert snapshot(app_context) == before
    bring_in(app_context, TWENTY[3:], leavers=True, leaving=3)
    assert len(names(app_context)) == 17


def test_a_dry_run_and_a_file_with_problems_change_nothing(
    app_context: AppContext,
) -> None:
    """The problems are told by line."""
    before = snapshot(app_context)
    bring_in(app_context, TWENTY, dry_run=True)
    with pytest.raises(RegisterError, match="1 problems"):
        bring_in(app_context, [*TWENTY, "Nobody,nowhere"])
    assert snapshot(app_context) == before
