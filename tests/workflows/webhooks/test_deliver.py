"""Other systems are told what happened: signed, at least once, under one id each."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer import clock
from signer.store.columns import NoteKind
from signer.store.webhooks.tables import DeliveryState, WebhookDelivery
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.paper.record import record_paper
from signer.workflows.parents.leave import leave_register
from signer.workflows.register.erase import erase_parent
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from signer.workflows.webhooks import post as posting
from signer.workflows.webhooks.deliver import (
    TRIED_FOR,
    deliver_events,
    look_at_webhooks,
    try_dead_again,
)
from tests.workflows.conftest import Post, sign
from tests.workflows.webhooks.receiver import Receiver, receiving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signer.config import Settings
    from signer.workflows.context import AppContext

SECRET = "whsec_" + b64encode(bytes(range(24))).decode()
OLD = "whsec_" + b64encode(bytes(range(8, 32))).decode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A system that is told."""
    with receiving() as one:
        yield one


@pytest.fixture
def settings(settings: Settings, receiver: Receiver) -> Settings:
    """It is in the settings, with two secrets, of which one is to go."""
    hook = f"{receiver.address}/hook?a=b {OLD} {SECRET}"
    return replace(settings, webhooks=(hook,), webhooks_private=True)


def rows(context: AppContext) -> list[WebhookDelivery]:
    """All that is, or was, to be told."""
    with context.sessions.reading() as session:
        return list(
            session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id))
        )


def told(receiver: Receiver) -> list[dict[str, object]]:
    """The bodies that came, after checking that each is signed with each secret."""
    for path, headers, body in receiver.got:
        assert path == "/hook?a=b"
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
        expected = [
            "v1,"
            + b64encode(hmac.digest(b64decode(one[6:]), signed + body, sha256)).decode()
            for one in (OLD, SECRET)
        ]
        assert headers["webhook-signature"].split(" ") == expected
        assert headers["content-type"] == "application/json"
    return [json.loads(body) for _, _, body in receiver.got]


def test_each_of_the_four_is_told_without_a_name(
    app_context: AppContext, receiver: Receiver
) -> None:
    """A version, who was asked, who signed by link or on paper, who declined."""
    post = Post(app_context)
    ask_parents(app_context)
    post.send()
    sign(app_context, open_link(app_context, post.token("Amira Khan")))
    record_paper(app_context, "wang@example.org", by="Sam")
    followed = open_link(app_context, post.token("Tom O'Brien"))
    assert followed.request_ref
    assert followed.link_fingerprint
    tell_office(
        app_context,
        followed.request_ref,
        NoteKind.DECLINE,
        link_fingerprint=followed.link_fingerprint,
        words="No.",
    )
    assert deliver_events(app_context) == 8
    assert deliver_events(app_context) == 0
    bodies = told(receiver)
    assert [one["type"] for one in bodies] == [
        "version.released",
        *["request.asked"] * 4,
        *["request.signed"] * 2,
        "request.declined",
    ]
    assert bodies[0]["data"] == {"version": 2}
    assert bodies[-1] == {
        "type": "request.declined",
        "timestamp": clock.iso(clock.now()),
        "data": {"version": 2, "request": followed.request_ref},
    }
    everything = repr(receiver.got)
    assert not any(word in everything for word in ("Khan", "example.org", "/s/", "王"))
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 8


@pytest.mark.parametrize("mood", [500, 302, 404, "reset", "silent", "drip"], ids=str)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_not_taken_comes_again_under_the_same_id(
    app_context: AppContext,
    receiver: Receiver,
    frozen: Callable[[timedelta], None],
    monkeypatch: pytest.MonkeyPatch,
    mood: int | str,
) -> None:
    """After growing waits, with a new time and the same body."""
    ask_parents(app_context)
    receiver.mood = mood
    with monkeypatch.context() as patched:
        if mood in {"silent", "drip"}:
            patched.setattr(posting, "SECONDS", 2.0)
        # One that fails is not asked again for the others at once.
        assert deliver_events(app_context) == 0
    assert len(receiver.got) == 1
    first = rows(app_context)[0]
    assert (first.attempts, first.state) == (1, DeliveryState.WAITING)
    assert first.due_at == clock.now() + timedelta(minutes=2)
    assert first.problem
    assert "127.0.0.1" not in first.problem
    receiver.mood = 200
    frozen(timedelta(minutes=2))
    assert deliver_events(app_context) == 5
    again = [one for one in receiver.got if one[1]["webhook-id"] == first.message_id]
    assert len(again) == 2
    assert again[0][2] == again[1][2]
    assert again[0][1]["webhook-timestamp"] != again[1][1]["webhook-timestamp"]
    told(receiver)


def test_a_worker_that_was_killed_leads_to_a_second_telling(
    app_context: AppContext,
    receiver: Receiver,
    frozen: Callable[[timedelta], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the answer and our note of it; and never to none."""
    ask_parents(app_context)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("signer.workflows.webhooks.deliver._note_taken", die)
        with pytest.raises(KeyboardInterrupt):
            deliver_events(app_context)
    assert deliver_events(app_context) == 4
    frozen(timedelta(minutes=3))
    assert deliver_events(app_context) == 1
    ids = [headers["webhook-id"] for _, headers, _ in receiver.got]
    assert (len(ids), len(set(ids))) == (6, 5)


def test_several_workers_tell_each_event_once(
    app_context: AppContext, receiver: Receiver
) -> None:
    """While none of them dies."""
    ask_parents(app_context)
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(deliver_events, [app_context] * 4))
    assert sum(taken) == 5
    ids = [headers["webhook-id"] for _, headers, _ in receiver.got]
    assert len(ids) == len(set(ids)) == 5


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_after_days_it_is_given_up_until_somebody_says_so(
    app_context: AppContext, receiver: Receiver, frozen: Callable[[timedelta], None]
) -> None:
    """All that the address was to be told of, each tried or held up by the first."""
    ask_parents(app_context)
    receiver.mood = 503
    frozen(TRIED_FOR - timedelta(minutes=1))
    deliver_events(app_context)
    assert look_at_webhooks(app_context)[0].dead == 0
    frozen(timedelta(hours=7))
    deliver_events(app_context)
    (standing,) = look_at_webhooks(app_context)
    assert (standing.dead, standing.waiting) == (5, 0)
    assert standing.problem == "the answer was 503"
    frozen(timedelta(days=1))
    before = len(receiver.got)
    assert deliver_events(app_context) == 0
    assert len(receiver.got) == before
    receiver.mood = 200
    assert try_dead_again(app_context) == 5
    assert deliver_events(app_context) == 5
    (standing,) = look_at_webhooks(app_context)
    assert (standing.dead, standing.delivered, standing.problem) == (0, 5, "")
    frozen(timedelta(days=31))
    deliver_events(app_context)
    assert rows(app_context) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_address_that_is_gone_is_not_tried_again(
    app_context: AppContext, receiver: Receiver
) -> None:
    """It says so with 410; what nobody is told of any more is forgotten."""
    ask_parents(app_context)
    receiver.mood = 410
    deliver_events(app_context)
    assert rows(app_context)[0].state is DeliveryState.DEAD
    app_context.settings = replace(app_context.settings, webhooks=())
    deliver_events(app_context)
    assert rows(app_context) == []
    assert look_at_webhooks(app_context) == ()


def test_a_parent_who_is_erased_is_told_of_no_more(
    app_context: AppContext, receiver: Receiver
) -> None:
    """What waited to be told of them goes with their request."""
    ask_parents(app_context)
    with app_context.sessions.reading() as session:
        before = session.scalars(select(WebhookDelivery.request_id)).all()
    leave_register(app_context, "amira@example.org")
    erase_parent(app_context, "amira@example.org")
    assert len(rows(app_context)) == len(before) - 1
    assert deliver_events(app_context) == 4
    told(receiver)
