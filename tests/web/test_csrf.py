"""Forms of ours are told from forms of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.web.csrf import SIGNED_OTHERWISE, UNCHANGING
from tests.web.browsing import ADDRESS, GIVEN, Browser
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.routing import Rule

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page
    from tests.workflows.conftest import Post

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def unsafe_rules(app: Flask) -> list[Rule]:
    """Every route that may change something; the desk has a test of its own."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if UNSAFE & (rule.methods or set())
        and rule.endpoint not in UNCHANGING
        and not rule.endpoint.startswith("desk.")
    ]


def test_what_is_posted_and_changes_nothing_is_listed() -> None:
    """Whatever stands there has a test that no row and no file changes by it."""
    assert sorted(UNCHANGING) == ["verify.check"]


def test_what_is_signed_otherwise_is_listed() -> None:
    """Whatever stands there has a test that an unsigned message changes nothing."""
    assert sorted(SIGNED_OTHERWISE) == ["mail_webhook.events"]


def filled(rule: Rule, ref: str, token: str) -> list[str]:
    """The paths of a route, for a request that is open."""
    ways = (
        ["decline", "question", "not-me", "paper"] if "way" in rule.arguments else [""]
    )
    path = rule.rule.replace("<ref>", ref).replace("<path:token>", token)
    before, _, after = path.partition("<any(")
    return [before + way + after.partition(">")[2] for way in ways]


def test_every_post_refuses_a_form_without_its_token(
    app: Flask,
    visitor: Browser,
    check: Callable[[str], Page],
    post: Post,
    app_context: AppContext,
) -> None:
    """No route changes anything for a form that is not proven to be ours."""
    page = check("Amira Khan")
    ref, token = page.path.split("/")[2], post.token("Amira Khan")
    good = {
        **GIVEN,
        "text": app_context.versions[-1].sha256,
        "email": "amira@example.org",
        "words": "Words.",
    }
    before = snapshot(app_context)
    rules = unsafe_rules(app)
    assert len(rules) == 8
    for rule in rules:
        for path in filled(rule, ref, token):
            for given in ({}, {"csrf_token": ""}, {"csrf_token": "wrong"}):
                answer = visitor.post(path, {**good, **given})
                assert answer.status == 400, path
                assert "Press the button again" in answer.text, path
                assert snapshot(app_context) == before, path


def test_a_token_of_another_browser_is_refused(
    app: Flask, visitor: Browser, post: Post
) -> None:
    """A token only counts with the cookie that it was made for."""
    path = f"/s/{post.token('Amira Khan')}"
    token = Browser(app).open(path).value("csrf_token")
    visitor.open(path)
    assert visitor.post(path, {"csrf_token": token}).status == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
        ({"Origin": "http://localhost:8000"}, 200),
        ({"Origin": "null"}, 200),
        ({"Referer": "http://127.0.0.1:8000/s/x"}, 200),
        ({"Origin": "http://127.0.0.1:9000"}, 400),
        ({"Origin": "https://127.0.0.1:8000"}, 400),
        ({"Origin": "https://evil.example"}, 400),
        ({"Origin": "null", "Referer": "https://evil.example/"}, 400),
        ({"Referer": "https://evil.example/http://127.0.0.1:8000/"}, 400),
    ],
)
def test_a_form_that_says_it_comes_from_elsewhere_is_refused(
    visitor: Browser, post: Post, headers: dict[str, str], status: int
) -> None:
    """Also with a right token. A browser that says nothing is believed."""
    path = f"/s/{post.token('Amira Khan')}"
    token = visitor.open(path).value("csrf_token")
    page = visitor.post(path, {"csrf_token": token}, headers=headers)
    assert page.status == status


@pytest.mark.parametrize("path", ["/link", "/s/nonsense", "/sign/finished", "/verify"])
def test_a_form_from_elsewhere_never_replaces_a_session(app: Flask, path: str) -> None:
    """It comes without the cookie, as browsers send it, and gets none to keep."""
    stranger = app.test_client(use_cookies=False)
    for told in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = stranger.post(path, base_url=ADDRESS, headers=told)
        assert "Set-Cookie" not in answer.headers
    answer = stranger.post("/link", base_url=ADDRESS, headers={"Origin": ADDRESS})
    assert "Set-Cookie" in answer.headers, "whose cookie had ended"
