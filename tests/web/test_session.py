"""What a browser may see, for how long."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from flask import session
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import select

from signer.store.tables import Request
from signer.web import create_app
from signer.web.session import MOST_VISITS, fingerprint_for, remember
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.requests.reissue_link import reissue_links
from tests.web.browsing import SIGN, Browser

WAYS = ("decline", "question", "not-me", "paper")

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.web.browsing import Go
    from tests.workflows.conftest import Post


def test_answers_are_never_in_the_cookie(visitor: Browser, check: Go) -> None:
    """The cookie knows the request and the link, and nothing that was typed."""
    check("Amira Khan")
    payload = visitor.cookie().removeprefix(".").split(".")[0]
    raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    if visitor.cookie().startswith("."):
        raw = zlib.decompress(raw)
    assert b"visits" in raw
    for typed in (b"Amira", b"Mother", b"amira@"):
        assert typed not in raw


def test_two_parents_in_one_browser_stay_two(visitor: Browser, enter: Go) -> None:
    """Each request shows its own parent, whichever was opened last."""
    tom, niamh = enter("Tom O'Brien"), enter("Niamh O'Brien")
    for page, name, other in (
        (tom, "Tom O'Brien", "Niamh"),
        (niamh, "Niamh O'Brien", "Tom"),
    ):
        text = visitor.open(page.path).text
        assert name in text
        assert other not in text


def test_a_request_that_was_not_opened_here_is_shut(
    app: Flask, enter: Go, app_context: AppContext
) -> None:
    """Its address alone opens nothing, for strangers and for other parents."""
    read = enter("Amira Khan")
    stranger = Browser(app)
    with app_context.sessions.reading() as session:
        refs = session.scalars(select(Request.ref)).all()
    for ref in (*refs, "nonsense"):
        page = stranger.open(f"/sign/{ref}/read")
        assert (page.status, page.heading) == (403, "Open the link in your email")
    assert stranger.open(read.path.replace("read", "declaration.pdf")).status == 403


def test_a_link_of_one_parent_opens_no_request_of_another(
    app: Flask, visitor: Browser, enter: Go, post: Post
) -> None:
    """A forged pairing of request and link is refused by the workflow as well."""
    tom = enter("Tom O'Brien")
    with app.test_request_context("/", base_url=visitor.address):
        session["visits"] = {tom.path.split("/")[2]: ["0" * 64, 2**40]}
        assert isinstance(app.session_interface, SecureCookieSessionInterface)
        serializer = app.session_interface.get_signing_serializer(app)
        assert serializer is not None
        forged = serializer.dumps(dict(session))
    visitor.client.set_cookie("signer", forged, domain="127.0.0.1")
    assert visitor.open(tom.path).status == 403
    assert post.token("Tom O'Brien")


def test_the_browser_remembers_a_few_requests(
    app: Flask, visitor: Browser, enter: Go
) -> None:
    """The newest ones; the oldest is forgotten first."""
    with app.test_request_context("/", base_url=visitor.address):
        for place in range(MOST_VISITS + 1):
            remember(f"ref{place}", "0" * 64)
        assert fingerprint_for("ref0") is None
        assert fingerprint_for("ref1") == "0" * 64
        remember("ref1", "1" * 64)
        remember("new", "2" * 64)
        assert fingerprint_for("ref2") is None
        assert fingerprint_for("ref1") == "1" * 64
    assert enter("Amira Khan").status == 200


def test_a_visit_ends_after_the_hours_that_are_set(
    frozen: Callable[[timedelta], None], visitor: Browser, enter: Go
) -> None:
    """Until then nothing is lost by waiting; then the link opens it again."""
    read = enter("Amira Khan")
    frozen(timedelta(hours=24))
    assert visitor.open(read.path).status == 200
    frozen(timedelta(hours=24, seconds=61))
    page = visitor.open(read.path)
    assert (page.status, page.heading) == (403, "Open the link in your email")
    assert enter("Amira Khan").path == read.path


def test_a_visit_that_another_clock_dates_ahead_goes_on(
    frozen: Callable[[timedelta], None], visitor: Browser, enter: Go
) -> None:
    """Two machines serve one school; a second between their clocks ends no visit."""
    frozen(timedelta(seconds=1))
    read = enter("Amira Khan")
    frozen(-timedelta(seconds=1))
    assert visitor.open(read.path).status == 200


def test_a_new_secret_breaks_no_visit(
    settings: Settings, app_context: AppContext, visitor: Browser, check: Go
) -> None:
    """A cookie signed with the older key still counts after a change of keys."""
    page = check("Amira Khan")
    keys = (*settings.secret_keys, "a newer secret of the tests, long enough too")
    rotated = Browser(create_app(replace(settings, secret_keys=keys), app_context))
    rotated.client.set_cookie("signer", visitor.cookie(), domain="127.0.0.1")
    assert rotated.open(page.path).status == 200
    again = rotated.press(page, SIGN)
    assert "Press the button again" in again.text
    assert rotated.press(again, SIGN).path.endswith("/signed")


def test_a_cookie_signed_with_a_foreign_key_counts_nothing(
    settings: Settings, app_context: AppContext, visitor: Browser, enter: Go
) -> None:
    """It is as if there were none."""
    read = enter("Amira Khan")
    other = replace(settings, secret_keys=("an entirely different secret of tests",))
    stranger = Browser(create_app(other, app_context))
    stranger.client.set_cookie("signer", visitor.cookie(), domain="127.0.0.1")
    assert stranger.open(read.path).status == 403


@pytest.mark.parametrize("signed", [False, True])
def test_a_visit_by_a_link_that_was_replaced_since_shows_nothing(
    visitor: Browser, app_context: AppContext, post: Post, check: Go, *, signed: bool
) -> None:
    """No name, no child, no PDF and no proof, whichever page is asked for."""
    page = check("Amira Khan")
    if signed:
        visitor.press(page, SIGN)
        sign_checkpoint(app_context)
    folder = page.path.rsplit("/", 1)[0]
    pages = (*("read", "declare", "check", "signed", "declaration.pdf", "proof"), *WAYS)
    shown = {one: visitor.open(f"{folder}/{one}").answer.data for one in pages}
    assert (b"Amira" in shown["declare"]) is not signed
    assert shown["declaration.pdf"].startswith(b"%PDF") is signed
    reissue_links(app_context, "amira@example.org")
    post.send()
    for one in pages:
        answer = visitor.open(f"{folder}/{one}").answer
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert (answer.status_code, one) == (410, one)
        for personal in ("Amira", "Khan", "Yusuf", "Leila", "amira@", "D-"):
            assert personal not in answer.text, one
    sent = visitor.press(page, SIGN).answer
    assert sent.status_code == 410
    assert "Amira" not in sent.text
