"""Calling off the mail to parents while it is going out."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer import clock
from signer.mail.transport import transport_for
from signer.policy.versions import in_force
from signer.store.tables import Outbox, Request
from signer.workflows.campaigns.ask import ask_parents, would_ask
from signer.workflows.campaigns.plan_ask import PlanState
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.campaigns.start_on_release import follow_releases
from signer.workflows.log.sign_when_due import Coverage
from signer.workflows.mailing.claim import claim, release
from signer.workflows.mailing.send import send_mail
from signer.workflows.release.call_off import call_off_sending
from signer.workflows.release.replan import plan_anew
from signer.workflows.release.stages import look_at_stages
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from signer.workflows.context import AppContext

pytestmark = pytest.mark.usefixtures("frozen")

PARENTS = 4
AT_ONCE = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


class CalledOffAfter:
    """A mail server that takes some mails, and then hears that it is called off."""

    def __init__(self, context: AppContext, taken: int) -> None:
        self._context, self._left = context, taken
        self._way = transport_for(context.settings.mail_address)

    def send(self, message: EmailMessage) -> str:
        """Take it; after the last that is to go, somebody else calls off."""
        reply = self._way.send(message)
        self._left -= 1
        if self._left == 0:
            office = Thread(target=call_off_sending, args=(self._context,), kwargs=HEAD)
            office.start()
            office.join()
        return reply


HEAD = {"by": "Helen Marsh"}


def count(context: AppContext) -> tuple[int, int]:
    """How many requests and how many mails there are."""
    with context.sessions.reading() as session:
        requests = session.scalar(select(func.count(Request.id))) or 0
        return requests, session.scalar(select(func.count(Outbox.id))) or 0


@AT_ONCE
def test_what_no_worker_had_begun_never_goes(
    app_context: AppContext, post: Post
) -> None:
    """The worker sends on and on: only what it had taken up by then is sent."""
    ask_parents(app_context)
    send_mail(app_context, CalledOffAfter(app_context, 1))
    gone = len(post.mails())
    # Batches grow from one mail: none of the next had been begun.
    assert gone == 1
    found = look_at_stages(app_context)
    assert found.campaign
    assert found.plan
    assert found.plan.state is PlanState.CALLED_OFF
    assert (found.campaign.mail_accepted, found.not_asked) == (1, PARENTS - 1)
    for _ in range(2):
        assert follow_releases(app_context) is None
        assert remind_parents(app_context).reminded == 0
        assert post.send() == 0
    assert len(post.mails()) == gone
    assert count(app_context) == (1, 1)


def test_planned_anew_it_goes_to_the_others(
    app_context: AppContext, post: Post, frozen: Callable[[timedelta], None]
) -> None:
    """Each parent gets it once, and nobody before the new hour."""
    ask_parents(app_context)
    send_mail(app_context, CalledOffAfter(app_context, 1))
    plan_anew(app_context, clock.now() + timedelta(hours=1), by="Helen Marsh")
    assert follow_releases(app_context) is None
    frozen(timedelta(hours=1))
    asked = follow_releases(app_context)
    assert asked
    assert (asked.newly, asked.before) == (PARENTS - 1, 1)
    post.send()
    told = [mail["To"] for mail in post.mails()]
    assert (len(told), len(set(told))) == (PARENTS, PARENTS)
    assert follow_releases(app_context) is None


def test_asking_by_hand_goes_on_as_well(app_context: AppContext, post: Post) -> None:
    """Whoever asks after all asks those who have not been asked."""
    ask_parents(app_context)
    send_mail(app_context, CalledOffAfter(app_context, 1))
    assert would_ask(app_context).newly == PARENTS - 1
    assert ask_parents(app_context).newly == PARENTS - 1
    assert post.send() == PARENTS - 1
    plan = look_at_stages(app_context).plan
    assert plan
    assert plan.state is PlanState.ASKED


def test_what_a_worker_hands_back_afterwards_does_not_go(
    app_context: AppContext, post: Post
) -> None:
    """It was claimed when the mail was called off, and not offered to the server."""
    ask_parents(app_context)
    batch = claim(app_context, PARENTS, coverage=Coverage.UNAVAILABLE)
    assert call_off_sending(app_context, by="Helen Marsh") == 0
    release(app_context, batch.mails)
    assert post.send() == 0
    follow_releases(app_context)
    assert count(app_context) == (0, 0)
    assert look_at_stages(app_context).not_asked == PARENTS


def test_asking_that_is_under_way_stops(
    app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parents whose turn had not come are not asked."""
    monkeypatch.setattr("signer.workflows.campaigns.ask.BATCH", 1)
    called: list[int] = []

    def progress(_done: int, _all: int) -> None:
        if not called:
            called.append(1)
            called.append(call_off_sending(app_context, by="Helen Marsh"))

    ask_parents(app_context, progress=progress)
    assert called == [1, 1]
    assert count(app_context) == (0, 0)


def test_nothing_is_called_off_where_nothing_goes_out(
    asked: Post, app_context: AppContext
) -> None:
    """All mail has gone: the campaign goes on."""
    assert call_off_sending(app_context, by="Helen Marsh") == 0
    found = look_at_stages(app_context)
    assert found.plan is None
    assert len(asked.mails()) == PARENTS
    assert in_force(app_context.versions).number == found.version.number
