"""Mails that come back after the mail server had accepted them."""

from __future__ import annotations

import json
import logging
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer import clock
from signer.errors import MailboxUnreadable
from signer.mail.bounces.reports import Finality
from signer.mail.bounces.sources import FolderSource
from signer.store.tables import Bounce, Outbox, Parent, Request
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.campaigns.status import count_status
from signer.workflows.mailing.bounces.dead_addresses import list_bounces, try_again
from signer.workflows.mailing.bounces.read import (
    BouncesRead,
    bounce_trouble,
    read_mailbox,
)
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.export import export_parent
from signer.workflows.register.history import parent_history
from tests.conftest import MOMENT
from tests.mail.bounce_examples import OUT_OF_OFFICE, report
from tests.workflows.conftest import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.mail.bounces.sources import StoredMail
    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post

NO_SUCH_USER = "550 5.1.1 <amira@example.org>: no such user"


class Returned:
    """A mailbox of bounces, and what comes into it."""

    def __init__(self, app_context: AppContext, folder: Path) -> None:
        self._context = app_context
        self.folder = folder
        folder.mkdir()

    def of(self, name: str, kind: str = "ask") -> str:
        """The reference of the newest mail of a kind to a parent."""
        with self._context.sessions.reading() as session:
            return session.scalars(
                select(Outbox.message_ref)
                .join(Request, Outbox.request_id == Request.id)
                .join(Parent)
                .where(Parent.name == name, Outbox.kind == kind)
                .order_by(Outbox.id.desc())
            ).first() or pytest.fail(f"no {kind} to {name}")

    def put(
        self,
        ref: str,
        *,
        status: str = "5.1.1",
        diagnostic: str = NO_SUCH_USER,
        email: str = "amira@example.org",
        action: str = "failed",
        number: int = 1,
    ) -> None:
        """Let a bounce come in."""
        ours = f"Message-ID: <{ref}@127.0.0.1>\n\n{number}"
        raw = report(
            status=status,
            diagnostic=diagnostic,
            email=email,
            action=action,
            ours=ours,
        )
        (self.folder / f"{number}.eml").write_bytes(raw)

    def read(self) -> BouncesRead:
        """Read it as the worker does."""
        return read_mailbox(self._context, FolderSource(self.folder))


@pytest.fixture
def returned(app_context: AppContext, tmp_path: Path) -> Returned:
    return Returned(app_context, tmp_path / "bounces")


@pytest.fixture
def asked(app_context: AppContext, post: Post) -> AppContext:
    """A context whose parents have been asked by mail."""
    ask_parents(app_context)
    post.send()
    return app_context


def bounces(app_context: AppContext) -> list[Bounce]:
    with app_context.sessions.reading() as session:
        return list(session.scalars(select(Bounce).order_by(Bounce.id)))


def told(post: Post) -> list[str]:
    """The mails to the office about addresses, as text."""
    post.send()
    return [
        words(mail)
        for mail in post.to("office@")
        if "could not be delivered" in str(mail["Subject"])
    ]


def test_a_bounce_is_recorded_beside_the_mail(
    asked: AppContext, returned: Returned
) -> None:
    """The mail stays accepted, which is true; that it came back stands beside it."""
    returned.put(returned.of("Amira Khan"))

    assert returned.read() == BouncesRead(recorded=1)

    (bounce,) = bounces(asked)
    assert (bounce.finality, bounce.status) == (Finality.PERMANENT, "5.1.1")
    assert bounce.email_key == "amira@example.org"
    assert bounce.diagnostic == "550 5.1.1 <address>: no such user"
    (history,) = parent_history(asked, "amira@example.org")
    mail, _notice = history.requests[0].mails
    assert mail.delivery.value == "sent"
    assert [one.status for one in mail.bounces] == ["5.1.1"]
    assert (returned.folder / "read" / "1.eml").exists()


def test_status_tells_bounced_from_accepted(
    asked: AppContext, returned: Returned
) -> None:
    """Four were asked; of one the mail came back."""
    before = count_status(asked).campaigns[0]
    returned.put(returned.of("Amira Khan"))
    returned.read()

    after = count_status(asked).campaigns[0]

    assert (before.mail_accepted, before.mail_bounced) == (4, 0)
    assert (after.mail_accepted, after.mail_bounced) == (3, 1)


def test_the_office_is_told_once_for_an_address(
    asked: AppContext, returned: Returned, post: Post
) -> None:
    """The second parent at a dead address brings no second mail."""
    for number, name in enumerate(("Tom O'Brien", "Niamh O'Brien")):
        returned.put(returned.of(name), email="family@example.org", number=number)
    returned.read()

    (mail,) = told(post)

    assert "it came back" in mail
    assert "5.1.1" in mail
    assert "signer bounces try-again" in mail
    assert len(bounces(asked)) == 2


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


def test_a_delay_is_no_bounce(asked: AppContext, returned: Returned) -> None:
    """It is understood, and nothing is recorded of it."""
    returned.put(returned.of("Amira Khan"), status="4.4.1", action="delayed")

    assert returned.read() == BouncesRead(no_failure=1)
    assert bounces(asked) == []


def test_a_forged_bounce_counts_for_nothing(
    asked: AppContext, returned: Returned, post: Post
) -> None:
    """A stranger knows an address, and not the reference of a mail."""
    returned.put("0" * 24)
    (returned.folder / "2.eml").write_bytes(OUT_OF_OFFICE)

    assert returned.read() == BouncesRead(unmatched=2)

    assert bounces(asked) == []
    assert told(post) == []
    assert sorted(path.name for path in returned.folder.iterdir()) == ["1.eml", "2.eml"]


def test_a_bounce_of_an_address_behind_is_not_for_good(
    asked: AppContext, returned: Returned, post: Post
) -> None:
    """A family's mail is passed on to two mailboxes, and one of them is gone."""
    returned.put(returned.of("Amira Khan"), email="old@elsewhere.example")
    returned.read()

    assert [one.finality for one in bounces(asked)] == [Finality.PASSING]
    assert told(post) == []


def test_a_notice_that_is_read_twice_is_one_bounce(
    asked: AppContext, returned: Returned, post: Post
) -> None:
    """A kill between storing and marking as read has the mail read again."""
    returned.put(returned.of("Amira Khan"))
    for mail in (source := FolderSource(returned.folder)).unread():
        # Stored, and killed before it is settled.
        raw = mail.content
    returned.read()
    (returned.folder / "again.eml").write_bytes(raw)

    assert returned.read() == BouncesRead(known=1)

    assert list(source.unread()) == []
    assert len(bounces(asked)) == 1
    assert len(told(post)) == 1


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


def test_a_mail_to_the_office_that_comes_back_is_the_operators(
    asked: AppContext, returned: Returned, post: Post
) -> None:
    """It names the office's address, and no parent is to blame."""
    returned.put(returned.of("Amira Khan"))
    returned.read()
    post.send()
    returned.put(
        returned.of("Amira Khan", "office_refused"),
        email="office@my-online-schooling.example",
        number=2,
    )
    returned.read()

    newest = bounces(asked)[-1]
    assert (newest.finality, newest.email_key) == (Finality.OPERATOR, None)
    assert len(told(post)) == 1
    (trouble,) = bounce_trouble(asked)
    assert "In the last day 1 mail came back" in trouble


def test_a_parent_is_given_what_came_back(
    asked: AppContext, returned: Returned
) -> None:
    """The export of a parent holds it."""
    returned.put(returned.of("Amira Khan"))
    returned.read()

    archive = zipfile.ZipFile(BytesIO(export_parent(asked, "amira@example.org")))
    mail, _ = json.loads(archive.read("data.json"))["requests"][0]["mails"]

    assert mail["bounces"] == [
        {
            "told_at": clock.iso(MOMENT),
            "finality": "permanent",
            "status": "5.1.1",
            "diagnostic": "550 5.1.1 <address>: no such user",
            "tried_again_at": None,
        }
    ]


def test_erasing_a_parent_erases_what_came_back(
    asked: AppContext, returned: Returned
) -> None:
    """No address stays behind in a bounce."""
    returned.put(returned.of("Amira Khan"))
    returned.read()
    with asked.sessions.writing() as session:
        parent = session.scalars(
            select(Parent).where(Parent.name == "Amira Khan")
        ).one()
        parent.left_at = clock.now()

    erase_parent(asked, "amira@example.org")

    assert bounces(asked) == []


AWAY = "mail.example cannot be reached: no answer in time"


class Unreachable:
    """A mailbox whose server is away, until it is back."""

    def __init__(self) -> None:
        self.away = True

    def unread(self) -> Iterator[StoredMail]:
        """No mail."""
        if self.away:
            raise MailboxUnreadable(AWAY)
        return iter(())


def test_a_mailbox_out_of_reach_is_logged_once(
    asked: AppContext, frozen: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    """And is a trouble for whoever watches, once it has lasted."""
    source = Unreachable()

    def look() -> None:
        try:
            read_mailbox(asked, source)
        except MailboxUnreadable:
            assert source.away

    with caplog.at_level(logging.INFO):
        look()
        assert bounce_trouble(asked) == ()
        frozen(timedelta(minutes=31))
        look()
        (trouble,) = bounce_trouble(asked)
        source.away = False
        look()

    assert "has not been read since" in trouble
    assert bounce_trouble(asked) == ()
    assert [
        record.message for record in caplog.records if "bounces" in record.message
    ] == [
        f"bounces cannot be read, and are tried each minute: {AWAY}",
        "bounces can be read again",
    ]


def test_nothing_is_written_for_mail_of_strangers(
    asked: AppContext, returned: Returned
) -> None:
    """A mailbox full of it costs no transaction that writes."""
    returned.put("0" * 24)
    returned.read()

    with asked.sessions.reading() as session:
        assert session.scalar(select(func.count()).select_from(Bounce)) == 0
