"""Transactions: whole or not at all, and writers wait for their turn."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from signer.store import schema
from signer.store.columns import SignedHow, Status
from signer.store.engine import connect
from signer.store.log.append import append_leaf
from signer.store.log.tables import Leaf, LogHead
from signer.store.tables import Parent, PinnedVersion, Request

if TYPE_CHECKING:
    from pathlib import Path

    from signer.store.engine import Sessions


def parent(moment: datetime) -> Parent:
    return Parent(
        name="A",
        name_key="a",
        email="a@example.org",
        email_key="a@example.org",
        added_at=moment,
    )


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    """Write-ahead log, full synchronisation, foreign keys and overwriting are on."""
    sessions = connect(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    schema.upgrade(sessions.engine)
    # Whoever upgrades waits for longer than others, on a connection of its own.
    sessions.close()
    with sessions.reading() as session:
        found = [
            session.execute(text(f"PRAGMA {name}")).scalar()
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "secure_delete",
                "busy_timeout",
            )
        ]
    sessions.close()
    assert found == ["wal", 2, 1, 1, 30000]


def test_a_new_database_that_is_written_to_is_waited_for(tmp_path: Path) -> None:
    """Two first starts at once: SQLite refuses the write-ahead log while one writes."""
    path = tmp_path / "a.sqlite3"
    with closing(sqlite3.connect(path, check_same_thread=False)) as writer:
        writer.execute("CREATE TABLE first (number)")
        writer.execute("BEGIN IMMEDIATE")
        end = threading.Timer(0.3, writer.rollback)
        end.start()
        with closing(connect(f"sqlite:///{path}")) as sessions:
            with sessions.reading() as session:
                mode = session.execute(text("PRAGMA journal_mode")).scalar()
            end.join()
    assert mode == "wal"


def test_a_commit_that_waits_for_no_disk_leaves_the_others_as_they_are(
    sessions: Sessions,
) -> None:
    """It is kept, and the same connection waits for the disk again afterwards."""
    sqlite = sessions.engine.dialect.name == "sqlite"
    how = text("PRAGMA synchronous" if sqlite else "SHOW synchronous_commit")
    found = []
    for synced in (True, False, True):
        with sessions.writing(synced=synced) as session:
            found.append(session.execute(how).scalar())
            append_leaf(session, "test:done")
    with sessions.reading() as session:
        assert session.scalar(select(LogHead.size)) == 3
        assert session.execute(how).scalar() == found[0]
    assert found[1] == (1 if sqlite else "off")
    assert found[0] == found[2]


def test_moments_come_back_in_utc(sessions: Sessions) -> None:
    """A moment given in another zone is the same moment, in UTC."""
    moment = datetime(2026, 7, 1, 12, 0, 0, tzinfo=timezone(timedelta(hours=2)))
    with sessions.writing() as session:
        session.add(parent(moment))
    with sessions.reading() as session:
        found = session.scalars(select(Parent)).one().added_at
    assert (found, found.tzinfo) == (moment, UTC)


def test_a_moment_without_a_zone_is_refused(sessions: Sessions) -> None:
    """No naive moment reaches the database."""
    naive = datetime(2026, 7, 1, 12, 0, 0)  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError), sessions.writing() as session:
        session.add(parent(naive))


def test_reading_keeps_nothing(sessions: Sessions) -> None:
    """What is changed in a reading transaction is gone afterwards."""
    with sessions.reading() as session:
        session.add(parent(datetime.now(UTC)))
        session.flush()
    with sessions.reading() as session:
        assert session.scalars(select(Parent)).all() == []


def test_an_error_undoes_the_whole_transaction(sessions: Sessions) -> None:
    """A leaf is not kept when what it records fails."""
    with pytest.raises(ZeroDivisionError), sessions.writing() as session:
        append_leaf(session, "test:failed")
        _ = 1 / 0
    with sessions.reading() as session:
        assert session.scalars(select(Leaf)).all() == []
        assert session.scalars(select(LogHead.size)).one() == 0


def test_leaves_have_no_gaps_when_many_append(sessions: Sessions) -> None:
    """Eight writers at once give positions 0 to 39, each once."""

    def append() -> None:
        for _ in range(5):
            with sessions.writing() as session:
                append_leaf(session, "test:appended")

    threads = [threading.Thread(target=append) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions.reading() as session:
        positions = session.scalars(select(Leaf.position).order_by(Leaf.position))
        assert positions.all() == list(range(40))
        assert session.scalars(select(LogHead.size)).one() == 40


@pytest.mark.parametrize(
    ("status", "how", "by"),
    [
        (Status.SIGNED, None, None),
        (Status.PENDING, SignedHow.LINK, None),
        (Status.SIGNED, SignedHow.PAPER, None),
        (Status.SIGNED, SignedHow.LINK, "the office"),
    ],
)
def test_a_request_cannot_contradict_itself(
    sessions: Sessions, status: Status, how: SignedHow | None, by: str | None
) -> None:
    """Signed says how, only paper says who recorded it: the database sees to it."""
    now = datetime.now(UTC)
    with pytest.raises(IntegrityError), sessions.writing() as session:
        session.add(parent(now))
        session.add(
            PinnedVersion(number=2, sha256="0" * 64, title="", label="", pinned_at=now)
        )
        session.flush()
        session.add(
            Request(
                ref="r",
                parent_id=session.scalars(select(Parent.id)).one(),
                version_number=2,
                version_sha256="0" * 64,
                status=status,
                signed_how=how,
                recorded_by=by,
                asked_at=now,
            )
        )


def test_schema_upgrade_takes_odd_folder_names(tmp_path: Path) -> None:
    """A percent sign in the path is no instruction to the configuration parser."""
    folder = tmp_path / "100% school"
    folder.mkdir()
    engine = connect(f"sqlite:///{folder / 'a.sqlite3'}").engine
    schema.upgrade(engine)
    schema.check(engine)
    engine.dispose()


def test_only_its_owner_may_read_the_database(tmp_path: Path) -> None:
    """Neither the file nor those beside it are open to others on the machine."""
    sessions = connect(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    assert list(tmp_path.iterdir()) == [], "nothing is made before it is needed"
    schema.upgrade(sessions.engine)
    with sessions.writing():
        modes = {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    sessions.close()
    assert modes == {0o600}
