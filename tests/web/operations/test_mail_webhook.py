"""The signed webhook for what mail providers tell."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from signer import clock
from signer.errors import SettingsError
from signer.mail.bounces.reports import Finality
from signer.store.tables import Bounce, Outbox, Parent, Request
from signer.web import create_app
from signer.web.operations.mail_webhook import KEY, LARGEST
from signer.workflows.webhooks.signature import read_secrets, sign
from tests.conftest import MOMENT
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post

OLD = b"o" * 24
NEW = b"n" * 32
SECRETS = tuple("whsec_" + b64encode(one).decode() for one in (OLD, NEW))
BASE_URL = "http://127.0.0.1:8000"
NOW = int(MOMENT.timestamp())


@pytest.fixture
def service(settings: Settings, app_context: AppContext, post: Post) -> FlaskClient:
    """The service with two secrets, of which one is being replaced."""
    app = create_app(replace(settings, mail_events_secrets=SECRETS), app_context)
    return app.test_client()


@pytest.fixture
def ref(app_context: AppContext, post: Post) -> str:
    """The reference of the mail to Amira."""
    with app_context.sessions.reading() as session:
        return session.scalars(
            select(Outbox.message_ref)
            .join(Request, Outbox.request_id == Request.id)
            .join(Parent)
            .where(Parent.name == "Amira Khan")
        ).one()


def failed(ref: str, **changed: object) -> dict[str, object]:
    """An event as a provider's function would pass it on."""
    return {
        "message_id": f"<{ref}@127.0.0.1>",
        "event": "failed",
        "status": "5.1.1",
        "diagnostic": "smtp; 550 <amira@example.org>: unknown",
        "recipient": "amira@example.org",
        **changed,
    }


def send(
    service: FlaskClient,
    *events: object,
    body: bytes | None = None,
    secret: bytes = NEW,
    at: int = NOW,
    message_id: str = "msg_1",
    signature: str | None = None,
) -> TestResponse:
    if body is None:
        body = json.dumps({"events": events}).encode()
    if signature is None:
        signature = sign(secret, message_id, str(at), body)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": signature,
    }
    return service.post("/mail/events", data=body, headers=headers, base_url=BASE_URL)


def bounces(app_context: AppContext) -> list[Bounce]:
    with app_context.sessions.reading() as session:
        return list(session.scalars(select(Bounce)))


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example that the specification's own libraries are tested with."""
    (secret,) = read_secrets(("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",), KEY)
    signature = sign(
        secret,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", [OLD, NEW], ids=["old", "new"])
def test_a_signed_failure_is_recorded(
    service: FlaskClient, app_context: AppContext, ref: str, secret: bytes
) -> None:
    """With each secret that is set; among the events one is of no mail of ours."""
    answer = send(service, failed(ref), failed("0" * 24), secret=secret)

    assert answer.status_code == 200
    assert answer.json == {
        "recorded": 1,
        "known": 0,
        "no_failure": 0,
        "unmatched": 1,
    }
    (bounce,) = bounces(app_context)
    assert bounce.finality is Finality.PERMANENT
    assert bounce.diagnostic == "smtp; 550 <address>: unknown"


def test_a_message_that_comes_again_changes_nothing(
    service: FlaskClient, app_context: AppContext, ref: str
) -> None:
    """Providers repeat what they got no answer to."""
    send(service, failed(ref))
    before = snapshot(app_context)

    answer = send(service, failed(ref))

    assert answer.json is not None
    assert answer.json["known"] == 1
    assert snapshot(app_context) == before


@pytest.mark.parametrize("event", ["delayed", "delivered"])
def test_what_is_no_failure_changes_nothing(
    service: FlaskClient, app_context: AppContext, ref: str, event: str
) -> None:
    """Delivered to a mail server is not read, and not told as that."""
    before = snapshot(app_context)

    answer = send(service, failed(ref, event=event))

    assert answer.json is not None
    assert answer.json["no_failure"] == 1
    assert snapshot(app_context) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"secret": b"x" * 32},
        {"at": NOW - 301},
        {"at": NOW + 301},
        {"message_id": ""},
        {"signature": ""},
        {"signature": "v1,"},
        {"signature": "v1,\xfc"},
        {"signature": " ".join(["v1,AAAA"] * 500)},
    ],
    ids=["key", "old", "early", "no id", "none", "empty", "other letters", "many"],
)
def test_what_is_not_signed_changes_nothing(
    service: FlaskClient, app_context: AppContext, ref: str, changed: dict[str, Any]
) -> None:
    """A stranger hears the same whatever is wrong, and a replay is too old."""
    before = snapshot(app_context)

    answer = send(service, failed(ref), **changed)

    assert answer.status_code == 401
    assert answer.json == {"status": "unauthorised"}
    assert snapshot(app_context) == before


def test_a_signature_is_for_one_body(service: FlaskClient, ref: str) -> None:
    """Id, time and body are signed together."""
    body = json.dumps({"events": [failed(ref)]}).encode()
    signature = sign(NEW, "msg_1", str(NOW), body)

    answers = [
        send(service, body=body + b" ", signature=signature),
        send(service, body=body, signature=signature, message_id="msg_2"),
        send(service, body=body, signature=signature, at=NOW + 1),
        send(service, body=body, signature=f"v2,x {signature}"),
    ]

    assert [one.status_code for one in answers] == [401, 401, 401, 200]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"events": {}}',
        b'{"events": [1]}',
        b'{"events": [{"event": "opened"}]}',
        b'{"events": [{"event": "failed", "status": 5}]}',
        b'{"events": [{"event": "failed", "status": "550"}]}',
        b'{"events": ' + b"[" * 100_000,
    ],
)
def test_what_is_signed_and_not_understood_is_refused(
    service: FlaskClient, app_context: AppContext, body: bytes
) -> None:
    """All of a message or none of it."""
    answer = send(service, body=body)

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["status"] == "not understood"
    assert bounces(app_context) == []


def test_one_event_that_is_not_understood_stops_them_all(
    service: FlaskClient, app_context: AppContext, ref: str
) -> None:
    """The answer says which."""
    answer = send(service, failed(ref), failed(ref, status="x"))

    assert answer.status_code == 400
    assert answer.json == {"status": "not understood", "event": 1}
    assert bounces(app_context) == []


def test_a_body_that_is_too_large_is_not_read(service: FlaskClient) -> None:
    """Nobody fills the memory, signed or not."""
    answer = send(service, body=b" " * (LARGEST + 1))

    assert answer.status_code == 413


def test_without_a_secret_there_is_no_such_address(app: Flask) -> None:
    """It cannot be found out by asking."""
    answer = send(app.test_client())

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "secret", ["short", "whsec_", "whsec_c2hvcnQ=", "whsec_?" + "A" * 40]
)
def test_a_secret_that_keeps_nothing_secret_is_refused(
    settings: Settings, app_context: AppContext, secret: str
) -> None:
    """At the start, and without repeating it."""
    with pytest.raises(SettingsError, match="SIGNER_MAIL_EVENTS_SECRETS") as caught:
        create_app(replace(settings, mail_events_secrets=(secret,)), app_context)

    assert "?AAAA" not in str(caught.value)


def test_time_is_that_of_the_service(service: FlaskClient, ref: str) -> None:
    """Five minutes either way are borne with."""
    assert int(clock.now().timestamp()) == NOW
    assert send(service, failed(ref), at=NOW - 299).status_code == 200
    assert send(service, failed(ref), at=NOW + 299).status_code == 200
