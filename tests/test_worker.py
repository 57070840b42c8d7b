"""What the worker does by itself, and how often."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer import clock
from signer import worker as worker_module
from signer.mail.kinds import Kind
from signer.policy.sha256sums import list_releases
from signer.policy.versions import read_versions
from signer.register.rows import read_register
from signer.store.columns import Delivery
from signer.store.tables import (
    Declaration,
    Outbox,
    Request,
)
from signer.store.transient import Heartbeat
from signer.store.write_turns import Patience
from signer.worker import LaneName, Worker, once_a_day
from signer.worker_queue import WorkerQueue
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import open_context
from signer.workflows.log.sign_checkpoint import newest_checkpoint
from signer.workflows.register.import_register import import_register
from signer.workflows.requests import sign as signing
from signer.workflows.requests.follow_link import open_link
from signer.workflows.requests.reissue_link import reissue_links
from tests.conftest import PEOPLE, REPOSITORY, environment_of
from tests.policy.releasing import release_3
from tests.workflows.conftest import Post, sign, snapshot
from tests.workflows.retention.leaving import YEAR, leave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext

MINUTE = timedelta(minutes=1)
PATIENCE = 60


def test_a_daily_chore_is_done_in_the_morning_and_once(app_context: AppContext) -> None:
    """Called each minute for two days, it runs at eight in school time on each."""
    done: list[datetime] = []
    daily = once_a_day(lambda _context: done.append(clock.now()))
    # British Summer Time: eight o'clock is seven in UTC.
    with clock.frozen(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) as advance:
        for _ in range(2 * 24 * 60):
            daily(app_context)
            advance(MINUTE)
    assert done == [datetime(2026, 7, day, 7, tzinfo=UTC) for day in (1, 2)]


def test_a_chore_of_the_start_is_done_at_any_hour(app_context: AppContext) -> None:
    """Once when the process begins, then on the morning of each later day."""
    done: list[datetime] = []
    daily = once_a_day(lambda _context: done.append(clock.now()), at_start=True)
    with clock.frozen(datetime(2026, 7, 1, 1, tzinfo=UTC)) as advance:
        for _ in range(2 * 24):
            daily(app_context)
            advance(timedelta(hours=1))
    assert done == [
        datetime(2026, 7, 1, 1, tzinfo=UTC),
        datetime(2026, 7, 2, 7, tzinfo=UTC),
    ]


def test_a_daily_chore_that_fails_is_tried_again(app_context: AppContext) -> None:
    """The day counts as done once it went well."""
    tried: list[int] = []

    def chore(_context: AppContext) -> None:
        tried.append(len(tried))
        if len(tried) == 1:
            raise ConnectionError

    daily = once_a_day(chore)
    with pytest.raises(ConnectionError):
        daily(app_context)
    daily(app_context)
    daily(app_context)
    assert tried == [0, 1]


def test_a_worker_reminds_parents_and_the_headteacher_by_itself(
    app_context: AppContext, frozen: Callable[[timedelta], None]
) -> None:
    """Its first sweep on a Wednesday finds four reminders due, and a review overdue."""
    post = Post(app_context)
    ask_parents(app_context)
    post.send()
    frozen(timedelta(days=3))
    Worker(app_context).do_round()
    subjects = [str(one["Subject"]) for one in post.mails()]
    assert sum("Reminder to sign" in one for one in subjects) == 4
    assert sum("Review overdue" in one for one in subjects) == 1
    assert len(subjects) == 4 + 4 + 1


def test_a_worker_deletes_what_is_past_its_time_by_itself(
    app_context: AppContext, frozen: Callable[[timedelta], None]
) -> None:
    """It announces it, waits, and then nothing of the family is left."""
    ask_parents(app_context)
    Post(app_context).send()
    leave(app_context, "王")
    frozen(YEAR)
    Worker(app_context).do_round()
    assert "wang@example.org" in repr(snapshot(app_context))
    frozen(timedelta(days=14))
    Worker(app_context).do_round()
    assert "wang@example.org" not in repr(snapshot(app_context))


def test_a_fault_in_sealing_keeps_no_mail_back(
    app_context: AppContext,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever happens to seals, letters go out; the log tells of the fault."""

    def fail(_context: AppContext) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(worker_module, "seal_outstanding", fail)
    ask_parents(app_context)
    Worker(app_context).do_round()
    assert len(Post(app_context).mails()) >= 4
    assert "ZeroDivisionError" in caplog.text


def test_each_lane_tells_that_it_ran(
    app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its heartbeat is in the database, even where a chore failed."""

    def fail(_context: AppContext) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(worker_module, "follow_releases", fail)
    worker = Worker(app_context)
    worker.do_round()
    with app_context.sessions.reading() as session:
        lanes = session.scalars(select(Heartbeat.lane)).all()
    # These have a lane only where there is a mailbox to read, or somebody to ask.
    without = {LaneName.BOUNCES, LaneName.WEBHOOKS, LaneName.WITNESSES}
    assert set(lanes) == set(worker.lanes) == set(LaneName) - without


@contextmanager
def working(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A real worker, which is told to end afterwards, and does so in good order."""
    with subprocess.Popen(
        [sys.executable, "-m", "signer", "worker"],
        cwd=REPOSITORY,
        env=environment_of(replace(settings, mail_url=settings.mail_address)),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        try:
            for line in process.stderr:
                if "worker ready" in line:
                    break
            yield process
        finally:
            process.terminate()
            process.communicate()
    assert process.returncode == 0


@pytest.fixture
def today(settings_of_today: Settings) -> Iterator[AppContext]:
    """A context for processes of their own, whose parents were not asked."""
    worker_queue = WorkerQueue(settings_of_today)
    app_context = open_context(settings_of_today, wake_worker=worker_queue.notify)
    import_register(app_context, read_register(PEOPLE.encode()))
    yield app_context
    worker_queue.close()
    app_context.sessions.close()


def until(true: Callable[[], object]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def to_parents(post: Post) -> list[EmailMessage]:
    """The mails to parents; the head may have one of the worker's first beat."""
    return [one for one in post.mails() if "example.org" in str(one["To"])]


def test_a_ring_makes_a_real_worker_send(today: AppContext) -> None:
    """Asking rings, and four mails lie in the folder soon after."""
    with working(today.settings):
        ask_parents(today)
        post = Post(today)
        until(lambda: len(to_parents(post)) == 4)


def sealed(app_context: AppContext) -> list[bool]:
    """Of each declaration, whether it has a seal."""
    with app_context.sessions.reading() as session:
        found = session.scalars(select(Declaration.pdf_sha256)).all()
    return [one is not None for one in found]


def keep_silent_after_mail(connection: socket.socket) -> None:
    """Answer as a mail server does, up to the first command of a mail."""
    with connection.makefile("rb") as lines:
        connection.sendall(b"220 silent.example\r\n")
        assert lines.readline().upper().startswith(b"EHLO")
        connection.sendall(b"250 silent.example\r\n")
        assert lines.readline().upper().startswith(b"MAIL")


def is_log_signed(app_context: AppContext) -> bool:
    """Whether a signed head covers every seal."""
    with app_context.sessions.reading() as session:
        newest = newest_checkpoint(session)
        last = session.scalar(select(func.max(Declaration.sealed_position)))
    return newest is not None and last is not None and last < newest.size


def asks_that_wait(app_context: AppContext, version: int) -> int:
    """How many parents were asked to sign a version by a mail that is not sent yet."""
    with app_context.sessions.reading() as session:
        query = select(func.count()).select_from(Outbox).join(Request)
        queued = query.where(
            Outbox.kind == Kind.ASK.value,
            Outbox.delivery == Delivery.QUEUED,
            Request.version_number == version,
        )
        return session.scalars(queued).one()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_silent_mail_server_holds_up_nothing_else(
    today: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a mail waits for its answer, a worker seals what is signed meanwhile.

    It signs the log, and follows a release. It ends in good order all the same.
    """
    ask_parents(today)
    post = Post(today)
    post.send()
    followed = open_link(today, post.token("Amira Khan"))
    reissue_links(today, "wang@example.org")
    published = today.settings.instance_path / "site" / "versions" / "3.md"
    published.parent.mkdir(parents=True)
    site = published.parent.parent
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        with working(replace(today.settings, mail_url=url, site_dir=site)):
            waiting, _ = silent.accept()
            with waiting, monkeypatch.context() as patch:
                # From here on the mail is held for longer than is waited below.
                keep_silent_after_mail(waiting)
                # Left for the worker, as where a timestamp authority is named.
                patch.setattr(signing, "seal_statement", lambda *_: None)
                sign(today, followed)
                until(lambda: sealed(today) == [True])
                until(lambda: is_log_signed(today))
                folder = today.settings.versions_dir
                published.write_bytes(release_3(folder).read_bytes())
                list_releases(folder, read_versions(folder))
                WorkerQueue(today.settings).notify_all()
                # Every parent of the register, at an address each or shared.
                until(lambda: asks_that_wait(today, 3) == 4)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_silent_mailbox_of_bounces_holds_up_no_mail(today: AppContext) -> None:
    """A worker that waits for an IMAP server's greeting sends all the same."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"imap://user:password@127.0.0.1:{silent.getsockname()[1]}"
        with working(replace(today.settings, bounce_url=url)):
            waiting, _ = silent.accept()
            with waiting:
                ask_parents(today)
                post = Post(today)
                until(lambda: len(to_parents(post)) == 4)


def test_a_mailbox_that_fails_each_minute_fills_no_log(
    app_context: AppContext, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The lane says once that it cannot read, and goes on by itself."""
    folder = tmp_path / "returned"
    settings = replace(app_context.settings, bounce_url=f"folder:{folder}")
    app_context.settings = settings
    lane = Worker(app_context).lanes[LaneName.BOUNCES]

    for _ in range(3):
        lane.do_round()
    folder.mkdir()
    lane.do_round()

    (said,) = [
        one.getMessage() for one in caplog.records if "bounces" in one.getMessage()
    ]
    assert said.endswith("the folder of bounces is not there")


def test_without_a_mailbox_there_is_no_lane_for_it(app_context: AppContext) -> None:
    """What is not set is not watched over either."""
    assert LaneName.BOUNCES not in Worker(app_context).lanes


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_that_is_held_is_one_line_of_the_log(
    settings: Settings, app_context: AppContext, caplog: pytest.LogCaptureFixture
) -> None:
    """However many chores meet it, without a traceback; and one when it is over."""
    impatient = open_context(settings, patience=Patience(seconds=0.1))
    caplog.set_level("INFO")
    ask_parents(app_context)
    worker = Worker(impatient)
    with app_context.sessions.writing():
        worker.do_round()
        worker.do_round()
    assert caplog.text.count("the database cannot be written") == 1
    assert "Traceback" not in caplog.text
    worker.do_round()
    assert "the database can be written again" in caplog.text
    impatient.sessions.close()


def test_a_beat_that_fails_ends_no_lane(
    app_context: AppContext,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An upgrade that is under way may take away what tells the release."""

    def gone(_distribution: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr("importlib.metadata.version", gone)
    Worker(app_context).lanes[LaneName.MAIL].do_round()
    assert "the lane mail failed" in caplog.text
