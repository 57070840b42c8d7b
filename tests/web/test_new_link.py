"""“Send me a new link”."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from signer.workflows.requests import link_asks, reissue_link
from signer.workflows.requests.ask_limits import BY_NETWORK
from signer.workflows.requests.reissue_link import answer_link_asks
from tests.web.browsing import Browser
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page
    from tests.workflows.conftest import Post

BUTTON = "Send me a new link"
UNLIKE = "Enter an email address, like name@example.com."


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
        headers = [
            one for one in page.headers if one[0] not in {"Date", "X-Request-ID"}
        ]
        answers.append((page.path, page.status, headers, page.answer.data))
    post.send()
    assert answers[0] == answers[1]
    assert answers[0][0] == "/link/sent"
    assert post.mails()


def test_the_answer_takes_as_long_for_any_address(
    visitor: Browser, app_context: AppContext
) -> None:
    """The same statements run for each, and none that looks at the register."""
    form = visitor.open("/link")
    # The first of all makes the row that counts them.
    visitor.press(form, BUTTON, email="somebody@example.org")
    ran = []
    for email in ("amira@example.org", "nobody@example.org"):
        with statements(app_context) as seen:
            visitor.press(form, BUTTON, email=email)
        ran.append(seen)
    assert ran[0] == ran[1]
    assert any("link_ask" in one for one in ran[0])
    assert not any(re.search(r"\b(parent|request|outbox)\b", one) for one in ran[0])


@contextmanager
def statements(app_context: AppContext) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    event.listen(app_context.sessions.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(app_context.sessions.engine, "before_cursor_execute", note)


def test_the_address_rests_unreadable_and_briefly(
    visitor: Browser, post: Post, app_context: AppContext
) -> None:
    """Until the worker has looked, and as long for any address."""
    for email in ("amira@example.org", "somebody.else@another.example"):
        visitor.press(visitor.open("/link"), BUTTON, email=email)
    resting: list[bytes] = []
    for _, address, *_ in snapshot(app_context)["link_ask"]:
        assert isinstance(address, bytes)
        resting.append(address)
    assert len({len(one) for one in resting}) == 1
    assert not any(b"example" in one or b"amira" in one for one in resting)
    post.send()
    assert snapshot(app_context)["link_ask"] == []


def test_nothing_is_lost_by_a_crash(
    visitor: Browser,
    post: Post,
    app_context: AppContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the worker had not finished is there for the next one."""
    visitor.press(visitor.open("/link"), BUTTON, email="amira@example.org")
    with monkeypatch.context() as patch:
        patch.setattr(reissue_link, "_queue_asked_links", crash)
        with pytest.raises(KeyboardInterrupt):
            answer_link_asks(app_context)
    assert answer_link_asks(app_context) == 1
    assert answer_link_asks(app_context) == 0
    assert post.send() == 1


def crash(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_address_under_a_key_that_is_gone_is_dropped(
    visitor: Browser, app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds up nobody else's."""
    visitor.press(visitor.open("/link"), BUTTON, email="amira@example.org")
    other = replace(app_context.settings, secret_keys=("another secret " * 3,))
    monkeypatch.setattr(app_context, "settings", other)
    assert answer_link_asks(app_context) == 1
    assert snapshot(app_context)["link_ask"] == []


def test_too_many_that_wait_are_told_to_come_again(
    visitor: Browser, app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can fill the disk, and whether an address is known is not told."""
    monkeypatch.setattr(link_asks, "MOST_WAITING", 1)
    form = visitor.open("/link")
    visitor.press(form, BUTTON, email="nobody@example.org")
    for email in ("amira@example.org", "nobody@example.org"):
        page = visitor.press(form, BUTTON, email=email)
        assert page.status == 503
        assert page.headers["Retry-After"] == "300"
    assert answer_link_asks(app_context) == 1


def test_whoever_asks_too_often_is_told_to_wait(
    visitor: Browser, app_context: AppContext
) -> None:
    """With the address kept, whether or not it is known; others are not held up."""
    form = visitor.open("/link")
    asker = {"environ_overrides": {"REMOTE_ADDR": "9.9.9.9"}}
    fields = {"csrf_token": form.value("csrf_token")}
    for _ in range(BY_NETWORK.at_once):
        page = visitor.post("/link", {**fields, "email": "a@example.org"}, **asker)
        assert page.path == "/link/sent"
    for email in ("amira@example.org", "nobody@example.org"):
        page = visitor.post("/link", {**fields, "email": email}, **asker)
        assert (page.status, page.buttons) == (429, ["Try again"])
        assert page.value("email") == email
        assert page.headers["Retry-After"] == "180"
    assert visitor.press(form, BUTTON, email="amira@example.org").path == "/link/sent"


def test_a_page_that_is_open_goes_on_when_somebody_asks_for_a_link(
    app: Flask, visitor: Browser, check: Callable[[str], Page], post: Post
) -> None:
    """What was typed is signed, after the new link has been mailed and opened."""
    page = check("Amira Khan")
    stranger = Browser(app)
    stranger.press(stranger.open("/link"), BUTTON, email="amira@example.org")
    post.send()
    assert stranger.open(f"/s/{post.token('Amira Khan')}").status == 200
    page = visitor.press(page, "Sign the code of conduct")
    assert page.path.endswith("/signed")


def test_an_unknown_address_gets_nothing(
    visitor: Browser, post: Post, app_context: AppContext
) -> None:
    """Nothing is queued for it."""
    before = snapshot(app_context)
    visitor.press(visitor.open("/link"), BUTTON, email="nobody@example.org")
    assert post.send() == 0
    after = snapshot(app_context)
    del before["link_ask_pace"], after["link_ask_pace"]
    assert after == before


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("", "Enter your email address."),
        ("  ", "Enter your email address."),
        ("amira", UNLIKE),
        ("@example.org", UNLIKE),
        ("amira@example", UNLIKE),
        ("a b@example.org", UNLIKE),
        ("amira@example.org.", UNLIKE),
        ("amira@example.org,", UNLIKE),
        ("mailto:amira@example.org", UNLIKE),
        ("a@b.example;c@d.example", UNLIKE),
        (
            "amira@example.org ; t@b.example",
            UNLIKE,
        ),
        ("amira@1.2.3.4", UNLIKE),
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
    visitor: Browser, post: Post, app_context: AppContext
) -> None:
    """The form comes back with the address in it."""
    before = snapshot(app_context)
    page = visitor.press(
        visitor.open("/link"), BUTTON, email="amira@example.org", csrf_token="x"
    )
    assert page.status == 400
    assert page.value("email") == "amira@example.org"
    assert snapshot(app_context) == before
    assert post.send() == 0
