"""People of the school who are signed in at the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer.store.desk.roles import DeskRole
from signer.workflows.desk.accounts import add_account
from signer.workflows.desk.sign_in import make_sign_in_link
from tests.web.browsing import Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from signer.workflows.context import AppContext

NAMES = {
    DeskRole.HEAD: "Helen Marsh",
    DeskRole.REVIEWER: "Tom Okafor",
    DeskRole.OFFICE: "Sam Carter",
    DeskRole.AUDITOR: "Nadia Rahman",
}


def address_of(role: DeskRole) -> str:
    """The address of the one who has a role."""
    return f"{role.value}@school.example"


@pytest.fixture
def staff(app_context: AppContext) -> dict[DeskRole, str]:
    """The reference of the account of one person of each role."""
    return {
        role: add_account(app_context, address_of(role), role, name=NAMES[role])
        for role in DeskRole
    }


@pytest.fixture
def sign_in(
    app: Flask, app_context: AppContext, staff: dict[DeskRole, str]
) -> Callable[[DeskRole], Browser]:
    """A browser in which the one who has a role is signed in."""

    def sign_in(role: DeskRole) -> Browser:
        browser = Browser(app)
        link = make_sign_in_link(app_context, staff[role], lives=timedelta(minutes=10))
        path = link.removeprefix(app_context.settings.base_url)
        page = browser.press(browser.open(path), "Sign in")
        assert page.path == "/desk/"
        return browser

    return sign_in


@pytest.fixture
def head(sign_in: Callable[[DeskRole], Browser]) -> Browser:
    """The headteacher's browser."""
    return sign_in(DeskRole.HEAD)


@pytest.fixture
def office(sign_in: Callable[[DeskRole], Browser]) -> Browser:
    """The office's browser."""
    return sign_in(DeskRole.OFFICE)
