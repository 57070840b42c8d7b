"""What other systems are told of: noted in the transaction of what happened.

An event names a request by its reference and a version by its number, and nobody by
name: whoever receives it may keep it for years, in places that no erasure reaches.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import insert
from sqlalchemy.orm import Session

from signer import clock
from signer.store.tables import Request
from signer.store.webhooks.tables import DeliveryState, WebhookDelivery
from signer.workflows.context import AppContext
from signer.workflows.webhooks.endpoints import endpoints_of


class EventKind(StrEnum):
    """What happened."""

    RELEASED = "version.released"
    """A version came into force for parents: it is public, and they are being asked."""
    ASKED = "request.asked"
    SIGNED = "request.signed"
    DECLINED = "request.declined"


def queue_events(
    context: AppContext,
    session: Session,
    kind: EventKind,
    version: int,
    requests: Sequence[int | None] = (None,),
) -> None:
    """Note that each address of the settings is to be told, once for each request.

    Args:
        context: the context.
        session: the transaction of what happened.
        kind: what happened.
        version: the number of the version that it is about.
        requests: the ids of the requests, or None for an event of the version alone.
    """
    now = clock.now()
    rows = [
        {
            "message_id": f"msg_{secrets.token_hex(16)}",
            "endpoint": one.mark,
            "kind": kind.value,
            "request_id": request_id,
            "version_number": version,
            "at": now,
            "state": DeliveryState.WAITING,
            "attempts": 0,
            "due_at": now,
            "tried_since": now,
            "problem": "",
        }
        for one in endpoints_of(context.settings)
        for request_id in requests
    ]
    if rows:
        session.execute(insert(WebhookDelivery), rows)


def body_of(session: Session, row: WebhookDelivery) -> bytes:
    """The body that tells of an event: the same bytes at every try."""
    data: dict[str, object] = {"version": row.version_number}
    if row.request_id is not None:
        data["request"] = session.get_one(Request, row.request_id).ref
    document = {"type": row.kind, "timestamp": clock.iso(row.at), "data": data}
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
