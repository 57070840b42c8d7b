"""What each person gets of the desk: the weekly digest, and a calendar's address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.store.desk.roles import DeskRole
from signer.workflows.digest.digest import wants_digest
from tests.web.browsing import Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from signer.workflows.context import AppContext

PATH = "/desk/account"


def test_the_digest_is_turned_off_and_on_again(
    office: Browser, app_context: AppContext, staff: dict[DeskRole, str]
) -> None:
    """By each for themselves."""
    page = office.press(office.open(PATH), "Send me no more of these")
    assert "You get no weekly email." in page.text
    assert not wants_digest(app_context, staff[DeskRole.OFFICE])
    assert wants_digest(app_context, staff[DeskRole.HEAD])
    office.press(page, "Send it to me each week")
    assert wants_digest(app_context, staff[DeskRole.OFFICE])


@pytest.mark.parametrize("role", [DeskRole.REVIEWER, DeskRole.AUDITOR])
def test_who_gets_no_digest_has_no_choice(
    sign_in: Callable[[DeskRole], Browser], role: DeskRole
) -> None:
    """Their page does not speak of it."""
    assert "Weekly digest" not in sign_in(role).open(PATH).text


def test_a_calendar_program_needs_the_address_and_no_cookie(
    head: Browser, app: Flask
) -> None:
    """It is shown once; ended, it answers as one that never was."""
    page = head.press(head.open(PATH), "Make an address")
    address = page.tree.findtext(".//code")
    assert address is not None
    path = "/desk/" + address.partition("/desk/")[2]
    program = Browser(app)
    found = program.open(path)
    assert found.status == 200
    assert found.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert found.answer.data.startswith(b"BEGIN:VCALENDAR\r\n")
    account = head.open(PATH)
    assert address not in account.answer.text
    head.press(account, "End the address")
    assert program.open(path).status == program.open("/desk/calendar/x.ics").status
    assert program.open(path).status == 404
