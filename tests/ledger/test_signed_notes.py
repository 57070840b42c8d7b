"""Notes, checkpoints and proof files: as others write them, and hostile ones."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from signer.errors import LedgerError, NoteRefused, ProofRefused
from signer.ledger.checkpoints import Checkpoint, read_checkpoint
from signer.ledger.hashing import leaf_hash
from signer.ledger.proof_files import Proof, read_proof
from signer.ledger.signed_notes import NoteSigner, NoteVerifier, open_note
from signer.ledger.tree import Node, grow, inclusion_proof, root

# Published with Go's package golang.org/x/mod/sumdb/note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_NOTE = (
    GO_TEXT + "\n\N{EM DASH} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZIn"
    "NIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

ORIGIN = "policies.example/log"
SIGNER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = NoteSigner("witness.example", Ed25519PrivateKey.generate())
ENTRIES = [f"entry {number}".encode() for number in range(11)]


def tree() -> dict[Node, bytes]:
    nodes: dict[Node, bytes] = {}
    for size, entry in enumerate(ENTRIES):
        nodes.update(grow(nodes, size, leaf_hash(entry)))
    return nodes


CHECKPOINT = Checkpoint(ORIGIN, len(ENTRIES), root(tree(), len(ENTRIES)))
NOTE = CHECKPOINT.signed(SIGNER)
PROOF = Proof(4, tuple(inclusion_proof(tree(), 4, len(ENTRIES))), NOTE, b"salt")


def test_a_note_of_another_program_is_read() -> None:
    """The published note opens with the published key, and the key is read whole."""
    verifier = NoteVerifier.parse(GO_KEY)
    assert open_note(GO_NOTE, [verifier]) == GO_TEXT
    assert str(verifier) == GO_KEY


def test_a_checkpoint_has_the_form_of_the_specification() -> None:
    """Origin, size and root on three lines, an empty one, and the signature."""
    encoded = base64.b64encode(CHECKPOINT.root).decode()
    lines = NOTE.split("\n")
    assert lines[:4] == [ORIGIN, "11", encoded, ""]
    assert lines[4].startswith(f"\N{EM DASH} {ORIGIN} ")
    assert lines[5:] == [""]
    assert read_checkpoint(NOTE, ORIGIN, [SIGNER.verifier]) == CHECKPOINT


def test_signatures_of_strangers_are_passed_over() -> None:
    """A witness's line beside ours changes nothing; alone it is not enough."""
    witnessed = NOTE + OTHER.sign(CHECKPOINT.text).rsplit("\n\n", 1)[1]
    assert read_checkpoint(witnessed, ORIGIN, [SIGNER.verifier]) == CHECKPOINT
    with pytest.raises(NoteRefused, match="no known key"):
        read_checkpoint(OTHER.sign(CHECKPOINT.text), ORIGIN, [SIGNER.verifier])


def test_a_wrong_signature_of_a_known_key_refuses_the_note() -> None:
    """Also when another known key's is right."""
    forged = NOTE.replace("\n11\n", "\n12\n")
    text = forged.rsplit("\n\n", 1)[0] + "\n"
    both = forged + OTHER.sign(text).rsplit("\n\n", 1)[1]
    for note in (forged, both):
        with pytest.raises(NoteRefused, match="wrong"):
            open_note(note, [SIGNER.verifier, OTHER.verifier])


def test_a_checkpoint_of_another_log_is_refused() -> None:
    """Signed by the right key, and about something else."""
    with pytest.raises(NoteRefused, match="another log"):
        read_checkpoint(NOTE, "elsewhere.example/log", [SIGNER.verifier])


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n11\n",
        f"{ORIGIN}\n011\nAAAA\n",
        f"{ORIGIN}\n-1\nAAAA\n",
        f"{ORIGIN}\n11\nAAAA\n",
        f"{ORIGIN}\n11\nnot base64\n",
        f"{ORIGIN}\n11\n{'A' * 43}=\n\nmore\n",
        f"{ORIGIN}\n{'9' * 40}\n{'A' * 43}=\n",
        f"{ORIGIN}\n११\n{'A' * 43}=\n",
    ],
)
def test_what_is_signed_must_be_a_checkpoint(text: str) -> None:
    """A right signature over something else is refused."""
    with pytest.raises(NoteRefused):
        read_checkpoint(SIGNER.sign(text), ORIGIN, [SIGNER.verifier])


@pytest.mark.parametrize("text", ["no newline", "a\tb\n", "a\rb\n", "\x00\n"])
def test_only_plain_text_is_signed(text: str) -> None:
    """Control characters would look like something else than they are."""
    with pytest.raises(NoteRefused):
        SIGNER.sign(text)


@pytest.mark.parametrize(
    "line",
    ["", "name", "name+00000000+AQ==", GO_KEY.replace("c74f", "c74e"), GO_KEY[:-4]],
)
def test_what_is_no_key_is_refused(line: str) -> None:
    """A key whose id does not fit it is not taken for one."""
    with pytest.raises(NoteRefused):
        NoteVerifier.parse(line)


@given(st.integers(0, len(NOTE) - 1), st.characters())
def test_no_changed_note_opens(place: int, character: str) -> None:
    """Whatever one character becomes, what opens is the checkpoint that was signed."""
    changed = NOTE[:place] + character + NOTE[place + 1 :]
    try:
        found = read_checkpoint(changed, ORIGIN, [SIGNER.verifier])
    except NoteRefused:
        return
    assert found == CHECKPOINT


@given(st.text(max_size=300))
def test_no_text_breaks_the_readers(text: str) -> None:
    """Hostile text is refused, and nothing else happens."""
    for read in (
        lambda: open_note(text, [SIGNER.verifier]),
        lambda: read_proof(text),
        lambda: NoteVerifier.parse(text),
    ):
        with pytest.raises(LedgerError):
            read()


def test_a_proof_file_is_written_read_and_checked() -> None:
    """What it gives is the checkpoint that vouches for the entry."""
    read = read_proof(str(PROOF))
    assert read == PROOF
    assert read.check(ENTRIES[4], ORIGIN, [SIGNER.verifier]) == CHECKPOINT
    assert str(PROOF).startswith("c2sp.org/tlog-proof@v1\nextra c2FsdA==\nindex 4\n")


def test_a_proof_of_another_entry_is_refused() -> None:
    """The path of one entry does not vouch for another."""
    with pytest.raises(ProofRefused):
        PROOF.check(ENTRIES[5], ORIGIN, [SIGNER.verifier])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tlog-proof@v1", "tlog-proof@v2"),
        ("index 4", "index 04"),
        ("index 4", "index x"),
        ("index 4\n", ""),
        ("extra c2FsdA==", "extra *"),
        ("\n\n", "\n"),
        ("index 4\n", "index 4\nAAAA\n"),
        ("index 4\n", "index 4\n" + ("A" * 43 + "=\n") * 65),
    ],
)
def test_what_is_no_proof_file_is_refused(old: str, new: str) -> None:
    """Each line is what the specification says, or nothing is read."""
    with pytest.raises(ProofRefused):
        read_proof(str(PROOF).replace(old, new))
