"""What anybody may have of the school's keys: certificates, lists, public keys.

Every file is read when it is asked for, so that a renewed one shows at once. What is
given is written anew from what was understood of the file, and never the file's own
bytes: a private key that lies in it by mistake stays where it is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate, CertificateRevocationList

from signer.errors import KeyUnusable, SettingsError
from signer.pki.certificates import read_certificates
from signer.pki.revocation import read_revocation_lists
from signer.pki.rotation import FORMER
from signer.workflows.context import AppContext
from signer.workflows.log.origins import verifiers

T = TypeVar("T")

_log = logging.getLogger(__name__)

AUTHORITY = "ca.pem"
REVOCATION = "ca.crl"
SEAL = "seal.pem"
LOG_VERIFIERS = "log.vkey"
LOG_KEY = "log.pem"


@dataclass(frozen=True, slots=True)
class FormerSeal:
    """A seal that was used before.

    Attributes:
        name: its file's, without the folder.
        certificate: its certificate.
    """

    name: str
    certificate: Certificate


def authorities(context: AppContext) -> tuple[Certificate, ...]:
    """What seals are traced back to; empty where its file cannot be read."""
    return _read(partial(read_certificates, context.settings.trust_path))


def seals(context: AppContext) -> tuple[Certificate, ...]:
    """The certificate that seals now, then those between it and the authority's."""

    def read() -> tuple[Certificate, ...]:
        key = context.seal_key()
        between = (one for one in key.chain if one.issuer != one.subject)
        return (key.certificate, *between)

    return _read(read)


def former_seals(context: AppContext) -> tuple[FormerSeal, ...]:
    """The seals before the present one, the newest first."""
    present = seals(context)
    found = [
        FormerSeal(path.name, certificate)
        for path in _former_files(context)
        for certificate in _read(partial(read_certificates, path))[:1]
        if certificate not in present
    ]
    return tuple(
        sorted(found, key=lambda one: one.certificate.not_valid_before_utc)[::-1]
    )


def revocation_list(context: AppContext) -> CertificateRevocationList | None:
    """The list of whoever issued the seal's certificate; None where there is none."""
    lists = _read(partial(read_revocation_lists, context.settings.crl_path))
    present = seals(context)[:1]
    own = [one for one in lists if present and one.issuer == present[0].issuer]
    return max(own or lists, key=lambda one: one.last_update_utc, default=None)


def log_key(context: AppContext) -> bytes | None:
    """The public half of the log's key, 32 bytes; None before it signed anything."""
    known = verifiers(context)
    return known[-1].key if known else None


def published_file(context: AppContext, name: str) -> bytes | None:
    """A file that anybody may have; None where there is none.

    Args:
        context: the context.
        name: one of the names above.
    """
    if name == AUTHORITY:
        return _pem(authorities(context))
    if name == SEAL:
        return _pem(seals(context))
    if name == REVOCATION:
        found = revocation_list(context)
        return None if found is None else found.public_bytes(Encoding.DER)
    if name == LOG_VERIFIERS:
        return "".join(f"{one}\n" for one in verifiers(context)).encode() or None
    if name == LOG_KEY:
        key = log_key(context)
        return public_key(key, Encoding.PEM) if key else None
    return None


def published_former(context: AppContext, name: str) -> bytes | None:
    """The certificate of a former seal; None where no such file lies in its folder.

    Args:
        context: the context.
        name: its file's, compared with those that there are and never opened.
    """
    return _pem(one.certificate for one in former_seals(context) if one.name == name)


def public_key(key: bytes, encoding: Encoding) -> bytes:
    """An Ed25519 key (32 bytes) as openssl reads it (SubjectPublicKeyInfo)."""
    return Ed25519PublicKey.from_public_bytes(key).public_bytes(
        encoding, PublicFormat.SubjectPublicKeyInfo
    )


def _former_files(context: AppContext) -> list[Path]:
    return sorted((context.settings.seal_path.parent / FORMER).glob("*.pem"))


def _pem(certificates: Iterable[Certificate]) -> bytes | None:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates) or None


def _read(read: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
    try:
        return read()
    except (KeyUnusable, SettingsError) as error:
        # A warning about it is in the answer to a monitor.
        _log.info("not published: %s", error)
        return ()
