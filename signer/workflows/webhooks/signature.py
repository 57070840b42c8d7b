"""The signature of Standard Webhooks: HMAC-SHA256 over id, time and body.

Its own library brings an HTTP client along; what is wanted of it here are a few lines.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from hashlib import sha256

from signer.errors import SettingsError

PREFIX = "whsec_"
SECRET_BYTES = 24


def read_secrets(given: tuple[str, ...], key: str) -> tuple[bytes, ...]:
    """Return secrets as bytes.

    Args:
        given: each ``whsec_`` and base64.
        key: of the setting that holds them.

    Raises:
        SettingsError: one is no secret in this form, or is too short.
    """
    secrets = []
    for one in given:
        try:
            secret = b64decode(one.removeprefix(PREFIX), validate=True)
        except (NotBase64, ValueError):
            secret = b""
        if not one.startswith(PREFIX) or len(secret) < SECRET_BYTES:
            raise SettingsError(
                key,
                f"must be {PREFIX} and {SECRET_BYTES} random bytes or more in base64",
            )
        secrets.append(secret)
    return tuple(secrets)


def sign(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a message, as it stands in ``webhook-signature``."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(secret, signed, sha256)
    return f"v1,{b64encode(digest).decode()}"
