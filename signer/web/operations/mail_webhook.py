"""The signed webhook by which a mail provider tells what became of a mail.

The signature is that of Standard Webhooks, as on what is told to others.
"""

from __future__ import annotations

import hmac
import json
import re
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from signer import clock
from signer.mail.bounces.reports import Action, Bounce, references_in, without_addresses
from signer.web.session import context, settings
from signer.workflows.mailing.bounces.record import Outcome, record_bounce
from signer.workflows.webhooks.signature import read_secrets, sign

blueprint = Blueprint("mail_webhook", __name__)

ENDPOINT = "mail_webhook.events"
KEY = "SIGNER_MAIL_EVENTS_SECRETS"
TOLERANCE = timedelta(minutes=5)
"""How far the time of a message may be from ours."""

LARGEST = 256 * 1024
"""How many bytes a body may have."""

MOST_EVENTS = 500
LONGEST_FIELD = 1000
_STATUS = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})?")


@blueprint.post("/mail/events")
def events() -> ResponseReturnValue:
    """Record each failure; the same message again changes nothing.

    Whoever cannot sign hears 401, and not why.
    """
    request.max_content_length = LARGEST
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return {"status": "too large"}, 413
    message_id = request.headers.get("webhook-id", "")
    if not _is_signed(message_id, body):
        return {"status": "unauthorised"}, 401
    given = _events(body)
    if given is None:
        return {"status": "not understood"}, 400
    notices = [_notice(event) for event in given]
    if None in notices:
        return {"status": "not understood", "event": notices.index(None)}, 400
    counts = dict.fromkeys(Outcome, 0)
    for number, notice in enumerate(filter(None, notices)):
        digest = sha256(f"webhook:{message_id}:{number}".encode()).hexdigest()
        counts[record_bounce(context(), [notice], digest)] += 1
    return {outcome.value: count for outcome, count in counts.items()}


def _is_signed(message_id: str, body: bytes) -> bool:
    timestamp = request.headers.get("webhook-timestamp", "")
    if not message_id or not (timestamp.isascii() and timestamp.isdigit()):
        return False
    now = int(clock.now().timestamp())
    timely = abs(now - int(timestamp[:16])) <= TOLERANCE.total_seconds()
    sent = request.headers.get("webhook-signature", "").split(" ")
    good = False
    for secret in read_secrets(settings().mail_events_secrets, KEY):
        expected = sign(secret, message_id, timestamp, body).encode()
        for signature in sent[:10]:
            # Each is compared, whatever the ones before it were.
            good |= hmac.compare_digest(expected, signature.encode())
    return good and timely


def _events(body: bytes) -> list[Any] | None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    given = document.get("events")
    if not isinstance(given, list) or len(given) > MOST_EVENTS:
        return None
    return given


def _notice(event: object) -> Bounce | None:
    """What an event says; None where it is none."""
    if not isinstance(event, dict):
        return None
    words = {
        name: event.get(name, "")
        for name in ("message_id", "event", "status", "diagnostic", "recipient")
    }
    if any(
        not isinstance(one, str) or len(one) > LONGEST_FIELD for one in words.values()
    ):
        return None
    if words["event"] not in set(Action) or not _STATUS.fullmatch(words["status"]):
        return None
    recipients = (words["recipient"].strip().lower(),) if words["recipient"] else ()
    return Bounce(
        references_in(words["message_id"]),
        Action(words["event"]),
        recipients,
        words["status"],
        without_addresses(words["diagnostic"], recipients),
    )
