"""The school's keys: made once, kept in PKCS#12 files, held in memory."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from asn1crypto.pkcs12 import Pfx
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    load_pkcs12,
    serialize_key_and_certificates,
)

from signer import clock
from signer.declaration.certificates import (
    authority_certificate,
    may_sign_documents,
    new_key,
    seal_certificate,
)
from signer.errors import KeysExist, KeyUnusable

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

AUTHORITY_KEY = "ca.key.p12"
AUTHORITY_CERTIFICATE = "ca.pem"
SEAL_KEY = "seal.p12"


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """What `make_keys` made, and where."""

    authority_key: Path
    """The authority's private key: to be kept away from the server."""
    authority_certificate: Path
    """What people trust: to be published."""
    seal_key: Path
    """The seal's private key and both certificates: what the server needs."""
    authority: x509.Certificate
    seal: x509.Certificate


@dataclass(frozen=True, eq=False)
class SealKey:
    """The private key of the seal, loaded once and held, with its certificates.

    Equal to itself alone.
    """

    private_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    """The certificates above it, as far as the file holds them."""

    @classmethod
    def load(cls, path: Path, passphrase: str) -> SealKey:
        """The key in a PKCS#12 file.

        Args:
            path: the file.
            passphrase: its passphrase; empty where it has none.

        Raises:
            KeyUnusable: missing, unreadable, locked by another passphrase, out of
                date, or not a key that may sign documents.
        """
        raw = _read(path)
        try:
            held = load_pkcs12(raw, passphrase.encode() or None)
        except (ValueError, TypeError) as error:
            raise KeyUnusable(str(path), _why_locked(raw, passphrase)) from error
        if held.key is None or held.cert is None:
            raise KeyUnusable(
                str(path), "holds no private key with its certificate; export both"
            )
        if not isinstance(held.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise KeyUnusable(
                str(path),
                "holds a key that is neither RSA nor elliptic-curve; few readers "
                "of PDFs know others",
            )
        certificate = held.cert.certificate
        chain = tuple(one.certificate for one in held.additional_certs)
        _check(path, certificate, clock.now())
        return cls(held.key, certificate, chain)


def make_keys(
    folder: Path,
    *,
    school: str,
    passphrase: str,
    at: datetime,
    authority_passphrase: str | None = None,
) -> KeyFiles:
    """Make an authority and a seal key in a new folder.

    All files appear at once or none does, so of two processes one makes the keys
    and the other is told. Nobody but the owner may read them.

    Args:
        folder: must not exist yet, or be empty.
        school: the school's name, which goes into the certificates.
        passphrase: locks the seal's file; empty leaves it unlocked.
        at: when the certificates begin to hold.
        authority_passphrase: locks the authority's file; the seal's by default.

    Raises:
        KeysExist: the folder holds something already.
        KeyUnusable: the folder cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise KeysExist(str(folder))
    authority_key, key = new_key(), new_key()
    authority = authority_certificate(authority_key, school=school, at=at)
    seal = seal_certificate(
        key, authority=authority, authority_key=authority_key, school=school, at=at
    )
    if authority_passphrase is None:
        authority_passphrase = passphrase
    contents = {
        AUTHORITY_KEY: serialize_key_and_certificates(
            b"authority", authority_key, authority, None, _lock(authority_passphrase)
        ),
        AUTHORITY_CERTIFICATE: authority.public_bytes(Encoding.PEM),
        SEAL_KEY: serialize_key_and_certificates(
            b"seal", key, seal, [authority], _lock(passphrase)
        ),
    }
    _write_all(folder, contents)
    return KeyFiles(
        authority_key=folder / AUTHORITY_KEY,
        authority_certificate=folder / AUTHORITY_CERTIFICATE,
        seal_key=folder / SEAL_KEY,
        authority=authority,
        seal=seal,
    )


def _write_all(folder: Path, contents: dict[str, bytes]) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # mkdtemp gives 0700.
        aside = Path(tempfile.mkdtemp(prefix=".keys-", dir=folder.parent))
    except OSError as error:
        raise KeyUnusable(str(folder), f"cannot be made ({error.strerror})") from error
    try:
        for name, content in contents.items():
            handle = os.open(aside / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        # Renaming a folder onto one that is not empty fails: the first one wins.
        aside.rename(folder)
    except OSError as error:
        if folder.is_dir() and any(folder.iterdir()):
            raise KeysExist(str(folder)) from error
        raise KeyUnusable(
            str(folder), f"cannot be written ({error.strerror})"
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _lock(passphrase: str) -> KeySerializationEncryption:
    if not passphrase:
        return NoEncryption()
    return BestAvailableEncryption(passphrase.encode())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise KeyUnusable(
            str(path), "is not there; make keys with “signer keys init”"
        ) from error
    except OSError as error:
        raise KeyUnusable(
            str(path),
            f"cannot be read ({error.strerror}); let the service's user read it",
        ) from error


def _why_locked(raw: bytes, passphrase: str) -> str:
    try:
        Pfx.load(raw, strict=True)["auth_safe"]["content_type"].native  # noqa: B018
    except (ValueError, TypeError):
        return "is not a PKCS#12 file; restore it from a backup"
    if not passphrase:
        return (
            "needs its passphrase; set SIGNER_SEAL_PASSPHRASE or "
            "SIGNER_SEAL_PASSPHRASE_FILE"
        )
    return "does not open with this passphrase; check SIGNER_SEAL_PASSPHRASE"


def _check(path: Path, certificate: x509.Certificate, at: datetime) -> None:
    if at > certificate.not_valid_after_utc:
        raise KeyUnusable(
            str(path),
            f"expired on {certificate.not_valid_after_utc:%d %B %Y}; "
            "put a new key in its place",
        )
    if at < certificate.not_valid_before_utc:
        raise KeyUnusable(
            str(path),
            f"holds only from {certificate.not_valid_before_utc:%d %B %Y}; "
            "check the machine's clock",
        )
    if not may_sign_documents(certificate):
        raise KeyUnusable(
            str(path),
            "has a certificate without the key usage nonRepudiation, so readers of "
            "PDFs would refuse its seal; ask its issuer for a document-signing one",
        )
