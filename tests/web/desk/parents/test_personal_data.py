"""Personal data at the desk: what is kept is given, erased, and deleted in time."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from signer.store.desk.roles import DeskRole
from signer.workflows.parents.leave import leave_register
from signer.workflows.retention.hold import hold_data
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser

WANG = "wang@example.org"


def test_a_parent_gets_all_that_is_kept_and_that_is_recorded(
    office: Browser, path_of: Callable[[str], str]
) -> None:
    """One archive, whose name tells nobody's; the page says who made it."""
    path = path_of("王小明")
    token = office.open(f"{path}/data").value("csrf_token")
    answer = office.client.post(
        f"{path}/export", data={"csrf_token": token}, base_url=office.address
    )
    assert answer.mimetype == "application/zip"
    assert "王" not in answer.headers["Content-Disposition"]
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert {"index.html", "data.json"} <= set(names)
    assert "Exported the data of a parent" in office.open(path).text


def test_an_erasure_wants_a_reason_and_the_name(
    head: Browser, app_context: AppContext, path_of: Callable[[str], str]
) -> None:
    """It says what goes and what it does not reach; afterwards there is no page."""
    path = path_of("王小明")
    leave_register(app_context, WANG)
    page = head.open(f"{path}/data")
    assert "1 request with every email" in page.text
    before = snapshot(app_context)
    wrong = head.press(page, "Erase them", typed="Wang")
    assert wrong.problems == ["Type the name as it is shown.", "Choose a reason."]
    assert snapshot(app_context) == before
    done = head.press(page, "Erase them", typed="王小明", reason="asked")
    assert "The parent is erased" in done.text
    assert head.open(path).status == 404
    assert head.press(page, "Erase them", typed="王小明", reason="asked").status == 404
    shown = head.open("/desk/staff/actions").text
    assert "Erased a parent" in shown
    assert "They asked for it" in shown
    assert "王" not in str(snapshot(app_context))


def test_nobody_is_erased_who_is_asked_to_sign_or_held(
    head: Browser, app_context: AppContext, path_of: Callable[[str], str]
) -> None:
    """The page says why, and a form from before does nothing."""
    path = path_of("王小明")
    assert "Record first that they have left." in head.open(f"{path}/data").text
    leave_register(app_context, WANG)
    page = head.open(f"{path}/data")
    hold_data(app_context, WANG, reason="A complaint")
    held = head.press(page, "Erase them", typed="王小明", reason="asked")
    assert "Their data is kept for now" in held.text
    assert head.open(path).status == 200


def test_the_office_holds_data_and_the_head_ends_that(
    sign_in: Callable[[DeskRole], Browser],
    app_context: AppContext,
    path_of: Callable[[str], str],
) -> None:
    """With a reason, which stands on their page; pressed twice, it is one hold."""
    office, head = sign_in(DeskRole.OFFICE), sign_in(DeskRole.HEAD)
    path = path_of("王小明")
    leave_register(app_context, WANG)
    page = office.open(f"{path}/data")
    assert office.press(page, "Keep their data", why=" ").problems == ["Say why."]
    for _ in range(2):
        held = office.press(page, "Keep their data", why="A complaint, 李老师")
    assert "End this" not in held.buttons
    assert "A complaint, 李老师" in office.open(path).text
    held = head.open(f"{path}/data")
    assert "Erase them" not in held.buttons
    for _ in range(2):
        ended = head.press(held, "End this")
    assert "Erase them" in ended.buttons
    assert "Ended the hold" in head.open("/desk/staff/actions").text


def test_the_office_exports_and_the_head_erases(
    office: Browser, app_context: AppContext, path_of: Callable[[str], str]
) -> None:
    """The office sees what would go, without the button."""
    leave_register(app_context, WANG)
    page = office.open(f"{path_of('王小明')}/data")
    assert "Erase them" not in page.buttons
    assert "Download their data" in page.buttons


def test_what_is_deleted_next_is_listed(
    sign_in: Callable[[DeskRole], Browser], app_context: AppContext
) -> None:
    """Each kind with its day, for whoever left; GET changes nothing."""
    auditor = sign_in(DeskRole.AUDITOR)
    assert "Nothing" in auditor.open("/desk/parents/retention").text
    leave_register(app_context, WANG)
    before = snapshot(app_context)
    page = auditor.open("/desk/parents/retention?page=7")
    assert "Name, address and children" in page.text
    assert snapshot(app_context) == before
