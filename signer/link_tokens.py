"""Link tokens: what stands in an emailed address.

A token proves only that this service made it and when. Whether it still opens
anything hangs on the row that holds the SHA-256 of its id.

It has one length, and letters, digits, hyphens and underscores alone: the id, the time
and the signature stand behind each other without the full stops of itsdangerous. At the
beginning of a mail's line some servers eat them. The signature is HMAC-SHA-224, so that
a link stays under 120 characters. Links that were sent before have the longer form, and
go on opening.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, overload

from itsdangerous import (
    SignatureExpired,
    TimestampSigner,
    URLSafeTimedSerializer,
)
from itsdangerous.encoding import base64_decode, base64_encode
from itsdangerous.exc import BadData

from signer import clock
from signer.errors import LinkExpired, LinkMalformed

LINK_ID_BYTES = 16
"""128 random bits: not to be guessed."""

_ID = 22
_TIME = 6
_SIGNATURE = 38
_TOKEN = re.compile(
    rf"[\w-]{{{_ID + _TIME + _SIGNATURE}}}|[\w-]+\.[\w-]{{6}}\.[\w-]{{43}}",
    re.ASCII,
)
# White space, hidden characters, and the line ends of a mail as it was sent.
_INSIDE = re.compile(r"=\r?\n|[\s\u00ad\u200b-\u200f\u2060\ufeff]")


class ClockSigner(TimestampSigner):
    """Signs with the time of the one clock, and bears with clocks that differ.

    itsdangerous calls whatever is dated a second ahead "too old". Two machines never
    agree to the second, and a clock that ran two days ahead for an hour would leave
    every link of that hour dead for two days. What is signed by us and dated ahead is
    new; only what is dated further ahead than it may live is refused.
    """

    default_digest_method = staticmethod(hashlib.sha256)
    default_key_derivation = "hmac"

    def get_timestamp(self) -> int:
        """Return the seconds since 1970 by the one clock."""
        return int(clock.now().timestamp())

    @overload
    def unsign(
        self,
        signed_value: str | bytes,
        max_age: int | None = None,
        return_timestamp: Literal[False] = False,  # noqa: FBT002 - the library's signature
    ) -> bytes: ...

    @overload
    def unsign(
        self,
        signed_value: str | bytes,
        max_age: int | None = None,
        return_timestamp: Literal[True] = True,  # noqa: FBT002 - the library's signature
    ) -> tuple[bytes, datetime]: ...

    def unsign(
        self,
        signed_value: str | bytes,
        max_age: int | None = None,
        return_timestamp: bool = False,  # noqa: FBT001, FBT002 - the library's signature
    ) -> tuple[bytes, datetime] | bytes:
        """Return the value, and on request the moment when it was signed.

        Args:
            signed_value: what `sign` gave.
            max_age: how many seconds it lives; also how far ahead it may be dated.
            return_timestamp: whether to give the moment too.

        Raises:
            SignatureExpired: it is older, or dated further ahead.
            BadSignature: it is not ours.
        """
        value, signed_at = super().unsign(signed_value, return_timestamp=True)
        age = self.get_timestamp() - int(signed_at.timestamp())
        if max_age is not None and abs(age) > max_age:
            raise SignatureExpired(
                f"{age} seconds old, and it lives {max_age}",
                payload=value,
                date_signed=signed_at,
            )
        return (value, signed_at) if return_timestamp else value


def find_token(pasted: str) -> str:
    """Return the token at the start of what stood behind the address of the links.

    Mail programs and chats put a full stop, a bracket or a star behind a link, and
    break lines inside. What is no token is given back as it is.
    """
    joined = _INSIDE.sub("", pasted)
    token = _TOKEN.match(joined)
    return token[0] if token else joined


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
        self._signer = ClockSigner(
            list(keys), salt=f"signer link 2: {purpose}", digest_method=hashlib.sha224
        )
        self._older = URLSafeTimedSerializer(
            list(keys),
            salt=f"signer link: {purpose}",
            signer=ClockSigner,
        )

    def mint(self) -> tuple[str, bytes]:
        """A new token, and the id (16 bytes) inside it."""
        link_id = secrets.token_bytes(LINK_ID_BYTES)
        signed = self._signer.sign(base64_encode(link_id)).decode()
        return signed.replace(".", ""), link_id

    def read(self, token: str) -> bytes:
        """The id (16 bytes) inside a token.

        Raises:
            LinkExpired: the token is ours and too old.
            LinkMalformed: the token is not ours.
        """
        older = "." in token
        signed = token if older else _with_stops(token)
        try:
            _check_spelling(signed)
            if older:
                return self._id(self._older.loads(signed, max_age=self._max_age))
            return self._id(self._signer.unsign(signed, max_age=self._max_age))
        except SignatureExpired as error:
            value = error.payload or b""
            payload = self._older.load_payload(value) if older else value
            raise LinkExpired(self._id(payload)) from error
        except (BadData, UnicodeError) as error:
            raise LinkMalformed("not a token of this service") from error

    @staticmethod
    def _id(payload: object) -> bytes:
        if not isinstance(payload, (str, bytes)):
            raise LinkMalformed("the token holds no id")
        link_id = base64_decode(payload)
        if len(link_id) != LINK_ID_BYTES:
            raise LinkMalformed("the token's id has the wrong length")
        return link_id


def _with_stops(token: str) -> str:
    """Return a token as itsdangerous writes it."""
    if len(token) != _ID + _TIME + _SIGNATURE:
        raise LinkMalformed("the token has not the length of one")
    return ".".join((token[:_ID], token[_ID : _ID + _TIME], token[_ID + _TIME :]))


def _check_spelling(token: str) -> None:
    """Refuse a second spelling of a signature: its last bits and padding are spare."""
    signature = token.rpartition(".")[2]
    if base64_encode(base64_decode(signature)).decode() != signature:
        raise LinkMalformed("the token's last characters were altered")


def fingerprint(link_id: bytes) -> str:
    """SHA-256 (hex) of a link's id: all that the database keeps of it."""
    return hashlib.sha256(link_id).hexdigest()
