"""Looking after who may sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer.store.desk.roles import DeskRole
from tests.web.desk.conftest import NAMES, address_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.browsing import Browser

GIVEN = {"name": "Ida Noddack", "email": "ida@school.example", "role": "office"}


def test_the_head_adds_somebody(head: Browser) -> None:
    """They are on the list, and it is recorded who added them."""
    page = head.press(head.open("/desk/staff"), "Add", **GIVEN)
    assert page.heading == "Ida Noddack"
    assert "ida@school.example" in head.open("/desk/staff").text
    done = head.open("/desk/staff/actions").text
    assert "Let somebody sign in" in done


def test_what_cannot_be_taken_is_said_where_it_is(head: Browser) -> None:
    """The form comes back with what was typed."""
    page = head.press(head.open("/desk/staff"), "Add", **{**GIVEN, "email": "ida"})
    assert page.status == 422
    assert page.problems == ["Enter an email address, like name@example.com."]
    assert page.value("name") == "Ida Noddack"
    page = head.press(page, "Add", email=address_of(DeskRole.OFFICE))
    assert page.problems == ["somebody has an account at this address"]


def test_another_role_holds_from_the_next_page_on(
    head: Browser, sign_in: Callable[[DeskRole], Browser], staff: dict[DeskRole, str]
) -> None:
    """Who is signed in loses what the new role has not."""
    auditor = sign_in(DeskRole.AUDITOR)
    assert auditor.open("/desk/staff/actions").status == 200
    page = head.open(f"/desk/staff/{staff[DeskRole.AUDITOR]}")
    head.press(page, "Save", role="reviewer")
    assert auditor.open("/desk/staff/actions").status == 403


def test_removing_wants_the_address_typed(
    head: Browser, sign_in: Callable[[DeskRole], Browser], staff: dict[DeskRole, str]
) -> None:
    """A slip removes nobody; the address does, and ends their session at once."""
    office = sign_in(DeskRole.OFFICE)
    page = head.open(f"/desk/staff/{staff[DeskRole.OFFICE]}")
    page = head.press(page, "Remove", typed="offic@school.example")
    assert page.problems == ["Type the address of the account to remove it."]
    assert office.open("/desk/").path == "/desk/"
    page = head.press(page, "Remove", typed=" Office@school.example ")
    assert NAMES[DeskRole.OFFICE] not in page.text
    assert office.open("/desk/").path == "/desk/sign-in"


def test_the_last_head_stays(head: Browser, staff: dict[DeskRole, str]) -> None:
    """Nobody can be left who looks after the accounts."""
    path = f"/desk/staff/{staff[DeskRole.HEAD]}"
    page = head.press(head.open(path), "Save", role="auditor")
    assert "only headteacher" in page.problems[0]
    page = head.press(head.open(path), "Remove", typed=address_of(DeskRole.HEAD))
    assert "only headteacher" in page.problems[0]


def test_everybody_is_signed_out_at_once(
    head: Browser, sign_in: Callable[[DeskRole], Browser]
) -> None:
    """The head as well."""
    office = sign_in(DeskRole.OFFICE)
    page = head.press(head.open("/desk/staff"), "End all sessions")
    assert page.path == "/desk/sign-in"
    assert office.open("/desk/").path == "/desk/sign-in"


def test_one_ends_ones_own_sessions(
    head: Browser, sign_in: Callable[[DeskRole], Browser]
) -> None:
    """In every browser, and nobody else's."""
    other = sign_in(DeskRole.HEAD)
    office = sign_in(DeskRole.OFFICE)
    head.press(head.open("/desk/account"), "End all my sessions")
    assert other.open("/desk/").path == "/desk/sign-in"
    assert office.open("/desk/").path == "/desk/"


def test_what_a_person_does_is_recorded_with_the_change_or_not_at_all(
    head: Browser,
) -> None:
    """A name that cannot be kept leaves no word of a change."""
    page = head.press(head.open("/desk/account"), "Save", name="Helen Marsh-Byron")
    assert page.value("name") == "Helen Marsh-Byron"
    page = head.press(page, "Save", name="Helen\u202eMarsh")
    assert page.status == 422
    done = head.open("/desk/staff/actions").text
    assert done.count("Changed their own name") == 1


def test_what_changes_nothing_is_not_recorded(head: Browser) -> None:
    """A button pressed twice did something once."""
    page = head.open("/desk/account")
    for _ in range(3):
        page = head.press(page, "Save", name="Helen Marsh-Byron")
    done = head.open("/desk/staff/actions").text
    assert done.count("Changed their own name") == 1
