"""Link tokens: what stands in an emailed address.

A token proves only that this service made it and when. Whether it still opens
anything hangs on the row that holds the SHA-256 of its id.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from itsdangerous import (
    SignatureExpired,
    TimestampSigner,
    URLSafeTimedSerializer,
)
from itsdangerous.encoding import base64_decode, base64_encode
from itsdangerous.exc import BadData

from signer import clock
from signer.errors import LinkExpired, LinkMalformed

if TYPE_CHECKING:
    from collections.abc import Sequence

LINK_ID_BYTES = 16
"""128 random bits: not to be guessed."""


class _Signer(TimestampSigner):
    """Takes its time from the one clock, and SHA-256 where SHA-1 is the default."""

    default_digest_method = staticmethod(hashlib.sha256)
    default_key_derivation = "hmac"

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


class LinkTokens:
    """Makes and reads the tokens of one purpose.

    Args:
        keys: secret keys, oldest first. The last one signs; every one verifies.
        days: how long a token lives.
        purpose: the salt; a token of one purpose is foreign to every other.
    """

    def __init__(
        self, keys: Sequence[str], *, days: int, purpose: str = "sign"
    ) -> None:
        self._max_age = days * 24 * 60 * 60
        self._serializer = URLSafeTimedSerializer(
            list(keys),
            salt=f"signer link: {purpose}",
            signer=_Signer,
        )

    def mint(self) -> tuple[str, bytes]:
        """A new token, and the id (16 bytes) inside it."""
        link_id = secrets.token_bytes(LINK_ID_BYTES)
        return str(self._serializer.dumps(base64_encode(link_id).decode())), link_id

    def read(self, token: str) -> bytes:
        """The id (16 bytes) inside a token.

        Raises:
            LinkExpired: the token is ours and too old.
            LinkMalformed: the token is not ours.
        """
        try:
            _check_spelling(token)
            return self._id(self._serializer.loads(token, max_age=self._max_age))
        except SignatureExpired as error:
            payload = self._serializer.load_payload(error.payload or b"")
            raise LinkExpired(self._id(payload)) from error
        except (BadData, UnicodeError) as error:
            raise LinkMalformed("not a token of this service") from error

    @staticmethod
    def _id(payload: object) -> bytes:
        if not isinstance(payload, str):
            raise LinkMalformed("the token holds no id")
        link_id = base64_decode(payload)
        if len(link_id) != LINK_ID_BYTES:
            raise LinkMalformed("the token's id has the wrong length")
        return link_id


def _check_spelling(token: str) -> None:
    """Refuse a second spelling of a signature: its last bits and padding are spare."""
    signature = token.rpartition(".")[2]
    if base64_encode(base64_decode(signature)).decode() != signature:
        raise LinkMalformed("the token's last characters were altered")


def fingerprint(link_id: bytes) -> str:
    """SHA-256 (hex) of a link's id: all that the database keeps of it."""
    return hashlib.sha256(link_id).hexdigest()
