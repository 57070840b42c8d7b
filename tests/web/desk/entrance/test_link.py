"""Coming in to the desk, and going out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.store.desk.roles import DeskRole
from signer.workflows.desk.accounts import add_account, remove_account
from signer.workflows.desk.sign_in import MOST_AN_HOUR, make_sign_in_link
from tests.web.browsing import Browser
from tests.web.desk.conftest import NAMES, address_of
from tests.workflows.conftest import Post, snapshot, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext

ASK = "Email me a link"
ENTER = "Sign in"


def ask(browser: Browser, email: str) -> str:
    """Ask for a link; what the page says then."""
    page = browser.press(browser.open("/desk/sign-in"), ASK, email=email)
    assert page.path == "/desk/sign-in/sent"
    return page.text


def mailed_path(post: Post, role: DeskRole) -> str:
    """The path of the link in the newest mail to somebody."""
    found = re.search(
        r"http://127\.0\.0\.1:\d+(/desk/in/\S+)", words(post.to(NAMES[role])[-1])
    )
    assert found
    return found[1]


@pytest.fixture
def visitor(app: Flask) -> Browser:
    """A browser in which nobody has signed in."""
    return Browser(app)


def test_a_mailed_link_signs_in_once(
    visitor: Browser, app: Flask, post: Post, staff: dict[DeskRole, str]
) -> None:
    """The button signs in; the link opens nothing in another browser afterwards."""
    del staff
    ask(visitor, address_of(DeskRole.HEAD).upper())
    post.send()
    path = mailed_path(post, DeskRole.HEAD)
    page = visitor.press(visitor.open(path), ENTER)
    assert (page.path, page.status) == ("/desk/", 200)
    assert "Helen Marsh" in page.tree.text_content()
    page = Browser(app).open(path)
    assert (page.status, page.heading) == (410, "This link has been used")


def test_opening_a_link_signs_nobody_in(
    visitor: Browser, post: Post, staff: dict[DeskRole, str], app_context: AppContext
) -> None:
    """A mail program that opens every link changes nothing."""
    del staff
    ask(visitor, address_of(DeskRole.HEAD))
    post.send()
    path, before = mailed_path(post, DeskRole.HEAD), snapshot(app_context)
    for _ in range(3):
        assert visitor.open(path).status == 200
    assert snapshot(app_context) == before
    assert visitor.open("/desk/").path == "/desk/sign-in"


def test_every_address_gets_the_same_answer(
    visitor: Browser, post: Post, staff: dict[DeskRole, str]
) -> None:
    """Whether somebody has an account cannot be told; only who has one gets a mail."""
    del staff
    sent = len(post.mails())
    known = ask(visitor, address_of(DeskRole.OFFICE))
    assert ask(visitor, "stranger@school.example") == known
    assert ask(visitor, "amira@example.org") == known
    post.send()
    assert len(post.mails()) == sent + 1


def test_a_link_is_too_old_after_ten_minutes(
    visitor: Browser, post: Post, staff: dict[DeskRole, str]
) -> None:
    """What lies in a mailbox opens nothing later."""
    del staff
    with clock.frozen(clock.now()) as advance:
        ask(visitor, address_of(DeskRole.HEAD))
        post.send()
        path = mailed_path(post, DeskRole.HEAD)
        advance(timedelta(minutes=9, seconds=59))
        assert visitor.open(path).status == 200
        advance(timedelta(seconds=1))
        page = visitor.open(path)
        assert (page.status, page.heading) == (410, "This link is too old")


def test_nobody_is_mailed_without_end(
    visitor: Browser, post: Post, staff: dict[DeskRole, str]
) -> None:
    """A stranger who asks again and again fills no mailbox."""
    del staff
    for _ in range(MOST_AN_HOUR + 3):
        ask(visitor, address_of(DeskRole.HEAD))
    post.send()
    assert len(post.to(NAMES[DeskRole.HEAD])) == MOST_AN_HOUR


def test_who_was_removed_does_not_come_in(
    visitor: Browser, post: Post, staff: dict[DeskRole, str], app_context: AppContext
) -> None:
    """A link that was mailed before opens nothing, and no other is mailed."""
    ask(visitor, address_of(DeskRole.OFFICE))
    post.send()
    path = mailed_path(post, DeskRole.OFFICE)
    remove_account(app_context, staff[DeskRole.OFFICE])
    assert visitor.open(path).status == 404
    sent = len(post.mails())
    ask(visitor, address_of(DeskRole.OFFICE))
    post.send()
    assert len(post.mails()) == sent


def test_the_accounts_of_the_settings_are_the_first_alone(
    app: Flask, app_context: AppContext, post: Post, visitor: Browser
) -> None:
    """They are made when somebody asks, and never again once there is an account."""
    app_context.settings = _with(app_context, "head:ada@school.example")
    ask(visitor, "ada@school.example")
    post.send()
    assert len(post.to("ada@school.example")) == 1
    app_context.settings = _with(app_context, "head:eve@school.example")
    ask(visitor, "eve@school.example")
    post.send()
    assert post.to("eve@school.example") == []


def _with(app_context: AppContext, *accounts: str) -> Settings:
    return replace(app_context.settings, desk_accounts=accounts)


def test_a_page_that_was_wanted_comes_after_signing_in(
    visitor: Browser, staff: dict[DeskRole, str], app_context: AppContext
) -> None:
    """Who followed a link into the desk gets there."""
    assert visitor.open("/desk/staff").path == "/desk/sign-in"
    link = make_sign_in_link(
        app_context, staff[DeskRole.HEAD], lives=timedelta(minutes=5)
    )
    path = link.removeprefix(app_context.settings.base_url)
    assert visitor.press(visitor.open(path), ENTER).path == "/desk/staff"


def test_signing_out_ends_the_session_itself(head: Browser, app: Flask) -> None:
    """A copy of the cookie opens nothing afterwards."""
    copied = head.cookie("desk")
    page = head.press(head.open("/desk/"), "Sign out")
    assert page.path == "/desk/sign-in"
    thief = Browser(app)
    thief.client.set_cookie("desk", copied, domain="127.0.0.1")
    assert thief.open("/desk/").path == "/desk/sign-in"


def test_a_session_ends_after_idleness(
    sign_in: Callable[[DeskRole], Browser], app_context: AppContext
) -> None:
    """Looking at a page keeps it; an hour of nothing ends it."""
    idle = timedelta(minutes=app_context.settings.desk_idle_minutes)
    with clock.frozen(clock.now()) as advance:
        browser = sign_in(DeskRole.OFFICE)
        for _ in range(3):
            advance(idle)
            assert browser.open("/desk/").path == "/desk/"
        advance(idle + timedelta(minutes=2))
        assert browser.open("/desk/").path == "/desk/sign-in"


def test_a_session_ends_after_a_working_day(
    sign_in: Callable[[DeskRole], Browser],
) -> None:
    """However busy somebody is, they sign in again after twelve hours."""
    with clock.frozen(clock.now()) as advance:
        browser = sign_in(DeskRole.OFFICE)
        for _ in range(24):
            assert browser.open("/desk/").path == "/desk/"
            advance(timedelta(minutes=30))
        assert browser.open("/desk/").path == "/desk/sign-in"


def test_looking_at_a_page_writes_nothing(
    head: Browser, app_context: AppContext
) -> None:
    """Idleness is counted by the cookie, so that GET changes nothing."""
    before = snapshot(app_context)
    with clock.frozen(clock.now()) as advance:
        advance(timedelta(minutes=5))
        head.open("/desk/")
        head.open("/desk/staff")
    assert snapshot(app_context) == before


def test_a_form_is_kept_while_a_session_has_ended(
    head: Browser, app: Flask, app_context: AppContext, staff: dict[DeskRole, str]
) -> None:
    """What was typed is on the page, and is sent after signing in in another tab."""
    page = head.open("/desk/staff")
    given = {"name": "Ida Noddack", "email": "ida@school.example", "role": "office"}
    head.client.delete_cookie("desk", domain="127.0.0.1")
    page = head.press(page, "Add", **given)
    assert (page.status, page.heading) == (403, "Sign in again")
    assert {name: page.value(name) for name in given} == given
    link = make_sign_in_link(
        app_context, staff[DeskRole.HEAD], lives=timedelta(minutes=5)
    )
    path = link.removeprefix(app_context.settings.base_url)
    head.press(head.open(path), ENTER)
    assert "Ida Noddack" in head.press(page, "Send it again").heading


def test_staff_and_parents_have_nothing_of_each_other(
    head: Browser, post: Post, app: Flask
) -> None:
    """A parent's session opens no page of the desk, and a head's no request."""
    parent = Browser(app)
    page = parent.open(f"/s/{post.token('Amira Khan')}")
    page = parent.press(page, page.buttons[0])
    assert parent.open("/desk/").path == "/desk/sign-in"
    assert head.open(page.path).status == 403
    assert parent.open(page.path).status == 200


def test_an_account_cannot_be_made_twice_of_one_address(
    app_context: AppContext, staff: dict[DeskRole, str]
) -> None:
    """Who was removed has the old account back, with the new role."""
    ref = staff[DeskRole.OFFICE]
    remove_account(app_context, ref)
    again = add_account(app_context, "OFFICE@school.example", DeskRole.AUDITOR)
    assert again == ref
