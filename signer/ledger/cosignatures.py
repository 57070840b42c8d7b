"""Cosignatures: that witnesses saw a log grow, and only grow (tlog-cosignature)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from signer.errors import NoteRefused
from signer.ledger.signed_notes import (
    is_signed_by,
    key_id,
    key_line,
    parts_of_note,
    read_key,
    signature_line,
)

COSIGNATURE = b"\x04"
"""The signature type of ``cosignature/v1``, which is Ed25519 with a time."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much a witness's clock may be ahead."""

_ID = slice(0, 4)
_TIME = slice(4, 12)
_SIGNATURE = slice(12, None)
_VALUE_BYTES = 4 + 8 + 64
_LAST = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """The public key of a witness, under its name.

    Attributes:
        name: as in the signature line, such as ``witness.example.org``.
        key: 32 bytes.
    """

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes by which its cosignatures name it."""
        return key_id(self.name, COSIGNATURE, self.key)

    def __str__(self) -> str:
        """The key in one line, as witnesses publish it: ``name+id+key``."""
        return key_line(self.name, COSIGNATURE, self.key)

    @classmethod
    def parse(cls, line: str) -> WitnessKey:
        """The key in a line.

        Raises:
            NoteRefused: it is none, or no key for ``cosignature/v1``.
        """
        return cls(*read_key(line, COSIGNATURE))


@dataclass(frozen=True, slots=True)
class Cosignature:
    """That a witness saw a head, and that the log had only grown up to it.

    Attributes:
        witness: the key that made it.
        at: when, by the witness's clock.
        line: the signature line.
    """

    witness: WitnessKey
    at: datetime
    line: str


def cosigned_message(text: str, timestamp: int) -> bytes:
    """What a witness signs.

    Args:
        text: the head's text, without any signature.
        timestamp: seconds since 1970.
    """
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def read_cosignatures(
    note: str, witnesses: Iterable[WitnessKey], now: datetime
) -> tuple[Cosignature, ...]:
    """The cosignatures of known witnesses on a head, one of each at most.

    Whose key is not known is passed over. Whether the log itself signed the head is
    asked elsewhere.

    Args:
        note: the head as a signed note.
        witnesses: the keys known.
        now: a cosignature from after this, and what clocks differ by, is none.

    Raises:
        NoteRefused: it is no note, or a cosignature under a known key is wrong.
    """
    text, signatures = parts_of_note(note)
    known = {(one.name, one.key_id): one for one in witnesses}
    # By the key itself: one witness under two names is one witness.
    found: dict[bytes, Cosignature] = {}
    for name, value in signatures:
        witness = known.get((name, value[_ID]))
        if witness is None:
            continue
        seconds = int.from_bytes(value[_TIME])
        message = cosigned_message(text, seconds)
        if len(value) != _VALUE_BYTES or not is_signed_by(
            witness.key, message, value[_SIGNATURE]
        ):
            raise NoteRefused(f"the cosignature of {name} is wrong")
        at = datetime.fromtimestamp(min(seconds, _LAST), UTC)
        if not seconds or at > now + CLOCKS_DIFFER:
            raise NoteRefused(f"the cosignature of {name} has no time that can be")
        found.setdefault(
            witness.key, Cosignature(witness, at, signature_line(name, value))
        )
    return tuple(found.values())
