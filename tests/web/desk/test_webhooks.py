"""The page that says whether other systems take what they are told."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING

from signer import clock
from signer.store.desk.roles import DeskRole
from signer.store.webhooks.tables import DeliveryState, WebhookDelivery
from signer.workflows.webhooks.endpoints import endpoints_of
from signer.workflows.webhooks.events import EventKind, queue_events

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser

PATH = "/desk/webhooks"
SECRET = "whsec_" + b64encode(bytes(24)).decode()


def test_what_was_given_up_is_shown_and_tried_again(
    head: Browser,
    app_context: AppContext,
    sign_in: Callable[[DeskRole], Browser],
) -> None:
    """The host is shown, and neither the rest of the address nor its secret."""
    assert "No system is told of anything." in head.open(PATH).text
    hook = f"https://hook.example/a-secret-path {SECRET}"
    app_context.settings = replace(app_context.settings, webhooks=(hook,))
    with app_context.sessions.writing() as session:
        queue_events(app_context, session, EventKind.RELEASED, 2)
        row = session.query(WebhookDelivery).one()
        row.state, row.ended_at = DeliveryState.DEAD, clock.now()
        row.problem = "the answer was 500"
    assert endpoints_of(app_context.settings)
    assert "not told of 1 event" in head.open("/desk/").text
    page = head.open(PATH)
    assert "hook.example" in page.text
    assert "the answer was 500" in page.text
    assert "secret-path" not in page.answer.text
    assert SECRET not in page.answer.text
    auditor = sign_in(DeskRole.AUDITOR).open(PATH)
    assert "Try again what was given up" not in auditor.buttons
    page = head.press(page, "Try again what was given up")
    assert "What had been given up is tried again." in page.text
    with app_context.sessions.reading() as session:
        assert session.query(WebhookDelivery).one().state is DeliveryState.WAITING
