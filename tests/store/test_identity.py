"""A process notices when its database's files are no longer those at their paths."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import DatabaseMissing, DatabaseReplaced
from signer.store import schema
from signer.store.engine import connect
from signer.store.tables import PinnedVersion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.store.engine import Sessions


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A migrated database."""
    path = tmp_path / "signer.sqlite3"
    with closing(connect(f"sqlite:///{path}")) as sessions:
        schema.upgrade(sessions.engine)
    return path


@pytest.fixture
def connected(path: Path) -> Iterator[Sessions]:
    """Sessions with a connection that has read."""
    sessions = connect(f"sqlite:///{path}")
    pin(sessions, 1)
    yield sessions
    sessions.close()


def pin(sessions: Sessions, number: int) -> None:
    """Write a row."""
    with sessions.writing() as session:
        session.add(
            PinnedVersion(
                number=number,
                sha256="0" * 64,
                title="",
                label="",
                pinned_at=datetime.now(UTC),
            )
        )


def test_files_that_stay_are_well(connected: Sessions, path: Path) -> None:
    """Through writes, further connections, and other processes' closing."""
    for number in range(2, 6):
        with connected.reading() as one, connected.reading() as another:
            for session in (one, another):
                session.scalars(select(PinnedVersion)).all()
        pin(connected, number)
        with closing(connect(f"sqlite:///{path}")) as other:
            schema.check(other.engine)
        connected.check_identity()


@pytest.mark.parametrize("ending", ["", "-wal", "-shm"])
@pytest.mark.parametrize("how", ["renamed", "removed", "replaced"])
def test_a_file_that_is_not_the_one_in_use_is_noticed(
    connected: Sessions, path: Path, ending: str, how: str
) -> None:
    """Whichever of the three it is, nothing more is written."""
    file = path.with_name(path.name + ending)
    if how == "renamed":
        file.rename(path.with_name("elsewhere"))
    elif how == "removed":
        file.unlink()
    else:
        # A copy is opened under another name, so that no lock of ours is dropped.
        shutil.copyfile("/dev/null", path.with_name("new"))
        path.with_name("new").replace(file)
    with pytest.raises(DatabaseReplaced) as caught:
        connected.check_identity()
    assert caught.value.missing == (ending == "" and how != "replaced")
    with pytest.raises(DatabaseReplaced):
        pin(connected, 2)


def test_a_replacement_during_a_transaction_is_noticed_after_it(
    connected: Sessions, path: Path
) -> None:
    """What was committed to a file that is gone by then does not count."""
    with pytest.raises(DatabaseReplaced), connected.writing() as session:
        session.scalars(select(PinnedVersion)).all()
        path.rename(path.with_name("elsewhere"))


def test_no_further_connection_is_opened_to_other_files(
    connected: Sessions, path: Path
) -> None:
    """It would fold the log of writes of the one into the other."""
    path.rename(path.with_name("elsewhere"))
    with (
        connected.reading() as session,
        pytest.raises(DatabaseReplaced),
    ):
        session.scalars(select(PinnedVersion)).all()
        with connected.reading() as another:
            another.scalars(select(PinnedVersion)).all()
    assert not path.exists()


def test_closing_forgets(path: Path) -> None:
    """After closing, what stands at the path is what is opened."""
    sessions = connect(f"sqlite:///{path}")
    pin(sessions, 1)
    sessions.close()
    path.rename(path.with_name("elsewhere"))
    sessions.check_identity()
    with pytest.raises(DatabaseMissing):
        pin(sessions, 2)
    path.with_name("elsewhere").rename(path)
    pin(sessions, 2)
    sessions.close()
