"""Who is erased is told so, by a mail that is the last to hold their address."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer.workflows.mailing.dead_letters import unsent_mail
from signer.workflows.register.erase import erase_parent
from tests.workflows.conftest import Post, sign, snapshot, words
from tests.workflows.mailing.moody_server import Moody, send
from tests.workflows.register.test_erase import leave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

AMIRA = "amira@example.org"


@pytest.fixture
def erased(app_context: AppContext, amira: Followed, asked: Post) -> str:
    """Amira signed, left and was erased; gives the reference of her declaration."""
    sign(app_context, amira)
    asked.send()
    leave(app_context, "Amira")
    [reference] = erase_parent(app_context, AMIRA).declarations
    return reference


@pytest.fixture
def office(app_context: AppContext, erased: str) -> Iterator[Moody]:
    """A mail server with moods, from the erasure on."""
    assert erased
    office = Moody()
    app_context.settings = replace(app_context.settings, mail_url=office.url)
    with office.open():
        yield office


def traces(app_context: AppContext) -> list[object]:
    """What holds an address still: notices, and rows with her name."""
    kept = snapshot(app_context)
    return [*kept["erasure_notice"], *(one for one in kept["parent"] if AMIRA in one)]


def test_the_parent_is_told_once_and_the_address_is_gone(
    app_context: AppContext, erased: str, asked: Post
) -> None:
    """What was erased, and what to do where nobody asked for it."""
    before = len(asked.to("Amira"))
    assert AMIRA not in repr(snapshot(app_context)), "nobody reads it in the database"
    assert len(traces(app_context)) == 1
    asked.send()
    asked.send()
    [mail] = asked.to("Amira")[before:]
    assert str(mail["Subject"]) == "Your data has been erased (My Online Schooling)"
    text = words(mail)
    assert erased in text
    assert "IF YOU DID NOT ASK FOR THIS" in text
    assert "Your address was kept for this email only" in text
    assert traces(app_context) == []


def test_each_of_two_is_told(app_context: AppContext, asked: Post) -> None:
    """The second too, whose notice comes after the first has gone."""
    for name in ("Amira", "Niamh"):
        leave(app_context, name)
        to = asked.to(name)[0]["To"].addresses[0]
        before = len(asked.to(name))
        erase_parent(app_context, to.addr_spec, name=to.display_name)
        asked.send()
        assert len(asked.to(name)) == before + 1
        assert snapshot(app_context)["erasure_notice"] == []


def test_a_rehearsal_tells_nobody(app_context: AppContext, asked: Post) -> None:
    """Nothing was erased."""
    leave(app_context, "Amira")
    before = len(asked.to("Amira"))
    erase_parent(app_context, AMIRA, dry_run=True)
    asked.send()
    assert len(asked.to("Amira")) == before


@pytest.mark.parametrize(
    ("trouble", "tries"),
    [("550 5.1.1 <%s>: no such mailbox", 0), ("452 4.2.2 <%s>: mailbox full", 9)],
    ids=["no such mailbox", "full for days"],
)
def test_an_address_that_takes_nothing_is_not_kept(
    app_context: AppContext,
    office: Moody,
    frozen: Callable[[timedelta], None],
    trouble: str,
    tries: int,
) -> None:
    """The mail is given up, nobody is asked for another address, and all is gone."""
    office.step, office.trouble, office.first = "rcpt", trouble, 0
    send(app_context)
    for _ in range(tries):
        [waits] = unsent_mail(app_context)
        assert waits.recipient == "a parent who was erased"
        assert len(traces(app_context)) == 1
        frozen(timedelta(hours=12))
        send(app_context)
    frozen(timedelta(days=1))
    send(app_context)
    assert traces(app_context) == []
    office.trouble = ""
    frozen(timedelta(days=2))
    send(app_context)
    assert not any(AMIRA in str(mail["To"]) for mail in office.taken)
    assert unsent_mail(app_context) == ()


def test_a_key_that_is_gone_ends_it(app_context: AppContext, erased: str) -> None:
    """What nobody can read any more is not kept either."""
    assert erased
    another = ("another key, which is as long as a key should be",)
    app_context.settings = replace(app_context.settings, secret_keys=another)
    Post(app_context).send()
    assert traces(app_context) == []
