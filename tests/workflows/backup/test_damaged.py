"""A damaged backup is called damaged, whichever byte it is, and leaves nothing."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from signer.errors import BackupRefused
from signer.store.engine import connect
from signer.workflows.backup.create import back_up
from signer.workflows.backup.restore import restore
from tests.sharing.long_form import rounds
from tests.workflows.backup.test_create import rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

FLIPS = rounds(40, long=80)


@pytest.fixture
def backup(app_context: AppContext, tmp_path: Path) -> Path:
    """A backup of a register."""
    path = tmp_path / "all.backup"
    back_up(app_context.sessions, path)
    return path


def restored(path: Path, into: Path) -> str | None:
    """What restoring says; None where it goes through."""
    sessions = connect(f"sqlite:///{into}")
    try:
        restore(sessions, path)
    except BackupRefused as error:
        return error.problem
    finally:
        sessions.close()
    return None


def test_a_flipped_byte_is_damage_or_changes_nothing(
    app_context: AppContext, backup: Path, tmp_path: Path
) -> None:
    """Each part of the file is tried: what is stored, and what the ZIP says of it."""
    whole = backup.read_bytes()
    chosen = random.Random(20261122)
    places = {*range(4), *(len(whole) - 1 - n for n in range(22))}
    step = len(whole) // FLIPS
    places |= {n + chosen.randrange(step) for n in range(0, len(whole) - step, step)}
    spoilt, into = tmp_path / "spoilt.backup", tmp_path / "new" / "restored.sqlite3"
    into.parent.mkdir()
    harmless = 0
    for place in sorted(places):
        content = bytearray(whole)
        content[place] ^= 1 << chosen.randrange(8)
        spoilt.write_bytes(content)
        problem = restored(spoilt, into)
        if problem is not None:
            assert "damaged" in problem or "no backup" in problem, (place, problem)
            assert list(into.parent.iterdir()) == [], place
            continue
        # A ZIP holds a few bytes that mean nothing here, such as times.
        harmless += 1
        sessions = connect(f"sqlite:///{into}")
        assert rows_of(sessions) == rows_of(app_context.sessions), place
        sessions.close()
        for left in into.parent.iterdir():
            left.unlink()
    assert harmless < len(places) // 2


@pytest.mark.parametrize("part", [0, 1, 3, 100, 0.1, 0.5, 0.9, -1, -22])
def test_a_file_cut_short_is_damaged(backup: Path, tmp_path: Path, part: float) -> None:
    """No database is made for it."""
    whole = backup.read_bytes()
    length = part % len(whole) if isinstance(part, int) else int(part * len(whole))
    backup.write_bytes(whole[:length])
    into = tmp_path / "new" / "restored.sqlite3"
    into.parent.mkdir()
    problem = restored(backup, into)
    assert problem is not None
    assert "damaged" in problem
    assert list(into.parent.iterdir()) == []


def test_what_fails_while_rows_are_put_in_leaves_no_database(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that was made for it goes; one that was there stays."""

    def fail(*_: object) -> None:
        raise BackupRefused("something else")

    monkeypatch.setattr("signer.workflows.backup.restore.reset_sequences", fail)
    into = tmp_path / "new" / "restored.sqlite3"
    into.parent.mkdir()
    assert restored(backup, into) == "something else"
    assert list(into.parent.iterdir()) == []
