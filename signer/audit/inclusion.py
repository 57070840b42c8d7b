"""Whether the school's log holds the sealing of a declaration, by a proof of it."""

from __future__ import annotations

import json
from collections.abc import Collection

from signer.errors import CheckFailed, NotChecked, NoteRefused, ProofRefused
from signer.ledger.checkpoints import Checkpoint, claimed_checkpoint, keys_under
from signer.ledger.commitments import SALT_BYTES, commit
from signer.ledger.proof_files import Proof
from signer.ledger.signed_notes import NoteVerifier, parts_of_note

SEALED = "declaration:sealed"
"""The event of the leaf that a proof is of."""


def inclusion_check(
    proof: Proof,
    verifiers: Collection[NoteVerifier],
    *,
    declaration_id: str,
    pdf_sha256: str,
) -> str:
    """Check that the log holds the sealing of this very file.

    A proof that says nothing of the file leaves the step unmade; one that was
    tampered with, or that tells of another file under the same reference, is a "no".

    Args:
        proof: as read; its ``extra`` is the salt and the record behind the leaf.
        verifiers: the keys of the logs that are trusted, each under its log's origin.
        declaration_id: the declaration's reference.
        pdf_sha256: SHA-256 (hex) of the whole sealed file.

    Returns:
        The sentence that says what was found.

    Raises:
        CheckFailed: the proof does not hold, or the log tells of another file.
        NotChecked: the log's key is not at hand, or the proof is of something else.
    """
    checkpoint, record = led_to_the_log(proof, verifiers)
    _tells_of(record, declaration_id, pdf_sha256)
    return (
        f"The sealing of this very file is entry {proof.position} of the log "
        f"“{checkpoint.origin}”, which had {checkpoint.size} entries when its head was "
        "signed."
    )


def led_to_the_log(
    proof: Proof, verifiers: Collection[NoteVerifier]
) -> tuple[Checkpoint, bytes]:
    """The signed head that a proof leads to, and the record behind its entry.

    Arguments as of `inclusion_check`.

    Raises:
        CheckFailed: the proof does not hold.
        NotChecked: the log's key is not at hand, or there is no record.
    """
    origin = proof.checkpoint.partition("\n")[0]
    known = [
        one
        for one in keys_under(origin, verifiers)
        if one in verifiers or _names(one, proof.checkpoint)
    ]
    if not known:
        raise NotChecked(
            f"The proof is of the log “{_shown(origin)}”, whose key was not given. "
            "Get the log's key from the school, and check again with it."
        )
    salt, record = proof.extra[:SALT_BYTES], proof.extra[SALT_BYTES:]
    if not record:
        raise NotChecked("The proof does not hold the record that it is a proof of.")
    try:
        claimed_checkpoint(proof.checkpoint)
    except NoteRefused as error:
        raise NotChecked(
            "The proof is damaged: the signed head in it cannot be read, so it says "
            "nothing. Use the proof as it was sent."
        ) from error
    try:
        return proof.check(commit(salt, record), origin, known), record
    except NoteRefused as error:
        raise CheckFailed(
            "The proof's checkpoint is not signed with the log's key: the proof was "
            "altered or made up."
        ) from error
    except ProofRefused as error:
        raise CheckFailed(
            "The proof does not lead to the log: it was altered or made up."
        ) from error


def entry_check(
    entry: bytes, salt: bytes, record: bytes, *, declaration_id: str, pdf_sha256: str
) -> None:
    """Check that an entry commits to the sealing of this very file.

    Args:
        entry: the leaf of the log.
        salt: what hides the record in it, 32 bytes.
        record: what it should commit to.
        declaration_id: the declaration's reference.
        pdf_sha256: SHA-256 (hex) of the whole sealed file.

    Raises:
        CheckFailed: the log tells of another file.
        NotChecked: the entry is of something else, or commits to something else.
    """
    if len(salt) != SALT_BYTES or commit(salt, record) != entry:
        raise NotChecked(
            "The entry of the log and what should be behind it do not fit together, "
            "so the log tells nothing of this file."
        )
    _tells_of(record, declaration_id, pdf_sha256)


def _tells_of(record: bytes, declaration_id: str, pdf_sha256: str) -> None:
    said = said_by(record)
    if said.get("event") != SEALED or said.get("declaration") != declaration_id:
        raise NotChecked(
            "That entry of the log is of something else, so it says nothing of this "
            f"file. Use the proof of {declaration_id}."
        )
    if said.get("pdf_sha256") != pdf_sha256.lower():
        raise CheckFailed(
            f"The log says that another file was sealed as {declaration_id}."
        )


def said_by(record: bytes) -> dict[str, object]:
    """What a record says; nothing where it is no record."""
    try:
        found = json.loads(record)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _names(key: NoteVerifier, note: str) -> bool:
    """Whether a signature of a note claims to be a key's: a log may have another."""
    try:
        _, signatures = parts_of_note(note)
    except NoteRefused:
        return False
    return any(
        name == key.name and value.startswith(key.key_id) for name, value in signatures
    )


def _shown(origin: str) -> str:
    return "".join(c for c in origin if c.isprintable())[:100]
