"""Heads and proofs that people kept, against the bundle of a later day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from signer import clock
from signer.audit.check import check_bundle
from signer.audit.findings import Severity, Verdict
from signer.ledger.proof_files import read_proof
from signer.store.log.tables import Leaf, Opening
from signer.store.tables import Declaration, Parent, Request
from signer.workflows.log.reopen import reopen_log
from signer.workflows.register.erase import erase_parent
from tests.audit.auditing import declarations, gaps, given
from tests.audit.test_signed_list import unpack
from tests.audit.test_stranger import check
from tests.workflows.log import logs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.audit.findings import Audit
    from signer.workflows.context import AppContext


@pytest.fixture
def brought(files: dict[str, bytes], tmp_path: Path) -> dict[str, Path]:
    """What an auditor and the parents had from the school until now."""
    folder = tmp_path / "brought"
    folder.mkdir()
    one, other = declarations(files)
    kept = {
        "key": "keys/log.vkey",
        "trust": "keys/ca.pem",
        "head": "log/checkpoint",
        "proof": f"proofs/{one}.tlog-proof",
        "other": f"proofs/{other}.tlog-proof",
    }
    for what, name in kept.items():
        (folder / what).write_bytes(files[name])
    return {what: folder / what for what in kept}


def told(folder: Path, brought: dict[str, Path], *held: str) -> tuple[int, str]:
    """What the bundle's own program answers by the older keys: code and text."""
    keys = ("--trust", str(brought["trust"]), "--log-key", str(brought["key"]))
    kept = [word for one in held for word in ("--held", str(brought[one]))]
    done = check(folder, *keys, *kept)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def audited(path: Path, files: dict[str, bytes], brought: dict[str, Path]) -> Audit:
    """What the audit says of it, by the same keys, with a proof that is held."""
    proof = brought["proof"].read_text(encoding="utf-8")
    return check_bundle(path, given(files, mine=proof))


def take_out(app_context: AppContext, reference: str) -> None:
    """Take a declaration out of the log and the record, with all its traces."""
    mark = reference.encode()
    with app_context.sessions.writing() as session:
        rows = session.execute(select(Opening.position, Opening.record)).all()
        for position in [one.position for one in rows if mark in one.record]:
            session.execute(delete(Opening).where(Opening.position == position))
            session.execute(delete(Leaf).where(Leaf.position == position))
        session.execute(delete(Declaration).where(Declaration.id == reference))


def test_an_entry_that_still_stands_is_told(
    exported: Path, files: dict[str, bytes], brought: dict[str, Path], tmp_path: Path
) -> None:
    """A parent reads it in a line, and an auditor has a note of it."""
    folder = unpack(exported, tmp_path / "bundle")
    code, said = told(folder, brought, "proof", "head")
    assert code == 0, said
    assert "head: the log begins as the head in it says." in said
    assert "its entry, 2, is still in the log, as entry 2: declaration" in said
    found = audited(exported, files, brought)
    assert found.verdict is Verdict.WHOLE
    [note] = found.findings
    assert (note.severity, note.where) == (Severity.NOTE, "mine")
    assert note.sentence.startswith(f"It is of {declarations(files)[0]}, and its entry")


def test_an_older_key_serves_after_a_reopening(
    school: AppContext,
    bundled: Callable[[], tuple[Path, Path]],
    files: dict[str, bytes],
    brought: dict[str, Path],
) -> None:
    """Nothing was lost, so nothing is wrong; the log's new name is no new key."""
    logs.say_size(school, 50)
    reopen_log(school, "The size was spoilt.", brought["head"].read_text("utf-8"))
    path, folder = bundled()
    code, said = told(folder, brought, "proof", "head")
    assert code == 0, said
    assert "Entries of the log 127.0.0.1:8000/log/2: 9\n" in said
    assert "its entry, 2, is still in the log, as entry 2" in said
    assert audited(path, files, brought).verdict is Verdict.WHOLE


def test_what_was_taken_out_before_a_reopening_is_missed(
    school: AppContext,
    bundled: Callable[[], tuple[Path, Path]],
    files: dict[str, bytes],
    brought: dict[str, Path],
) -> None:
    """By the heads in the bundle, by a head that is held, and by the parent's proof."""
    gone = declarations(files)[0]
    take_out(school, gone)
    reopen_log(school, "A disk was lost.", brought["head"].read_text("utf-8"))
    path, folder = bundled()
    code, said = told(folder, brought)
    assert code == 1
    assert "1-8.txt says. It was begun again: some were lost." in said
    code, said = told(folder, brought, "proof", "other")
    assert code == 1
    assert f"is gone from the log, and nothing says why: {gone}." in said
    assert "is still in the log, as entry" in said
    found = gaps(audited(path, files, brought))
    missed = f"mine: It is of {gone}, and the log no longer has its entry"
    assert any(one.startswith(missed) for one in found)


def test_a_record_that_was_logged_anew_is_found(
    school: AppContext,
    bundled: Callable[[], tuple[Path, Path]],
    files: dict[str, bytes],
    brought: dict[str, Path],
) -> None:
    """Its leaf was spoilt: reopening logs the record again, under another number."""
    place = read_proof(brought["proof"].read_text(encoding="utf-8")).position
    with school.sessions.writing() as session:
        session.get_one(Leaf, place).commitment = bytes(32)
    reopen_log(school, "An entry was spoilt.", brought["head"].read_text("utf-8"))
    path, folder = bundled()
    _, said = told(folder, brought, "proof")
    assert "its entry, 2, is still in the log, as entry 8" in said
    sentences = [one.sentence for one in audited(path, files, brought).findings]
    assert any(one.endswith("is entry 8 of the log.") for one in sentences)


def test_an_entry_that_was_erased_is_told(
    school: AppContext,
    bundled: Callable[[], tuple[Path, Path]],
    files: dict[str, bytes],
    brought: dict[str, Path],
) -> None:
    """A parent who is still there learns from it that they were erased falsely."""
    gone = declarations(files)[0]
    with school.sessions.writing() as session:
        query = select(Parent).join(Request).join(Declaration)
        parent = session.scalars(query.where(Declaration.id == gone)).one()
        parent.left_at = clock.now()
        number = parent.id
    erase_parent(school, number)
    path, folder = bundled()
    code, said = told(folder, brought, "proof")
    assert code == 0, said
    assert "is in the log, and entry 8 says that the school has" in said
    found = audited(path, files, brought)
    assert found.verdict is Verdict.WHOLE
    [note] = found.findings
    assert note.where == "mine"
    assert "entry 8 says that the school has erased what it kept of it" in note.sentence


JUNK = {
    "words": b"hello\nthere\n",
    "no text": b"\xff\xfe\x00",
    "nothing": b"",
    "a cut proof": b"c2sp.org/tlog-proof@v1\nindex 1\n",
}


@pytest.mark.parametrize("junk", JUNK)
def test_what_cannot_be_read_contradicts_nothing(
    exported: Path, brought: dict[str, Path], tmp_path: Path, junk: str
) -> None:
    """It is said, everything else is checked, and the exit code is one of its own."""
    folder = unpack(exported, tmp_path / "bundle")
    brought["junk"] = tmp_path / "junk"
    brought["junk"].write_bytes(JUNK[junk])
    code, said = told(folder, brought, "junk", "head")
    assert code == 2, said
    assert f"NOTE: {brought['junk']} is no signed head, and no proof" in said
    assert "Declarations checked: 2\nProblems found: 0\n" in said
    assert "head: the log begins as the head in it says." in said
