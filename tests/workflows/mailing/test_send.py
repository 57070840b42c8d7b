"""Every mail goes out: later where not now, once where it can be told, never lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from signer import clock
from signer.errors import MailRefused
from signer.mail.transport import transport_for
from signer.policy.reviews import Review, record_review
from signer.register.rows import read_register
from signer.store.columns import Delivery
from signer.store.tables import Link, Outbox
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import open_context
from signer.workflows.mailing.send import LEASE, LONGEST_WAIT, send_mail, waiting_mail
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import look_up_link
from signer.workflows.requests.reissue_link import reissue_links
from tests.conftest import PEOPLE, REPOSITORY, environment_of
from tests.workflows.conftest import Post, link_in, snapshot, words
from tests.workflows.mailing.moody_server import Moody
from tests.workflows.mailing.post_office import PostOffice, ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

    from signer.config import Settings
    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]

PATIENCE = 60


@pytest.fixture
def office(app_context: AppContext) -> Iterator[PostOffice]:
    """A server that is open, and the context's way to it; everyone is to be asked."""
    post_office = PostOffice()
    app_context.settings = replace(app_context.settings, mail_url=post_office.url)
    ask_parents(app_context)
    with post_office.open():
        yield post_office


def send(app_context: AppContext) -> int:
    return send_mail(app_context, transport_for(app_context.settings.mail_address))


def rows(app_context: AppContext) -> list[Outbox]:
    with app_context.sessions.reading() as session:
        return list(session.scalars(select(Outbox).order_by(Outbox.id)))


def test_a_mail_that_is_not_taken_now_is_offered_again(
    app_context: AppContext, office: PostOffice, frozen: Advance
) -> None:
    """Two minutes later, then four, under the same Message-ID, until it is taken."""
    office.answer = "450 4.2.1 busy"
    assert send(app_context) == 0
    assert send(app_context) == 0
    assert len(office.seen) == 4, "not before its time"
    frozen(timedelta(seconds=119))
    send(app_context)
    assert len(office.seen) == 4
    frozen(timedelta(seconds=1))
    send(app_context)
    assert len(office.seen) == 8
    office.answer = "250 OK"
    frozen(timedelta(minutes=3, seconds=59))
    assert send(app_context) == 0
    frozen(timedelta(seconds=1))
    assert send(app_context) == 4
    assert waiting_mail(app_context) == 0
    found = ids(office.seen)
    assert [len(one) for one in found.values()] == [1] * 4
    assert len(set().union(*found.values())) == 4
    assert {(one.attempts, one.reply) for one in rows(app_context)} == {(3, "250 OK")}


def test_the_pauses_grow_up_to_six_hours(
    app_context: AppContext, office: PostOffice, frozen: Advance
) -> None:
    """A server that is away for a day is not asked every minute, nor given up."""
    office.answer = "450 4.2.1 busy"
    pauses = []
    for _ in range(12):
        send(app_context)
        due = {one.due_at for one in rows(app_context)}
        assert len(due) == 1
        pauses.append(due.pop() - clock.now())
        frozen(pauses[-1])
    minutes = [2, 4, 8, 16, 32, 64, 128, 256]
    assert pauses[:8] == [timedelta(minutes=one) for one in minutes]
    assert set(pauses[8:]) == {LONGEST_WAIT}
    assert waiting_mail(app_context) == 4


def test_a_refused_mail_is_not_offered_again(
    app_context: AppContext, frozen: Advance
) -> None:
    """A mailbox that does not exist: noted with the server's words, without them."""
    server = Moody()
    server.step, server.only = "data", "amira@|office@"
    server.trouble = "550 5.1.1 <amira@example.org> unknown"
    app_context.settings = replace(app_context.settings, mail_url=server.url)
    ask_parents(app_context)
    with server.open():
        assert send(app_context) == 3
        frozen(timedelta(days=2))
        assert send(app_context) == 0
    to_amira, to_office = [one for one in rows(app_context) if one.sent_at is None]
    assert to_amira.delivery is Delivery.REFUSED
    assert to_amira.attempts == 1
    assert to_office.delivery is Delivery.QUEUED, "never dropped"
    assert to_office.attempts == 2, "once a day"
    assert {to_amira.reply, to_office.reply} == {"550 5.1.1 <address> unknown"}


class NoSuchMailbox:
    """Refuses what goes to one address, and keeps the rest in the context's folder."""

    def __init__(self, app_context: AppContext, address: str) -> None:
        self._folder = transport_for(
            f"folder:{app_context.settings.instance_path / 'mail'}"
        )
        self._address = address

    def send(self, message: EmailMessage) -> str:
        """Refuse, or keep."""
        if self._address in str(message["To"]):
            raise MailRefused("550 5.1.1 no such mailbox")
        return self._folder.send(message)


def test_the_office_hears_of_a_refused_mail(
    app_context: AppContext, post: Post, frozen: Advance
) -> None:
    """Who did not get it, and what the server said: once."""
    ask_parents(app_context)
    for _ in range(3):
        send_mail(app_context, NoSuchMailbox(app_context, "amira@example.org"))
        frozen(timedelta(hours=1))
    [told] = post.to("office@")
    assert "no such mailbox" in words(told)
    assert "Amira Khan, amira@example.org" in words(told)
    assert "Amira" not in str(told["Subject"])


def test_a_server_that_is_down_costs_time_alone(
    app_context: AppContext, frozen: Advance
) -> None:
    """Nobody listens; later somebody does, and all of it goes out."""
    office = PostOffice()
    app_context.settings = replace(app_context.settings, mail_url=office.url)
    ask_parents(app_context)
    assert send(app_context) == 0
    assert waiting_mail(app_context) == 4
    frozen(timedelta(minutes=2))
    with office.open():
        assert send(app_context) == 4
    assert len(ids(office.taken)) == 4


def test_workers_at_once_send_each_mail_once(
    app_context: AppContext, settings: Settings
) -> None:
    """Four workers with connections of their own share an outbox of thirty."""
    more = "".join(
        f"Parent {n},p{n}@example.org,mother,Child {n},Year 1\n" for n in range(26)
    )
    import_register(app_context, read_register((PEOPLE + more).encode()))
    office = PostOffice()
    settings = replace(settings, mail_url=office.url)
    app_context.settings = settings
    ask_parents(app_context)
    workers = [open_context(settings) for _ in range(4)]
    sent: list[int] = []
    threads = [
        threading.Thread(target=lambda one=one: sent.append(send(one)))
        for one in workers
    ]
    with office.open():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for worker in workers:
        worker.sessions.close()
    assert sum(sent) == len(office.seen) == 30
    assert len({str(one["Message-ID"]) for one in office.seen}) == 30
    assert waiting_mail(app_context) == 0


@pytest.fixture
def living(settings_of_today: Settings) -> Iterator[tuple[AppContext, PostOffice]]:
    """A context whose clock runs, and a server that falls silent at the second mail."""
    office = PostOffice()
    office.closes_at = 2
    today = clock.now().date()
    # So that nobody is told of an overdue review meanwhile.
    record_review(
        settings_of_today.versions_dir,
        Review(today.isoformat(), 2, "Head", f"{today.year + 1}-{today:%m}"),
    )
    app_context = open_context(replace(settings_of_today, mail_url=office.url))
    import_register(app_context, read_register(PEOPLE.encode()))
    ask_parents(app_context)
    with office.open():
        yield app_context, office
    app_context.sessions.close()


def test_a_worker_killed_while_it_sends_loses_no_mail(
    living: tuple[AppContext, PostOffice],
) -> None:
    """What it had begun waits for the lease; the rest goes out at once."""
    app_context, office = living
    worker = subprocess.Popen(
        [sys.executable, "-m", "signer", "worker"],
        cwd=REPOSITORY,
        env=environment_of(app_context.settings),
    )
    assert office.holding.wait(PATIENCE)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert len(office.seen) == 2
    begun = [one for one in rows(app_context) if one.attempts]
    noted = [one.id for one in begun if one.delivery is Delivery.SENT]
    assert len(noted) == 1, (
        "the one that was taken, although the disk was not waited for"
    )
    assert waiting_mail(app_context) == 3
    office.closed.clear()
    assert send(app_context) == 4 - len(begun)
    assert send(app_context) == 0, "another worker may still be at it"
    with clock.frozen(clock.now() + LEASE):
        assert send(app_context) == len(begun) - 1
    assert waiting_mail(app_context) == 0
    to = Counter(str(one["To"]) for one in office.seen)
    assert sorted(to.values()) == [1, 1, 1, 2], "the one in hand comes twice at most"
    assert [len(one) for one in ids(office.seen).values()] == [1] * 4


def test_a_mail_that_cannot_be_written_holds_up_no_other(
    app_context: AppContext, office: PostOffice
) -> None:
    """A row that this release does not understand waits; the others go out."""
    with app_context.sessions.writing() as session:
        first = session.scalars(select(Outbox).order_by(Outbox.id)).first()
        assert first is not None
        first.kind = "of a later release"
    assert send(app_context) == 3
    kept = rows(app_context)[0]
    assert kept.delivery is Delivery.QUEUED
    assert kept.due_at > clock.now()
    assert kept.reply == "this mail cannot be written (ValueError)"
    assert send(app_context) == 0


def test_a_sender_that_cannot_be_used_loses_no_mail(
    app_context: AppContext, office: PostOffice, frozen: Advance
) -> None:
    """Every mail waits, and says which setting to mend."""
    good = app_context.settings
    app_context.settings = replace(good, mail_from="nobody")
    assert send(app_context) == 0
    assert all("SIGNER_MAIL_FROM" in str(one.reply) for one in rows(app_context))
    app_context.settings = good
    frozen(timedelta(minutes=2))
    assert send(app_context) == 4


class Broken:
    """A transport with a fault of its own."""

    def send(self, message: EmailMessage) -> str:
        """Fail in a way that nobody foresaw, with an address in the words."""
        raise RuntimeError(str(message["To"]))


def test_a_fault_of_ours_loses_no_mail_and_tells_no_address(
    app_context: AppContext,
    post: Post,
    frozen: Advance,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the table nor the log repeats what the fault said."""
    ask_parents(app_context)
    assert send_mail(app_context, Broken()) == 0
    assert {one.reply for one in rows(app_context)} == {
        "a fault of ours (RuntimeError)"
    }
    assert "RuntimeError" in caplog.text
    assert "example.org" not in caplog.text
    frozen(timedelta(minutes=2))
    assert post.send() == 4


def test_a_new_link_ends_the_older_ones_when_it_is_mailed(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """While the server is away, the link in the parent's hands goes on working."""
    old = asked.token("Amira Khan")
    frozen(timedelta(days=1))
    office, folder = PostOffice(), app_context.settings
    app_context.settings = replace(folder, mail_url=office.url)
    reissue_links(app_context, "amira@example.org")
    assert send(app_context) == 0
    assert look_up_link(app_context, old).state is LinkState.OPEN
    app_context.settings = folder
    frozen(timedelta(minutes=2))
    assert asked.send() == 1
    new = asked.token("Amira Khan")
    assert look_up_link(app_context, old).state is LinkState.REVOKED
    assert look_up_link(app_context, new).state is LinkState.OPEN


def test_a_second_copy_of_a_new_link_leaves_the_first_alive(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """Mail programs show one of two with the same Message-ID: either link works."""
    frozen(timedelta(minutes=1))
    reissue_links(app_context, "amira@example.org")
    asked.send()
    with app_context.sessions.writing() as session:
        # The worker died before it could note the server's yes.
        session.execute(
            update(Outbox)
            .where(Outbox.kind == "new_link")
            .values(delivery=Delivery.QUEUED, sent_at=None)
        )
    frozen(timedelta(minutes=5))
    assert asked.send() == 1
    first, second = asked.to("Amira Khan")[-2:]
    assert first["Message-ID"] == second["Message-ID"]
    for mail in (first, second):
        found = link_in(mail)
        assert found
        assert look_up_link(app_context, found[1]).state is LinkState.OPEN


def test_a_round_with_nothing_due_changes_nothing(
    app_context: AppContext, asked: Post
) -> None:
    """The minute's sweep leaves no trace."""
    before = snapshot(app_context)
    assert asked.send() == 0
    assert snapshot(app_context) == before


def test_each_attempt_has_a_link_of_its_own_that_opens(
    app_context: AppContext, office: PostOffice, frozen: Advance
) -> None:
    """A mail that the server did take, though it said no, still leads somewhere."""
    office.answer = "450 4.2.1 busy"
    send(app_context)
    frozen(timedelta(minutes=2))
    office.answer = "250 OK"
    send(app_context)
    tokens = {found[1] for mail in office.seen if (found := link_in(mail))}
    assert len(tokens) == 8
    assert {look_up_link(app_context, one).state for one in tokens} == {LinkState.OPEN}
    with app_context.sessions.reading() as session:
        assert len(session.scalars(select(Link)).all()) == 8
