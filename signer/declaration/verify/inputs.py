"""What a verification goes by: whom to trust, what was revoked, what was released."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

Rendered = list[dict[str, Any]]
"""The blocks of a version, as `declaration_pdf.typeset` takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationInputs:
    """What is at hand for every file alike; each field is as `verify` takes it."""

    trust_roots: Sequence[x509.Certificate] = ()
    tsa_roots: Sequence[x509.Certificate] = ()
    revocation_lists: Sequence[x509.CertificateRevocationList] = ()
    released: Mapping[int, bytes] = field(default_factory=dict)
    rendered: Mapping[int, Rendered] | None = None

    def to_json(self) -> bytes:
        """All of it, for another process."""
        return json.dumps(
            {
                "trust_roots": _certificates(self.trust_roots),
                "tsa_roots": _certificates(self.tsa_roots),
                "revocation_lists": [
                    _text(one.public_bytes(Encoding.DER))
                    for one in self.revocation_lists
                ],
                "released": {
                    str(number): _text(source)
                    for number, source in self.released.items()
                },
                "rendered": self.rendered,
            }
        ).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> VerificationInputs:
        """What `to_json` wrote."""
        found: dict[str, Any] = json.loads(raw)
        rendered = found["rendered"]
        return cls(
            trust_roots=_read_certificates(found["trust_roots"]),
            tsa_roots=_read_certificates(found["tsa_roots"]),
            revocation_lists=tuple(
                x509.load_der_x509_crl(b64decode(one))
                for one in found["revocation_lists"]
            ),
            released={
                int(number): b64decode(source)
                for number, source in found["released"].items()
            },
            rendered=None
            if rendered is None
            else {int(number): one for number, one in rendered.items()},
        )


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()


def _certificates(certificates: Sequence[x509.Certificate]) -> list[str]:
    return [_text(one.public_bytes(Encoding.DER)) for one in certificates]


def _read_certificates(found: Sequence[str]) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_der_x509_certificate(b64decode(one)) for one in found)
