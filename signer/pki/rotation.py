"""What needs the authority's key: the next seal, and the list of what is revoked."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    load_pkcs12,
    serialize_key_and_certificates,
)

from signer.errors import KeyUnusable
from signer.pki.certificates import (
    KeyKind,
    PrivateKey,
    PublicKey,
    new_key,
    read_certificates,
    seal_certificate,
)
from signer.pki.chains import issuer_of
from signer.pki.expiry import certificates_of
from signer.pki.make_keys import as_pem
from signer.pki.pkcs12 import lock, read_file, replace_file
from signer.pki.revocation import read_revocation_lists, revocation_list

FORMER = "former"
"""The folder, beside the seal's file, that keeps the seals before it."""


@dataclass(frozen=True, slots=True)
class AuthorityKey:
    """The authority's private key and certificate, for as long as they are needed."""

    private_key: PrivateKey
    certificate: x509.Certificate

    @classmethod
    def load(cls, path: Path, passphrase: str, *, at: datetime) -> AuthorityKey:
        """The key in a PKCS#12 file.

        Raises:
            KeyUnusable: missing, locked by another passphrase, out of date, or not
                an authority's.
        """
        raw = read_file(
            path,
            absent="is not there; it is the authority's key, which is kept apart: "
            "bring it, and name it with --ca-key",
        )
        try:
            held = load_pkcs12(raw, passphrase.encode() or None)
        except (ValueError, TypeError) as error:
            raise KeyUnusable(
                str(path),
                "does not open with this passphrase; name the authority's own with "
                "--ca-passphrase-file",
            ) from error
        if not isinstance(held.key, PrivateKey) or held.cert is None:
            raise KeyUnusable(str(path), "does not hold the authority's key")
        certificate = held.cert.certificate
        if not certificate.not_valid_before_utc <= at < certificate.not_valid_after_utc:
            raise KeyUnusable(
                str(path),
                f"holds a certificate that ended on "
                f"{certificate.not_valid_after_utc:%d %B %Y}; make new keys with "
                "“signer keys init”, and still trust the old certificate as well",
            )
        return cls(held.key, certificate)


@dataclass(frozen=True, slots=True)
class Rotated:
    """What `rotate` did."""

    seal_key: Path
    former: Path
    """Where the key before it is kept."""
    seal: x509.Certificate
    before: x509.Certificate


def rotate(  # noqa: PLR0913 - what a certificate says, by name
    seal_key: Path,
    authority: AuthorityKey,
    *,
    school: str,
    passphrase: str,
    at: datetime,
    crl_url: str | None = None,
    kind: KeyKind | None = None,
) -> Rotated:
    """Replace the seal's key by a new one of the same authority.

    The former key and its certificate are kept in `FORMER` first, so that at every
    moment the seal's file is whole, and nothing is lost.

    Args:
        seal_key: the seal's PKCS#12 file.
        authority: the authority that issued its certificate.
        school: the school's name.
        passphrase: opens the file, and locks the new one.
        at: when the new certificate begins to hold.
        crl_url: where the authority's revocation list is published.
        kind: of the new key; by default that of the key it replaces.

    Raises:
        KeyUnusable: the file cannot be read or written, or another authority issued
            its certificate.
    """
    with _alone(seal_key.parent):
        before = certificates_of(seal_key, passphrase)[0]
        if issuer_of(before, [authority.certificate]) is None:
            raise KeyUnusable(
                str(seal_key),
                "was not issued by this authority; ask its own issuer for the next one",
            )
        key = new_key(kind or KeyKind.of(before))
        seal = seal_certificate(
            key,
            authority=authority.certificate,
            authority_key=authority.private_key,
            school=school,
            at=at,
            crl_url=crl_url,
        )
        former = seal_key.parent / FORMER / f"{_name_of(before)}.p12"
        replace_file(former.with_suffix(".pem"), before.public_bytes(Encoding.PEM))
        replace_file(former, seal_key.read_bytes())
        replace_file(
            seal_key,
            serialize_key_and_certificates(
                b"seal", key, seal, [authority.certificate], lock(passphrase)
            ),
        )
    return Rotated(seal_key=seal_key, former=former, seal=seal, before=before)


def certify(  # noqa: PLR0913 - what a certificate says, by name
    path: Path,
    key: PublicKey,
    authority: AuthorityKey,
    *,
    former: Sequence[x509.Certificate],
    school: str,
    at: datetime,
    crl_url: str | None = None,
) -> x509.Certificate:
    """Write a certificate of the authority for a key that is in a token.

    Certificates that it takes the place of are kept in `FORMER` first.

    Args:
        path: the file (PEM) for it and the authority's.
        key: the public half of the key.
        authority: the authority that issues it.
        former: certificates of the school's seal elsewhere, such as in a PKCS#12 file.
        school: the school's name.
        at: when the certificate begins to hold.
        crl_url: where the authority's revocation list is published.

    Raises:
        KeyUnusable: a file cannot be read or written.
    """
    with _alone(path.parent):
        before = read_certificates(path)[:1] if path.exists() else ()
        for one in (*before, *former):
            kept = path.parent / FORMER / f"{_name_of(one)}.pem"
            replace_file(kept, one.public_bytes(Encoding.PEM))
        seal = seal_certificate(
            key,
            authority=authority.certificate,
            authority_key=authority.private_key,
            school=school,
            at=at,
            crl_url=crl_url,
        )
        replace_file(path, as_pem(seal, authority.certificate))
    return seal


def publish_list(
    path: Path,
    authority: AuthorityKey,
    *,
    at: datetime,
    revoke: Sequence[x509.Certificate] = (),
) -> x509.CertificateRevocationList:
    """Write a fresh revocation list, with all that the one before it revoked.

    Args:
        path: the file of the list.
        authority: whose list it is.
        at: when it is made.
        revoke: certificates that are revoked from now on.

    Raises:
        KeyUnusable: the file cannot be read or written, is not this authority's list,
            or a certificate to revoke is not one of its own.
    """
    public = authority.certificate.public_key()
    for one in revoke:
        if issuer_of(one, [authority.certificate]) is None:
            raise KeyUnusable(
                str(path), "cannot name a certificate that this authority never issued"
            )
    with _alone(path.parent):
        before = None
        if path.exists():
            before = read_revocation_lists(path)[0]
            if not isinstance(
                public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey
            ) or not (before.is_signature_valid(public)):
                raise KeyUnusable(
                    str(path), "is the list of another authority; name another file"
                )
        made = revocation_list(
            authority=authority.certificate,
            authority_key=authority.private_key,
            at=at,
            before=before,
            revoke=revoke,
        )
        replace_file(path, made.public_bytes(Encoding.DER))
    return made


def _name_of(seal: x509.Certificate) -> str:
    """Of the file in which a former seal is kept."""
    return f"seal-{seal.not_valid_before_utc:%Y-%m-%d}-{seal.serial_number:040x}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time: of two commands, the second waits for the first."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise KeyUnusable(str(folder), f"cannot be read ({error.strerror})") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
