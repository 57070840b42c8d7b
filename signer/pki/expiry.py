"""What keys and certificates there are, and how long each holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from cryptography.x509 import Certificate

from signer.errors import KeyUnusable
from signer.pki.certificates import (
    common_name,
    fingerprint,
    read_certificates,
)
from signer.pki.make_keys import WARN_BEFORE
from signer.pki.pkcs12 import read_file
from signer.pki.revocation import read_revocation_lists

_LAST_PART = 6
"""In the last sixth of its time a revocation list ends soon, however short that is."""

_DAY = timedelta(days=1)


class Role(StrEnum):
    """What a certificate or list is for."""

    AUTHORITY = "authority"
    SEAL = "seal"
    FORMER = "former seal"
    REVOCATION = "revocation list"
    TIMESTAMPS = "timestamp authority"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Item:
    """One certificate or revocation list."""

    role: Role
    path: str
    name: str
    sha256: str | None
    """The certificate's fingerprint as people compare it; a list has none."""
    begins: datetime
    ends: datetime
    days_left: int
    """Whole days; negative once it has ended."""

    @property
    def soon(self) -> bool:
        """Whether it has ended or ends soon, and that matters."""
        if self.role is Role.FORMER:
            return False
        warn_before = WARN_BEFORE
        if self.role is Role.REVOCATION:
            # A public authority's list holds for days, and is replaced as often.
            warn_before = min(warn_before, (self.ends - self.begins) / _LAST_PART)
        return self.days_left < warn_before / _DAY


def certificates_of(path: Path, passphrase: str) -> tuple[Certificate, ...]:
    """The certificates in a PKCS#12 or PEM file, the key's own first.

    Raises:
        KeyUnusable: it cannot be read, or holds none.
    """
    raw = read_file(path)
    if raw.lstrip().startswith(b"-----BEGIN"):
        return read_certificates(path)
    try:
        held = load_pkcs12(raw, passphrase.encode() or None)
    except (ValueError, TypeError) as error:
        raise KeyUnusable(
            str(path), "does not open with this passphrase; check it"
        ) from error
    if held.cert is None:
        raise KeyUnusable(str(path), "holds no certificate of its key")
    rest = (one.certificate for one in held.additional_certs)
    return (held.cert.certificate, *rest)


def of_certificate(
    role: Role, path: Path, certificate: Certificate, at: datetime
) -> Item:
    """What there is to say of a certificate."""
    return Item(
        role=role,
        path=str(path),
        name=common_name(certificate.subject),
        sha256=fingerprint(certificate),
        begins=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
        days_left=(certificate.not_valid_after_utc - at).days,
    )


def of_pem(role: Role, path: Path, at: datetime) -> list[Item]:
    """What there is to say of the certificates in a PEM file.

    Raises:
        KeyUnusable: it cannot be read, or holds none.
    """
    return [of_certificate(role, path, one, at) for one in read_certificates(path)]


def of_lists(path: Path, at: datetime) -> list[Item]:
    """What there is to say of the revocation lists in a file.

    Raises:
        KeyUnusable: it cannot be read, or holds none.
    """
    return [
        Item(
            role=Role.REVOCATION,
            path=str(path),
            name=f"{common_name(one.issuer)}, {len(one)} revoked",
            sha256=None,
            begins=one.last_update_utc,
            ends=one.next_update_utc or one.last_update_utc,
            days_left=((one.next_update_utc or one.last_update_utc) - at).days,
        )
        for one in read_revocation_lists(path)
    ]
