"""Proof files: that an entry is in the log, for checking offline (C2SP tlog-proof)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from signer.errors import ProofRefused
from signer.ledger.checkpoints import Checkpoint, read_checkpoint
from signer.ledger.hashing import HASH_BYTES, leaf_hash
from signer.ledger.proofs import check_inclusion
from signer.ledger.signed_notes import NoteVerifier

HEADER = "c2sp.org/tlog-proof@v1"
LARGEST_FILE = 1_000_000
LONGEST_PATH = 64
_INDEX = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry stands at a position of the log.

    Attributes:
        position: the entry's, counted from 0.
        path: the inclusion proof, the leaf's sibling first.
        checkpoint: the signed checkpoint it leads to.
        extra: opaque bytes that nothing vouches for; here the salt and the record
            that the entry commits to. Empty where there are none.
    """

    position: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def __str__(self) -> str:
        """The proof as a file, to be stored as ``.tlog-proof``."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.position}")
        lines += [base64.b64encode(one).decode() for one in self.path]
        return "\n".join([*lines, "", self.checkpoint])

    def check(
        self, entry: bytes, origin: str, verifiers: Iterable[NoteVerifier]
    ) -> Checkpoint:
        """The checkpoint that vouches for an entry.

        Raises:
            NoteRefused: the checkpoint is not signed by a known key of that log.
            ProofRefused: the path does not lead to its root.
        """
        checkpoint = read_checkpoint(self.checkpoint, origin, verifiers)
        check_inclusion(
            leaf_hash(entry),
            self.position,
            checkpoint.size,
            self.path,
            checkpoint.root,
        )
        return checkpoint


def read_proof(text: str) -> Proof:
    """A proof file, read and not yet checked.

    Raises:
        ProofRefused: it is not a proof file.
    """
    if len(text) > LARGEST_FILE:
        raise ProofRefused("too long for a proof file")
    head, separator, checkpoint = text.partition("\n\n")
    header, *lines = head.split("\n")
    if header != HEADER or not separator:
        raise ProofRefused("not a proof file")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = _decoded(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise ProofRefused("the proof file names no position")
    index = lines.pop(0).removeprefix("index ")
    if not _INDEX.fullmatch(index):
        raise ProofRefused("the position is no number")
    if len(lines) > LONGEST_PATH:
        raise ProofRefused("the path is too long")
    path = tuple(map(_decoded, lines))
    if any(len(one) != HASH_BYTES for one in path):
        raise ProofRefused(f"a hash has {HASH_BYTES} bytes")
    return Proof(int(index), path, checkpoint, extra)


def held_checkpoint(text: str) -> str:
    """The signed checkpoint in what somebody kept: its own file, or a proof file.

    Mail programs and editors change the ends of lines, set a byte order mark in front
    and drop the last line's end. None of that can be told apart from what was signed.

    Args:
        text: the file's text, whatever it is.
    """
    text = as_it_was(text)
    return text.partition("\n\n")[2] if _is_proof(text) else text


def held_proof(text: str) -> Proof | None:
    """The proof in what somebody kept; None where that is no proof file.

    Args:
        text: as of `held_checkpoint`.

    Raises:
        ProofRefused: it is one, and cannot be read.
    """
    text = as_it_was(text)
    return read_proof(text) if _is_proof(text) else None


def as_it_was(text: str) -> str:
    """What somebody kept, as it was handed out; see `held_checkpoint`."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip("\n") + "\n"


def _is_proof(text: str) -> bool:
    return text.startswith(f"{HEADER}\n")


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProofRefused("not base64") from error
