"""A file's comparison with the register is kept, and is never an old one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select, update

from signer import clock
from signer.store.columns import UtcDateTime
from signer.store.desk.roles import DeskRole
from signer.store.desk.tables import DeskAccount
from signer.store.tables import (
    Child,
    FormerIdentity,
    Parent,
    Relationship,
)
from signer.workflows.desk.accounts import add_account
from signer.workflows.parents import uploads
from signer.workflows.parents.compared import read_examined, write_examined
from signer.workflows.parents.leave import leave_register
from signer.workflows.parents.register_mark import mark_of_register
from signer.workflows.parents.uploads import (
    compare_upload,
    examine_upload,
    find_upload,
    import_upload,
    keep_upload,
    say_answers,
    say_columns,
)
from signer.workflows.register.columns import forget_columns, remember_columns
from signer.workflows.register.identity import correct_parent
from tests.conftest import PEOPLE

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from signer.workflows.parents.compared import Examined

HEADER = PEOPLE.splitlines()[0] + "\n"
ODD = (
    "Ada Ng,ada@example.org,mother,Bo Ng,Year 7\n"
    "AMIRA KHAN,amira@example.org,mother,Yusuf Khan,Year 9\n"
    "Tom O\u2019Brien,tom@example.org,father,Maeve O'Brien,Year 10\n"
    "Niamh O'Brien,,mother,Maeve O'Brien,Year 10\n"
    "محمد علي,m@example.org,father,علي,Year 3\n"
    "Amira Rahman,amira@example.org,mother,Noor,Year 7\n"
)
BROKEN = "Ada Ng,ada@,mother,Bo Ng,Year 7\n,b@example.org,mother,Cy,\n"
STRANGE = "Erz.,Post,Rolle,Kind,Jahr\nAda Ng,ada@example.org,mother,Bo Ng,7\n"


@pytest.fixture
def account(app_context: AppContext) -> int:
    """The id of somebody of the office."""
    add_account(app_context, "office@school.example", DeskRole.OFFICE)
    with app_context.sessions.reading() as session:
        return session.scalars(select(DeskAccount.id)).one()


@pytest.fixture
def compared(
    app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> list[Examined]:
    """What came of each comparison that was made."""
    made: list[Examined] = []
    real = uploads._examine  # noqa: SLF001 - to see whether anything is compared

    def examine(context: AppContext, upload: uploads.Upload) -> Examined:
        made.append(real(context, upload))
        return made[-1]

    monkeypatch.setattr(uploads, "_examine", examine)
    return made


@pytest.mark.parametrize(
    "content", ["", HEADER, PEOPLE, HEADER + ODD, HEADER + BROKEN, STRANGE]
)
def test_what_is_kept_is_what_was_found(
    app_context: AppContext, account: int, compared: list[Examined], content: str
) -> None:
    """Questions, corrections, problems and odd names; looking compares nothing."""
    correct_parent(app_context, "wang@example.org", email="ming@example.org")
    ref = keep_upload(app_context, account, content.encode())
    [found] = compared
    shown = examine_upload(app_context, find_upload(app_context, account, ref))
    assert shown == found
    assert read_examined(write_examined(shown)) == shown
    assert len(compared) == 1


def test_each_step_leaves_what_the_file_comes_to_then(
    app_context: AppContext, account: int, compared: list[Examined]
) -> None:
    """Columns, answers, the import: whoever looks afterwards waits for nothing."""
    ref = keep_upload(app_context, account, STRANGE.encode())
    headings = HEADER.strip().split(",")
    meant = dict(zip(STRANGE.splitlines()[0].split(","), headings, strict=True))
    say_columns(app_context, account, ref, meant)
    say_answers(app_context, account, ref, same=[], new=["0" * 8])
    shown = examine_upload(app_context, find_upload(app_context, account, ref))
    assert shown.result is not None
    assert shown.result.added == [("Ada Ng", "ada@example.org")]
    import_upload(app_context, account, ref)
    made = len(compared)
    shown = examine_upload(app_context, find_upload(app_context, account, ref))
    assert shown.result is not None
    assert (shown.result.added, shown.result.unchanged) == ([], 1)
    assert len(compared) == made


def test_a_change_of_the_register_is_seen_at_once(
    app_context: AppContext, account: int, compared: list[Examined]
) -> None:
    """And what is compared by a press is kept for whoever looks after that."""
    ref = keep_upload(app_context, account, PEOPLE.encode())
    upload = find_upload(app_context, account, ref)
    leave_register(app_context, "wang@example.org")
    for times in (2, 3):
        shown = examine_upload(app_context, upload)
        assert shown.result is not None
        assert shown.result.returned == [("王小明", "wang@example.org")]
        assert len(compared) == times, "what only looks keeps nothing"
    assert compare_upload(app_context, account, upload) == shown
    assert examine_upload(app_context, upload) == shown
    assert len(compared) == 4


def test_what_headings_mean_is_no_old_meaning(
    app_context: AppContext, account: int, compared: list[Examined]
) -> None:
    """Another file's import may have the school remember another one, or forget."""
    ref = keep_upload(app_context, account, STRANGE.encode())
    upload = find_upload(app_context, account, ref)
    before = examine_upload(app_context, upload)
    with app_context.sessions.writing() as session:
        remember_columns(session, {"erz.": "parent_name"})
    assert examine_upload(app_context, upload).headings[0][1] == "parent_name"
    forget_columns(app_context)
    assert examine_upload(app_context, upload) == before
    assert len(compared) == 2


def test_nothing_is_kept_of_a_register_that_changed_meanwhile(
    app_context: AppContext,
    account: int,
    compared: list[Examined],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody knows which of the two was compared."""
    real = uploads._examine  # noqa: SLF001 - somebody else is at work in it

    def examine(context: AppContext, upload: uploads.Upload) -> Examined:
        found = real(context, upload)
        leave_register(context, "wang@example.org")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "_examine", examine)
        ref = keep_upload(app_context, account, PEOPLE.encode())
    shown = examine_upload(app_context, find_upload(app_context, account, ref))
    assert shown.result is not None
    assert shown.result.returned == [("王小明", "wang@example.org")]
    assert len(compared) == 2


def test_the_mark_of_the_register_moves_with_each_of_its_values(
    app_context: AppContext,
) -> None:
    """Whichever column of whichever row, by whichever way."""
    correct_parent(app_context, "wang@example.org", email="ming@example.org")
    with app_context.sessions.writing() as session:
        before = mark_of_register(session)
        marks = [before]
        for table in (Parent, Child, Relationship, FormerIdentity):
            columns = table.__table__.columns
            first = session.execute(select(*columns).limit(1)).one()
            this = [
                one == getattr(first, one.name) for one in columns if one.primary_key
            ]
            changes: list[Any] = [
                update(table)
                .where(*this)
                .values({one.name: _another(getattr(first, one.name), one)})
                for one in columns
                if not (one.primary_key or one.foreign_keys)
            ]
            if table in {Relationship, FormerIdentity}:
                changes.append(delete(table).where(*this))
            for change in changes:
                with session.begin_nested() as nested:
                    session.execute(change)
                    marks.append(mark_of_register(session))
                    nested.rollback()
        assert mark_of_register(session) == before
    assert len(set(marks)) == len(marks) > 15


def _another(value: object, column: Any) -> object:
    if isinstance(value, datetime):
        return value + timedelta(days=1)
    if value is None:
        return clock.now() if isinstance(column.type, UtcDateTime) else "x"
    return f"{value}x"
