"""A new link: for anybody who asks, and from the office."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer import clock
from signer.errors import RequestUnknown, TooManyAsks
from signer.store.tables import Parent
from signer.store.transient import LinkAsk, LinkAskPace
from signer.workflows.parents.leave import leave_register
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.ask_limits import BY_NETWORK, IN_ALL
from signer.workflows.requests.follow_link import look_up_link
from signer.workflows.requests.link_asks import note_ask
from signer.workflows.requests.reissue_link import (
    answer_link_asks,
    reissue_link_of,
    reissue_links,
)
from tests.workflows.conftest import Post, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext

AMIRA = "amira@example.org"
NETWORK = "203.0.113.7"


def waiting(app_context: AppContext) -> int:
    """How many asks were noted and wait for the worker."""
    with app_context.sessions.reading() as session:
        return session.scalar(select(func.count()).select_from(LinkAsk)) or 0


def test_asking_for_a_link_ends_none(app_context: AppContext, asked: Post) -> None:
    """Anybody can ask: what a parent has goes on working, and so does what is new."""
    old = asked.token("Amira Khan")
    note_ask(app_context, " AMIRA@example.org ")
    assert asked.send() == 1
    new = asked.token("Amira Khan")
    assert new != old
    for token in (old, new):
        assert look_up_link(app_context, token).state is LinkState.OPEN


def test_the_office_ends_the_older_links(app_context: AppContext, asked: Post) -> None:
    """A new one is mailed, and then the first is revoked."""
    old = asked.token("Amira Khan")
    assert reissue_links(app_context, " AMIRA@example.org ").links == 1
    assert look_up_link(app_context, old).state is LinkState.OPEN, "until the mail goes"
    assert asked.send() == 1
    assert look_up_link(app_context, old).state is LinkState.REVOKED
    assert look_up_link(app_context, asked.token("Amira Khan")).state is LinkState.OPEN


def test_one_parent_gets_a_link_whoever_shares_the_address(
    app_context: AppContext, asked: Post
) -> None:
    """A second press before it goes out sends no second one."""
    old = asked.token("Amira Khan")
    assert reissue_link_of(app_context, number_of(app_context, AMIRA)).links == 1
    reissue_link_of(app_context, number_of(app_context, AMIRA))
    assert asked.send() == 1
    assert look_up_link(app_context, old).state is LinkState.REVOKED
    reissue_link_of(app_context, number_of(app_context, AMIRA))
    assert asked.send() == 1


def test_who_was_not_asked_or_has_left_gets_no_link(
    app_context: AppContext, asked: Post
) -> None:
    """Nor has somebody a link whom nobody knows."""
    number = number_of(app_context, AMIRA)
    leave_register(app_context, number)
    for one in (number, 999_999):
        with pytest.raises(RequestUnknown):
            reissue_link_of(app_context, one)
    assert asked.send() == 0


def number_of(app_context: AppContext, email: str) -> int:
    """The row of a parent."""
    with app_context.sessions.reading() as session:
        return session.scalars(select(Parent.id).where(Parent.email == email)).one()


@pytest.mark.parametrize("again", [note_ask, reissue_links])
def test_each_parent_of_a_shared_mailbox_gets_a_new_link(
    app_context: AppContext, asked: Post, again: Callable[[AppContext, str], object]
) -> None:
    """Two people at one address get two mails."""
    again(app_context, "family@example.org")
    assert asked.send() == 2


@pytest.mark.parametrize(
    "address", ["nobody@example.org", "", "not an address", "%", "'"]
)
def test_the_office_is_told_of_an_unknown_address(
    app_context: AppContext, asked: Post, address: str
) -> None:
    """Nothing is queued for it."""
    before = snapshot(app_context)
    with pytest.raises(RequestUnknown):
        reissue_links(app_context, address)
    assert snapshot(app_context) == before


def test_a_mailbox_is_not_filled_by_asking_again_and_again(
    app_context: AppContext, asked: Post
) -> None:
    """Ten asks in ten minutes give one mail, and a whole day of asking three."""
    assert len(asked.to("Amira Khan")) == 1
    with clock.frozen(clock.now()) as advance:
        for _ in range(10):
            note_ask(app_context, AMIRA)
        asked.send()
        assert len(asked.to("Amira Khan")) == 2
        for _ in range(12):
            advance(timedelta(hours=1, minutes=50))
            note_ask(app_context, AMIRA)
            asked.send()
        assert len(asked.to("Amira Khan")) == 4
        advance(timedelta(hours=3))
        note_ask(app_context, AMIRA)
        asked.send()
    assert len(asked.to("Amira Khan")) == 5


def test_one_network_asks_only_so_often(app_context: AppContext) -> None:
    """It is told how long to wait; another network is not held up."""
    with clock.frozen(clock.now()) as advance:
        for _ in range(BY_NETWORK.at_once):
            note_ask(app_context, AMIRA, network=NETWORK)
        with pytest.raises(TooManyAsks) as refused:
            note_ask(app_context, AMIRA, network=NETWORK)
        assert refused.value.by_asker
        assert waiting(app_context) == BY_NETWORK.at_once
        note_ask(app_context, AMIRA, network="198.51.100.9")
        advance(refused.value.wait)
        note_ask(app_context, AMIRA, network=NETWORK)
        with pytest.raises(TooManyAsks):
            note_ask(app_context, AMIRA, network=NETWORK)


def test_all_together_ask_only_so_often(app_context: AppContext) -> None:
    """However many networks they have; nobody in particular did it."""
    with clock.frozen(clock.now()):
        with app_context.sessions.writing() as session:
            full = clock.now() + IN_ALL.every * IN_ALL.at_once
            session.add(LinkAskPace(name="", whole_at=full))
        with pytest.raises(TooManyAsks) as refused:
            note_ask(app_context, AMIRA, network=NETWORK)
        assert not refused.value.by_asker
        assert waiting(app_context) == 0


def test_no_network_stays_in_the_database(app_context: AppContext) -> None:
    """It stands there as a hash, and only until its budget is whole again."""
    with clock.frozen(clock.now()) as advance:
        note_ask(app_context, AMIRA, network=NETWORK)
        rows = snapshot(app_context)["link_ask_pace"]
        assert len(rows) == 2
        assert NETWORK not in repr(rows)
        advance(BY_NETWORK.every)
        note_ask(app_context, AMIRA)
        assert [name for name, _ in snapshot(app_context)["link_ask_pace"]] == [""]
        # Nobody has to ask again: the worker looks each minute.
        note_ask(app_context, AMIRA, network=NETWORK)
        advance(BY_NETWORK.every)
        answer_link_asks(app_context)
        assert snapshot(app_context)["link_ask_pace"] == []
