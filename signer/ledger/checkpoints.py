"""Checkpoints: the signed head of the log (C2SP tlog-checkpoint)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from signer.errors import NoteRefused
from signer.ledger.hashing import HASH_BYTES
from signer.ledger.signed_notes import (
    NoteSigner,
    NoteVerifier,
    open_note,
    parts_of_note,
)

REOPENED = "reopened-after"
"""Begins the first extension line of every checkpoint of a reopened log."""

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LINES = 3
_NUMBER = re.compile(r"/[1-9][0-9]{0,8}\Z", re.ASCII)
"""Stands behind the name of a log that was reopened."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log was at one moment.

    Attributes:
        origin: which log, such as ``example.org/log``.
        size: number of leaves.
        root: the root hash, 32 bytes.
        extensions: further lines, opaque; after ``log reopen`` the first one cites
            the head that the log goes on from.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(self.root).decode()
        lines = (self.origin, str(self.size), root, *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @property
    def citation(self) -> str:
        """The extension line of a log that was reopened after this head."""
        root = base64.b64encode(self.root).decode()
        return f"{REOPENED} {self.origin} {self.size} {root}"

    def signed(self, signer: NoteSigner) -> str:
        """The checkpoint as a signed note."""
        return signer.sign(self.text)


def keys_under(origin: str, verifiers: Iterable[NoteVerifier]) -> list[NoteVerifier]:
    """The keys that may sign under one of a log's names.

    They are those that were given under that name. Where none was, they are those of
    its other names: a log that was reopened goes on with its key, as ``…/log/2``.

    Args:
        origin: the name.
        verifiers: the keys that are known, each under the name it was given with.
    """
    known, first = list(verifiers), _NUMBER.sub("", origin)
    return [one for one in known if one.name == origin] or [
        NoteVerifier(origin, one.key)
        for one in known
        if _NUMBER.sub("", one.name) == first
    ]


def read_checkpoint(
    note: str, origin: str, verifiers: Iterable[NoteVerifier]
) -> Checkpoint:
    """A signed checkpoint, once its signature is right.

    Args:
        note: the signed note.
        origin: the log it must be of.
        verifiers: the keys of the log.

    Raises:
        NoteRefused: no known key signed it, it is no checkpoint, or of another log.
    """
    checkpoint = _said_by(open_note(note, verifiers))
    if checkpoint.origin != origin:
        raise NoteRefused("a checkpoint of another log")
    return checkpoint


def claimed_checkpoint(note: str) -> Checkpoint:
    """What a signed checkpoint says, whoever signed it: it vouches for nothing.

    Raises:
        NoteRefused: it is no signed checkpoint.
    """
    text, _ = parts_of_note(note)
    return _said_by(text)


def _said_by(text: str) -> Checkpoint:
    lines = text.split("\n")[:-1]
    if len(lines) < _LINES or "" in lines:
        raise NoteRefused("not a checkpoint")
    origin, size, encoded, *extensions = lines
    if not _SIZE.fullmatch(size):
        raise NoteRefused("the checkpoint's size is no number")
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteRefused("the checkpoint's root is not base64") from error
    if len(root) != HASH_BYTES or base64.b64encode(root).decode() != encoded:
        raise NoteRefused("the checkpoint's root is no SHA-256")
    return Checkpoint(origin, int(size), root, tuple(extensions))
