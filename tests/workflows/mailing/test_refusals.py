"""Which refusals are believed: one among others, and not those of a whole campaign."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.register.rows import read_register
from signer.store.tables import Outbox
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.mailing.dead_letters import MailState, unsent_mail
from signer.workflows.mailing.send import waiting_mail
from signer.workflows.mailing.server_state import mail_trouble
from signer.workflows.register.import_register import import_register
from tests.workflows.conftest import words
from tests.workflows.mailing.moody_server import TEN, Moody, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

UNKNOWN = "550 5.1.1 <%s>: Recipient address rejected: User unknown"
HOUR = timedelta(hours=1)


def refused(app_context: AppContext) -> list[str]:
    """Who was refused for good."""
    return [one.recipient for one in unsent_mail(app_context, [MailState.REFUSED])]


def told(office: Moody) -> list[str]:
    """What the office was told, of which parent."""
    return [words(one) for one in office.taken if "office@" in str(one["To"])]


def settle(app_context: AppContext, frozen: Advance, rounds: int = 12) -> None:
    """Let the worker look every ten minutes for a while."""
    for _ in range(rounds):
        send(app_context)
        frozen(timedelta(minutes=10))


@pytest.mark.parametrize("bad", ["A", "C", "J"])
def test_one_recipient_among_ten_is_refused_at_once(
    ten: tuple[AppContext, Moody], frozen: Advance, bad: str
) -> None:
    """Nine get their mail, and the office one about the tenth, wherever it stands."""
    app_context, office = ten
    office.trouble, office.only = UNKNOWN, f"parent{bad}@"
    assert send(app_context) == 10
    assert len(refused(app_context)) == 1
    assert mail_trouble(app_context) is None
    [notice] = told(office)
    assert f"parent{bad}@example.org" in notice
    frozen(timedelta(days=1))
    assert send(app_context) == 0


@pytest.mark.parametrize("to", ["example.org", "@"])
def test_a_server_that_knows_nobody_is_not_believed(
    ten: tuple[AppContext, Moody],
    frozen: Advance,
    caplog: pytest.LogCaptureFixture,
    to: str,
) -> None:
    """A relay that has lost its list of users: three tries, a pause, and an alarm."""
    app_context, office = ten
    office.trouble, office.only = UNKNOWN, to
    send(app_context)
    assert refused(app_context) == []
    trouble = mail_trouble(app_context)
    assert trouble is not None
    assert trouble.paused_until is not None
    assert [one.levelno for one in caplog.records].count(logging.CRITICAL) == 1
    settle(app_context, frozen)
    assert refused(app_context) == []
    office.trouble = ""
    before = len(told(office))
    settle(app_context, frozen)
    assert len([one for one in office.taken if "parent" in str(one["To"])]) == 10
    frozen(timedelta(days=1))
    send(app_context)
    assert mail_trouble(app_context) is None
    assert waiting_mail(app_context) == 0
    assert len(told(office)) == before, "of refusals that are over nobody is told"


def many(app_context: AppContext, office: Moody, domains: str) -> None:
    """Ask thirty parents; their domains by a letter each, over and over."""
    app_context.settings = replace(app_context.settings, mail_url=office.url)
    people = TEN.splitlines()[0] + "\n"
    for n in range(30):
        domain = {"w": "well.example", "l": "lost.example"}[domains[n % len(domains)]]
        people += f"Parent {n:02},p{n:02}@{domain},mother,Child {n},Year 4\n"
    import_register(app_context, read_register(people.encode()), leavers=True)
    ask_parents(app_context)


@pytest.mark.parametrize(("domains", "first"), [("l", 15), ("wllll", 0), ("llllw", 0)])
def test_those_who_were_refused_before_it_was_noticed_get_their_mail(
    app_context: AppContext, frozen: Advance, domains: str, first: int
) -> None:
    """In the middle of a campaign; or while it takes mail to one in five."""
    office = Moody()
    many(app_context, office, domains)
    office.trouble, office.only, office.first = UNKNOWN, "lost.example", first
    with office.open():
        settle(app_context, frozen, 3)
        assert mail_trouble(app_context) is not None
        office.trouble = ""
        settle(app_context, frozen)
    assert refused(app_context) == []
    to = [str(one["To"]) for one in office.taken if "Parent" in str(one["To"])]
    assert len(to) == len(set(to)) == 30


@pytest.mark.parametrize("bad", ["ABC", "HIJ", "ACEGI"])
def test_several_who_are_not_there_are_refused_while_others_are(
    ten: tuple[AppContext, Moody], frozen: Advance, bad: str
) -> None:
    """The first three are tried once more, after the server has taken other mail."""
    app_context, office = ten
    office.trouble, office.only = UNKNOWN, f"parent[{bad}]@"
    send(app_context)
    frozen(timedelta(seconds=30))
    send(app_context)
    frozen(timedelta(minutes=2))
    send(app_context)
    assert [name[13] for name in refused(app_context)] == list(bad)
    assert mail_trouble(app_context) is None
    assert waiting_mail(app_context) == 0
    for one in bad:
        assert any(f"parent{one}@" in notice for notice in told(office))


def test_a_slow_trickle_of_refusals_is_not_believed_either(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """One mail in two hours: the third has the first two tried again."""
    app_context, office = ten
    office.trouble, office.only = UNKNOWN, "example.org"
    with app_context.sessions.writing() as session:
        for place, row in enumerate(session.scalars(select(Outbox))):
            row.due_at += 2 * HOUR * min(place, 3)
    for _ in range(3):
        send(app_context)
        frozen(2 * HOUR)
    assert refused(app_context) == []
    trouble = mail_trouble(app_context)
    assert trouble is not None
    assert trouble.blocked_since is not None
