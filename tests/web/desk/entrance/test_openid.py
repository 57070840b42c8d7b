"""Coming in with an account of the school's provider."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from signer.store.desk.roles import DeskRole
from signer.web import create_app
from signer.workflows.desk.accounts import add_account, remove_account
from signer.workflows.desk.openid import verified_address
from tests.ports import free_port
from tests.web.browsing import ADDRESS, Browser, Page
from tests.web.desk.conftest import address_of
from tests.web.desk.entrance.openid_provider import agree, openid_provider
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from signer.workflows.context import AppContext

HEAD = address_of(DeskRole.HEAD)
PEOPLE: dict[str, dict[str, object]] = {
    "head": {"email": HEAD.upper(), "email_verified": True},
    "unsure": {"email": HEAD, "email_verified": False},
    "tenant": {"preferred_username": HEAD},
    "nobody": {},
    "stranger": {"email": "stranger@school.example", "email_verified": True},
}
"""What the provider says of each person."""


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a provider that runs."""
    with openid_provider(tmp_path_factory.mktemp("openid"), PEOPLE) as name:
        yield name


def with_provider(app_context: AppContext, issuer: str) -> Flask:
    """The service of a school that has its accounts at a provider."""
    settings = replace(
        app_context.settings,
        desk_openid=issuer,
        desk_openid_client="signer",
        desk_openid_secret="a secret of the client",
    )
    return create_app(settings, app_context)


@pytest.fixture
def school(app_context: AppContext, issuer: str, staff: dict[DeskRole, str]) -> Flask:
    """The service of a school that has its accounts there."""
    del staff
    return with_provider(app_context, issuer)


def go(browser: Browser) -> str:
    """Press the button on the page to sign in; gives where it leads."""
    page = browser.open("/desk/sign-in")
    [path] = page.tree.xpath("//a[.='Sign in with your school account']/@href")
    answer = browser.client.get(path, base_url=ADDRESS)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def come_back(browser: Browser, address: str) -> Page:
    """Open where the provider sends the browser."""
    back = urlsplit(address)
    assert f"{back.scheme}://{back.netloc}" == ADDRESS
    return browser.open(f"{back.path}?{back.query}")


def test_an_account_signs_in(school: Flask) -> None:
    """The address that the provider vouches for is the account's, in any case."""
    browser = Browser(school)
    browser.open("/desk/staff")
    page = come_back(browser, agree(go(browser), sub="head"))
    assert (page.path, page.status) == ("/desk/staff", 200)
    assert "Helen Marsh" in page.text
    assert browser.open("/desk/sign-in").path == "/desk/"


def test_it_is_asked_as_the_standard_says(school: Flask) -> None:
    """A code for a state, a nonce and a proof key, each of them new."""
    asked = [parse_qs(urlsplit(go(Browser(school))).query) for _ in range(2)]
    for one in asked:
        assert one["response_type"] == ["code"]
        assert one["code_challenge_method"] == ["S256"]
        assert one["redirect_uri"] == [
            "http://127.0.0.1:8000/desk/sign-in/account/back"
        ]
        assert one["scope"] == ["openid email profile"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]


@pytest.mark.parametrize(
    ("sub", "heading"),
    [
        ("stranger", "You are not on the list"),
        ("unsure", "Your school account did not sign you in"),
        ("nobody", "Your school account did not sign you in"),
    ],
)
def test_who_has_no_account_stays_outside(
    school: Flask, app_context: AppContext, sub: str, heading: str
) -> None:
    """Nor does an address come in for which the provider does not vouch."""
    browser, before = Browser(school), snapshot(app_context)
    page = come_back(browser, agree(go(browser), sub=sub))
    assert (page.status, page.heading) == (403, heading)
    assert browser.open("/desk/").path == "/desk/sign-in"
    assert snapshot(app_context) == before


def test_whoever_was_removed_stays_outside(
    school: Flask, app_context: AppContext, staff: dict[DeskRole, str]
) -> None:
    """The provider knows nothing of who works here no more."""
    add_account(app_context, "other@school.example", DeskRole.HEAD)
    browser = Browser(school)
    assert come_back(browser, agree(go(browser), sub="tenant")).path == "/desk/"
    remove_account(app_context, staff[DeskRole.HEAD])
    assert browser.open("/desk/").path == "/desk/sign-in"
    page = come_back(browser, agree(go(browser), sub="tenant"))
    assert page.heading == "You are not on the list"


def test_its_answer_is_of_no_use_to_others(school: Flask) -> None:
    """Not in a browser that did not ask, not with another state, and not twice."""
    browser, other = Browser(school), Browser(school)
    back = agree(go(browser), sub="head")
    assert come_back(other, back).status == 403
    go(other)
    assert come_back(other, back).status == 403
    assert come_back(browser, back).path == "/desk/"
    assert come_back(other, back).status == 403
    # The browser's own back button.
    assert come_back(browser, back).path == "/desk/"


def test_an_answer_that_it_did_not_give_is_not_taken(
    school: Flask, app_context: AppContext
) -> None:
    """An invented code, and a no."""
    before = snapshot(app_context)
    for said in ({"code": "invented"}, {"error": "access_denied"}, {"code": ""}, {}):
        browser = Browser(school)
        state = parse_qs(urlsplit(go(browser)).query)["state"][0]
        query = "&".join(f"{name}={value}" for name, value in said.items())
        page = browser.open(f"/desk/sign-in/account/back?state={state}&{query}")
        assert (page.status, page.heading) == (
            403,
            "Your school account did not sign you in",
        )
    assert snapshot(app_context) == before


def test_a_provider_that_is_away_is_told(app_context: AppContext) -> None:
    """The link by email stays as a way in."""
    app = with_provider(app_context, f"http://127.0.0.1:{free_port()}")
    page = Browser(app).open("/desk/sign-in/account")
    assert page.status == 502
    assert "does not answer just now" in page.text


def test_a_provider_of_another_name_is_not_asked(
    app_context: AppContext, issuer: str
) -> None:
    """What stands at an address says whose it is (Discovery §4.3)."""
    app = with_provider(app_context, issuer.replace("127.0.0.1", "localhost") + "/")
    assert Browser(app).open("/desk/sign-in/account").status == 403


def test_a_school_without_one_has_no_such_door(app: Flask) -> None:
    """Neither the button nor its pages."""
    browser = Browser(app)
    assert "school account" not in browser.open("/desk/sign-in").text
    assert browser.open("/desk/sign-in/account").status == 404
    assert browser.open("/desk/sign-in/account/back?state=x&code=y").status == 404


def test_which_address_counts() -> None:
    """One that is verified, or of a provider that gives its addresses itself."""
    assert verified_address({"email": "a@b.example"}) == "a@b.example"
    assert verified_address({"email": "", "preferred_username": "a@b.example"})
    for claims in (
        {"email": "a@b.example", "email_verified": "false"},
        {"email": "a@b.example", "email_verified": None},
        {"email": ["a@b.example"]},
        {"preferred_username": "ada"},
        {"sub": "a@b.example"},
    ):
        assert verified_address(claims) is None, claims


def test_an_answer_to_another_question_is_not_taken(
    school: Flask, app_context: AppContext
) -> None:
    """A token of the same person that was made for another sign-in is no way in."""
    browser, before = Browser(school), snapshot(app_context)
    back = agree(go(browser), sub="head")
    with browser.client.session_transaction(base_url=ADDRESS) as cookie:
        cookie["desk_openid"] = {**cookie["desk_openid"], "nonce": "another"}
    assert come_back(browser, back).status == 403
    assert snapshot(app_context) == before


def test_a_token_for_another_client_is_not_taken(
    app_context: AppContext, issuer: str, staff: dict[DeskRole, str]
) -> None:
    """A site that somebody signs in to elsewhere cannot sign in here as them."""
    del staff
    app = with_provider(app_context, issuer)
    settings = app.extensions["settings"]
    browser = Browser(app)
    back = agree(go(browser), sub="head")
    # The provider of the tests gives any client any token; ours looks whose it is.
    app.extensions["settings"] = replace(settings, desk_openid_client="another")
    page = come_back(browser, back)
    assert page.status == 403
