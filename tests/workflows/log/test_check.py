"""A check of the log names all that is wrong, and changes nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import strategies as st
from sqlalchemy import text

from signer.config import Settings
from signer.ledger.log_key import LOG_KEY
from signer.ledger.tree import consistency_proof
from signer.register.rows import read_register
from signer.store.engine import connect
from signer.store.log.append import StoredNodes, append_leaf
from signer.workflows.context import AppContext
from signer.workflows.log import check
from signer.workflows.log.check import MOST_PROBLEMS, check_log
from signer.workflows.log.checkpoint_consistency import Names, names_of
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.import_register import import_register
from tests.conftest import PASSPHRASE, PEOPLE
from tests.ledger.consistency import check_consistency
from tests.workflows.conftest import sign, snapshot
from tests.workflows.log import logs

if TYPE_CHECKING:
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles
    from signer.workflows.requests.follow_link import Followed


@pytest.fixture
def logged(app_context: AppContext) -> AppContext:
    """A context whose log has 13 entries, signed at 5, 9 and 13."""
    for count in (5, 4, 4):
        logs.append(app_context.sessions, count)
        sign_checkpoint(app_context)
    return app_context


def test_a_whole_log_is_reported(logged: AppContext) -> None:
    """Name, size, root, what is signed; and checking changes nothing."""
    before = snapshot(logged)
    report = check_log(logged)
    assert report.is_whole
    assert (report.origin, report.size, report.signed_size, report.checkpoints) == (
        "127.0.0.1:8000/log",
        13,
        13,
        3,
    )
    assert report.root is not None
    assert len(bytes.fromhex(report.root)) == 32
    assert (report.problems, report.held, report.key_problem) == ((), (), None)
    assert snapshot(logged) == before


def test_an_empty_log_is_whole(app_context: AppContext) -> None:
    """Before the first entry there is nothing to be wrong."""
    report = check_log(app_context)
    assert report.is_whole
    assert (report.size, report.signed_size, report.checkpoints) == (0, None, 0)


def test_a_head_that_is_signed_meanwhile_is_no_problem(
    logged: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker signs while the log is checked: nothing is gone."""

    def signs_first(*given: Any) -> Names:
        logs.append(logged.sessions, 1)
        sign_checkpoint(logged)
        return names_of(*given)

    monkeypatch.setattr(check, "names_of", signs_first)
    report = check_log(logged)
    assert (report.size, report.problems) == (13, ())


def test_everything_wrong_is_named(logged: AppContext) -> None:
    """Each change is told, once, however many there are."""
    logs.rewrite(logged, 2)
    logs.remove(logged, 6)
    with logged.sessions.writing() as session:
        session.execute(text("DELETE FROM tree_node WHERE level = 2 AND place = 2"))
        session.execute(text("UPDATE opening SET record = salt WHERE position = 11"))
        session.execute(text("UPDATE checkpoint SET size = 6 WHERE size = 5"))
    logged.settings.checkpoint_path.write_text("nothing\n")
    problems = check_log(logged).problems
    assert [one for one in problems if one.startswith("Entry 2 ")] == [
        "Entry 2 is not the one that was logged."
    ]
    for said in (
        "The log should hold 13 entries, and holds 12.",
        "Entry 6 is missing.",
        "The hash above the entries 8 to 11 is not what it was.",
        "Entry 11 does not stand for what is recorded with it.",
        "The checkpoint 6 in the database is filed as another one.",
    ):
        assert said in problems
    assert any("no signed head of this log" in one for one in problems)


def test_strangers_fill_no_screens(
    app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many problems of one sort the first are told."""
    monkeypatch.setattr("signer.workflows.log.check.MOST_PROBLEMS", 5)
    logs.append(app_context.sessions, 13)
    with app_context.sessions.writing() as session:
        session.execute(
            text(
                "UPDATE leaf SET commitment = (SELECT hash FROM tree_node"
                " WHERE level = 3 AND place = 0)"
            )
        )
    problems = check_log(app_context).problems
    assert len(problems) == 6
    assert "more of the same" in problems[-1]
    assert MOST_PROBLEMS == 100


def test_checkpoints_that_others_hold_are_compared(logged: AppContext) -> None:
    """Each one given is said to fit, or why it does not."""
    with logged.sessions.reading() as session:
        notes = session.scalars(text("SELECT note FROM checkpoint ORDER BY size")).all()
    forged = logged.log_key().signer("127.0.0.1:8000/log")
    other = forged.sign("127.0.0.1:8000/log\n9\n" + notes[0].split("\n")[2] + "\n")
    held = [*(("kept", note) for note in notes), ("split", other), ("odd", "words")]
    report = check_log(logged, held)
    assert not report.is_whole
    assert report.problems == ()
    assert [(one.where, one.size, one.problem is None) for one in report.held] == [
        ("kept", 5, True),
        ("kept", 9, True),
        ("kept", 13, True),
        ("split", 9, False),
        ("odd", None, False),
    ]


def test_the_log_is_checked_without_its_key(logged: AppContext, tmp_path: Path) -> None:
    """The public keys are on record; that the private one is missing is said."""
    app_context = AppContext(
        replace(logged.settings, log_key_file=tmp_path / "none.p12"),
        sessions=logged.sessions,
        versions=logged.versions,
    )
    report = check_log(app_context)
    assert report.is_whole
    assert "is not there" in (report.key_problem or "")


def test_a_seal_that_the_log_does_not_tell_of_is_named(
    app_context: AppContext, amira: Followed
) -> None:
    """A sealed PDF that was put in the place of another is found."""
    signed = sign(app_context, amira)
    assert check_log(app_context).is_whole
    with app_context.sessions.writing() as session:
        session.execute(text("UPDATE declaration SET sealed_position = 0"))
    (problem,) = check_log(app_context).problems
    assert problem == f"The log does not tell of the seal of {signed.declaration_id}."


@hypothesis.settings(max_examples=15)
@hypothesis.given(steps=st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_any_two_checkpoints_are_consistent(
    steps: list[int],
    key_files: KeyFiles,
    migrated: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Between any two heads ever signed the stored tree gives a proof that holds."""
    folder = tmp_path_factory.mktemp("grown")
    settings = Settings(
        instance=folder,
        secret_keys=("a secret of the tests that is long enough to be one",),
        log_key_file=key_files.seal_key.with_name(LOG_KEY),
        seal_passphrase=PASSPHRASE,
    )
    shutil.copy(migrated, folder)
    app_context = AppContext(settings, sessions=connect(settings.database), versions=())
    for count in steps:
        with app_context.sessions.writing() as session:
            for number in range(count):
                append_leaf(session, "test:appended", number=number)
        sign_checkpoint(app_context)
    with app_context.sessions.reading() as session:
        heads = session.execute(text("SELECT size, root FROM checkpoint")).all()
        nodes = StoredNodes(session)
        assert [size for size, _ in heads] == [
            sum(steps[: end + 1]) for end in range(len(steps))
        ]
        for old, old_root in heads:
            for new, new_root in heads:
                if old <= new:
                    path = consistency_proof(nodes, old, new)
                    check_consistency(old, old_root, new, new_root, path)
    assert check_log(app_context).is_whole
    app_context.sessions.close()


def test_records_that_nobody_erased_are_missed(
    app_context: AppContext, amira: Followed
) -> None:
    """A declaration taken out of the database leaves its entry behind."""
    signed = sign(app_context, amira)
    assert check_log(app_context).is_whole
    with app_context.sessions.writing() as session:
        session.execute(text("DELETE FROM declaration"))
    [problem] = check_log(app_context).problems
    assert problem.endswith(
        f"tells of the declaration {signed.declaration_id}, which is gone."
    )
    with app_context.sessions.writing() as session:
        session.execute(text("DELETE FROM opening WHERE position > 0"))
    assert check_log(app_context).problems == (
        "The record of entry 1 is gone, and no entry says that it was erased.",
        "The record of entry 2 is gone, and no entry says that it was erased.",
    )


def test_what_was_erased_is_not_missed(
    app_context: AppContext, amira: Followed
) -> None:
    """The log itself says which entries nobody can open any more."""
    sign(app_context, amira)
    rest = [line for line in PEOPLE.splitlines() if not line.startswith("Amira")]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)
    erase_parent(app_context, "amira@example.org")
    assert check_log(app_context).is_whole
