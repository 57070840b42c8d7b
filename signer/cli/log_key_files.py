"""Keys of the log and of witnesses, and heads, in files that a command names."""

from __future__ import annotations

from pathlib import Path

import click

from signer.errors import NoteRefused, ProofRefused
from signer.ledger.checkpoints import claimed_checkpoint
from signer.ledger.cosignatures import WitnessKey
from signer.ledger.proof_files import held_checkpoint, held_proof
from signer.ledger.signed_notes import NoteVerifier

LARGEST_BYTES = 1_000_000


def read_log_keys(path: Path) -> tuple[NoteVerifier, ...]:
    """The keys in a file, one a line.

    Raises:
        click.UsageError: it holds none, or something else.
    """
    lines = read_text(path).splitlines()
    try:
        keys = tuple(NoteVerifier.parse(line.strip()) for line in lines if line.strip())
    except NoteRefused as error:
        raise _refused(path, f"does not contain a log key ({error})") from error
    if not keys:
        raise _refused(path, "does not contain a log key")
    return keys


def read_witness_keys(path: Path) -> tuple[WitnessKey, ...]:
    """The keys of witnesses in a file, one a line.

    Raises:
        click.UsageError: it holds none, or something else.
    """
    lines = read_text(path).splitlines()
    try:
        keys = tuple(WitnessKey.parse(line) for line in lines if line.strip())
    except NoteRefused as error:
        raise _refused(path, f"does not contain a witness's key ({error})") from error
    if not keys:
        raise _refused(path, "does not contain a witness's key")
    return keys


def read_text(path: Path) -> str:
    """The text of a small file.

    Raises:
        click.UsageError: it is large, or no text.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise _refused(path, "is too large to be what it should be")
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(path, "cannot be read as text") from error


def read_held(path: Path) -> str:
    """The text of a checkpoint, or of a proof, in a file that somebody kept.

    Raises:
        click.UsageError: it is large, or neither: that contradicts nobody.
    """
    text = read_text(path)
    try:
        claimed_checkpoint(held_checkpoint(text))
        held_proof(text)
    except (NoteRefused, ProofRefused) as error:
        problem = f"is neither a checkpoint nor a proof ({error})"
        raise _refused(path, problem) from error
    return text


def read_held_checkpoint(path: Path) -> str:
    """The signed checkpoint in a file that somebody kept, perhaps within a proof.

    Raises:
        click.UsageError: it is large, or neither checkpoint nor proof.
    """
    return held_checkpoint(read_held(path))


def _refused(path: Path, problem: str) -> click.UsageError:
    return click.UsageError(f"{click.format_filename(path)} {problem}.")
