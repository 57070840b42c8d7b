"""No head is signed of a log whose entries or hashes were spoilt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from signer.store.log.tables import LogHead
from signer.workflows.log.sign_checkpoint import (
    sign_checkpoint,
)
from tests.workflows.log import logs
from tests.workflows.log.logs import refused, size_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext


def rewritten(app_context: AppContext) -> None:
    """An entry, and the tree over it."""
    logs.rewrite(app_context, 4)
    logs.regrow(app_context)


def reordered(app_context: AppContext) -> None:
    """Two entries, and the tree over them."""
    logs.swap(app_context, 3, 7)
    logs.regrow(app_context)


SPOILT: dict[str, Callable[[AppContext], None]] = {
    "truncated": lambda app_context: logs.truncate(app_context, 11),
    "newest entry deleted": lambda app_context: logs.remove(app_context, 12),
    "rewritten": rewritten,
    "reordered": reordered,
    "a size too large": lambda app_context: logs.say_size(app_context, 14),
    "a size too small": lambda app_context: logs.say_size(app_context, 12),
}
SPOILT_BELOW: dict[str, Callable[[AppContext], None]] = {
    "an entry deleted": lambda app_context: logs.remove(app_context, 4),
    "an entry rewritten": lambda app_context: logs.rewrite(app_context, 4),
    "entries reordered": lambda app_context: logs.swap(app_context, 3, 7),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_log_is_refused(
    logged: AppContext, spoil: Callable[[AppContext], object]
) -> None:
    """Whatever was done to the log, no head of it is signed, then or later."""
    spoil(logged)
    refused(logged)
    refused(logged, whole=True)
    refused(logged)


@pytest.mark.parametrize("spoil", SPOILT_BELOW.values(), ids=SPOILT_BELOW)
def test_an_entry_that_no_longer_fits_the_tree_is_found_by_the_whole_check(
    logged: AppContext, spoil: Callable[[AppContext], object]
) -> None:
    """Old entries under an untouched tree are found once a day, and then remembered."""
    spoil(logged)
    found = refused(logged, whole=True)
    assert refused(logged).problem == found.problem
    logs.regrow(logged)
    refused(logged)


@pytest.mark.parametrize(
    "spoil", [*SPOILT.values(), *SPOILT_BELOW.values()], ids=[*SPOILT, *SPOILT_BELOW]
)
def test_what_is_not_signed_yet_must_fit_the_tree_too(
    app_context: AppContext, spoil: Callable[[AppContext], object]
) -> None:
    """What came since the newest head is hashed again before it is vouched for."""
    logs.append(app_context.sessions, 2)
    sign_checkpoint(app_context)
    logs.append(app_context.sessions, 11)
    spoil(app_context)
    if spoil in {SPOILT["truncated"], SPOILT["rewritten"], SPOILT["reordered"]}:
        # Nobody was ever told of them: whoever holds the database may take them back.
        assert sign_checkpoint(app_context) is not None
        return
    refused(app_context)


def test_a_log_that_was_put_right_is_signed_again(logged: AppContext) -> None:
    """Once the whole check finds nothing, what it found before is forgotten."""
    backup = logs.saved(logged)
    logs.rewrite(logged, 4)
    refused(logged, whole=True)
    with logged.sessions.reading() as session:
        assert session.scalars(select(LogHead.problem)).one() is not None
    leaves = {"leaf": backup["leaf"], "opening": backup["opening"]}
    logs.restore(logged, {**logs.saved(logged), **leaves})
    logs.append(logged.sessions, 1)
    refused(logged)
    note = sign_checkpoint(logged, whole=True)
    assert note is not None
    assert size_of(note) == 14
    assert sign_checkpoint(logged) == note


def test_a_changed_opening_is_found(logged: AppContext) -> None:
    """A record that its leaf does not stand for is a problem of the log."""
    with logged.sessions.writing() as session:
        session.execute(text("UPDATE opening SET record = salt WHERE position = 4"))
    assert "Entry 4" in refused(logged, whole=True).problem


def test_an_erased_opening_is_none(logged: AppContext) -> None:
    """Erasing what a leaf stands for leaves the log as it was."""
    with logged.sessions.writing() as session:
        session.execute(text("DELETE FROM opening WHERE position = 4"))
    assert sign_checkpoint(logged, whole=True) is not None


def test_a_removed_node_is_found(logged: AppContext) -> None:
    """A node that is missing is told as a broken log, and never as a fault of ours."""
    with logged.sessions.writing() as session:
        session.execute(text("DELETE FROM tree_node WHERE level = 3"))
    refused(logged)
    refused(logged, whole=True)
