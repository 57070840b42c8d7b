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
from signer.workflows.context import House
from signer.workflows.log.check import check_log
from signer.workflows.log.inclusion_proofs import proof_of_declaration
from signer.workflows.log.origins import verifiers
from signer.workflows.log.reopen import reopen_log
from signer.workflows.log.sign_checkpoint import sign_checkpoint
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
def lost(house: House) -> tuple[House, str]:
    """A house restored from a backup without 3 of 8 entries, and the newest head."""
    logs.append(house.sessions, 5)
    sign_checkpoint(house)
    backup = logs.saved(house)
    logs.append(house.sessions, 3)
    note = sign_checkpoint(house)
    logs.restore(house, backup)
    assert note is not None
    return house, note


def signed_under(house: House, note: str, number: int) -> tuple[int, tuple[str, ...]]:
    """The size and the extensions of a head, once its signature is right."""
    origin = ORIGIN if number == 1 else f"{ORIGIN}/{number}"
    head = read_checkpoint(note, origin, verifiers(house))
    return head.size, head.extensions


def test_a_reopened_log_cites_the_head_that_was_lost(lost: tuple[House, str]) -> None:
    """This head and every later one says after which head the log goes on."""
    house, before = lost
    root = before.split("\n")[2]
    cites = (f"reopened-after {ORIGIN} 8 {root}",)
    assert signed_under(house, reopen_log(house, REASON, before), 2) == (6, cites)
    logs.append(house.sessions, 1)
    later = sign_checkpoint(house, whole=True)
    assert later is not None
    assert signed_under(house, later, 2) == (7, cites)
    assert house.settings.checkpoint_path.read_text() == later


def test_the_log_tells_of_its_reopening(lost: tuple[House, str]) -> None:
    """A leaf holds the head that was cited and the hash of the reason."""
    house, before = lost
    reopen_log(house, REASON, before)
    with house.sessions.reading() as session:
        record = session.get_one(Opening, 5).record.decode()
        assert session.get_one(LogOrigin, 2).reason == REASON
    assert '"event":"log:reopened"' in record
    assert '"after_size":8' in record
    assert hashlib.sha256(REASON.encode()).hexdigest() in record


def test_the_old_name_never_signs_again(lost: tuple[House, str]) -> None:
    """A backup from before the reopening is refused, whatever it has grown to."""
    house, before = lost
    backup = logs.saved(house)
    reopen_log(house, REASON, before)
    logs.restore(house, backup)
    for more in (0, 1, 20):
        logs.append(house.sessions, more)
        with pytest.raises(LogBroken, match=r"reopened as 127\.0\.0\.1:8000/log/2"):
            sign_checkpoint(house)


def test_a_log_reopened_and_lost_again_takes_the_next_name(
    lost: tuple[House, str],
) -> None:
    """A name that the restored database does not know of is not used twice."""
    house, before = lost
    backup = logs.saved(house)
    second = reopen_log(house, REASON, before)
    logs.restore(house, backup)
    with pytest.raises(ReopeningRefused, match="newer checkpoint"):
        reopen_log(house, REASON, before)
    third = reopen_log(house, "Once more.", second)
    size, (cites, *_) = signed_under(house, third, 3)
    assert size == 6
    assert cites.startswith(f"reopened-after {ORIGIN}/2 6 ")
    assert sign_checkpoint(house, whole=True) == third


def test_a_whole_log_is_not_reopened(house: House) -> None:
    """Nobody breaks with the past by mistake."""
    logs.append(house.sessions, 5)
    note = sign_checkpoint(house)
    assert note is not None
    with pytest.raises(ReopeningRefused, match="Nothing is wrong"):
        reopen_log(house, REASON, note)


@pytest.mark.parametrize("grown", [0, 5])
def test_a_head_that_only_a_witness_holds_is_gone_on_from(
    lost: tuple[House, str], grown: int
) -> None:
    """A new machine has an older backup, and none of the heads signed since."""
    house, before = lost
    house.settings.checkpoint_path.unlink()
    logs.append(house.sessions, grown)
    # Nothing here tells of the loss, so the log was signed again meanwhile.
    sign_checkpoint(house)
    assert check_log(house, [("a governor", before)]).held[0].problem
    note = reopen_log(house, REASON, before)
    cites = (f"reopened-after {ORIGIN} 8 {before.split(chr(10))[2]}",)
    assert signed_under(house, note, 2) == (6 + grown, cites)
    assert sign_checkpoint(house, whole=True) == note
    assert check_log(house, [("a governor", before)]).is_whole


def test_a_fork_found_by_the_service_is_gone_on_from(lost: tuple[House, str]) -> None:
    """The lost head put where the service looks is newer than those of the fork."""
    house, before = lost
    house.settings.checkpoint_path.unlink()
    logs.append(house.sessions, 5)
    sign_checkpoint(house)
    house.settings.checkpoint_path.write_text(before, newline="")
    with pytest.raises(LogBroken):
        sign_checkpoint(house)
    assert signed_under(house, reopen_log(house, REASON, before), 2)[0] == 11


def test_an_older_head_is_not_cited(lost: tuple[House, str]) -> None:
    """The head to go on from is the newest that is held here."""
    house, before = lost
    with house.sessions.reading() as session:
        older = session.scalars(select(LogOrigin)).one()
        assert older.number == 1
    note = house.log_key().signer(ORIGIN).sign(f"{ORIGIN}\n2\n{before.split()[2]}\n")
    with pytest.raises(ReopeningRefused, match="of 8 entries instead of 2"):
        reopen_log(house, REASON, note)


@pytest.mark.parametrize("note", ["", "words\n", "other.example/log\n1\nAAAA\n"])
def test_what_is_no_head_is_not_cited(lost: tuple[House, str], note: str) -> None:
    """Only what the log's key has signed is gone on from."""
    house, _ = lost
    with pytest.raises(ReopeningRefused, match="no checkpoint of this log"):
        reopen_log(house, REASON, note)


def test_a_reason_is_wanted(lost: tuple[House, str]) -> None:
    """Whoever asks in ten years finds an answer."""
    house, before = lost
    with pytest.raises(TextRefused):
        reopen_log(house, " \n", before)


def test_a_lost_key_is_replaced_in_the_open(house: House, tmp_path: Path) -> None:
    """A new key signs under a new name; heads of the old key go on being checked."""
    logs.append(house.sessions, 5)
    before = sign_checkpoint(house)
    assert before is not None
    other = tmp_path / "other.p12"
    other.write_bytes(new_log_key(PASSPHRASE))
    house = House(
        replace(house.settings, log_key_file=other),
        sessions=house.sessions,
        versions=house.versions,
    )
    note = reopen_log(house, "The key was lost.", before)
    assert sign_checkpoint(house, whole=True) == note
    old, new = verifiers(house)
    assert old.key != new.key
    assert check_log(house, [("kept", before)]).is_whole


SPOILT: dict[str, Callable[[House], object]] = {
    "an entry deleted": lambda house: logs.remove(house, 2),
    "an entry rewritten": lambda house: logs.rewrite(house, 2),
    "rewritten with its tree": lambda house: (
        logs.rewrite(house, 2),
        logs.regrow(house),
    ),
    "entries reordered": lambda house: logs.swap(house, 1, 3),
    "truncated": lambda house: logs.truncate(house, 3),
    "a size too small": lambda house: logs.say_size(house, 3),
    "a size too large": lambda house: logs.say_size(house, 50),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_is_left_makes_a_log_that_holds(
    house: House, spoil: Callable[[House], object]
) -> None:
    """Whatever was done to it, a reopened log is whole and goes on."""
    logs.append(house.sessions, 7)
    before = sign_checkpoint(house)
    assert before is not None
    spoil(house)
    note = reopen_log(house, REASON, before)
    assert sign_checkpoint(house, whole=True) == note
    report = check_log(house, [("before", before)])
    assert report.problems == ()
    assert report.held[0].before_reopening
    assert (report.reopened, report.origin) == (1, f"{ORIGIN}/2")
    logs.append(house.sessions, 3)
    assert sign_checkpoint(house, whole=True) != note


def test_a_record_whose_leaf_was_altered_is_logged_again(house: House) -> None:
    """What the leaf no longer stands for is appended once more, after the rest."""
    logs.append(house.sessions, 4)
    before = sign_checkpoint(house)
    assert before is not None
    with house.sessions.writing() as session:
        session.get_one(Leaf, 1).commitment = bytes(32)
    with pytest.raises(LogBroken):
        sign_checkpoint(house, whole=True)
    reopen_log(house, REASON, before)
    with house.sessions.reading() as session:
        assert session.get(Opening, 1) is None
        assert session.get_one(Opening, 4).record == (
            b'{"event":"test:appended","number":1}'
        )


@pytest.mark.parametrize("fate", ["kept", "moved", "lost"])
def test_a_declaration_is_proven_by_the_reopened_log(
    house: House, amira: Followed, fate: str
) -> None:
    """Its leaf is found where it is now; a seal without a leaf gets another."""
    signed = sign(house, amira)
    before = sign_checkpoint(house)
    assert before is not None
    with house.sessions.reading() as session:
        row = session.get_one(Declaration, signed.declaration_id)
        position = row.sealed_position
        old = proof_of_declaration(house, session, signed.declaration_id)
    assert position is not None
    assert old is not None
    spoil = {
        "kept": lambda: logs.say_size(house, 50),
        "moved": lambda: logs.remove(house, 0),
        "lost": lambda: logs.remove(house, position),
    }
    spoil[fate]()
    reopen_log(house, REASON, before)
    with house.sessions.reading() as session:
        proof = proof_of_declaration(house, session, signed.declaration_id)
        assert proof is not None
        entry = session.get_one(Leaf, proof.position).commitment
    moved = {"kept": 0, "moved": -1, "lost": 0}[fate]
    assert proof.position == position + moved
    proof.check(entry, f"{ORIGIN}/2", verifiers(house))
    # The parent's older proof is as good as ever: it needs the log no more.
    kept = read_proof(str(old))
    salted = hashlib.sha256(kept.extra).digest()
    kept.check(salted, ORIGIN, verifiers(house))
