"""Whoever found a weakness finds where to report it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from signer import clock
from signer.web.app import create_app
from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PATH = "/.well-known/security.txt"


def fields(client: FlaskClient) -> dict[str, str]:
    answer = client.get(PATH, base_url="http://127.0.0.1:8000")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; charset=utf-8"
    return dict(line.split(": ", 1) for line in answer.text.splitlines())


def test_it_names_the_office_and_never_expires_while_it_is_served(
    app_context: AppContext, frozen: Callable[[timedelta], None]
) -> None:
    """In any month it holds for five months at least, and for less than a year."""
    client = create_app(app_context.settings, app_context).test_client()
    found = fields(client)
    assert found["Contact"] == f"mailto:{app_context.settings.office_email}"
    assert found["Canonical"] == f"http://127.0.0.1:8000{PATH}"
    assert found["Policy"] == "http://127.0.0.1:8000/guides/operators/threats/"
    for _ in range(60):
        left = clock.parse(fields(client)["Expires"]) - clock.now()
        assert timedelta(days=5 * 30) < left < timedelta(days=365)
        frozen(timedelta(days=7))


def test_it_names_who_the_school_sets(app_context: AppContext) -> None:
    """An address or a page of their own."""
    settings = replace(
        app_context.settings, security_contact="https://school.example/security"
    )
    client = create_app(settings, app_context).test_client()
    assert fields(client)["Contact"] == "https://school.example/security"
