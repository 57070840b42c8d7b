"""Which hosts are answered, and what every address is made from."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.config import environment, load
from signer.web import create_app
from signer.web.proxies.hosts import own_origins

if TYPE_CHECKING:
    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post

# Nothing here depends on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PUBLIC = "https://policies.school.example"
ORIGIN = "https://signer.school.example"
INNER = "http://signer.school.example"
"""The service's own address as it sees it: TLS ends in front of it."""


@pytest.fixture
def behind(settings: Settings, app_context: AppContext, post: Post) -> Flask:
    """The service at its own address, behind a proxy at the public one."""
    del post
    return create_app(
        replace(settings, base_url=PUBLIC, origin=ORIGIN, proxy_hops=1), app_context
    )


def refusal(app: Flask, base_url: str, headers: dict[str, str]) -> str:
    """The words of the page that refuses a request; empty where it is answered."""
    answer = app.test_client().get("/link", base_url=base_url, headers=headers)
    if answer.status_code == 200:
        return ""
    assert answer.status_code == 400
    assert "This is not our address" in answer.text
    return answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Host": ""},
        {"X-Forwarded-Host": "policies.school.example", "X-Forwarded-Proto": "https"},
        {"X-Forwarded-Host": "Policies.School.Example:443"},
        {"X-Forwarded-Host": "signer.school.example"},
        {"X-Forwarded-Host": "evil.example, policies.school.example"},
    ],
)
@pytest.mark.parametrize("port", ["", ":443"])
def test_a_request_passed_on_is_answered_whatever_the_proxy_tells(
    behind: Flask, headers: dict[str, str], port: str
) -> None:
    """Host is the service's own; the public one is told, or not."""
    assert refusal(behind, f"{INNER}{port}", headers) == ""


@pytest.mark.parametrize(
    ("base_url", "headers", "named"),
    [
        ("http://evil.example", {}, "evil.example"),
        (INNER, {"X-Forwarded-Host": "evil.example"}, "evil.example"),
        (PUBLIC, {"X-Forwarded-Host": "evil.example"}, "evil.example"),
        (INNER, {"X-Forwarded-Host": "policies.school.example, evil.example"}, "evil"),
        (f"{INNER}:8000", {}, "signer.school.example:8000"),
        (f"{PUBLIC}.evil.example", {}, "policies.school.example.evil.example"),
        (INNER, {"X-Forwarded-Host": "<b>a b</b>\u2028"}, "?b?a?b?"),
        (INNER, {"X-Forwarded-Host": "x" * 5000}, "x" * 80),
    ],
)
def test_any_other_host_is_refused_by_name(
    behind: Flask,
    caplog: pytest.LogCaptureFixture,
    base_url: str,
    headers: dict[str, str],
    named: str,
) -> None:
    """Page and log name the host that came, cleaned and cut, and the one expected."""
    with caplog.at_level(logging.WARNING):
        text = refusal(behind, base_url, headers)
    assert f"The address you used is {named}" in text
    assert f"Ours is {PUBLIC}." in text
    assert f'href="{PUBLIC}/link"' in text
    assert "<b>" not in text
    assert "x" * 81 not in text
    line = next(one for one in caplog.messages if "refused" in one)
    assert named in line
    assert line.endswith("expected policies.school.example")
    assert len(line) < 200


def test_without_a_proxy_a_forwarded_host_means_nothing(
    settings: Settings, app_context: AppContext, post: Post
) -> None:
    """Nobody can name a host for the service where no proxy is trusted to."""
    del post
    app = create_app(replace(settings, base_url=PUBLIC, origin=ORIGIN), app_context)
    assert refusal(app, INNER, {"X-Forwarded-Host": "evil.example"}) == ""
    told = refusal(app, "http://evil.example", {"X-Forwarded-Host": PUBLIC[8:]})
    assert "The address you used is evil.example." in told


def test_without_an_origin_only_the_public_name_is_answered(
    settings: Settings, app_context: AppContext, post: Post
) -> None:
    """The service's own name has to be set before it counts."""
    del post
    app = create_app(replace(settings, base_url=PUBLIC, proxy_hops=1), app_context)
    assert refusal(app, INNER, {})
    assert refusal(app, INNER, {"X-Forwarded-Host": PUBLIC[8:]}) == ""
    assert refusal(app, PUBLIC, {}) == ""


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://Policies.School.example:8499", "policies.school.example:8499"),
        ("https://schüle.example", "xn--schle-mva.example"),
        ("https://SCHÜLE.example:443", "xn--schle-mva.example"),
    ],
)
def test_the_name_that_browsers_send_is_answered_however_it_was_written(
    settings: Settings, app_context: AppContext, written: str, sent: str
) -> None:
    """Capitals and letters beyond ASCII stand in settings, and in no Host header."""
    read = load(environment(settings) | {"SIGNER_BASE_URL": written})
    app = create_app(read, app_context)
    assert refusal(app, f"https://{sent}", {}) == ""
    assert refusal(app, "https://elsewhere.example", {})


@pytest.mark.parametrize("address", [INNER, PUBLIC, "http://evil.example"])
@pytest.mark.parametrize("path", ["/log", "/keys", "/keys/ca.crl/", "//evil.example"])
def test_no_answer_repeats_the_host_that_came(
    behind: Flask, address: str, path: str
) -> None:
    """A redirect of the router's own leads to the public address."""
    answer = behind.test_client().get(path, base_url=address)
    location = answer.headers.get("Location", "")
    assert location == "" or location.startswith((f"{PUBLIC}/", "/")), location
    assert "signer.school.example" not in str(answer.headers)
    assert INNER not in answer.text


def test_cookies_are_those_of_the_public_address(behind: Flask, post: Post) -> None:
    """The proxy speaks plain HTTP to the service and tells nothing of the scheme."""
    answer = behind.test_client().get(f"/s/{post.token('Amira Khan')}", base_url=INNER)
    assert answer.status_code == 200
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-signer=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"Origin": PUBLIC}, 303),
        ({"Origin": ORIGIN}, 303),
        ({"Origin": "null", "Referer": f"{PUBLIC}/s/x"}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({}, 303),
        ({"Origin": INNER}, 400),
        ({"Origin": "https://evil.example"}, 400),
        ({"Origin": "https://evil.example", "Referer": f"{PUBLIC}/s/x"}, 400),
        ({"Referer": "https://evil.example/"}, 400),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 400),
        ({"Sec-Fetch-Site": "same-site"}, 400),
    ],
)
def test_a_form_is_judged_by_where_its_page_was(
    behind: Flask, post: Post, sent: dict[str, str], status: int
) -> None:
    """Host is the service's own, and says nothing of where the parent was."""
    client = behind.test_client(use_cookies=False)
    path = f"/s/{post.token('Amira Khan')}"
    answer = client.get(path, base_url=INNER)
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert csrf is not None
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    answer = client.post(
        path,
        data={"csrf_token": csrf[1]},
        base_url=INNER,
        headers={"Cookie": cookie, **sent},
    )
    assert answer.status_code == status
    if status == 303:
        assert re.fullmatch(r"/sign/[^/]+/read", answer.headers["Location"])


@pytest.mark.parametrize(
    ("base_url", "origins"),
    [
        (PUBLIC, {PUBLIC}),
        (PUBLIC + ":8443", {PUBLIC + ":8443"}),
        (PUBLIC + ":443", {PUBLIC}),
        (
            "http://localhost",
            {"http://localhost", "http://127.0.0.1", "http://[::1]"},
        ),
        (
            "http://[::1]:80",
            {"http://localhost", "http://127.0.0.1", "http://[::1]"},
        ),
    ],
)
def test_our_own_origins_come_from_the_address(
    base_url: str, origins: set[str], database: str
) -> None:
    """One public origin, or every name of this machine, as browsers spell them."""
    del database
    assert own_origins(base_url) == origins
