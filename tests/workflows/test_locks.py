"""Workflows that run at once wait for each other, and never both."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from signer.register.rows import read_register
from signer.store.columns import NoteKind
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post

FAMILIES = 12


def register(*, start: int = 0) -> bytes:
    rows = (
        f"Parent {number},p{number}@example.org,mother,Child {number},Year 7"
        for number in range(start, FAMILIES)
    )
    heading = "parent_name,parent_email,relationship,child_name,year_group"
    return "\n".join([heading, *rows]).encode()


def at_once(*works: Callable[[], object]) -> list[BaseException]:
    """Do everything at the same moment; whatever was raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is looked at below
            raised.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_leavers_who_answer_meanwhile_lock_nobody_out(
    app_context: AppContext, asked: Post
) -> None:
    """An import that takes parents out, while each of them declines: no deadlock."""
    from signer.errors import RequestClosed
    from signer.workflows.campaigns.ask import ask_parents

    import_register(app_context, read_register(register()))
    ask_parents(app_context)
    asked.send()
    opened = [
        open_link(app_context, asked.token(f"Parent {number} "))
        for number in range(FAMILIES)
    ]

    def decline(number: int) -> None:
        followed = opened[number]
        assert followed.request_ref
        assert followed.link_fingerprint
        tell_office(
            app_context,
            followed.request_ref,
            NoteKind.DECLINE,
            link_fingerprint=followed.link_fingerprint,
            words="No.",
        )

    answers = [lambda number=number: decline(number) for number in range(FAMILIES)]
    leaving = read_register(register(start=FAMILIES - 1))
    raised = at_once(
        lambda: import_register(app_context, leaving, leavers=True), *answers
    )
    assert {type(error) for error in raised} <= {RequestClosed}
    assert [one.name for one in list_register(app_context)] == [
        f"Parent {FAMILIES - 1}"
    ]


def test_two_imports_at_once_add_each_parent_once(app_context: AppContext) -> None:
    """The second waits for the first, and finds everybody there."""
    reading = read_register(register())
    raised = at_once(*[lambda: import_register(app_context, reading)] * 4)
    assert raised == []
    names = [one.name for one in list_register(app_context)]
    assert len(names) == len(set(names))
    assert f"Parent {FAMILIES - 1}" in names
