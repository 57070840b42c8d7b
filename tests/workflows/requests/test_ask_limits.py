"""What keeps mailboxes and the office from floods holds for several processes."""

from __future__ import annotations

import multiprocessing
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from signer.errors import TooManyAsks, TooManyNotes
from signer.mail.kinds import Kind
from signer.store.columns import NoteKind
from signer.store.tables import Note, Outbox
from signer.store.transient import LinkAsk, LinkAskPace
from signer.workflows.context import open_context
from signer.workflows.requests import reissue_link
from signer.workflows.requests.ask_limits import BY_NETWORK, IN_ALL
from signer.workflows.requests.contact_office import MOST_AN_HOUR, tell_office
from signer.workflows.requests.link_asks import MOST_WAITING, note_ask
from signer.workflows.requests.reissue_link import (
    MOST_A_DAY,
    answer_link_asks,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.synchronize import Barrier

    from sqlalchemy import Select

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed
    from tests.workflows.conftest import Post

PATIENCE = 120.0
"""How long the processes may take on a busy machine, in seconds."""


def ask(app_context: AppContext, network: str) -> None:
    """Ask for as many links as a network may."""
    for _ in range(BY_NETWORK.at_once):
        with suppress(TooManyAsks):
            note_ask(app_context, "nobody@example.org", network=network)


def answer(app_context: AppContext, _: str) -> None:
    """Look at what was asked for."""
    answer_link_asks(app_context)


def answer_without_a_pause(app_context: AppContext, _: str) -> None:
    """The same, as if time enough had passed since each link."""
    reissue_link.AT_MOST_EVERY = timedelta()
    answer_link_asks(app_context)


def tell(app_context: AppContext, marks: str) -> None:
    """Send the office as many questions as a request may."""
    ref, mark = marks.split()
    for number in range(MOST_AN_HOUR):
        with suppress(TooManyNotes):
            tell_office(
                app_context,
                ref,
                NoteKind.QUESTION,
                link_fingerprint=mark,
                words=f"Question {number} of process {os.getpid()}?",
            )


def run_two(
    app_context: AppContext, work: Callable[[AppContext, str], None], *arguments: str
) -> None:
    """Do the same in two processes, which begin at one moment.

    Args:
        app_context: whose settings they have.
        work: what each does, in a context of its own.
        arguments: one for each process.
    """
    forked = multiprocessing.get_context("forkserver")
    forked.set_forkserver_preload([__name__])
    begin = forked.Barrier(2)
    processes = [
        forked.Process(target=_run, args=(work, app_context.settings, begin, argument))
        for argument in arguments
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
    assert [process.exitcode for process in processes] == [0, 0]


def _run(
    work: Callable[[AppContext, str], None],
    settings: Settings,
    begin: Barrier,
    argument: str,
) -> None:
    app_context = open_context(settings)
    begin.wait(PATIENCE)
    work(app_context, argument)


def counted(app_context: AppContext, query: Select[int]) -> int:
    with app_context.sessions.reading() as session:
        return session.scalars(query).one()


def test_two_processes_keep_the_limit_of_a_network(app_context: AppContext) -> None:
    """What one of them has noted counts for the other, at the same moment too."""
    run_two(app_context, ask, "203.0.113.7", "203.0.113.7")
    noted = counted(app_context, select(func.count()).select_from(LinkAsk))
    # The clock goes on for them: a moment of it may have earned one more.
    assert noted in {BY_NETWORK.at_once, BY_NETWORK.at_once + 1}


def test_two_processes_keep_the_limit_of_all(app_context: AppContext) -> None:
    """From however many networks, what is left is given once."""
    left = 5
    with app_context.sessions.writing() as session:
        # The processes go by the clock of the machine, in whole seconds.
        begun = datetime.now(UTC).replace(microsecond=0)
        whole_at = begun + IN_ALL.every * (IN_ALL.at_once - left)
        session.add(LinkAskPace(name="", whole_at=whole_at))
    run_two(app_context, ask, "203.0.113.7", "198.51.100.9")
    noted = counted(app_context, select(func.count()).select_from(LinkAsk))
    earned = (datetime.now(UTC) - begun) // IN_ALL.every
    assert left <= noted <= left + earned


def test_two_processes_mail_one_link_for_many_asks(
    app_context: AppContext, asked: Post
) -> None:
    """Each looks at some of the asks, and sees what the other has queued."""
    assert asked.to("Amira Khan")
    for _ in range(10):
        note_ask(app_context, "amira@example.org")
    run_two(app_context, answer, "", "")
    kind = Outbox.kind == Kind.NEW_LINK.value
    assert counted(app_context, select(func.count()).where(kind)) == 1
    assert counted(app_context, select(func.count()).select_from(LinkAsk)) == 0


def test_two_processes_mail_three_links_a_day(
    app_context: AppContext, asked: Post
) -> None:
    """However many are asked for at any two processes, and with no time between."""
    assert asked.to("Amira Khan")
    for _ in range(10):
        note_ask(app_context, "amira@example.org")
    run_two(app_context, answer_without_a_pause, "", "")
    kind = Outbox.kind == Kind.NEW_LINK.value
    assert counted(app_context, select(func.count()).where(kind)) == MOST_A_DAY
    assert counted(app_context, select(func.count()).select_from(LinkAsk)) == 0


def test_two_processes_let_no_more_wait_than_there_is_room_for(
    app_context: AppContext,
) -> None:
    """The last places are given once."""
    with app_context.sessions.writing() as session:
        waiting = [{"address": b"sealed"}] * (MOST_WAITING - 5)
        session.execute(insert(LinkAsk), waiting)
    run_two(app_context, ask, "203.0.113.7", "198.51.100.9")
    query = select(func.count()).select_from(LinkAsk)
    assert counted(app_context, query) == MOST_WAITING


def test_two_processes_keep_the_cap_on_questions(
    app_context: AppContext, amira: Followed
) -> None:
    """The office gets as many as one request may send, whoever takes them."""
    marks = f"{amira.request_ref} {amira.link_fingerprint}"
    run_two(app_context, tell, marks, marks)
    query = select(func.count()).select_from(Note)
    assert counted(app_context, query) == MOST_AN_HOUR
