"""What is deleted next, in pages, and who leaves one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.errors import ParentUnknown
from signer.register.rows import read_register
from signer.workflows.parents.browse import PAGE
from signer.workflows.parents.expiring import KINDS, list_expiring
from signer.workflows.parents.leave import leave_register
from signer.workflows.register.import_register import import_register
from signer.workflows.retention.rules import DataKind
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post

HEADER = "parent_name,parent_email,relationship,child_name,year_group\n"


def test_pages_hold_each_row_once_and_the_first_day_first(
    app_context: AppContext,
) -> None:
    """However many have left, and whichever page is asked for."""
    rows = "".join(
        f"P{n} Q,p{n}@example.org,mother,C{n} Q,Year 7\n" for n in range(PAGE)
    )
    import_register(app_context, read_register((HEADER + rows).encode()), leavers=True)
    last = "Z Z,z@example.org,mother,Y Z,Year 7\n"
    import_register(app_context, read_register((HEADER + last).encode()), leavers=True)
    pages = [list_expiring(app_context, page=number) for number in (1, 2, 99)]
    assert [len(page.rows) for page in pages] == [PAGE, 4, 4]
    shown = [row for page in pages[:2] for row in page.rows]
    assert len({row.parent_id for row in shown}) == len(shown) == pages[0].found
    assert [row.due_on for row in shown] == sorted(row.due_on for row in shown)
    assert set(KINDS) == set(DataKind)


def test_one_parent_leaves_and_no_other(app_context: AppContext, asked: Post) -> None:
    """What they have not signed is withdrawn; looking first changes nothing."""
    before = snapshot(app_context)
    would = leave_register(app_context, "wang@example.org", dry_run=True)
    assert (would.withdrawn, would.had_left) == ((2,), False)
    assert snapshot(app_context) == before
    assert leave_register(app_context, "wang@example.org") == would
    after = snapshot(app_context)
    assert len(after["leaf"]) == len(before["leaf"]) + 1
    again = leave_register(app_context, "wang@example.org")
    assert (again.withdrawn, again.had_left) == ((), True)
    assert snapshot(app_context) == after
    with pytest.raises(ParentUnknown):
        leave_register(app_context, 4711)
