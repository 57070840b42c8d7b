"""The ways in besides the emailed link, as somebody takes them in a browser."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.store.desk.roles import DeskRole
from signer.workflows.context import AppContext, open_context
from signer.workflows.desk.accounts import add_account
from tests.browser.walks.barriers import barriers
from tests.browser.walks.stage import served
from tests.ports import free_port
from tests.web.desk.entrance.openid_provider import openid_provider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from signer.config import Settings

pytestmark = pytest.mark.browser

HEAD = "head@school.example"


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> str:
    """SQLite alone: the pages are the same on every database."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path)}"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A provider at which the headteacher has an account."""
    people: dict[str, dict[str, object]] = {
        "helen": {"email": HEAD},
        "zoe": {"email": "zoe@school.example"},
    }
    with openid_provider(tmp_path_factory.mktemp("openid"), people) as name:
        yield name


@pytest.fixture
def school(settings_of_today: Settings, issuer: str) -> Iterator[AppContext]:
    """A school that is served at a name: browsers have passkeys for no number."""
    settings = replace(
        settings_of_today,
        base_url=f"http://localhost:{free_port()}",
        desk_openid=issuer,
        desk_openid_client="signer",
        desk_openid_secret="a secret of the client",
    )
    context = open_context(settings)
    add_account(context, HEAD, DeskRole.HEAD, name="Helen Marsh")
    with served(context):
        yield context
    context.sessions.close()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A browser with a device that holds passkeys, and whose owner is there."""
    page = browser.new_context(reduced_motion="reduce").new_page()
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )
    yield page
    page.context.close()


def sign_in_with_account(school: AppContext, page: Page, who: str) -> None:
    """Go to the provider and come back."""
    page.goto(f"{school.settings.base_url}/desk/")
    page.get_by_role("link", name="Sign in with your school account").click()
    page.get_by_role("button", name=who).click()


def test_account_then_passkey(school: AppContext, visitor: Page) -> None:
    """Somebody comes in with their account, adds a passkey, and next time it does."""
    url = school.settings.base_url
    sign_in_with_account(school, visitor, "helen")
    visitor.wait_for_url(f"{url}/desk/")
    visitor.get_by_role("link", name="Helen Marsh").click()
    assert barriers(visitor) == []
    visitor.get_by_role("button", name="Add a passkey").click()
    visitor.get_by_role("link", name="Enter a name for this passkey").wait_for()
    assert barriers(visitor) == []
    visitor.get_by_label("What to call the new passkey").fill("Office laptop")
    visitor.get_by_role("button", name="Add a passkey").click()
    visitor.get_by_text("The passkey is kept.").wait_for()
    assert barriers(visitor) == []
    visitor.get_by_label("What to call the new passkey").fill("Again")
    visitor.get_by_role("button", name="Add a passkey").click()
    visitor.get_by_text("This device has a passkey of yours already.").wait_for()
    visitor.get_by_role("button", name="Sign out").click()
    visitor.wait_for_url("**/desk/sign-in")
    assert barriers(visitor) == []
    visitor.get_by_role("button", name="Sign in with a passkey").click()
    visitor.wait_for_url(f"{url}/desk/")
    visitor.goto(f"{url}/desk/account")
    visitor.get_by_role("button", name="Remove the passkey Office laptop").click()
    visitor.get_by_role("button", name="Sign out").click()
    visitor.get_by_role("button", name="Sign in with a passkey").click()
    visitor.get_by_role("heading", name="This passkey does not sign you in").wait_for()
    assert barriers(visitor) == []


def test_a_stranger_with_an_account_is_told(school: AppContext, visitor: Page) -> None:
    """By which address they are known there, since they may have several."""
    sign_in_with_account(school, visitor, "zoe")
    visitor.get_by_role("heading", name="You are not on the list").wait_for()
    assert visitor.get_by_text("zoe@school.example").is_visible()
    assert barriers(visitor) == []
    visitor.get_by_role("link", name="Back to signing in").click()
    visitor.get_by_role("button", name="Email me a link").wait_for()


def test_a_page_that_holds_no_passkey_says_so(
    school: AppContext, visitor: Page
) -> None:
    """In words, at the button."""
    visitor.goto(f"{school.settings.base_url}/desk/sign-in")
    visitor.get_by_role("button", name="Sign in with a passkey").click()
    visitor.get_by_text("Nothing was done: it was called off").wait_for()
    assert visitor.get_by_role("button", name="Sign in with a passkey").is_enabled()
