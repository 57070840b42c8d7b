"""Whatever somebody who is signed in sends to the desk, it answers in words."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest
from werkzeug.test import run_wsgi_app

from signer.store.columns import NoteKind
from signer.store.desk.roles import DeskRole
from signer.workflows.desk.accounts import add_account
from signer.workflows.desk.sign_in import make_sign_in_link
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from tests.conftest import new_database
from tests.web.browsing import ADDRESS, Browser
from tests.web.generated.requests import Known, Requests
from tests.web.generated.test_requests import ON_EVERY_ANSWER, REQUESTS

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post

FIELDS = (
    "csrf_token", "name", "email", "role", "typed", "sure", "words", "close", "chosen",
    "state", "year", "more", "year_group", "page", "before", "child_name",
    "tutor_group", "relationship", "identifier", "no_email", "reason", "other", "stays",
    "same", "new", "file", "revision", "title", "body", "declaration", "summary",
    "review_by", "at", "version", "count", "seed", "on",
    "dated", "scan", "parent_id", "passage", "sha256", "added", "all", "x",
)  # fmt: skip

ENDS_SESSIONS = {
    "/desk/sign-out",
    "/desk/account/end-sessions",
    "/desk/staff/end-all-sessions",
}
"""After these, all that follows would be sent away."""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each system in turn: there are words and numbers that one alone cannot hold."""
    return new_database(request, tmp_path)


@pytest.fixture
def known(app: Flask, app_context: AppContext, post: Post) -> Known:
    """What the headteacher knows, of a parent who has written."""
    followed = open_link(app_context, post.token("Amira Khan"))
    assert followed.request_ref
    assert followed.link_fingerprint
    tell_office(
        app_context,
        followed.request_ref,
        NoteKind.QUESTION,
        link_fingerprint=followed.link_fingerprint,
        words="Why?",
    )
    ref = add_account(app_context, "head@school.example", DeskRole.HEAD)
    other = add_account(app_context, "office@school.example", DeskRole.OFFICE)
    link = make_sign_in_link(app_context, ref, lives=timedelta(minutes=10))
    browser = Browser(app)
    path = link.removeprefix(app_context.settings.base_url)
    page = browser.press(browser.open(path), "Sign in")
    draft = browser.open("/desk/text/edit")
    return Known(
        cookie=f"desk={browser.cookie('desk')}; signer={browser.cookie()}",
        csrf_token=str(page.value("csrf_token")),
        words={
            "body": (str(draft.value("body")), "Words."),
            "child_name": ("Leila Khan",),
            "email": ("amira@example.org", "new@example.org"),
            "name": ("Amira Khan", "New Parent"),
            "note_id": ("1",),
            "number": ("1", "2"),
            "parent_id": ("1", "2", "3", "4"),
            "reason": ("asked", "They moved."),
            "ref": (ref, other),
            "relationship": ("mother",),
            "revision": (str(draft.value("revision")), "1"),
            "role": ("office", "reviewer"),
            "state": ("outstanding", "signed"),
            "title": (str(draft.value("title")),),
            "words": ("Words.",),
            "dated": ("2026-11-20",),
            "version": ("2",),
            "year_group": ("Year 5", "5"),
        },
    )


@pytest.mark.timeout(3600)
def test_any_request_to_the_desk_is_answered_in_words(app: Flask, known: Known) -> None:
    """No fault of ours, no header left out, and nobody is sent elsewhere."""
    requests = Requests(
        app.url_map, known, under="/desk", without=ENDS_SESSIONS, fields=FIELDS
    )
    kinds = Counter[str]()
    for number in range(REQUESTS):
        environ = requests.environ(number)
        body, status, headers = run_wsgi_app(app, environ, buffered=True)
        b"".join(body)
        kinds[status[0]] += 1
        assert status < "500", number
        assert [name for name in ON_EVERY_ANSWER if name not in headers] == [], number
        target = urljoin(ADDRESS, headers.get("Location", ""))
        assert urlsplit(target).netloc == urlsplit(ADDRESS).netloc, number
    assert kinds["2"] > REQUESTS / 10
