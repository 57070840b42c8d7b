"""An import and whoever answers or is asked meanwhile wait for each other in turn."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text

from signer.register.rows import read_register
from signer.store.log.append import append_leaf
from signer.store.tables import Parent, Request
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from tests.conftest import PEOPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from signer.workflows.context import AppContext

PATIENCE = 60
"""Seconds until a test gives up; nothing is measured by it."""

MOVED = (
    PEOPLE.replace("amira@", "khan@").replace("family@", "o-brien@").rpartition("王小")
)[0]
"""Three parents have new addresses, and one has left."""


def hold_request(name: str, session: Session) -> None:
    """As whoever answers does."""
    session.execute(
        select(Request.id).join(Parent).where(Parent.name == name).with_for_update()
    )


def hold_parent(name: str, session: Session) -> None:
    """As the database does where somebody opens a request for a parent."""
    session.execute(
        select(Parent.id)
        .where(Parent.name == name)
        .with_for_update(read=True, key_share=True)
    )


def wait_until_somebody_waits(app_context: AppContext) -> None:
    until = time.monotonic() + PATIENCE
    waiting = select(func.count()).select_from(text("pg_locks WHERE NOT granted"))
    while time.monotonic() < until:
        with app_context.sessions.reading() as session:
            if session.scalar(waiting):
                return
        time.sleep(0.02)
    pytest.fail("nobody waits")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("hold", "name"),
    [
        (hold_request, "Tom O'Brien"),
        (hold_request, "王小明"),
        (hold_parent, "Tom O'Brien"),
    ],
    ids=["moved", "leaver", "asked"],
)
def test_an_import_holds_no_log_while_it_wants_what_others_hold(
    app_context: AppContext, hold: Callable[[str, Session], None], name: str
) -> None:
    """Somebody holds a request or a parent, and then wants the log: no deadlock."""
    ask_parents(app_context)
    raised: list[BaseException] = []

    def run() -> None:
        try:
            import_register(app_context, read_register(MOVED.encode()), leavers=True)
        except BaseException as error:  # noqa: BLE001 - it is looked at below
            raised.append(error)

    importing = threading.Thread(target=run)
    with app_context.sessions.writing() as session:
        hold(name, session)
        importing.start()
        wait_until_somebody_waits(app_context)
        append_leaf(session, "request:declined", request="of the test")
    importing.join()
    assert raised == []
    assert {one.email for one in list_register(app_context)} == {
        *("khan@example.org", "o-brien@example.org")
    }
