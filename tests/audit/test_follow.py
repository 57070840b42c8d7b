"""Following the log from outside: nothing but Python, and what is served."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from signer.audit.bundled.follow import (
    ERASED,
    ContradictionError,
    Key,
    UnknownError,
    follow,
    verifies,
)
from signer.ledger.signed_notes import NoteSigner
from tests.audit.mirrored_log import MirroredLog, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIGNER = NoteSigner(
    "sign.example.org/log", Ed25519PrivateKey.from_private_bytes(bytes(32))
)
AGAIN = NoteSigner("sign.example.org/log/2", SIGNER.key)
STRANGER = NoteSigner(SIGNER.name, Ed25519PrivateKey.from_private_bytes(b"\1" * 32))
KEY = Key.read(str(SIGNER.verifier))


def records(size: int, *, told: str = "sealed") -> list[bytes]:
    return [b'{"event":"%s","number":%d}' % (told.encode(), n) for n in range(size)]


class Visitor:
    """Somebody who visits a log again and again."""

    def __init__(self, folder: Path, address: str) -> None:
        self.served = folder / "served"
        self.state = folder / "kept"
        self.address = address

    def visit(self, log: MirroredLog, *proofs: str) -> list[str]:
        """What the visit of a log says, which is served in the place of the last."""
        log.write(self.served)
        paths = []
        for number, proof in enumerate(proofs):
            path = self.state.parent / f"{number}.tlog-proof"
            path.write_text(proof, encoding="utf-8")
            paths.append(path)
        return follow(self.address, KEY, self.state, paths)

    @property
    def kept(self) -> str:
        """The head that is kept."""
        return (self.state / "checkpoint").read_text(encoding="utf-8")


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    """Nothing was visited yet."""
    (tmp_path / "served").mkdir()
    with served(tmp_path / "served") as address:
        yield Visitor(tmp_path, address)


@pytest.mark.parametrize(
    ("first", "then"),
    [(1, 1), (1, 2), (7, 8), (255, 257), (256, 512), (300, 700), (513, 514)],
)
def test_a_log_that_grew_is_the_same_log(
    visitor: Visitor, first: int, then: int
) -> None:
    """Whether its tiles are full or not; a proof of then is good for it."""
    before, now = (MirroredLog(records(size), SIGNER) for size in (first, then))
    assert visitor.visit(before) == [
        f"Entries of the log {SIGNER.name}: {first}. Its head is kept."
    ]
    told = visitor.visit(now, before.proof(first - 1), now.proof(0))
    assert told == [
        " ".join(
            (
                f"Entries of the log {SIGNER.name}: {then}.",
                f"It begins with the {first} of the last visit.",
            )
        ),
        f"Entry {first - 1} is still in it: sealed. {ERASED}",
        f"Entry 0 is still in it: sealed. {ERASED}",
    ]
    assert visitor.kept == now.note


def test_a_log_of_many_tiles_is_followed(visitor: Visitor) -> None:
    """Over two levels of tiles."""
    visitor.visit(MirroredLog(records(65_000), SIGNER))
    visitor.visit(MirroredLog(records(66_222), SIGNER))


CONTRADICTIONS = {
    "rewritten": (MirroredLog(records(700, told="other"), SIGNER), "was rewritten"),
    "forked": (
        MirroredLog([*records(299), b"another", *records(5)], SIGNER),
        "was rewritten",
    ),
    "rolled back": (MirroredLog(records(299), SIGNER), "was rolled back"),
    "of the same size": (
        MirroredLog([*records(299), b"another"], SIGNER),
        "was rewritten",
    ),
    "empty again": (MirroredLog([], SIGNER), "was rolled back"),
    "begun anew": (MirroredLog(records(400), AGAIN), "was begun again"),
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_a_log_that_is_not_what_it_was_is_named(visitor: Visitor, what: str) -> None:
    """What was kept stays, and what was served lies beside it, to be shown."""
    before = MirroredLog(records(300), SIGNER)
    visitor.visit(before)
    log, sentence = CONTRADICTIONS[what]
    for _ in range(2):
        with pytest.raises(ContradictionError, match=sentence):
            visitor.visit(log)
    assert visitor.kept == before.note
    [beside] = visitor.state.glob("contradicts-*.txt")
    assert beside.read_text(encoding="utf-8") == log.note


def test_a_proof_of_an_entry_that_was_taken_out_is_named(visitor: Visitor) -> None:
    """By whoever never visited before and holds a proof alone."""
    proof = MirroredLog(records(300), SIGNER).proof(17)
    shorter = [one for one in records(400) if b":17}" not in one]
    with pytest.raises(ContradictionError, match=r"0\.tlog-proof vouches for"):
        visitor.visit(MirroredLog(shorter, SIGNER), proof)


@pytest.mark.parametrize("path", ["tile/0/000", "tile/1/000.p/2", "tile/entries/001"])
def test_files_that_lead_elsewhere_are_named(visitor: Visitor, path: str) -> None:
    """A byte of a tile of hashes, of the tile above, or of an entry."""
    log = MirroredLog(records(700), SIGNER)
    log.write(visitor.served)
    spoilt = bytearray((visitor.served / path).read_bytes())
    spoilt[-1] ^= 1
    (visitor.served / path).write_bytes(spoilt)
    with pytest.raises(UnknownError, match="was spoilt or changed"):
        follow(visitor.address, KEY, visitor.state)
    # No signed head contradicts another, so that none is kept as evidence.
    assert list(visitor.state.glob("*")) == []


def test_a_key_of_any_name_of_the_log_serves_for_the_others(visitor: Visitor) -> None:
    """It was restarted again since somebody got its key, and that is said."""
    between = Key.read(str(AGAIN.verifier))
    visitor.visit(MirroredLog(records(300), AGAIN))
    third = NoteSigner(f"{SIGNER.name}/3", SIGNER.key)
    MirroredLog(records(400), third).write(visitor.served)
    with pytest.raises(ContradictionError, match="was begun again"):
        follow(visitor.address, between, visitor.state)
    older = visitor.state.parent / "older.tlog-proof"
    older.write_text(MirroredLog(records(9), SIGNER).proof(2), encoding="utf-8")
    with pytest.raises(ContradictionError, match="was begun again"):
        follow(visitor.address, between, visitor.state.parent / "new", [older])
    MirroredLog(records(9), NoteSigner("other.example/log", SIGNER.key)).write(
        visitor.served
    )
    with pytest.raises(UnknownError, match="not signed with the key"):
        follow(visitor.address, between, visitor.state)


def test_other_entries_below_the_signed_root_are_named(visitor: Visitor) -> None:
    """Entries and their hashes agree, and the tile above them is over others."""
    MirroredLog(records(700, told="other"), SIGNER).write(visitor.served)
    log = MirroredLog(records(700), SIGNER)
    others = {
        path: (visitor.served / path).read_bytes()
        for path in ("tile/0/000", "tile/entries/000")
    }
    log.write(visitor.served)
    for path, content in others.items():
        (visitor.served / path).write_bytes(content)
    with pytest.raises(UnknownError, match="The entries from 0 on"):
        follow(visitor.address, KEY, visitor.state)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("checkpoint", None),
        ("checkpoint", b"<!DOCTYPE html>"),
        ("checkpoint", b"\xff\n\n\xff"),
        ("checkpoint", MirroredLog(records(7), STRANGER).note.encode()),
        ("tile/0/000.p/7", None),
        ("tile/0/000.p/7", b"short"),
        ("tile/entries/000.p/7", None),
    ],
)
def test_what_cannot_be_found_out_is_no_contradiction(
    visitor: Visitor, path: str, content: bytes | None
) -> None:
    """The way to it is down, or somebody else answers: nothing is kept of that."""
    MirroredLog(records(7), SIGNER).write(visitor.served)
    if content is None:
        (visitor.served / path).unlink()
    else:
        (visitor.served / path).write_bytes(content)
    with pytest.raises(UnknownError):
        follow(visitor.address, KEY, visitor.state)
    assert list(visitor.state.glob("*")) == []


def alone(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it as a stranger does: no package is to be had."""
    script = str(files("signer.audit.bundled") / "follow.py")
    return subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", script, *arguments],
        check=False,
        capture_output=True,
        text=True,
    )


def test_it_runs_with_python_alone(visitor: Visitor, tmp_path: Path) -> None:
    """And says by its exit code what it found."""
    (tmp_path / "log.vkey").write_text(f"{SIGNER.verifier}\n")
    log = MirroredLog(records(300), SIGNER)
    log.write(visitor.served)
    (tmp_path / "mine.tlog-proof").write_text(log.proof(5))
    arguments = [visitor.address, "--key", str(tmp_path / "log.vkey")]
    arguments += ["--state", str(visitor.state)]
    done = alone(*arguments, "--proof", str(tmp_path / "mine.tlog-proof"))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "Entry 5 is still in it" in done.stdout

    MirroredLog(records(300, told="other"), SIGNER).write(visitor.served)
    done = alone(*arguments)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("NO: Up to number 300 its entries are not")

    (visitor.served / "checkpoint").unlink()
    done = alone(*arguments)
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith("NOT KNOWN: ")


@given(
    seed=st.binary(min_size=32, max_size=32),
    text=st.binary(max_size=100),
    at=st.integers(0, 511),
)
def test_its_ed25519_agrees_with_another(seed: bytes, text: bytes, at: int) -> None:
    """A signature that a library made is right, and no bit of it may differ."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(text)
    assert verifies(public, signature, text)
    assert not verifies(public, signature, text + b"x")
    spoilt = bytearray(signature)
    spoilt[at // 8] ^= 1 << at % 8
    assert not verifies(public, bytes(spoilt), text)
    assert not verifies(public, signature[:63], text)
