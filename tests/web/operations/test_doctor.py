"""The address that tells what arrived, and tells strangers nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer.web import create_app
from signer.workflows.operations.doctor.arrival import PATH, new_token
from tests.production.harness.proxy import signing

if TYPE_CHECKING:
    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext

# Nothing here depends on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PUBLIC = "https://policies.school.example"
INNER = "http://signer.school.example"
SECRET = "a secret of the proxy that is long enough to be one"


@pytest.fixture
def behind(settings: Settings, app_context: AppContext) -> Flask:
    """A service that asks for Netlify's signature."""
    return create_app(
        replace(
            settings,
            base_url=PUBLIC,
            origin=INNER,
            proxy_hops=1,
            proxy_secret=SECRET,
        ),
        app_context,
    )


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer x.y.z", "Basic eDp4"])
def test_strangers_are_told_nothing(behind: Flask, given: str) -> None:
    """Without a token there is no such page, at any host."""
    for host in (PUBLIC, INNER, "http://evil.example"):
        answer = behind.test_client().get(
            PATH, base_url=host, headers={"Authorization": given, "X-Nf-Sign": "x"}
        )
        assert answer.status_code == 404
        assert "signer.school.example" not in answer.text


def test_a_token_of_other_secrets_or_of_yesterday_opens_nothing(
    behind: Flask, settings: Settings, frozen: object
) -> None:
    """It is made with the service's own secret, and for hours at most."""
    foreign = new_token(("another secret that is long enough to be one too",))
    old = new_token(settings.secret_keys)
    assert callable(frozen)
    frozen(timedelta(hours=3))
    for token in (foreign, old):
        answer = behind.test_client().get(
            PATH, base_url=PUBLIC, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 404


def test_whoever_has_the_secret_sees_what_arrived(
    behind: Flask, settings: Settings
) -> None:
    """At a foreign host and without a signature too: that is what is looked for."""
    token = {"Authorization": f"Bearer {new_token(settings.secret_keys)}"}
    ask = behind.test_client()
    wrong = ask.get(PATH, base_url="http://10.0.0.7:8000", headers=token).json
    assert wrong
    assert (wrong["host"], wrong["own"]) == ("10.0.0.7:8000", False)
    assert (wrong["forwarded_host"], wrong["via"]) == (None, False)
    assert (wrong["signature"], wrong["signed_well"]) == (
        "there is no signature",
        False,
    )
    right = ask.get(
        PATH,
        base_url=INNER,
        headers={
            **token,
            **signing(SECRET)("policies.school.example"),
            "X-Forwarded-Host": "policies.school.example",
            "X-Forwarded-Proto": "https",
            "Via": "1.1 Netlify",
        },
    ).json
    assert right == {
        "host": "signer.school.example",
        "forwarded_host": "policies.school.example",
        "forwarded_proto": "https",
        "via": True,
        "scheme": "http",
        "own": True,
        "signature": "the signature holds",
        "signed_well": True,
        "base_url": PUBLIC,
    }
