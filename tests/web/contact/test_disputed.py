"""After "this isn't me": pages without names, until the office has looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.workflows.requests.disputes import settle_disputes
from tests.web.browsing import GO_ON, SURE

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Go, Page
    from tests.workflows.conftest import Post

BUTTON = "Tell the school this isn\u2019t me"
ON_HOLD = "The school is looking into this"


@pytest.fixture
def said(visitor: Browser, enter: Go) -> Page:
    """A stranger has said so; the last page before it."""
    form = visitor.open(enter("Amira Khan").path.replace("read", "not-me"))
    page = visitor.press(form, GO_ON)
    assert visitor.press(page, BUTTON, sure=SURE).path.endswith("/not-me/sent")
    return page


def test_no_page_shows_a_name_any_more(
    visitor: Browser, said: Page, post: Post, app_context: AppContext
) -> None:
    """Neither the link nor an address that was open before."""
    link = visitor.open(f"/s/{post.token('Amira Khan')}")
    pages = [
        link,
        *(
            visitor.open(said.path.replace("not-me", name))
            for name in (
                *("read", "declare?text=x", "check", "signed", "declaration.pdf"),
                *("proof", "decline", "question", "paper", "not-me"),
            )
        ),
    ]
    for page in pages:
        assert (page.status, page.heading) == (403, ON_HOLD), page.path
        text = page.answer.text
        assert not any(one in text for one in ("Khan", "Year 5", "amira@")), page.path
        assert page.buttons == []
    settle_disputes(app_context, "amira@example.org", by="Jo Bloggs")
    again = visitor.open(link.path)
    assert visitor.press(again, again.buttons[0]).path.endswith("/read")


def test_a_second_press_is_thanked_like_the_first(visitor: Browser, said: Page) -> None:
    """Nobody is told off for a telephone's double tap."""
    page = visitor.press(said, BUTTON, sure=SURE)
    assert (page.status, page.path.endswith("/not-me/sent")) == (200, True)
    assert "Khan" not in page.answer.text
