"""Whether a proof shows that the log holds the sealing of a file."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from signer.audit.inclusion import entry_check, inclusion_check
from signer.errors import CheckFailed, NotChecked
from signer.ledger.checkpoints import Checkpoint
from signer.ledger.commitments import commit
from signer.ledger.hashing import leaf_hash
from signer.ledger.proof_files import Proof, read_proof
from signer.ledger.signed_notes import NoteSigner
from signer.ledger.tree import Node, grow, inclusion_proof, root

ORIGIN = "policies.example/log"
KEY = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
NAMED, SHA256 = "D-7K3M-9QXF-2B4T", "ab" * 32
SALT = bytes(range(32))
POSITION, SIZE = 4, 11


def record(**changed: object) -> bytes:
    """What the leaf of a sealing commits to."""
    said = {"event": "declaration:sealed", "declaration": NAMED, "pdf_sha256": SHA256}
    return json.dumps({**said, **changed}).encode()


def proof_of(committed: bytes, signer: NoteSigner = KEY, origin: str = ORIGIN) -> Proof:
    """A proof, by the log's own rules, of whatever is committed to."""
    nodes: dict[Node, bytes] = {}
    for size in range(SIZE):
        entry = commit(SALT, committed) if size == POSITION else b"%d" % size
        nodes.update(grow(nodes, size, leaf_hash(entry)))
    head = Checkpoint(origin, SIZE, root(nodes, SIZE))
    path = tuple(inclusion_proof(nodes, POSITION, SIZE))
    return Proof(POSITION, path, head.signed(signer), SALT + committed)


GOOD = proof_of(record())


def check(proof: Proof, *, sha256: str = SHA256, named: str = NAMED) -> str:
    return inclusion_check(
        proof, [KEY.verifier], declaration_id=named, pdf_sha256=sha256
    )


def test_a_proof_says_where_the_sealing_stands() -> None:
    """Position, size and log, as they are signed; also after being a file."""
    said = check(GOOD)
    assert f"entry {POSITION} of the log “{ORIGIN}”" in said
    assert f"{SIZE} entries" in said
    assert check(read_proof(str(GOOD)), sha256=SHA256.upper()) == said


def test_the_key_is_found_by_the_log_s_name() -> None:
    """A log that was reopened has several, and other logs have theirs."""
    other = NoteSigner(f"{ORIGIN}/2", Ed25519PrivateKey.generate()).verifier
    keys = [other, KEY.verifier]
    assert inclusion_check(GOOD, keys, declaration_id=NAMED, pdf_sha256=SHA256)
    with pytest.raises(NotChecked, match="whose key was not given"):
        inclusion_check(GOOD, [other], declaration_id=NAMED, pdf_sha256=SHA256)
    with pytest.raises(NotChecked, match="whose key was not given"):
        inclusion_check(GOOD, [], declaration_id=NAMED, pdf_sha256=SHA256)


def test_an_older_key_serves_for_a_log_that_was_reopened() -> None:
    """With the same key under its next name; with another, it is not at hand.

    A key that is known under that very name is the only one for it.
    """
    told = {"declaration_id": NAMED, "pdf_sha256": SHA256}
    later = f"{ORIGIN}/2"
    same = proof_of(record(), NoteSigner(later, KEY.key), later)
    assert later in inclusion_check(same, [KEY.verifier], **told)
    assert inclusion_check(GOOD, [NoteSigner(later, KEY.key).verifier], **told)
    other = NoteSigner(later, Ed25519PrivateKey.generate())
    with pytest.raises(NotChecked, match="whose key was not given"):
        inclusion_check(proof_of(record(), other, later), [KEY.verifier], **told)
    with pytest.raises(CheckFailed, match="not signed with the log's key"):
        inclusion_check(same, [KEY.verifier, other.verifier], **told)
    with pytest.raises(NotChecked, match="whose key was not given"):
        foreign = NoteSigner("other.example/log", KEY.key).verifier
        inclusion_check(same, [foreign], **told)


def test_another_file_under_the_same_reference_is_a_no() -> None:
    """The log tells which file was sealed, and it is not this one."""
    with pytest.raises(CheckFailed, match=f"another file was sealed as {NAMED}"):
        check(GOOD, sha256="0" * 64)


@pytest.mark.parametrize(
    "committed",
    [
        record(declaration="D-0000-0000-0000"),
        record(event="declaration:signed"),
        b"{}",
        b"[]",
        b"not JSON",
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_the_proof_of_another_entry_says_nothing(committed: bytes) -> None:
    """It may be a good proof, of something else: nothing is lowered, nothing shown."""
    with pytest.raises(NotChecked, match="something else"):
        check(proof_of(committed))


def test_a_proof_without_its_record_says_nothing() -> None:
    """The leaf alone is a number that could be anything's."""
    for extra in (b"", SALT, SALT[:5]):
        with pytest.raises(NotChecked, match="does not hold the record"):
            check(replace(GOOD, extra=extra))


@pytest.mark.parametrize(
    "changed",
    [
        replace(GOOD, position=POSITION + 1),
        replace(GOOD, path=GOOD.path[:-1]),
        replace(GOOD, path=(bytes(32), *GOOD.path[1:])),
        replace(GOOD, extra=bytes(32) + record()),
        replace(GOOD, extra=SALT + record(pdf_sha256="cd" * 32)),
    ],
)
def test_a_proof_that_leads_elsewhere_is_a_no(changed: Proof) -> None:
    """Each of its parts is bound to the signed head."""
    with pytest.raises(CheckFailed, match="does not lead to the log"):
        check(changed, sha256=SHA256)


def test_a_head_that_the_log_did_not_sign_is_a_no() -> None:
    """Under the log's name, by another key or over another text."""
    forger = NoteSigner(ORIGIN, Ed25519PrivateKey.generate())
    larger = GOOD.checkpoint.replace(f"\n{SIZE}\n", f"\n{SIZE + 1}\n")
    for head in (proof_of(record(), forger).checkpoint, larger):
        with pytest.raises(CheckFailed, match="not signed with the log's key"):
            check(replace(GOOD, checkpoint=head))


@pytest.mark.parametrize(
    "head",
    [f"{ORIGIN}\n", GOOD.checkpoint[:-9], f"{GOOD.checkpoint}Sent from my phone\n"],
)
def test_a_head_that_cannot_be_read_says_nothing(head: str) -> None:
    """It was damaged on the way, and contradicts nothing."""
    with pytest.raises(NotChecked, match="The proof is damaged"):
        check(replace(GOOD, checkpoint=head))


@given(st.text(max_size=300), st.binary(max_size=200))
def test_any_checkpoint_gets_an_answer(head: str, extra: bytes) -> None:
    """Whatever a proof holds, it is a "no" or nothing."""
    for checkpoint in (head, f"{ORIGIN}\n{head}"):
        with pytest.raises((CheckFailed, NotChecked)) as caught:
            check(replace(GOOD, checkpoint=checkpoint, extra=extra))
        assert isinstance(caught.value, CheckFailed | NotChecked)
        assert caught.value.sentence.isprintable()


def test_an_entry_is_opened_with_its_salt_and_record() -> None:
    """The same holds of a leaf that is read from the school's own log."""
    told = {"declaration_id": NAMED, "pdf_sha256": SHA256}
    entry_check(commit(SALT, record()), SALT, record(), **told)
    for salt, committed in ((bytes(32), record()), (SALT, b"{}"), (b"", record())):
        with pytest.raises(NotChecked, match="do not fit together"):
            entry_check(commit(SALT, record()), salt, committed, **told)
    other = record(pdf_sha256="cd" * 32)
    with pytest.raises(CheckFailed, match="another file"):
        entry_check(commit(SALT, other), SALT, other, **told)
