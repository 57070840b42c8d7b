"""Telling other systems what happened: at least once, with growing waits."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import WebhookFailed
from signer.store.webhooks.tables import DeliveryState, WebhookDelivery
from signer.workflows.context import AppContext
from signer.workflows.mailing.waits import pause_after
from signer.workflows.webhooks.endpoints import Endpoint, endpoints_of
from signer.workflows.webhooks.events import body_of
from signer.workflows.webhooks.post import post
from signer.workflows.webhooks.signature import sign

_log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""How long a worker may take over one before another tries it."""

TRIED_FOR = timedelta(days=5)
"""How long an event is tried to be told."""

KEPT = timedelta(days=30)
"""How long what came of it is kept."""

CALL_SECONDS = 60.0
GONE = 410
"""The answer of an address that wants to be told nothing more."""


@dataclass(frozen=True, slots=True)
class _Claimed:
    row: int
    attempts: int
    message_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class EndpointStanding:
    """How telling one address goes.

    Attributes:
        mark: what stands for the address.
        host: its host; the rest of the address may be a secret.
        waiting: how many events it is still to be told of.
        delivered: how many it has taken, within the last month.
        dead: how many are not tried any more.
        last_at: when it last took one; None where it never did.
        problem: what came of the last try that failed, of those that wait or are dead.
    """

    mark: str
    host: str
    waiting: int
    delivered: int
    dead: int
    last_at: datetime | None
    problem: str


def deliver_events(context: AppContext) -> int:
    """Tell each address what is due; gives how many events were taken.

    Afterwards each is delivered, or due again later under the same id, or dead: after
    five days, or where the address says that it is gone. An address that fails is left
    alone until the next call, so that it holds up no other. A worker that dies between
    the answer and our note of it tells the event a second time.
    """
    _forget(context)
    taken = 0
    ends = time.monotonic() + CALL_SECONDS
    well = {one.mark: one for one in endpoints_of(context.settings)}
    while well and not context.stopping.is_set() and time.monotonic() < ends:
        context.beat()
        claimed, mark = _claim(context, tuple(well))
        if claimed is None:
            break
        try:
            _post(context, well[mark], claimed)
        except WebhookFailed as failure:
            _note_failure(context, claimed, failure)
            del well[mark]
        else:
            _note_taken(context, claimed)
            taken += 1
    return taken


def look_at_webhooks(context: AppContext) -> tuple[EndpointStanding, ...]:
    """How telling each address of the settings goes."""
    if not context.settings.webhooks:
        return ()
    with context.sessions.reading() as session:
        counts = {
            (mark, state): (count, newest)
            for mark, state, count, newest in session.execute(
                select(
                    WebhookDelivery.endpoint,
                    WebhookDelivery.state,
                    func.count(),
                    func.max(WebhookDelivery.ended_at),
                ).group_by(WebhookDelivery.endpoint, WebhookDelivery.state)
            )
        }
        problems = {
            one.mark: session.scalar(
                select(WebhookDelivery.problem)
                .where(
                    WebhookDelivery.endpoint == one.mark,
                    WebhookDelivery.problem != "",
                    WebhookDelivery.state != DeliveryState.DELIVERED,
                )
                .order_by(WebhookDelivery.id.desc())
                .limit(1)
            )
            for one in endpoints_of(context.settings)
        }
    none = (0, None)
    return tuple(
        EndpointStanding(
            one.mark,
            one.host,
            counts.get((one.mark, DeliveryState.WAITING), none)[0],
            counts.get((one.mark, DeliveryState.DELIVERED), none)[0],
            counts.get((one.mark, DeliveryState.DEAD), none)[0],
            counts.get((one.mark, DeliveryState.DELIVERED), none)[1],
            problems[one.mark] or "",
        )
        for one in endpoints_of(context.settings)
    )


def try_dead_again(context: AppContext) -> int:
    """Try what is dead again, for five days from now; gives how many there were.

    Afterwards they are due under the ids that they had.
    """
    now = clock.now()
    with context.sessions.writing() as session:
        dead = session.scalars(
            select(WebhookDelivery)
            .where(WebhookDelivery.state == DeliveryState.DEAD)
            .with_for_update()
        ).all()
        for row in dead:
            row.state, row.ended_at = DeliveryState.WAITING, None
            row.attempts, row.due_at, row.tried_since = 0, now, now
    context.wake_worker()
    return len(dead)


def _forget(context: AppContext) -> None:
    """Forget what ended long ago, and what nobody is told of any more."""
    now = clock.now()
    marks = [one.mark for one in endpoints_of(context.settings)]
    over = (WebhookDelivery.ended_at < now - KEPT) | WebhookDelivery.endpoint.not_in(
        marks
    )
    with context.sessions.reading() as session:
        if session.scalar(select(WebhookDelivery.id).where(over).limit(1)) is None:
            return
    with context.sessions.writing() as session:
        session.execute(delete(WebhookDelivery).where(over))


def _claim(context: AppContext, marks: Sequence[str]) -> tuple[_Claimed | None, str]:
    now = clock.now()
    with context.sessions.writing() as session:
        row = session.scalars(
            select(WebhookDelivery)
            .where(
                WebhookDelivery.state == DeliveryState.WAITING,
                WebhookDelivery.due_at <= now,
                WebhookDelivery.endpoint.in_(marks),
            )
            .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None, ""
        row.attempts += 1
        row.due_at = now + LEASE
        claimed = _Claimed(row.id, row.attempts, row.message_id, body_of(session, row))
        return claimed, row.endpoint


def _post(context: AppContext, endpoint: Endpoint, claimed: _Claimed) -> None:
    timestamp = str(int(clock.now().timestamp()))
    signatures = " ".join(
        sign(secret, claimed.message_id, timestamp, claimed.body)
        for secret in endpoint.secrets
    )
    headers = {
        "webhook-id": claimed.message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signatures,
    }
    post(endpoint, claimed.body, headers, private=context.settings.webhooks_private)


def _note_taken(context: AppContext, claimed: _Claimed) -> None:
    with context.sessions.writing() as session:
        row = session.get(WebhookDelivery, claimed.row, with_for_update=True)
        if row is not None:
            row.state, row.ended_at = DeliveryState.DELIVERED, clock.now()
            row.problem = ""


def _note_failure(
    context: AppContext, claimed: _Claimed, failure: WebhookFailed
) -> None:
    _log.warning("webhook %s was not taken: %s", claimed.message_id, failure)
    with context.sessions.writing() as session:
        row = session.get(WebhookDelivery, claimed.row, with_for_update=True)
        if row is None or row.attempts != claimed.attempts:
            # Its parent was erased, or another worker has it by now.
            return
        row.problem = failure.problem
        row.due_at = clock.now() + pause_after(row.attempts)
        if failure.status == GONE:
            row.state, row.ended_at = DeliveryState.DEAD, clock.now()
        _give_up(session, row.endpoint)


def _give_up(session: Session, endpoint: str) -> None:
    """End all that an address which fails was to be told of for long enough."""
    now = clock.now()
    session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.endpoint == endpoint,
            WebhookDelivery.state == DeliveryState.WAITING,
            WebhookDelivery.tried_since <= now - TRIED_FOR,
        )
        .values(state=DeliveryState.DEAD, ended_at=now)
    )
