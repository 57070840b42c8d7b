"""An authenticator in software, which can also do what a good one does not."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


class SoftPasskey:
    """One key for one site.

    Args:
        origin: of the site that it was made for.

    Attributes:
        count: how often it says that it has signed; 0 where it does not count.
        verified: whether it says that it has looked who holds it.
    """

    def __init__(self, origin: str = "https://school.example") -> None:
        self.origin = origin
        self.count = 0
        self.verified = True
        self.credential_id = secrets.token_bytes(32)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: str) -> str:
        """What a browser answers when it is to make a passkey (JSON)."""
        asked = json.loads(options)
        numbers = self._key.public_key().public_numbers()
        public_key = cbor2.dumps(
            {
                1: 2,
                3: -7,
                -1: 1,
                -2: numbers.x.to_bytes(32),
                -3: numbers.y.to_bytes(32),
            }
        )
        attested = (
            bytes(16)
            + len(self.credential_id).to_bytes(2)
            + self.credential_id
            + public_key
        )
        data = self._data(asked["rp"]["id"], _ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer(
            {"clientDataJSON": client, "attestationObject": attestation}
        )

    def sign(self, options: str) -> str:
        """What a browser answers when it is to sign in (JSON)."""
        asked = json.loads(options)
        data = self._data(asked["rpId"], 0)
        client = self._client("webauthn.get", asked["challenge"])
        signature = self._key.sign(
            data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256())
        )
        return self._answer(
            {
                "clientDataJSON": client,
                "authenticatorData": data,
                "signature": signature,
            }
        )

    def _data(self, site: str, more: int) -> bytes:
        flags = _PRESENT | more | (_VERIFIED if self.verified else 0)
        told = hashlib.sha256(site.encode()).digest()
        return told + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        text = _text(self.credential_id)
        answer: dict[str, Any] = {"id": text, "rawId": text, "type": "public-key"}
        answer["response"] = {name: _text(value) for name, value in response.items()}
        return json.dumps(answer)


def challenge_of(options: str) -> bytes:
    """The challenge that a browser is given."""
    text = json.loads(options)["challenge"]
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")
