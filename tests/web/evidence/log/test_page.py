"""The page of the log: what it tells people, and of whom it tells nothing."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import delete

from signer.store.log.append import lock_log
from signer.store.log.tables import Opening
from signer.web import create_app
from signer.workflows.reconciliation.reconcile import reconcile_nightly
from tests.web.browsing import Browser
from tests.web.evidence.log.public_log import Monitor
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.web.browsing import Page


def page_of(app: Flask) -> Page:
    return Browser(app).open("/log/")


def test_the_page_shows_the_newest_checkpoint(app: Flask, signed: int) -> None:
    """Its size, its time, its root in groups, and the whole of it."""
    page = page_of(app)
    assert page.heading == "The public log"
    assert "Entries556" in page.text.replace(" ", "")
    assert "22 November 2026, 14:10 GMT" in page.text
    note = Monitor(Browser(app)).get("checkpoint").decode()
    assert page.tree.xpath("string(//pre/code)") == note
    (root,) = page.tree.find_class("fingerprint")
    head = note.split("\n")[2]
    found = bytes.fromhex(root.text_content().replace(":", ""))
    assert base64.b64encode(found).decode() == head
    assert "begun anew" not in page.text


def test_a_fault_that_was_found_is_told(
    app: Flask, app_context: AppContext, signed: int
) -> None:
    """Nobody is left to think that all is well because the page looks as ever."""
    assert "Something is wrong" not in page_of(app).text
    with app_context.sessions.writing() as session:
        lock_log(session).problem = "Entry 5 is missing."
    page = page_of(app)
    assert "Something is wrong with the log." in page.text
    assert "an older checkpoint or a proof, keep it." in page.text
    assert "record does not match" not in page.text
    with app_context.sessions.writing() as session:
        session.execute(delete(Opening).where(Opening.position == 5))
    reconcile_nightly(app_context)
    assert "record does not match the log" in page_of(app).text


def test_anybody_may_keep_the_page(
    app: Flask, app_context: AppContext, signed: int
) -> None:
    """It changes nothing, sets no cookie, and holds nothing personal."""
    before = snapshot(app_context)
    page = page_of(app)
    assert page.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in page.headers
    for personal in ("Khan", "O'Brien", "example.org"):
        assert personal not in page.answer.text
    assert snapshot(app_context) == before


def test_witnesses_are_counted_and_not_named(
    settings: Settings, app_context: AppContext, app: Flask
) -> None:
    """How many people keep the checkpoints is public, who they are is not."""
    kept = replace(settings, witnesses=("a@far.example", "b@near.example"))
    page = page_of(create_app(kept, app_context))
    assert "to 2 people who keep it" in page.text
    assert "@far.example" not in page.answer.text
    assert "@near.example" not in page.answer.text


def test_a_reopening_is_told_with_its_reason(app: Flask, reopened: str) -> None:
    """And with what it means, and how large the log was."""
    page = page_of(app)
    assert "The log was restarted" in page.text
    assert "The disk failed on Monday." in page.text
    assert "We had a <copy>." in page.text
    assert "covered 556 entries" in page.text
    assert "What this means" in page.text
    assert "Entries301" in page.text.replace(" ", "")
