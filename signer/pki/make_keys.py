"""The school's keys: made once, kept in PKCS#12 files, held in memory."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto.pkcs12 import Pfx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    load_pkcs12,
    serialize_key_and_certificates,
)

from signer import clock
from signer.config.token_address import TokenAddress
from signer.errors import KeysExist, KeyUnusable
from signer.pki.certificates import (
    KeyKind,
    PrivateKey,
    PublicKey,
    authority_certificate,
    may_sign_documents,
    new_key,
    read_certificates,
    seal_certificate,
)
from signer.pki.pkcs12 import lock, read_file, write_new_folder
from signer.pki.revocation import revocation_list
from signer.pki.token import TokenKey

AUTHORITY_KEY = "ca.key.p12"
AUTHORITY_CERTIFICATE = "ca.pem"
REVOCATION_LIST = "ca.crl"
SEAL_KEY = "seal.p12"
SEAL_CERTIFICATE = "seal.pem"
"""Where the seal's key is in a token: its certificate, and the authority's."""

WARN_BEFORE = timedelta(days=60)
"""How long before its last day a key is warned of."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """What `make_keys` made, and where."""

    authority_key: Path
    """The authority's private key: to be kept away from the server."""
    authority_certificate: Path
    """What people trust: to be published."""
    seal_key: Path
    """The seal's private key and both certificates, or these alone where the key is in
    a token: what the server needs."""
    revocation_list: Path
    """What the authority has revoked, which is nothing yet: to be published."""
    authority: x509.Certificate
    seal: x509.Certificate


@dataclass(frozen=True, eq=False)
class SealKey:
    """The private key of the seal, loaded once and held, with its certificates.

    Equal to itself alone.
    """

    private_key: PrivateKey | TokenKey = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    """The certificates above it, as far as the file holds them."""

    def sign(self, data: bytes) -> bytes:
        """The bare value of a signature, with SHA-256: RSA (PKCS#1 v1.5) or ECDSA.

        Every seal's value comes from here, and from nowhere else.
        """
        if isinstance(self.private_key, TokenKey):
            value = self.private_key.sign(data)
        elif isinstance(self.private_key, rsa.RSAPrivateKey):
            value = self.private_key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        else:
            value = self.private_key.sign(data, ec.ECDSA(hashes.SHA256()))
        public = self.certificate.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            return _with_low_s(value, public.curve)
        return value

    def longest_signature(self) -> bytes:
        """As many bytes as the longest value of `sign` has, in the same form."""
        public = self.certificate.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            largest = (1 << public.key_size) - 1
            return encode_dss_signature(largest, largest)
        if isinstance(public, rsa.RSAPublicKey):
            return bytes(public.key_size // 8)
        raise TypeError(type(public))

    @classmethod
    def load(cls, path: Path, passphrase: str) -> SealKey:
        """The key in a PKCS#12 file; a warning in the log when it ends soon.

        Args:
            path: the file.
            passphrase: its passphrase; empty where it has none.

        Raises:
            KeyUnusable: missing, unreadable, locked by another passphrase, out of
                date, or not a key that may sign documents.
        """
        raw = read_file(
            path,
            absent="is not there; make keys with “signer keys init”",
            hint="; let the service's user read it",
        )
        try:
            held = load_pkcs12(raw, passphrase.encode() or None)
        except (ValueError, TypeError) as error:
            raise KeyUnusable(str(path), _why_locked(raw, passphrase)) from error
        if held.key is None or held.cert is None:
            raise KeyUnusable(
                str(path), "holds no private key with its certificate; export both"
            )
        if not isinstance(held.key, PrivateKey):
            raise KeyUnusable(
                str(path),
                "holds a key that is neither RSA nor elliptic-curve; few readers "
                "of PDFs know others",
            )
        certificate = held.cert.certificate
        chain = tuple(one.certificate for one in held.additional_certs)
        _check(path, certificate, clock.now())
        _warn(path, certificate, clock.now(), "signer keys rotate")
        return cls(held.key, certificate, chain)

    @classmethod
    def in_token(cls, path: Path, address: TokenAddress, pin: str) -> SealKey:
        """The key in a token, which is not opened yet; the same warning.

        Args:
            path: the file (PEM) of its certificate and those above it.
            address: where the key is.
            pin: of the token's user; empty where nobody signs in.

        Raises:
            KeyUnusable: the file is missing or unreadable, or its certificate is out of
                date, or not one that may sign documents.
        """
        certificate, *above = read_certificates(path)
        _check(path, certificate, clock.now())
        _warn(path, certificate, clock.now(), "signer keys certify")
        return cls(TokenKey(address, pin, certificate), certificate, tuple(above))


def make_keys(  # noqa: PLR0913 - what the certificates say, by name
    folder: Path,
    *,
    school: str,
    passphrase: str,
    at: datetime,
    authority_passphrase: str | None = None,
    crl_url: str | None = None,
    kind: KeyKind = KeyKind.RSA,
    seal_key: PublicKey | None = None,
    extra_files: Mapping[str, bytes] | None = None,
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
        crl_url: where the authority's revocation list will be published.
        kind: of both keys.
        seal_key: the public half of the seal's key where that is in a token; none is
            made then, and its certificates are written beside the authority's.
        extra_files: further files for the folder, by name, such as the log's key.

    Raises:
        KeysExist: the folder holds something already.
        KeyUnusable: the folder cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise KeysExist(str(folder))
    authority_key = new_key(kind)
    key = seal_key or new_key(kind)
    authority = authority_certificate(authority_key, school=school, at=at)
    seal = seal_certificate(
        key,
        authority=authority,
        authority_key=authority_key,
        school=school,
        at=at,
        crl_url=crl_url,
    )
    revoked = revocation_list(authority=authority, authority_key=authority_key, at=at)
    if authority_passphrase is None:
        authority_passphrase = passphrase
    if isinstance(key, PublicKey):
        seal_name, seal_content = SEAL_CERTIFICATE, as_pem(seal, authority)
    else:
        seal_name = SEAL_KEY
        seal_content = serialize_key_and_certificates(
            b"seal", key, seal, [authority], lock(passphrase)
        )
    contents = {
        AUTHORITY_KEY: serialize_key_and_certificates(
            b"authority", authority_key, authority, None, lock(authority_passphrase)
        ),
        AUTHORITY_CERTIFICATE: authority.public_bytes(Encoding.PEM),
        seal_name: seal_content,
        REVOCATION_LIST: revoked.public_bytes(Encoding.DER),
    }
    write_new_folder(folder, {**contents, **(extra_files or {})})
    return KeyFiles(
        authority_key=folder / AUTHORITY_KEY,
        authority_certificate=folder / AUTHORITY_CERTIFICATE,
        seal_key=folder / seal_name,
        revocation_list=folder / REVOCATION_LIST,
        authority=authority,
        seal=seal,
    )


def as_pem(*certificates: x509.Certificate) -> bytes:
    """Certificates as one PEM file."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def _warn(path: Path, certificate: x509.Certificate, at: datetime, how: str) -> None:
    left = certificate.not_valid_after_utc - at
    if left < WARN_BEFORE:
        _log.warning(
            "the seal's certificate in %s ends in %d days, on %s; replace it "
            "before (%s)",
            path,
            left.days,
            f"{certificate.not_valid_after_utc:%d %B %Y}",
            how,
        )


def _with_low_s(value: bytes, curve: ec.EllipticCurve) -> bytes:
    """The one of the two ways to write an ECDSA signature that the school writes.

    With s, n-s fits as well, so that anybody can write the other (SEC 1, §4.1.4).
    """
    r, s = decode_dss_signature(value)
    return encode_dss_signature(r, min(s, curve.group_order - s))


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
