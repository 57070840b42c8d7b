"""Who may do what: each route of the desk, for each role."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer.store.desk.roles import DeskRole
from signer.web.desk.permissions import PERMITTED, WITHOUT_ACCOUNT
from signer.workflows.desk.sign_in import make_sign_in_link
from tests.web.browsing import ADDRESS, Browser
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from werkzeug.routing import Rule

    from signer.workflows.context import AppContext


def rules(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Each route of the desk: its rule, a path of it that names nothing, a method."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("desk."):
            given = dict.fromkeys(rule.arguments, "1")
            adapter = app.url_map.bind("127.0.0.1:8000")
            path = adapter.build(rule.endpoint, given)
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                yield rule, path, method


def test_no_route_is_missing_from_the_table(app: Flask) -> None:
    """Each page and button has its row, and each row its page."""
    routes = {rule.endpoint for rule, _, _ in rules(app)}
    assert routes == set(PERMITTED) | WITHOUT_ACCOUNT
    assert not set(PERMITTED) & WITHOUT_ACCOUNT


def test_nobody_comes_in_without_an_account(app: Flask) -> None:
    """Each page leads to the way in; each button does nothing."""
    for rule, path, method in rules(app):
        if rule.endpoint in WITHOUT_ACCOUNT:
            continue
        answer = Browser(app).client.open(path, method=method, base_url=ADDRESS)
        assert answer.status_code == 303, (method, path)
        assert answer.headers["Location"] == "/desk/sign-in"


@pytest.mark.parametrize("role", DeskRole)
def test_each_role_has_what_the_table_says_and_no_more(
    app: Flask,
    sign_in: Callable[[DeskRole], Browser],
    app_context: AppContext,
    role: DeskRole,
) -> None:
    """A page of others is refused before anything is done; an own one never is."""
    browser = sign_in(role)
    token = browser.open("/desk/account").value("csrf_token")
    for rule, path, method in rules(app):
        if rule.endpoint in WITHOUT_ACCOUNT or _ends_the_session(rule):
            continue
        before = snapshot(app_context)
        answer = browser.client.open(
            path,
            method=method,
            base_url=ADDRESS,
            data={"csrf_token": token} if method == "POST" else None,
        )
        if role in PERMITTED[rule.endpoint]:
            assert answer.status_code in {200, 303, 404, 422}, (method, path)
        else:
            assert answer.status_code == 403, (method, path)
            assert snapshot(app_context) == before


def test_the_way_in_wants_a_form_of_ours(
    app: Flask, app_context: AppContext, staff: dict[DeskRole, str]
) -> None:
    """Another site signs nobody in as somebody else, and asks for no mail."""
    link = make_sign_in_link(
        app_context, staff[DeskRole.HEAD], lives=timedelta(minutes=5)
    )
    before = snapshot(app_context)
    for path in (link.removeprefix(app_context.settings.base_url), "/desk/sign-in"):
        answer = Browser(app).post(path, {"email": "head@school.example"})
        assert answer.status == 400
        assert snapshot(app_context) == before


def _ends_the_session(rule: Rule) -> bool:
    return rule.endpoint in {
        "desk.entrance.leave",
        "desk.account.end_own_sessions",
        "desk.accounts.end_all_sessions",
    }


def test_a_button_without_its_token_does_nothing(
    app: Flask, head: Browser, app_context: AppContext
) -> None:
    """A form that another site made is refused at each route, whatever is in it."""
    for rule, path, method in rules(app):
        if method != "POST" or rule.endpoint in WITHOUT_ACCOUNT:
            continue
        before = snapshot(app_context)
        answer = head.client.post(path, base_url=ADDRESS, data={"name": "x"})
        assert answer.status_code == 400, path
        assert snapshot(app_context) == before
