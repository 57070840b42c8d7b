"""Signed notes with Ed25519 (C2SP signed-note): text that tools of others can check."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from signer.errors import NoteRefused

ED25519 = b"\x01"
"""The signature type of plain Ed25519 over the note's text."""

LARGEST_NOTE = 1_000_000
MOST_SIGNATURES = 64
_ID_BYTES = 4
_KEY_BYTES = 32
_DASH = "\N{EM DASH}"
# Halves of surrogate pairs are no characters: UTF-8 has no bytes for them.
_NAME = re.compile(r"[^\s+\ud800-\udfff]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """A public key under a name.

    Attributes:
        name: as in the signature line, such as ``example.org/log``.
        key: 32 bytes.
    """

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of a hash of name, type and key."""
        return key_id(self.name, ED25519, self.key)

    def __str__(self) -> str:
        """The key in one line, as tools take it: ``name+id+key``."""
        return key_line(self.name, ED25519, self.key)

    @classmethod
    def parse(cls, line: str) -> NoteVerifier:
        """The key that `str` wrote.

        Raises:
            NoteRefused: it is not one, or not Ed25519.
        """
        return cls(*read_key(line, ED25519))

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether a signature (64 bytes) is this key's over a text."""
        return is_signed_by(self.key, text.encode(), signature)


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A private key under a name."""

    name: str
    key: Ed25519PrivateKey

    @property
    def verifier(self) -> NoteVerifier:
        """Its public half."""
        return NoteVerifier(self.name, self.key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """A note of a text, with one signature.

        Raises:
            NoteRefused: the text does not end with a newline, or holds control
                characters.
        """
        if not text.endswith("\n") or _CONTROL.search(text):
            raise NoteRefused("not a text that can be signed")
        value = self.verifier.key_id + self.key.sign(text.encode())
        return f"{text}\n{signature_line(self.name, value)}"


def signature_line(name: str, value: bytes) -> str:
    """A signature's line in a note: whose key made it, its id and its bytes."""
    return f"{_DASH} {name} {base64.b64encode(value).decode()}\n"


def key_id(name: str, kind: bytes, key: bytes) -> bytes:
    """The four bytes by which a signature names its key.

    Args:
        name: the key's.
        kind: the signature type, one byte.
        key: the public key.
    """
    text = name.encode() + b"\n" + kind + key
    return hashlib.sha256(text).digest()[:_ID_BYTES]


def key_line(name: str, kind: bytes, key: bytes) -> str:
    """A public key in one line: ``name+id+key``; arguments as of `key_id`."""
    encoded = base64.b64encode(kind + key).decode()
    return f"{name}+{key_id(name, kind, key).hex()}+{encoded}"


def read_key(line: str, kind: bytes) -> tuple[str, bytes]:
    """The name and the public key (32 bytes) that `key_line` wrote.

    Raises:
        NoteRefused: it is no such line, or a key for another type of signature.
    """
    name, _, rest = line.strip().partition("+")
    stated, _, encoded = rest.partition("+")
    key = _decoded(encoded)
    if not _NAME.fullmatch(name) or len(key) != 1 + _KEY_BYTES:
        raise NoteRefused("not a verifier key")
    if key[:1] != kind or key_id(name, kind, key[1:]).hex() != stated:
        raise NoteRefused("the verifier key's id does not fit it")
    return name, key[1:]


def is_signed_by(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature (64 bytes) over a message is a key's (Ed25519)."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def open_note(note: str, verifiers: Iterable[NoteVerifier]) -> str:
    """The text of a note, once a known key's signature over it is right.

    Signatures by keys that are not known are passed over.

    Args:
        note: text, an empty line, signature lines.
        verifiers: the keys known.

    Raises:
        NoteRefused: it is no note, no known key signed it, or a known key's
            signature is wrong.
    """
    text, signatures = parts_of_note(note)
    known = {(one.name, one.key_id): one for one in verifiers}
    right = 0
    for name, value in signatures:
        verifier = known.get((name, value[:_ID_BYTES]))
        if verifier is None:
            continue
        if not verifier.verify(text, value[_ID_BYTES:]):
            raise NoteRefused(f"the signature of {name} is wrong")
        right += 1
    if not right:
        raise NoteRefused("no known key signed it")
    return text


def parts_of_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a note, and of each signature its name and value; nothing checked.

    A value is the key's id (4 bytes), and then what that type of signature has.

    Raises:
        NoteRefused: it is no note.
    """
    if len(note) > LARGEST_NOTE or _CONTROL.search(note) or not note.endswith("\n"):
        raise NoteRefused("not a signed note")
    text, separator, lines = note.rpartition("\n\n")
    signatures = [_signature(line) for line in lines.split("\n")[:-1]]
    if not separator or not signatures or len(signatures) > MOST_SIGNATURES:
        raise NoteRefused("not a signed note")
    return text + "\n", signatures


def _signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    value = _decoded(encoded)
    if dash != _DASH or not _NAME.fullmatch(name) or len(value) <= _ID_BYTES:
        raise NoteRefused("not a signature line")
    return name, value


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteRefused("not base64") from error
