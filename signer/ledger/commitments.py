"""Salted commitments: what the public log holds in place of records.

A commitment tells nothing of its record. With the salt and the record anyone can
check it; once the salt is erased nobody can, and the log stays as it was.
"""

from __future__ import annotations

import hashlib
import secrets

SALT_BYTES = 32


def new_salt() -> bytes:
    """Random bytes that hide a record which could otherwise be guessed."""
    return secrets.token_bytes(SALT_BYTES)


def commit(salt: bytes, record: bytes) -> bytes:
    """SHA-256 of salt and record: 32 bytes.

    Args:
        salt: exactly 32 bytes, so that no record can begin inside it.
        record: what is committed to; opaque here.

    Raises:
        ValueError: the salt has another length.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return hashlib.sha256(salt + record).digest()
