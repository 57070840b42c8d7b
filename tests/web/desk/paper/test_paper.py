"""Papers at the desk: printing a form, recording a signed one, undoing that."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from signer import clock
from signer.school_calendar import school_date
from signer.store.desk.roles import DeskRole
from signer.store.tables import Parent
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.desk.sign_in import make_sign_in_link
from signer.workflows.paper.form import paper_form
from signer.workflows.paper.scan import MOST_SCAN_BYTES
from tests.conftest import run
from tests.web.browsing import ADDRESS, Browser, words_of
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def parent_id(app_context: AppContext) -> int:
    """The id of Amira Khan."""
    with app_context.sessions.reading() as session:
        found = session.scalar(select(Parent.id).where(Parent.name == "Amira Khan"))
    assert found is not None
    return found


def check(browser: Browser, parent_id: int, **changed: object) -> Page:
    """Go on to the page before recording, with everything filled in well."""
    given = {"version": "2", "dated": school_date(clock.now()).isoformat(), **changed}
    return browser.press(browser.open(f"/desk/paper/{parent_id}"), "Continue", **given)


@pytest.mark.tool("pdftoppm", "zbarimg")
def test_the_code_on_a_form_opens_it_after_signing_in(
    app: Flask,
    app_context: AppContext,
    staff: dict[DeskRole, str],
    parent_id: int,
    tmp_path: Path,
) -> None:
    """Whoever scans it signs in, and is where that paper is recorded."""
    ask_parents(app_context)
    (tmp_path / "form.pdf").write_bytes(paper_form(app_context, parent_id))
    run(
        "pdftoppm",
        "-r",
        "150",
        "-l",
        "1",
        "-png",
        tmp_path / "form.pdf",
        tmp_path / "page",
    )
    code = run("zbarimg", "--quiet", "--raw", "--nodbus", *tmp_path.glob("page*.png"))
    browser = Browser(app)
    page = browser.open(code.strip().removeprefix(app_context.settings.base_url))
    assert page.path == "/desk/sign-in"
    link = make_sign_in_link(
        app_context, staff[DeskRole.OFFICE], lives=timedelta(minutes=10)
    )
    path = link.removeprefix(app_context.settings.base_url)
    page = browser.press(browser.open(path), "Sign in")
    assert page.path == f"/desk/paper/{parent_id}"
    [chosen] = page.tree.xpath("//input[@name='version'][@checked]")
    assert chosen.get("value") == "2"


def test_a_code_of_no_request_has_no_page(office: Browser) -> None:
    """A request that was erased, or none."""
    answer = office.client.get("/desk/paper/request/abc", base_url=ADDRESS)
    assert answer.status_code == 404


def state(browser: Browser, parent_id: int) -> str:
    """How the parent's page calls the state of version 2."""
    tree = browser.open(f"/desk/parents/{parent_id}").tree
    return words_of(tree.get_element_by_id("version-2"))


def test_a_paper_is_recorded_with_its_scan_once(
    office: Browser, parent_id: int, app_context: AppContext
) -> None:
    """What it does is shown first; pressed twice, it is recorded once."""
    before = snapshot(app_context)
    page = check(office, parent_id)
    assert "Was asked, and had not answered" in page.text
    assert snapshot(app_context) == before
    for _ in range(2):
        scan = (BytesIO(PNG), "paper.png")
        shown = office.press(page, "Record it", scan=scan)
        assert shown.path == f"/desk/parents/{parent_id}"
    assert "Signed" in state(office, parent_id)
    assert shown.text.count("Recorded by Sam Carter") == 1
    answer = office.client.get(shown.links["a scan"], base_url=ADDRESS)
    assert answer.data == PNG
    assert answer.headers["Content-Disposition"] == "attachment; filename=paper.png"
    assert "Recorded a paper form" in shown.text


def test_what_cannot_be_is_said_at_its_field(office: Browser, parent_id: int) -> None:
    """A day to come, a day before the text, no day, and no version."""
    tomorrow = school_date(clock.now()) + timedelta(days=1)
    assert (
        "still to come"
        in check(office, parent_id, dated=tomorrow.isoformat()).problems[0]
    )
    assert (
        "before version 2 was released"
        in check(office, parent_id, dated="2020-01-01").problems[0]
    )
    page = check(office, parent_id, dated="", version=None)
    assert page.status == 422
    assert page.problems == [
        "Choose the version that the paper names.",
        "Enter the date that is on the paper.",
    ]
    page = check(office, parent_id, dated="yesterday")
    assert page.problems == ["Enter the date that is on the paper."]


@pytest.mark.parametrize("content", [b"<html>", b"%PDF-" + b"x" * MOST_SCAN_BYTES])
def test_a_file_that_is_no_scan_is_not_kept(
    office: Browser, parent_id: int, content: bytes, app_context: AppContext
) -> None:
    """The page says why, and nothing is recorded."""
    page = check(office, parent_id)
    before = snapshot(app_context)
    # In memory: Werkzeug's client leaves its temporary file for large ones open.
    boundary, body = encode_multipart(
        {
            "csrf_token": page.value("csrf_token"),
            "sure": page.value("sure"),
            "parent_id": page.value("parent_id"),
            "version": page.value("version"),
            "dated": page.value("dated"),
            "scan": FileStorage(BytesIO(content), "x.pdf"),
        }
    )
    kind = f"multipart/form-data; boundary={boundary}"
    shown = office.post("/desk/paper/record", body, content_type=kind)
    assert "The scan cannot be kept" in shown.text
    assert shown.status == 422
    assert snapshot(app_context) == before


def test_a_parent_who_signed_meanwhile_stays_signed_by_link(
    office: Browser, parent_id: int, sign: Callable[[str], Page]
) -> None:
    """What the page showed is not so any more, and nothing is recorded."""
    page = check(office, parent_id)
    sign("Amira Khan")
    shown = office.press(page, "Record it")
    assert "Signed by link" in shown.text
    assert "Recorded by" not in shown.text


def test_a_record_is_undone_with_a_reason_and_both_are_kept(
    office: Browser, parent_id: int
) -> None:
    """The request is outstanding again; the reason and the record are on the page."""
    office.press(check(office, parent_id), "Record it")
    page = office.open(office.open(f"/desk/parents/{parent_id}").links["Undo"])
    assert office.press(page, "Continue", reason=" ").problems == ["Say why."]
    page = office.press(page, "Continue", reason="It was another parent's.")
    assert "Outstanding again" in page.text
    shown = office.press(page, "Undo it")
    assert "It was another parent's." in shown.text
    assert "Recorded by Sam Carter" in shown.text
    assert "Signed" not in state(office, parent_id)
    assert "Undo" not in shown.links


def test_a_form_to_print_names_the_parent(office: Browser, parent_id: int) -> None:
    """It is a PDF; a version that is not theirs has none."""
    path = f"/desk/paper/{parent_id}/form.pdf"
    answer = office.client.get(f"{path}?version=2", base_url=ADDRESS)
    assert answer.data.startswith(b"%PDF-")
    assert office.client.get(f"{path}?version=7", base_url=ADDRESS).status_code == 404
