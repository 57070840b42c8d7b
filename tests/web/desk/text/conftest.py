"""Two people who write the text."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer.store.desk.roles import DeskRole
from signer.workflows.desk.accounts import add_account
from signer.workflows.desk.sign_in import make_sign_in_link
from tests.web.browsing import Browser

if TYPE_CHECKING:
    from flask import Flask

    from signer.workflows.context import AppContext

OTHER = "Zoë O\u2019Brien-王"


@pytest.fixture
def other_head(app: Flask, app_context: AppContext) -> Browser:
    """The browser of a second headteacher, of a name that is hard to write."""
    ref = add_account(app_context, "deputy@school.example", DeskRole.HEAD, name=OTHER)
    link = make_sign_in_link(app_context, ref, lives=timedelta(minutes=10))
    browser = Browser(app)
    path = link.removeprefix(app_context.settings.base_url)
    browser.press(browser.open(path), "Sign in")
    return browser
