"""An address that is dead gets no more mails until the office says so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer.mail.bounces.reports import Finality
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.campaigns.status import count_status
from signer.workflows.mailing.bounces.dead_addresses import list_bounces, try_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post
from tests.workflows.mailing.bounces.mailbox import Returned, bounces, told


def test_no_reminder_goes_to_a_dead_address(
    asked: AppContext, returned: Returned, post: Post, frozen: Callable[..., None]
) -> None:
    """The others are reminded; an address that does not exist is left alone."""
    returned.put(returned.of("Amira Khan"))
    returned.read()
    frozen(timedelta(days=4))

    assert remind_parents(asked).reminded == 3
    post.send()

    assert len(post.to("Amira Khan")) == 1
    assert len(post.to("王小明")) == 2


def test_a_reminder_that_waits_is_dropped_for_a_dead_address(
    asked: AppContext, returned: Returned, post: Post, frozen: Callable[..., None]
) -> None:
    """A bounce that is read after the reminder was queued still stops it."""
    frozen(timedelta(days=4))
    remind_parents(asked)
    returned.put(returned.of("Amira Khan"))
    returned.read()
    post.send()

    assert len(post.to("Amira Khan")) == 1
    assert len(post.to("王小明")) == 2


@pytest.mark.parametrize(
    ("status", "finality"),
    [("5.2.2", Finality.PASSING), ("5.7.1", Finality.OPERATOR)],
)
def test_what_may_pass_stops_no_reminder(  # noqa: PLR0917 - fixtures
    asked: AppContext,
    returned: Returned,
    post: Post,
    frozen: Callable[..., None],
    status: str,
    finality: Finality,
) -> None:
    """A full mailbox or a policy is recorded, and is not the office's to hear of."""
    returned.put(returned.of("Amira Khan"), status=status, diagnostic="550 no")
    returned.read()
    frozen(timedelta(days=4))

    assert [one.finality for one in bounces(asked)] == [finality]
    assert told(post) == []
    assert remind_parents(asked).reminded == 4


def test_the_office_may_have_an_address_tried_again(
    asked: AppContext, returned: Returned, post: Post, frozen: Callable[..., None]
) -> None:
    """The mail goes out anew, and reminders follow as for anybody."""
    returned.put(returned.of("Amira Khan"))
    returned.read()

    assert try_again(asked, " Amira@example.org ") == 1
    post.send()

    assert len(post.to("Amira Khan")) == 2
    assert try_again(asked, "amira@example.org") == 0
    assert count_status(asked).campaigns[0].mail_bounced == 0
    frozen(timedelta(days=4))
    assert remind_parents(asked).reminded == 4


def test_an_address_that_fails_again_is_told_again(
    asked: AppContext, returned: Returned, post: Post
) -> None:
    """What the office had tried again, and came back again, is news."""
    returned.put(returned.of("Amira Khan"))
    returned.read()
    try_again(asked, "amira@example.org")
    post.send()
    returned.put(returned.of("Amira Khan"), number=2)
    returned.read()

    assert len(told(post)) == 2
    assert [one.lifted_at is None for one in list_bounces(asked)] == [True, False]
