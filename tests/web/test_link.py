"""“Send me a new link”."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from signer.web.link import ANSWER_SECONDS
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from signer.workflows.house import House
    from tests.web.browsing import Browser
    from tests.workflows.conftest import Post

BUTTON = "Send me a new link"


def test_a_known_address_gets_a_new_link(visitor: Browser, post: Post) -> None:
    """The mail comes to the address, and its link works."""
    old = post.token("Amira Khan")
    visitor.press(visitor.open("/link"), BUTTON, email=" AMIRA@example.org ")
    post.send()
    new = post.token("Amira Khan")
    assert new != old
    assert visitor.open(f"/s/{new}").status == 200


def test_the_answer_is_alike_for_any_address(visitor: Browser, post: Post) -> None:
    """Known or not, the same page, byte for byte, and the same headers."""
    answers = []
    for email in ("amira@example.org", "nobody@example.org"):
        page = visitor.press(visitor.open("/link"), BUTTON, email=email)
        headers = [one for one in page.headers if one[0] != "Date"]
        answers.append((page.path, page.status, headers, page.answer.data))
    assert answers[0] == answers[1]
    assert answers[0][0] == "/link/sent"
    assert post.mails()


def test_the_answer_takes_as_long_for_any_address(visitor: Browser) -> None:
    """The work that only a known address causes cannot be told from outside."""
    form = visitor.open("/link")
    for email in ("amira@example.org", "nobody@example.org"):
        started = time.monotonic()
        visitor.press(form, BUTTON, email=email)
        assert time.monotonic() - started >= ANSWER_SECONDS


def test_an_unknown_address_gets_nothing(
    visitor: Browser, post: Post, house: House
) -> None:
    """Nothing is queued for it."""
    before = snapshot(house)
    visitor.press(visitor.open("/link"), BUTTON, email="nobody@example.org")
    assert snapshot(house) == before
    assert post.send() == 0


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("", "Enter your email address."),
        ("  ", "Enter your email address."),
        ("amira", "Enter an email address, like name@example.com."),
        ("@example.org", "Enter an email address, like name@example.com."),
        ("amira@example", "Enter an email address, like name@example.com."),
        ("a b@example.org", "Enter an email address, like name@example.com."),
        ("a" * 250 + "@example.org", "Use 254 characters or fewer."),
    ],
)
def test_what_is_no_address_is_refused_with_its_reason(
    visitor: Browser, post: Post, email: str, said: str
) -> None:
    """The reason is said, and what was typed is kept."""
    page = visitor.press(visitor.open("/link"), BUTTON, email=email)
    assert page.status == 422
    assert page.problems == [said]
    assert page.value("email") == email
    assert post.send() == 0


def test_a_wrong_token_sends_nothing(
    visitor: Browser, post: Post, house: House
) -> None:
    """The form comes back with the address in it."""
    before = snapshot(house)
    page = visitor.press(
        visitor.open("/link"), BUTTON, email="amira@example.org", csrf_token="x"
    )
    assert page.status == 400
    assert page.value("email") == "amira@example.org"
    assert snapshot(house) == before
    assert post.send() == 0
