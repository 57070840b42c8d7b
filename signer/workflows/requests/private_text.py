"""Text that rests in the database for a while, unreadable without the secret keys."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

LONGEST = 1024
"""Bytes of UTF-8. Shorter text is padded, so that its length tells nothing."""


class PrivateText:
    """Encrypts and decrypts (Fernet: AES-128-CBC and HMAC-SHA-256).

    Args:
        keys: secret keys, oldest first. The last one encrypts; every one decrypts.
        purpose: text of one purpose cannot be read for another.
        longest: to how many bytes of UTF-8 a text is padded or cut.
    """

    def __init__(
        self, keys: Sequence[str], *, purpose: str, longest: int = LONGEST
    ) -> None:
        self._longest = longest
        self._box = MultiFernet([_fernet(key, purpose) for key in reversed(keys)])

    def encrypt(self, text: str) -> bytes:
        """The text, unreadable. What is longer than fits is cut."""
        most = self._longest
        return self._box.encrypt(text.encode()[:most].ljust(most, b"\0"))

    def decrypt(self, encrypted: bytes) -> str | None:
        """The text; None where it was encrypted with a key that is no longer there."""
        try:
            padded = self._box.decrypt(encrypted)
        except InvalidToken:
            return None
        return padded.rstrip(b"\0").decode(errors="replace")


def _fernet(key: str, purpose: str) -> Fernet:
    derived = hashlib.sha256(f"signer private text: {purpose}\0{key}".encode())
    return Fernet(urlsafe_b64encode(derived.digest()))
