"""What a machine that watches over the service is told, and who may ask."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer.mail.kinds import Kind
from signer.store.columns import Delivery
from signer.store.tables import Outbox
from signer.web import create_app
from signer.web.operations import health
from signer.web.overload.bounded import Bounded
from signer.workflows.mailing.outbox import new_mail
from signer.workflows.operations.heartbeat import Heart
from tests.web.browsing import ADDRESS, document_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.test import TestResponse

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser

TOKEN = "a token of the tests that is long enough to be one"


@pytest.fixture
def beating(app_context: AppContext) -> Heart:
    """A worker is alive."""
    heart = Heart(app_context)
    heart.beat("work")
    return heart


def ask(app: Flask, path: str = "/readyz", **arguments: object) -> TestResponse:
    return app.test_client().get(path, base_url=ADDRESS, **arguments)


def kinds(answer: TestResponse) -> dict[str, str]:
    """How severe each finding is, by its kind."""
    return {one["kind"]: one["severity"] for one in document_of(answer)["findings"]}


def test_while_everything_holds_there_is_no_finding(app: Flask, beating: Heart) -> None:
    """Ready, and an empty list."""
    answer = ask(app)
    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "findings": []}


def test_without_a_worker_the_service_is_not_ready(app: Flask) -> None:
    """No heartbeat at all is the same as one that is too old."""
    answer = ask(app)
    assert answer.status_code == 503
    assert document_of(answer)["status"] == "broken"
    assert kinds(answer) == {"worker": "broken"}


def test_a_worker_that_is_killed_is_missed_after_five_minutes(
    app: Flask, beating: Heart, frozen: Callable[[timedelta], None]
) -> None:
    """Its last heartbeat stays behind, and grows old."""
    frozen(timedelta(minutes=5))
    assert ask(app).status_code == 200
    frozen(timedelta(minutes=1))
    answer = ask(app)
    assert answer.status_code == 503
    (finding,) = document_of(answer)["findings"]
    assert "sign of life for 6 minutes (work)" in finding["problem"]


def test_mail_that_nobody_accepts_is_told(
    app: Flask,
    beating: Heart,
    app_context: AppContext,
    frozen: Callable[[timedelta], None],
) -> None:
    """Fifty-five mails that were tried and put off, and the worker alive."""
    with app_context.sessions.writing() as session:
        for number in range(55):
            mail = new_mail(Kind.HEAD_ALARM, f"alarm:{number}")
            mail.attempts = 3
            mail.due_at += timedelta(hours=1)
            session.add(mail)
    frozen(timedelta(minutes=16))
    Heart(app_context).beat("work")
    answer = ask(app)
    assert answer.status_code == 503
    (finding,) = document_of(answer)["findings"]
    assert finding["kind"] == "mail"
    assert "55 mails are waiting, the oldest for 16 minutes" in finding["problem"]


def test_what_ends_soon_wants_attention_and_is_no_failure(
    app: Flask,
    app_context: AppContext,
    settings: Settings,
    frozen: Callable[[timedelta], None],
) -> None:
    """The status stays 200; the list names no file of the server's."""
    app_context.seal_key()
    frozen(timedelta(days=3 * 365 - 30))
    Heart(app_context).beat("work")
    with app_context.sessions.writing() as session:
        session.query(Outbox).update({"delivery": Delivery.SENT})
    answer = ask(app)
    assert answer.status_code == 200
    assert document_of(answer)["status"] == "attention"
    (finding,) = document_of(answer)["findings"]
    assert finding["kind"] == "keys"
    assert "ends on 21 November 2029, 30 days from now" in finding["problem"]
    assert str(settings.seal_path) not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "10.0.0.1"},
        {"X-Forwarded-Host": "school.example"},
        {"X-Forwarded-Proto": "https"},
        {"Forwarded": "for=10.0.0.1"},
        {"Via": "1.1 proxy"},
        {"X-Real-IP": "10.0.0.1"},
        {"X-Forwarded-Server": "proxy"},
        {"X-Forwarded": "for=10.0.0.1"},
        {"CF-Connecting-IP": "10.0.0.1"},
        {"CF-Ray": "1"},
        {"True-Client-IP": "10.0.0.1"},
        {"Client-IP": "10.0.0.1"},
        {"X-Cluster-Client-IP": "10.0.0.1"},
        {"X-Original-URL": "/readyz"},
        {"Fly-Forwarded-Port": "443"},
        {"CDN-Loop": "cdn"},
        {"Authorization": f"Bearer {TOKEN}"},
    ],
    ids=lambda headers: next(iter(headers)),
)
@pytest.mark.parametrize("peer", ["10.1.2.3", "2001:db8::1", "", "127.0.0.1"])
def test_strangers_find_no_page(
    app: Flask, beating: Heart, headers: dict[str, str], peer: str
) -> None:
    """What came through a proxy is a stranger's; a token counts where one is set."""
    only_header = peer == "127.0.0.1"
    if only_header and "Authorization" in headers:
        headers = {"X-Nf-Sign": "x"}
    sent = headers if only_header else {}
    answer = ask(app, headers=sent, environ_overrides={"REMOTE_ADDR": peer})
    assert answer.status_code == 404
    assert "findings" not in answer.text
    alive = ask(app, "/healthz", headers=sent, environ_overrides={"REMOTE_ADDR": peer})
    assert alive.json == {"status": "alive"}


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_answered(app: Flask, beating: Heart, peer: str) -> None:
    """By each of its own addresses."""
    answer = ask(app, environ_overrides={"REMOTE_ADDR": peer})
    assert answer.status_code == 200


def test_with_a_token_nothing_else_counts(
    settings: Settings, app_context: AppContext, beating: Heart
) -> None:
    """From anywhere with it, and from nowhere without."""
    app = create_app(replace(settings, health_token=TOKEN), app_context)
    far = {"REMOTE_ADDR": "10.1.2.3"}
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert ask(app, headers=right, environ_overrides=far).status_code == 200
    assert ask(app).status_code == 404
    for wrong in (f"Bearer {TOKEN}x", "Bearer ", f"Basic {TOKEN}", f"Bearer é{TOKEN}"):
        answer = ask(app, headers={"Authorization": wrong}, environ_overrides=far)
        assert answer.status_code == 404


def test_a_database_that_does_not_answer_is_told_in_time(
    app: Flask, beating: Heart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks meanwhile shares the one thread that waits."""
    release, asked = threading.Event(), []

    def hang() -> tuple[()]:
        asked.append(1)
        release.wait(60)
        return ()

    app.extensions["bounded"] = Bounded(hang)
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    for _ in range(3):
        answer = ask(app)
        assert answer.status_code == 503
        assert kinds(answer) == {"database": "broken"}
    assert asked == [1]
    release.set()


def test_reading_goes_on_while_somebody_writes(
    app: Flask, beating: Heart, app_context: AppContext
) -> None:
    """A transaction that writes for long keeps nobody from looking."""
    with app_context.sessions.writing() as session:
        session.query(Outbox).update({"attempts": 1})
        assert ask(app).status_code == 200


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_a_proxy_of_this_machine_that_keeps_the_host_is_a_stranger(
    settings: Settings, app_context: AppContext, beating: Heart, path: str
) -> None:
    """Even where it adds no header that names it."""
    app = create_app(replace(settings, base_url="https://school.example"), app_context)
    headers = {"Host": "school.example"}
    assert ask(app, path, headers=headers).status_code == 404
    assert ask(app, path).status_code == 200


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
@pytest.mark.parametrize(
    "host",
    ["[::1", "]", "[", "a[b]c", "127.0.0.1:99999", "127.0.0.1:abc", "127.0.0.1:", ""],
)
def test_a_host_that_is_none_is_a_strangers(
    app: Flask, beating: Heart, path: str, host: str
) -> None:
    """It gets no page, and no fault."""
    answer = app.test_client().get(path, environ_overrides={"HTTP_HOST": host})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]", "[::1]:65535"]
)
def test_this_machine_has_several_names(app: Flask, beating: Heart, host: str) -> None:
    """With a port or without."""
    answer = app.test_client().get("/readyz", environ_overrides={"HTTP_HOST": host})
    assert answer.status_code == 200


def test_health_is_logged_like_any_request(
    visitor: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """By its route."""
    with caplog.at_level("INFO"):
        visitor.open("/healthz")
    assert "GET /healthz 200" in caplog.text
