"""The signed heads of a bundle's log, and those that witnesses hold."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from signer import clock
from signer.audit.archive import Archive
from signer.audit.bundle import CHECKPOINT, PAST_CHECKPOINT
from signer.audit.findings import Findings
from signer.audit.inclusion import said_by
from signer.audit.log_events import Told
from signer.errors import BundleRefused, NoteRefused, ProofRefused
from signer.ledger.checkpoints import Checkpoint, read_checkpoint
from signer.ledger.commitments import SALT_BYTES, commit
from signer.ledger.cosignatures import WitnessKey, read_cosignatures
from signer.ledger.hashing import leaf_hash
from signer.ledger.proof_files import Proof, held_checkpoint, held_proof
from signer.ledger.proofs import check_inclusion
from signer.ledger.signed_notes import NoteVerifier, open_note


@dataclass(frozen=True, slots=True)
class Head:
    """A signed head, its signature checked."""

    where: str
    """The file that holds it."""
    checkpoint: Checkpoint


class LogKeys:
    """The keys of the log that are trusted, whatever name they sign under.

    A log that was reopened signs with the same key under another name, so that a
    witness who knows the key knows it under each of them.
    """

    def __init__(self, verifiers: Iterable[NoteVerifier]) -> None:
        self._keys = tuple(dict.fromkeys(one.key for one in verifiers))
        self._last: tuple[str, Checkpoint] | None = None

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The public keys, 32 bytes each."""
        return self._keys

    def text_of(self, note: str, name: str) -> str:
        """The text of a note that is no head, once a key signed it under a name.

        Raises:
            NoteRefused: it is no signed note, or none of the keys signed it.
        """
        return open_note(note, [NoteVerifier(name, key) for key in self._keys])

    def read(self, note: str) -> Checkpoint:
        """A signed head, once one of the keys is seen to have signed it.

        Raises:
            NoteRefused: it is no signed head, or none of the keys signed it.
        """
        # Every proof repeats the newest one.
        if self._last is None or self._last[0] != note:
            origin = note.partition("\n")[0]
            known = [NoteVerifier(origin, key) for key in self._keys]
            self._last = note, read_checkpoint(note, origin, known)
        return self._last[1]


def read_heads(
    archive: Archive, keys: LogKeys, findings: Findings
) -> tuple[Head | None, list[Head]]:
    """The newest head, and every head in the bundle, as far as they are signed."""
    newest = _head(CHECKPOINT, _text(archive, CHECKPOINT, findings), keys, findings)
    past = [
        _head(name, _text(archive, name, findings), keys, findings)
        for name in archive.names
        if PAST_CHECKPOINT.fullmatch(name)
    ]
    heads = [one for one in (newest, *past) if one is not None]
    return newest, heads


def claimed_head(archive: Archive) -> Head | None:
    """The newest head as it claims to be, whoever signed it; None where it is none.

    It vouches for nothing. It tells how far to look for what else is wrong.
    """
    try:
        origin, size, root, *_ = archive.text(CHECKPOINT).split("\n")
        checkpoint = Checkpoint(origin, int(size[:19]), b64decode(root))
    except (BundleRefused, ValueError):
        return None
    return Head(CHECKPOINT, checkpoint) if checkpoint.size >= 0 else None


def read_held(held: Mapping[str, str], keys: LogKeys, findings: Findings) -> list[Head]:
    """The heads that witnesses gave, as far as the log's key signed them.

    Args:
        held: the signed notes or proofs, by the names of their files.
        keys: the log's.
        findings: gets a gap for each that is not signed.
    """
    found = [
        _head(name, held_checkpoint(text), keys, findings)
        for name, text in held.items()
    ]
    return [one for one in found if one is not None]


class HeldProofs:
    """The proofs that people gave, and what became of their entries.

    Args:
        held: the signed notes or proofs, by the names of their files.
        keys: the log's.
        findings: gets a gap for each that proves nothing.
    """

    def __init__(
        self, held: Mapping[str, str], keys: LogKeys, findings: Findings
    ) -> None:
        self._findings = findings
        self._proofs: dict[str, Proof] = {}
        self._places: dict[bytes, int | None] = {}
        for where, text in held.items():
            try:
                proof = held_proof(text)
                if proof is None or not proof.extra[SALT_BYTES:]:
                    continue
                head = keys.read(proof.checkpoint)
                leaf, path = _leaf_of(proof), proof.path
                check_inclusion(leaf, proof.position, head.size, path, head.root)
            except NoteRefused:
                continue  # told of its head
            except ProofRefused as error:
                findings.gap(where, f"It proves nothing: {error}.")
            else:
                self._proofs[where], self._places[leaf] = proof, None

    def noting(self, leaves: Iterable[bytes | None]) -> Iterator[bytes | None]:
        """The same hashes of entries; where those of the proofs stand is noted."""
        for position, leaf in enumerate(leaves):
            if leaf in self._places:
                self._places[leaf] = position
            yield leaf

    def check(self, told: Told) -> None:
        """Say of each whether its entry still stands, after all hashes have passed.

        Args:
            told: what the log tells.
        """
        for where, proof in self._proofs.items():
            said = said_by(proof.extra[SALT_BYTES:])
            one = str(said.get("declaration") or said.get("event"))
            place = self._places[_leaf_of(proof)]
            anew = told.sealed.get(one)
            lost = place is None or place in told.closed
            if lost and anew and anew.pdf_sha256 == said.get("pdf_sha256"):
                place = anew.position  # a log that was reopened has its record again
            by = told.erased.get(place or 0, told.erased.get(proof.position))
            if place is None:
                self._findings.gap(
                    where,
                    f"It is of {one}, and the log no longer has its entry, which was "
                    f"entry {proof.position}. Nothing says that it was erased.",
                )
            elif place not in told.closed:
                self._findings.note(
                    where, f"It is of {one}, and its entry is entry {place} of the log."
                )
            elif by is not None:
                self._findings.note(
                    where,
                    f"It is of {one}. Its entry is entry {place} of the log, and "
                    f"entry {by} says that the school has erased what it kept of it. "
                    "If the person who has the proof does not know, ask the school.",
                )
            else:
                self._findings.gap(
                    where,
                    f"It is of {one}, and nobody can open its entry, {place}, now.",
                )


def check_heads(
    heads: Sequence[Head],
    newest: Head,
    roots: Mapping[int, bytes],
    findings: Findings,
) -> None:
    """Compare each head with the root that the log's entries give at its size.

    Args:
        heads: any heads, the newest included.
        newest: the bundle's newest one.
        roots: by size, the roots computed from the entries.
        findings: gets a gap for each that the entries do not lead to.
    """
    for head in heads:
        size = head.checkpoint.size
        if size > newest.checkpoint.size:
            findings.gap(
                head.where,
                f"It vouches for {size} entries, and the newest head in the bundle for "
                f"{newest.checkpoint.size}. Either entries were taken out of the log, "
                "or the bundle is older than this head: ask for a new bundle.",
            )
        elif size not in roots:
            findings.gap(
                head.where,
                f"The root of the first {size} entries could not be computed, so "
                "nothing shows that the log still begins with them.",
            )
        elif roots[size] != head.checkpoint.root:
            findings.gap(head.where, _differs(head, newest))


def check_cosigned(
    archive: Archive, witnesses: Sequence[WitnessKey], quorum: int, findings: Findings
) -> None:
    """Check that enough witnesses have cosigned the newest head.

    Args:
        archive: the bundle.
        witnesses: the keys of those that count.
        quorum: how many of them must have.
        findings: gets a gap where fewer have, and else a note of who has.
    """
    if not witnesses:
        return
    with findings.refusals(CHECKPOINT):
        note = archive.text(CHECKPOINT)
        try:
            found = read_cosignatures(note, witnesses, clock.now())
        except NoteRefused as error:
            findings.gap(CHECKPOINT, f"Of the newest head, {error}.")
            return
        named = ", ".join(
            f"{one.witness.name} ({clock.in_school_time(one.at)})" for one in found
        )
        if len(found) < quorum:
            findings.gap(
                CHECKPOINT,
                f"It was cosigned by {len(found)} of the witnesses whose keys were "
                f"given, and {quorum} are needed{f': {named}' if named else ''}.",
            )
        elif found:
            findings.note(CHECKPOINT, f"Witnesses that cosigned it: {named}.")


def check_names(heads: Sequence[Head], findings: Findings) -> None:
    """Tell of each name that the log has had besides its newest."""
    origins = {head.checkpoint.origin: head for head in heads}
    for origin, head in origins.items():
        for line in head.checkpoint.extensions:
            findings.note(
                head.where,
                f"The log “{origin}” was restarted, and says of the one before: "
                f"“{line}”. Ask the school why. Anyone who has heads of the log before "
                "can check them against this bundle.",
            )


def _differs(head: Head, newest: Head) -> str:
    size = head.checkpoint.size
    if head.checkpoint.origin == newest.checkpoint.origin:
        return (
            f"The first {size} entries are not the ones that it vouches for: the log "
            "was rewritten."
        )
    return (
        f"It is a head of “{head.checkpoint.origin}”, as the log was called before it "
        f"was restarted, and the first {size} entries are not the ones that it "
        "vouches for: some were lost or changed. Ask the school what they were."
    )


def _leaf_of(proof: Proof) -> bytes:
    return leaf_hash(commit(proof.extra[:SALT_BYTES], proof.extra[SALT_BYTES:]))


def _text(archive: Archive, name: str, findings: Findings) -> str | None:
    try:
        return archive.text(name)
    except BundleRefused as error:
        findings.gap(error.where, f"It {error.problem}.")
        return None


def _head(
    where: str, note: str | None, keys: LogKeys, findings: Findings
) -> Head | None:
    if note is None:
        return None
    try:
        return Head(where, keys.read(note))
    except NoteRefused:
        findings.gap(
            where,
            "It is not signed with the log's key, or is no signed head of a log.",
        )
        return None
