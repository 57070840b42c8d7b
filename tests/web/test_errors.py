"""Errors as pages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from flask import abort

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.browsing import Browser
    from tests.workflows.conftest import Post


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (400, "We could not read that"),
        (403, "This page is not open to you"),
        (404, "There is no page here"),
        (405, "This page cannot be opened like that"),
        (413, "That is too much text"),
        (418, "We could not read that"),
        (429, "That was a lot of tries in a short time"),
        (500, "Something went wrong on our side"),
        (502, "Something went wrong on our side"),
        (503, "We cannot answer just now"),
    ],
)
def test_every_error_has_a_page_that_says_what_to_do(
    app: Flask, visitor: Browser, status: int, heading: str
) -> None:
    """Heading, remedy, and ways on, with the right status."""
    app.view_functions["new_link.ask"] = lambda: abort(status)
    page = visitor.open("/link")
    assert (page.status, page.heading) == (status, heading)
    assert page.links["Send me a new link"] == "/link"
    assert page.headers["Cache-Control"] == "private, no-cache"


def test_an_address_that_is_no_page_is_explained(visitor: Browser) -> None:
    """A mistyped address gets a page of ours."""
    page = visitor.open("/sign")
    assert (page.status, page.heading) == (404, "There is no page here")


def test_a_method_that_is_not_meant_is_explained(visitor: Browser) -> None:
    """And the answer says which ones are."""
    answer = visitor.client.delete("/link", base_url=visitor.address)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "cannot be opened like that" in answer.text


def test_a_fault_of_ours_is_logged_without_the_token(
    app: Flask, visitor: Browser, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the route and the traceback; the page has neither."""
    token = post.token("Amira Khan")

    def fail(token: str) -> str:
        del token
        raise RuntimeError("the reason")

    app.view_functions["landing.land"] = fail
    with caplog.at_level(logging.DEBUG):
        page = visitor.open(f"/s/{token}")
    assert (page.status, page.heading) == (500, "Something went wrong on our side")
    assert "the reason" not in page.answer.text
    assert "RuntimeError: the reason" in caplog.text
    assert "Exception on /s/<path:token> [GET]" in caplog.text
    assert token not in caplog.text
