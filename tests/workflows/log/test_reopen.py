"""After a loss the log goes on in the open, under another name."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import LogBroken, ReopeningRefused, TextRefused
from signer.ledger.checkpoints import read_checkpoint
from signer.ledger.log_key import new_log_key
from signer.ledger.proof_files import read_proof
from signer.store.log.tables import Leaf, LogOrigin, Opening
from signer.store.tables import Declaration
from signer.workflows.context import AppContext
from signer.workflows.log.check import check_log
from signer.workflows.log.inclusion_proofs import proof_of_declaration
from signer.workflows.log.origins import verifiers
from signer.workflows.log.reopen import reopen_log
from signer.workflows.log.sign_checkpoint import accept_lost_file, sign_checkpoint
from tests.conftest import PASSPHRASE
from tests.workflows.conftest import sign
from tests.workflows.log import logs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.workflows.requests.follow_link import Followed

ORIGIN = "127.0.0.1:8000/log"
REASON = "The disk failed, and the newest backup was of the evening before."


@pytest.fixture
def lost(app_context: AppContext) -> tuple[AppContext, str]:
    """A context restored from a backup without 3 of 8 entries, and the newest head."""
    logs.append(app_context.sessions, 5)
    sign_checkpoint(app_context)
    backup = logs.saved(app_context)
    logs.append(app_context.sessions, 3)
    note = sign_checkpoint(app_context)
    logs.restore(app_context, backup)
    assert note is not None
    return app_context, note


def signed_under(
    app_context: AppContext, note: str, number: int
) -> tuple[int, tuple[str, ...]]:
    """The size and the extensions of a head, once its signature is right."""
    origin = ORIGIN if number == 1 else f"{ORIGIN}/{number}"
    head = read_checkpoint(note, origin, verifiers(app_context))
    return head.size, head.extensions


def test_a_reopened_log_cites_the_head_that_was_lost(
    lost: tuple[AppContext, str],
) -> None:
    """This head and every later one says after which head the log goes on."""
    app_context, before = lost
    root = before.split("\n")[2]
    cites = (f"reopened-after {ORIGIN} 8 {root}",)
    assert signed_under(app_context, reopen_log(app_context, REASON, before), 2) == (
        6,
        cites,
    )
    logs.append(app_context.sessions, 1)
    later = sign_checkpoint(app_context, whole=True)
    assert later is not None
    assert signed_under(app_context, later, 2) == (7, cites)
    assert app_context.settings.checkpoint_path.read_text() == later


def test_the_log_tells_of_its_reopening(lost: tuple[AppContext, str]) -> None:
    """A leaf holds the head that was cited and the hash of the reason."""
    app_context, before = lost
    reopen_log(app_context, REASON, before)
    with app_context.sessions.reading() as session:
        record = session.get_one(Opening, 5).record.decode()
        assert session.get_one(LogOrigin, 2).reason == REASON
    assert '"event":"log:reopened"' in record
    assert '"after_size":8' in record
    assert hashlib.sha256(REASON.encode()).hexdigest() in record


def test_the_old_name_never_signs_again(lost: tuple[AppContext, str]) -> None:
    """A backup from before the reopening is refused, whatever it has grown to."""
    app_context, before = lost
    backup = logs.saved(app_context)
    reopen_log(app_context, REASON, before)
    logs.restore(app_context, backup)
    for more in (0, 1, 20):
        logs.append(app_context.sessions, more)
        with pytest.raises(LogBroken, match=r"reopened as 127\.0\.0\.1:8000/log/2"):
            sign_checkpoint(app_context)


def test_a_log_reopened_and_lost_again_takes_the_next_name(
    lost: tuple[AppContext, str],
) -> None:
    """A name that the restored database does not know of is not used twice."""
    app_context, before = lost
    backup = logs.saved(app_context)
    second = reopen_log(app_context, REASON, before)
    logs.restore(app_context, backup)
    with pytest.raises(ReopeningRefused, match="newer checkpoint"):
        reopen_log(app_context, REASON, before)
    third = reopen_log(app_context, "Once more.", second)
    size, (cites, *_) = signed_under(app_context, third, 3)
    assert size == 6
    assert cites.startswith(f"reopened-after {ORIGIN}/2 6 ")
    assert sign_checkpoint(app_context, whole=True) == third


def test_a_whole_log_is_not_reopened(app_context: AppContext) -> None:
    """Nobody breaks with the past by mistake."""
    logs.append(app_context.sessions, 5)
    note = sign_checkpoint(app_context)
    assert note is not None
    with pytest.raises(ReopeningRefused, match="Nothing is wrong"):
        reopen_log(app_context, REASON, note)


@pytest.mark.parametrize("grown", [0, 5])
def test_a_head_that_only_a_witness_holds_is_gone_on_from(
    lost: tuple[AppContext, str], grown: int
) -> None:
    """A new machine has an older backup, and none of the heads signed since."""
    app_context, before = lost
    app_context.settings.checkpoint_path.unlink()
    accept_lost_file(app_context)
    logs.append(app_context.sessions, grown)
    # Nothing here tells of the loss, so an operator had the log signed again.
    sign_checkpoint(app_context)
    assert check_log(app_context, [("a governor", before)]).held[0].problem
    note = reopen_log(app_context, REASON, before)
    cites = (f"reopened-after {ORIGIN} 8 {before.split(chr(10))[2]}",)
    assert signed_under(app_context, note, 2) == (6 + grown, cites)
    assert sign_checkpoint(app_context, whole=True) == note
    assert check_log(app_context, [("a governor", before)]).is_whole


def test_a_fork_found_by_the_service_is_gone_on_from(
    lost: tuple[AppContext, str],
) -> None:
    """The lost head put where the service looks is newer than those of the fork."""
    app_context, before = lost
    app_context.settings.checkpoint_path.unlink()
    accept_lost_file(app_context)
    logs.append(app_context.sessions, 5)
    sign_checkpoint(app_context)
    app_context.settings.checkpoint_path.write_text(before, newline="")
    with pytest.raises(LogBroken):
        sign_checkpoint(app_context)
    assert (
        signed_under(app_context, reopen_log(app_context, REASON, before), 2)[0] == 11
    )


def test_an_older_head_is_not_cited(lost: tuple[AppContext, str]) -> None:
    """The head to go on from is the newest that is held here."""
    app_context, before = lost
    with app_context.sessions.reading() as session:
        older = session.scalars(select(LogOrigin)).one()
        assert older.number == 1
    note = (
        app_context.log_key().signer(ORIGIN).sign(f"{ORIGIN}\n2\n{before.split()[2]}\n")
    )
    with pytest.raises(ReopeningRefused, match="of 8 entries instead of 2"):
        reopen_log(app_context, REASON, note)


@pytest.mark.parametrize("note", ["", "words\n", "other.example/log\n1\nAAAA\n"])
def test_what_is_no_head_is_not_cited(lost: tuple[AppContext, str], note: str) -> None:
    """Only what the log's key has signed is gone on from."""
    app_context, _ = lost
    with pytest.raises(ReopeningRefused, match="no checkpoint of this log"):
        reopen_log(app_context, REASON, note)


def test_a_reason_is_wanted(lost: tuple[AppContext, str]) -> None:
    """Whoever asks in ten years finds an answer."""
    app_context, before = lost
    with pytest.raises(TextRefused):
        reopen_log(app_context, " \n", before)


def test_a_lost_key_is_replaced_in_the_open(
    app_context: AppContext, tmp_path: Path
) -> None:
    """A new key signs under a new name; heads of the old key go on being checked."""
    logs.append(app_context.sessions, 5)
    before = sign_checkpoint(app_context)
    assert before is not None
    other = tmp_path / "other.p12"
    other.write_bytes(new_log_key(PASSPHRASE))
    app_context = AppContext(
        replace(app_context.settings, log_key_file=other),
        sessions=app_context.sessions,
        versions=app_context.versions,
    )
    note = reopen_log(app_context, "The key was lost.", before)
    assert sign_checkpoint(app_context, whole=True) == note
    old, new = verifiers(app_context)
    assert old.key != new.key
    assert check_log(app_context, [("kept", before)]).is_whole


def rewritten(app_context: AppContext) -> None:
    """An entry, and the tree over it."""
    logs.rewrite(app_context, 2)
    logs.regrow(app_context)


SPOILT: dict[str, Callable[[AppContext], object]] = {
    "an entry deleted": lambda app_context: logs.remove(app_context, 2),
    "an entry rewritten": lambda app_context: logs.rewrite(app_context, 2),
    "rewritten with its tree": rewritten,
    "entries reordered": lambda app_context: logs.swap(app_context, 1, 3),
    "truncated": lambda app_context: logs.truncate(app_context, 3),
    "a size too small": lambda app_context: logs.say_size(app_context, 3),
    "a size too large": lambda app_context: logs.say_size(app_context, 50),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_is_left_makes_a_log_that_holds(
    app_context: AppContext, spoil: Callable[[AppContext], object]
) -> None:
    """Whatever was done to it, a reopened log is whole and goes on."""
    logs.append(app_context.sessions, 7)
    before = sign_checkpoint(app_context)
    assert before is not None
    spoil(app_context)
    note = reopen_log(app_context, REASON, before)
    assert sign_checkpoint(app_context, whole=True) == note
    report = check_log(app_context, [("before", before)])
    assert report.problems == ()
    assert report.held[0].before_reopening
    assert (report.reopened, report.origin) == (1, f"{ORIGIN}/2")
    logs.append(app_context.sessions, 3)
    assert sign_checkpoint(app_context, whole=True) != note


def test_a_record_whose_leaf_was_altered_is_logged_again(
    app_context: AppContext,
) -> None:
    """What the leaf no longer stands for is appended once more, after the rest."""
    logs.append(app_context.sessions, 4)
    before = sign_checkpoint(app_context)
    assert before is not None
    with app_context.sessions.writing() as session:
        session.get_one(Leaf, 1).commitment = bytes(32)
    with pytest.raises(LogBroken):
        sign_checkpoint(app_context, whole=True)
    reopen_log(app_context, REASON, before)
    with app_context.sessions.reading() as session:
        assert session.get(Opening, 1) is None
        assert session.get_one(Opening, 4).record == (
            b'{"event":"test:appended","number":1}'
        )


@pytest.mark.parametrize("fate", ["kept", "moved", "lost"])
def test_a_declaration_is_proven_by_the_reopened_log(
    app_context: AppContext, amira: Followed, fate: str
) -> None:
    """Its leaf is found where it is now; a seal without a leaf gets another."""
    signed = sign(app_context, amira)
    before = sign_checkpoint(app_context)
    assert before is not None
    with app_context.sessions.reading() as session:
        row = session.get_one(Declaration, signed.declaration_id)
        position = row.sealed_position
        old = proof_of_declaration(app_context, session, signed.declaration_id)
    assert position is not None
    assert old is not None
    spoil = {
        "kept": lambda: logs.say_size(app_context, 50),
        "moved": lambda: logs.remove(app_context, 0),
        "lost": lambda: logs.remove(app_context, position),
    }
    spoil[fate]()
    reopen_log(app_context, REASON, before)
    with app_context.sessions.reading() as session:
        proof = proof_of_declaration(app_context, session, signed.declaration_id)
        assert proof is not None
        entry = session.get_one(Leaf, proof.position).commitment
    moved = {"kept": 0, "moved": -1, "lost": 0}[fate]
    assert proof.position == position + moved
    proof.check(entry, f"{ORIGIN}/2", verifiers(app_context))
    # The parent's older proof is as good as ever: it needs the log no more.
    kept = read_proof(str(old))
    salted = hashlib.sha256(kept.extra).digest()
    kept.check(salted, ORIGIN, verifiers(app_context))
