"""What keeps mailboxes and the office from floods holds for several processes."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from signer.mail.compose import Kind
from signer.store.link_asks import LinkAsk, LinkAskPace
from signer.store.tables import Note, Outbox
from signer.workflows.requests.ask_limits import BY_NETWORK, IN_ALL
from signer.workflows.requests.contact_office import MOST_AN_HOUR
from signer.workflows.requests.reissue_link import ask_for_links
from tests.conftest import REPOSITORY, environment_of

if TYPE_CHECKING:
    from sqlalchemy import Select

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed
    from tests.workflows.conftest import Post

START = """
import sys
from signer.config import load
from signer.errors import TooManyAsks, TooManyNotes
from signer.store.columns import NoteKind
from signer.workflows.context import open_context
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.reissue_link import answer_link_asks, ask_for_links

app_context = open_context(load())
print("ready", flush=True)
sys.stdin.readline()
"""

ASK = f"""
for _ in range({BY_NETWORK.at_once}):
    try:
        ask_for_links(app_context, "nobody@example.org", network=sys.argv[1])
    except TooManyAsks:
        pass
"""

ANSWER = "answer_link_asks(app_context)"

TELL = f"""
ref, mark = sys.argv[1].split()
for number in range({MOST_AN_HOUR}):
    try:
        tell_office(
            app_context, ref, NoteKind.QUESTION, link_fingerprint=mark,
            words=f"Question {{number}} of {{id(app_context)}}?",
        )
    except TooManyNotes:
        pass
"""


def run_two(app_context: AppContext, code: str, *arguments: str) -> None:
    """Run the same in two processes, which begin at one moment.

    Args:
        app_context: whose settings they load.
        code: what follows `START`.
        arguments: one for each process.
    """
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", START + code, argument],
            cwd=REPOSITORY,
            env=environment_of(app_context.settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for argument in arguments
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=120)
    assert [process.returncode for process in processes] == [0, 0]


def counted(app_context: AppContext, query: Select[int]) -> int:
    with app_context.sessions.reading() as session:
        return session.scalars(query).one()


def test_two_processes_keep_the_limit_of_a_network(app_context: AppContext) -> None:
    """What one of them has noted counts for the other, at the same moment too."""
    run_two(app_context, ASK, "203.0.113.7", "203.0.113.7")
    noted = counted(app_context, select(func.count()).select_from(LinkAsk))
    # The clock goes on for them: a moment of it may have earned one more.
    assert noted in {BY_NETWORK.at_once, BY_NETWORK.at_once + 1}


def test_two_processes_keep_the_limit_of_all(app_context: AppContext) -> None:
    """From however many networks, what is left is given once."""
    left = 5
    with app_context.sessions.writing() as session:
        # The processes go by the clock of the machine.
        begun = datetime.now(UTC)
        whole_at = begun + IN_ALL.every * (IN_ALL.at_once - left)
        session.add(LinkAskPace(name="", whole_at=whole_at))
    run_two(app_context, ASK, "203.0.113.7", "198.51.100.9")
    noted = counted(app_context, select(func.count()).select_from(LinkAsk))
    earned = (datetime.now(UTC) - begun) // IN_ALL.every
    assert left <= noted <= left + earned + 1


def test_two_processes_mail_one_link_for_many_asks(
    app_context: AppContext, asked: Post
) -> None:
    """Each looks at some of the asks, and sees what the other has queued."""
    assert asked.to("Amira Khan")
    for _ in range(10):
        ask_for_links(app_context, "amira@example.org")
    run_two(app_context, ANSWER, "", "")
    kind = Outbox.kind == Kind.NEW_LINK.value
    assert counted(app_context, select(func.count()).where(kind)) == 1
    assert counted(app_context, select(func.count()).select_from(LinkAsk)) == 0


def test_two_processes_keep_the_cap_on_questions(
    app_context: AppContext, amira: Followed
) -> None:
    """The office gets as many as one request may send, whoever takes them."""
    marks = f"{amira.request_ref} {amira.link_fingerprint}"
    run_two(app_context, TELL, marks, marks)
    query = select(func.count()).select_from(Note)
    assert counted(app_context, query) == MOST_AN_HOUR
