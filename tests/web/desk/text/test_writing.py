"""What the script of the form asks: nothing that is typed is lost."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from signer import clock
from signer.workflows.draft.revisions import WRITING, look_at_draft
from tests.conversion.test_html import KEPT
from tests.web.browsing import document_of
from tests.web.desk.text.conftest import OTHER
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page


def fields(page: Page, body: str) -> dict[str, str]:
    """What the script sends of a form with other words in it."""
    names = ("csrf_token", "revision", "title", "school", "motto")
    return {name: page.value(name) or "" for name in names} | {
        "body": body,
        "declaration": "I agree.",
    }


def send(browser: Browser, name: str, page: Page, body: str) -> TestResponse:
    """Send the form as the script does."""
    return browser.client.post(
        f"/desk/text/{name}", data=fields(page, body), base_url=browser.address
    )


def test_what_is_typed_is_there_after_a_crash(
    head: Browser, other_head: Browser, app_context: AppContext
) -> None:
    """Its writer finds it in the form; the draft and the others see nothing of it."""
    page = head.open("/desk/text/edit")
    for words in ("## One\n", "## One\n\nTwo \u2019王.\n"):
        answer = send(head, "keep", page, words)
        assert document_of(answer)["words"].startswith("Kept at ")
    assert look_at_draft(app_context).number == 0
    page = head.open("/desk/text/edit")
    assert page.value("body") == "## One\n\nTwo \u2019王.\n"
    assert "your own words" in page.text
    assert "王" not in other_head.open("/desk/text/edit").text
    head.press(page, "Save the draft")
    assert look_at_draft(app_context).text.body == "## One\n\nTwo \u2019王.\n"
    assert "your own words" not in head.open("/desk/text/edit").text


def test_the_draft_itself_is_not_kept_beside_it(head: Browser) -> None:
    """Who takes back all that they typed has nothing unsaved."""
    page = head.open("/desk/text/edit")
    send(head, "keep", page, "## One\n")
    page = head.press(head.open("/desk/text/edit"), "Save the draft")
    page = head.open("/desk/text/edit")
    send(head, "keep", page, "## Two\n")
    send(head, "keep", page, "## One\n")
    assert "your own words" not in head.open("/desk/text/edit").text


def test_one_is_told_who_else_writes_and_saves(
    head: Browser, other_head: Browser
) -> None:
    """While they type and a few minutes after; then that a newer draft is there."""
    with clock.frozen(clock.now()) as advance:
        mine, theirs = head.open("/desk/text/edit"), other_head.open("/desk/text/edit")
        send(other_head, "keep", theirs, "## Theirs\n")
        assert OTHER in document_of(send(head, "keep", mine, "## Mine\n"))["words"]
        assert f"{OTHER} is writing as well" in head.open("/desk/text/edit").text
        advance(WRITING + timedelta(seconds=1))
        words = document_of(send(head, "keep", mine, "## Mine\n"))["words"]
        assert OTHER not in words
        other_head.press(other_head.open("/desk/text/edit"), "Save the draft")
        words = document_of(send(head, "keep", mine, "## Mine\n"))["words"]
        assert f"{OTHER} has saved draft 1 meanwhile" in words


def test_findings_come_as_a_part_of_the_page(head: Browser) -> None:
    """With the line, the changes and the text, and no page around them."""
    page = head.open("/desk/text/edit")
    answer = send(head, "found", page, "## One\n\nTODO <b>x</b>\n")
    assert answer.status_code == 200
    assert "line 3" in answer.text
    assert "<html" not in answer.text
    assert "<b>" not in answer.text


def test_what_cannot_be_kept_is_not(head: Browser, app_context: AppContext) -> None:
    """A title with a hidden mark, or a form of another site, changes nothing."""
    page = head.open("/desk/text/edit")
    form = fields(page, "## One\n") | {"title": "A\u202eB"}
    for name in ("keep", "found"):
        answer = head.client.post(
            f"/desk/text/{name}", data=form, base_url=head.address
        )
        assert answer.status_code == 422
    form |= {"csrf_token": "x", "title": "A"}
    answer = head.client.post("/desk/text/keep", data=form, base_url=head.address)
    assert answer.status_code == 400
    assert "your own words" not in head.open("/desk/text/edit").text


def test_the_script_is_kept_by_browsers_under_its_mark(head: Browser) -> None:
    """The page names the present one, and the desk's policy lets it run."""
    page = head.open("/desk/text/edit")
    [address] = page.tree.xpath("//script/@src")
    answer = head.client.get(address, base_url=head.address)
    assert answer.content_type.startswith("text/javascript")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


def paste(browser: Browser, page: Page, html: bytes) -> TestResponse:
    """Send what was copied elsewhere, as the script does."""
    return browser.client.post(
        "/desk/text/paste",
        data={
            "csrf_token": page.value("csrf_token"),
            "html": (BytesIO(html), "pasted.html", "text/html"),
        },
        base_url=browser.address,
    )


def test_what_is_pasted_comes_back_as_markdown(
    head: Browser, app_context: AppContext
) -> None:
    """With what was left out of it; nothing is stored, whatever it was."""
    page = head.open("/desk/text/edit")
    before = snapshot(app_context)
    answer = paste(head, page, (KEPT / "word.html").read_bytes())
    told = document_of(answer)
    assert told["markdown"] == (KEPT / "word.md").read_text(encoding="utf-8")
    assert told["words"].startswith("Left out of what you pasted: a picture, ")
    assert not told["line"]
    told = document_of(paste(head, page, "<b>王</b> \xff".encode()))
    assert (told["markdown"], told["line"]) == ("**王** ÿ\n", True)
    assert paste(head, page, b"<div>" * 9000).status_code == 422
    assert paste(head, page, b"<p>x" * 70_000).status_code == 422
    assert snapshot(app_context) == before


def test_nothing_is_made_of_what_another_site_sends(head: Browser) -> None:
    """Nor of a form without anything."""
    page = head.open("/desk/text/edit")
    form = {"csrf_token": "x", "html": (BytesIO(b"<p>x"), "p.html")}
    for sent, status in ((form, 400), ({"csrf_token": page.value("csrf_token")}, 422)):
        answer = head.client.post("/desk/text/paste", data=sent, base_url=head.address)
        assert answer.status_code == status
