"""Notes, checkpoints, proofs and tiles from anybody: read as they are, or refused.

``FUZZ_EXAMPLES=20000`` in the environment makes each test try as many.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signer.errors import NoteRefused, ProofRefused
from signer.ledger.checkpoints import Checkpoint, read_checkpoint
from signer.ledger.hashing import leaf_hash
from signer.ledger.proof_files import Proof, read_proof
from signer.ledger.proofs import check_inclusion, root_with
from signer.ledger.signed_notes import NoteSigner, NoteVerifier, open_note
from signer.ledger.tiles import Tile, bundle, parse_path, tiles_of, unbundle
from signer.ledger.tree import grow, inclusion_proof, root
from tests.ledger.consistency import check_consistency

if TYPE_CHECKING:
    from signer.ledger.tree import Node

thorough = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "100")),
    deadline=None,
    print_blob=True,
)

ORIGIN = "policies.example/log"
SIGNER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
ENTRIES = [b"entry %d" % number for number in range(21)]
NODES: dict[Node, bytes] = {}
for _size, _entry in enumerate(ENTRIES):
    NODES.update(grow(NODES, _size, leaf_hash(_entry)))
HEAD = Checkpoint(ORIGIN, len(ENTRIES), root(NODES, len(ENTRIES)))
NOTE = HEAD.signed(SIGNER)
PROOF = Proof(8, tuple(inclusion_proof(NODES, 8, len(ENTRIES))), NOTE, b"salt")

# Any characters that Python can hold: halves of surrogate pairs are among them.
characters = st.characters(exclude_categories=())
texts = st.text(characters, max_size=200)
lines = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
hashes = st.binary(min_size=32, max_size=32)
sizes = st.integers(-2, 2**70)


@st.composite
def spoiled(draw: st.DrawFn, text: str) -> str:
    """A text after a few edits: parts taken out, put in, doubled or moved."""
    for _ in range(draw(st.integers(1, 3))):
        places = st.integers(0, len(text))
        start, end, to = draw(places), draw(places), draw(places)
        part = text[start : min(end, start + 40)]
        new = draw(
            st.one_of(
                st.text(characters, max_size=3),
                st.just(part),
                st.sampled_from(
                    ["\n", "\n\n", "=", "+", " ", "0", "\N{EM DASH} ", "A"]
                ),
            )
        )
        gone = draw(st.sampled_from([0, 1, len(new), 44]))
        text = text[:to] + new + text[to + gone :]
    return text


@example(NOTE.replace(f"{ORIGIN}\n", "\ud800\n"))
@example(NOTE.replace(f" {ORIGIN} ", " \ud800 "))
@given(st.one_of(texts, spoiled(NOTE)))
@thorough
def test_a_note_is_what_was_signed_or_refused(note: str) -> None:
    """Nothing but `NoteRefused` comes out of it, and nothing else than was signed."""
    try:
        text = open_note(note, [SIGNER.verifier])
        head = read_checkpoint(note, ORIGIN, [SIGNER.verifier])
    except NoteRefused:
        return
    assert text == HEAD.text
    assert head == HEAD


@example(str(SIGNER.verifier).replace(ORIGIN, "\udfff"))
@given(st.one_of(texts, spoiled(str(SIGNER.verifier))))
@thorough
def test_a_key_is_read_back_or_refused(line: str) -> None:
    """A key that is read is written as it came."""
    try:
        found = NoteVerifier.parse(line)
    except NoteRefused:
        return
    assert NoteVerifier.parse(str(found)) == found


@given(hashes)
@thorough
def test_any_key_checks_signatures_without_breaking(key: bytes) -> None:
    """Not every 32 bytes are a point on the curve; a signature by none is wrong."""
    text = f"{ORIGIN}\n0\n"
    stranger = NoteVerifier(ORIGIN, key)
    assert not stranger.verify(text, bytes(64))
    assert not stranger.verify(text, b"")


@given(lines, st.integers(0, 10**18), hashes, st.lists(lines, max_size=4))
@thorough
def test_a_checkpoint_survives_being_signed(
    origin: str, size: int, head: bytes, extensions: list[str]
) -> None:
    """Whatever it says is read back, by whoever has the key."""
    made = Checkpoint(origin, size, head, tuple(extensions))
    assert read_checkpoint(made.signed(SIGNER), origin, [SIGNER.verifier]) == made


@given(st.one_of(texts, spoiled(str(PROOF))))
@thorough
def test_a_proof_proves_its_entry_or_is_refused(text: str) -> None:
    """A spoiled proof that still holds proves the same of the same log."""
    try:
        found = read_proof(text)
        head = found.check(ENTRIES[8], ORIGIN, [SIGNER.verifier])
    except (NoteRefused, ProofRefused):
        return
    assert head == HEAD
    assert (found.position, found.path) == (PROOF.position, PROOF.path)


@given(
    st.integers(0, 10**18),
    st.lists(hashes, max_size=64),
    st.binary(max_size=100),
)
@thorough
def test_a_proof_survives_being_written(
    position: int, path: list[bytes], extra: bytes
) -> None:
    """What it holds is read back."""
    made = Proof(position, tuple(path), NOTE, extra)
    assert read_proof(str(made)) == made


@given(
    st.binary(max_size=40), sizes, sizes, st.lists(st.binary(max_size=33), max_size=70)
)
@thorough
def test_a_path_from_anybody_is_refused(
    leaf: bytes, position: int, size: int, path: list[bytes]
) -> None:
    """No numbers and no hashes make the check of a path break, or run for long."""
    for check in (
        lambda: root_with(leaf, position, size, path),
        lambda: check_inclusion(leaf, position, size, path, HEAD.root),
        lambda: check_consistency(position, leaf, size, HEAD.root, path),
    ):
        try:
            check()
        except ProofRefused:
            continue


@given(st.integers(0, 20), st.integers(0, 9), st.binary(max_size=32))
@thorough
def test_one_hash_changed_spoils_a_proof(position: int, place: int, new: bytes) -> None:
    """Each hash of a path is needed as it is."""
    path = inclusion_proof(NODES, position, len(ENTRIES))
    place %= len(path)
    leaf = leaf_hash(ENTRIES[position])
    check_inclusion(leaf, position, len(ENTRIES), path, HEAD.root)
    if path[place] == new:
        return
    path[place] = new
    with pytest.raises(ProofRefused):
        check_inclusion(leaf, position, len(ENTRIES), path, HEAD.root)


paths = st.one_of(
    texts,
    spoiled("0/x001/x234/067.p/1"),
    spoiled("entries/x001/067"),
    st.text("0123456789x/.pentries-", max_size=30),
)


@given(paths)
@thorough
def test_a_tile_has_one_address(path: str) -> None:
    """What is read as a tile's path is the one that the tile has."""
    found = parse_path(path)
    assert found is None or found.path == path


@given(
    st.one_of(st.none(), st.integers(0, 63)),
    st.integers(0, 10**18 - 1),
    st.integers(1, 256),
)
@thorough
def test_a_tile_s_address_is_read_back(
    level: int | None, index: int, width: int
) -> None:
    """At every level, at every place, of every width."""
    tile = Tile(level, index, width)
    assert parse_path(tile.path) == tile


@given(st.integers(0, 200_000))
@thorough
def test_every_tile_of_a_log_has_an_address(size: int) -> None:
    """No two have the same, and the log is large enough for each."""
    tiles = tiles_of(size)
    addresses = {tile.path for tile in tiles}
    assert len(addresses) == len(tiles)
    assert all(tile.is_within(size) for tile in tiles)


@given(st.binary(max_size=2000))
@thorough
def test_a_bundle_is_read_whole_or_refused(raw: bytes) -> None:
    """What is read from it makes the same bytes again."""
    try:
        entries = unbundle(raw)
    except ValueError:
        return
    assert bundle(entries) == raw


@given(st.lists(st.binary(max_size=300), max_size=20))
@thorough
def test_a_bundle_survives_being_written(entries: list[bytes]) -> None:
    """Empty entries too."""
    assert unbundle(bundle(entries)) == entries
