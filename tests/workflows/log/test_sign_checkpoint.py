"""The log's head is signed once for each size, and never of a log that was lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer.errors import FileNotWritten, KeyUnusable, LogBroken
from signer.ledger.checkpoints import read_checkpoint
from signer.ledger.log_key import new_log_key
from signer.store.log.tables import LogOrigin
from signer.workflows.context import AppContext, open_context
from signer.workflows.log.check import check_log
from signer.workflows.log.checkpoint_consistency import SITE_CHECKPOINT
from signer.workflows.log.origins import number_of, verifiers
from signer.workflows.log.sign_checkpoint import (
    newest_checkpoint,
    problem_of_log,
    sign_checkpoint,
)
from tests.conftest import MOMENT, PASSPHRASE
from tests.workflows.log import logs
from tests.workflows.log.logs import refused, signed, size_of

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "127.0.0.1:8000/log"


def test_the_head_is_signed_and_kept_in_two_places(app_context: AppContext) -> None:
    """The note bears the log's name, size and root, in the database and outside."""
    logs.append(app_context.sessions, 5)
    note = sign_checkpoint(app_context)
    assert note is not None
    head = read_checkpoint(note, ORIGIN, verifiers(app_context))
    assert (head.origin, head.size, head.extensions) == (ORIGIN, 5, ())
    assert app_context.settings.checkpoint_path.read_bytes() == note.encode()
    with app_context.sessions.reading() as session:
        newest = newest_checkpoint(session)
        assert newest is not None
        assert (newest.note, newest.size, newest.root) == (note, 5, head.root)
        assert newest.signed_at == MOMENT


def test_an_empty_log_has_no_head(app_context: AppContext) -> None:
    """Nothing is signed before the first entry, and nothing is written."""
    assert sign_checkpoint(app_context) is None
    assert verifiers(app_context) == ()
    assert not app_context.settings.checkpoint_path.exists()


def test_a_log_that_has_not_grown_keeps_its_head(logged: AppContext) -> None:
    """Asking again gives the same note, and no second row."""
    note = sign_checkpoint(logged)
    assert sign_checkpoint(logged, whole=True) == note
    assert signed(logged) == [(1, 13)]


def test_each_size_has_a_head_of_its_own(logged: AppContext) -> None:
    """Every head is a beginning of the next."""
    for size in (14, 15, 16):
        logs.append(logged.sessions, 1)
        note = sign_checkpoint(logged, whole=size == 15)
        assert note is not None
        assert size_of(note) == size
    assert signed(logged) == [(1, 13), (1, 14), (1, 15), (1, 16)]


def test_the_name_stays_when_the_address_changes(logged: AppContext) -> None:
    """A log goes on under the name that its first head was signed with."""
    logged.settings = replace(logged.settings, base_url="https://other.example")
    logs.append(logged.sessions, 1)
    note = sign_checkpoint(logged)
    assert note is not None
    assert note.startswith(f"{ORIGIN}\n")


def test_a_missing_key_signs_nothing(logged: AppContext, tmp_path: Path) -> None:
    """The key's file is named; once it is there, the same process goes on."""
    key = logged.settings.log_key_path
    app_context = AppContext(
        replace(logged.settings, log_key_file=tmp_path / "later.p12"),
        sessions=logged.sessions,
        versions=logged.versions,
    )
    logs.append(app_context.sessions, 1)
    with pytest.raises(KeyUnusable, match="signer keys log"):
        sign_checkpoint(app_context)
    assert signed(app_context) == [(1, 13)]
    (tmp_path / "later.p12").write_bytes(key.read_bytes())
    assert sign_checkpoint(app_context) is not None


def test_another_key_signs_nothing(logged: AppContext, tmp_path: Path) -> None:
    """A log never changes its key without being reopened."""
    other = tmp_path / "other.p12"
    other.write_bytes(new_log_key(PASSPHRASE))
    app_context = AppContext(
        replace(logged.settings, log_key_file=other),
        sessions=logged.sessions,
        versions=logged.versions,
    )
    assert "key is not the one" in refused(app_context).problem


def test_an_older_backup_is_refused(logged: AppContext) -> None:
    """The file outside remembers a head that the restored database never had."""
    backup = logs.saved(logged)
    logs.append(logged.sessions, 3)
    sign_checkpoint(logged)
    logs.restore(logged, backup)
    error = refused(logged)
    assert (error.held, error.size) == (16, 13)
    assert "entries are gone" in error.problem


def test_an_older_backup_that_has_grown_is_refused(logged: AppContext) -> None:
    """Other entries in the place of those lost do not make up for them."""
    backup = logs.saved(logged)
    logs.append(logged.sessions, 3)
    sign_checkpoint(logged)
    logs.restore(logged, backup)
    logs.append(logged.sessions, 5)
    error = refused(logged)
    assert (error.held, error.size) == (16, 18)
    assert "are not those that" in error.problem


def test_an_empty_database_is_refused(logged: AppContext) -> None:
    """A database made anew does not begin the log anew."""
    backup = logs.saved(logged)
    logs.restore(
        logged, {**{table: [] for table in backup}, "log_head": [{"id": 1, "size": 0}]}
    )
    error = refused(logged)
    assert (error.held, error.size) == (13, 0)


def test_a_backup_without_its_newest_head_goes_on(app_context: AppContext) -> None:
    """A backup from between a leaf and its head holds all that the head vouches for."""
    logs.append(app_context.sessions, 4)
    backup = logs.saved(app_context)
    note = sign_checkpoint(app_context)
    logs.restore(app_context, backup)
    assert sign_checkpoint(app_context) == note


def test_the_head_on_the_site_is_held_too(logged: AppContext) -> None:
    """Where the file outside was lost with the rest, the published one remembers."""
    backup = logs.saved(logged)
    logs.append(logged.sessions, 3)
    note = sign_checkpoint(logged)
    assert note is not None
    (logged.settings.versions_dir / SITE_CHECKPOINT).write_bytes(note.encode())
    logs.restore(logged, backup)
    logged.settings.checkpoint_path.unlink()
    with pytest.raises(LogBroken, match=SITE_CHECKPOINT):
        sign_checkpoint(logged)


@pytest.mark.parametrize("origin", ["school.example/log", "school.example/log/2"])
def test_the_site_s_head_stops_no_trial(logged: AppContext, origin: str) -> None:
    """Another service works on the same versions: a demo, or one to try things on."""
    key = logged.log_key().signer(origin)
    (logged.settings.versions_dir / SITE_CHECKPOINT).write_text(
        key.sign(f"{origin}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
    )
    logs.append(logged.sessions, 1)
    note = sign_checkpoint(logged)
    assert note is not None
    assert size_of(note) == 14
    assert check_log(logged).is_whole


@pytest.mark.parametrize("note", [b"", b"\xff", b"words\n", f"{ORIGIN}\n".encode()])
def test_a_head_on_the_site_that_cannot_be_read_is_refused(
    logged: AppContext, note: bytes
) -> None:
    """What may be a head of this log, and is spoilt, is no proof either."""
    (logged.settings.versions_dir / SITE_CHECKPOINT).write_bytes(note)
    assert SITE_CHECKPOINT in refused(logged).problem


@pytest.mark.parametrize("note", [b"", b"\xff", b"not a checkpoint\n"])
def test_a_held_head_that_cannot_be_read_is_refused(
    logged: AppContext, note: bytes
) -> None:
    """A file that says nothing is no proof that nothing was lost."""
    logged.settings.checkpoint_path.write_bytes(note)
    error = refused(logged)
    assert "no signed head of this log" in error.problem
    assert str(logged.settings.checkpoint_path) in error.problem


def test_a_head_of_another_log_is_refused(logged: AppContext) -> None:
    """What is held must be of this log."""
    key = logged.log_key().signer("other.example/log")
    logged.settings.checkpoint_path.write_text(
        key.sign("other.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
    )
    assert "another log" in refused(logged).problem


def test_two_workers_sign_one_head_for_each_size(app_context: AppContext) -> None:
    """However many sign and append at once, each size has one head."""
    contexts = [
        app_context,
        open_context(app_context.settings),
        open_context(app_context.settings),
    ]
    ready = threading.Barrier(len(contexts))

    def work(one: AppContext) -> list[str | None]:
        ready.wait()
        found = []
        for _ in range(6):
            logs.append(one.sessions, 1)
            found.append(sign_checkpoint(one))
        return found

    try:
        with ThreadPoolExecutor(len(contexts)) as pool:
            notes = {note for found in pool.map(work, contexts) for note in found}
    finally:
        for one in contexts[1:]:
            one.sessions.close()
    rows = signed(app_context)
    assert len(rows) == len(set(rows)) == len(notes)
    assert sign_checkpoint(app_context, whole=True) in notes
    with app_context.sessions.reading() as session:
        assert session.scalar(select(func.count()).select_from(LogOrigin)) == 1


def test_a_crash_before_the_file_is_written_is_mended(
    logged: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head is in the database; the next run writes it outside as well."""
    before = logged.settings.checkpoint_path.read_text()
    logs.append(logged.sessions, 2)

    class Killed(BaseException):
        pass

    def die(*_: object, **_named: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("signer.workflows.log.sign_checkpoint.keep_outside", die)
        with pytest.raises(Killed):
            sign_checkpoint(logged)
    assert signed(logged) == [(1, 13), (1, 15)]
    assert logged.settings.checkpoint_path.read_text() == before
    note = sign_checkpoint(logged)
    assert logged.settings.checkpoint_path.read_text() == note
    assert signed(logged) == [(1, 13), (1, 15)]


def test_a_file_that_cannot_be_written_loses_no_head(
    logged: AppContext,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A full disk is logged, leaves the older file whole, and is mended later."""
    before = logged.settings.checkpoint_path.read_bytes()
    logs.append(logged.sessions, 1)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        assert sign_checkpoint(logged) is not None
        with pytest.raises(FileNotWritten, match="No space left"):
            sign_checkpoint(logged, must_keep=True)
    assert "could not be kept" in caplog.text
    assert "Traceback" not in caplog.text
    assert logged.settings.checkpoint_path.read_bytes() == before
    assert list(logged.settings.instance_path.glob(".*.part")) == []
    note = sign_checkpoint(logged)
    assert logged.settings.checkpoint_path.read_text() == note


def test_why_nothing_is_signed_is_told_in_a_sentence(logged: AppContext) -> None:
    """The alarm says what is wrong, and nothing once it is put right."""
    with logged.sessions.reading() as session:
        assert problem_of_log(logged, session) is None
    logs.say_size(logged, 14)
    with logged.sessions.reading() as session:
        problem = problem_of_log(logged, session)
    assert problem == "The log's size should be 14, and is 13."


@pytest.mark.parametrize(
    ("origin", "number"),
    [
        ("a.example/log", 1),
        ("a.example/log/2", 2),
        ("a.example/log/12", 12),
        ("a.example/log/1", None),
        ("a.example/log/02", None),
        ("a.example/log/2/3", None),
        ("b.example/log", None),
    ],
)
def test_the_names_of_a_log_are_counted(origin: str, number: int | None) -> None:
    """Each reopening has a number in the name; other names are other logs'."""
    assert number_of(origin, "a.example/log") == number
