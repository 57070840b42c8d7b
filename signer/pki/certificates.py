"""The certificates behind a seal: the school's authority and the seal's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from signer.errors import KeyUnusable
from signer.pki.pkcs12 import read_file

KEY_BITS = 3072
"""The length of an RSA key."""

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
"""A key in memory, of a kind that readers of PDFs know."""


PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
"""The public half of one."""


SEQUENCE, SET, OCTETS, CONTEXT_0, CONTEXT_1 = 0x30, 0x31, 0x04, 0xA0, 0xA1
"""Tags of DER (X.690)."""
_LONGEST_SHORT_LENGTH = 0x7F


class KeyKind(StrEnum):
    """The kinds of keys that are made here."""

    RSA = "rsa"
    """The one that every reader of PDFs verifies, old ones included."""
    P256 = "p256"
    """An elliptic curve: seals are made faster, and readers of before about 2015 do
    not know it."""

    @classmethod
    def of(cls, certificate: x509.Certificate) -> KeyKind:
        """The kind of a certificate's key, or the one that comes nearest to it."""
        curve = isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
        return cls.P256 if curve else cls.RSA


SEAL_ROLE = "declarations seal"
"""What the name of a seal's certificate ends in, after the school's."""

AUTHORITY_YEARS = 20
SEAL_YEARS = 3

# RFC 9336 names the purpose of signing documents. Readers older than it, and NSS
# (pdfsig) to this day, know emailProtection instead: without that one pdfsig finds
# an "unknown issue with certificate" even where the authority is trusted.
PURPOSES = (
    ObjectIdentifier("1.3.6.1.5.5.7.3.36"),
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
)

# RFC 5280, appendix A.1: ub-common-name and ub-organization-name. Characters there,
# bytes of UTF-8 in the library that checks it.
_NAME_BYTES = 64
_SHOWN_CHARACTERS = 100
_YEAR = timedelta(days=365)
# Other machines' clocks may be a little behind the one that makes the keys.
_EARLIER = timedelta(hours=1)


def new_key(kind: KeyKind = KeyKind.RSA) -> PrivateKey:
    """A private key, for the authority or for the seal."""
    if kind is KeyKind.P256:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def authority_certificate(
    key: PrivateKey, *, school: str, at: datetime
) -> x509.Certificate:
    """The self-signed certificate that every seal is traced back to.

    Args:
        key: the authority's private key.
        school: the school's name.
        at: when it begins to hold; it holds for `AUTHORITY_YEARS`.
    """
    name = _name(school, "declarations authority")
    public = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _certificate(name, key, at, AUTHORITY_YEARS)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(public, critical=False)
        .sign(key, hashes.SHA256())
    )


def seal_certificate(  # noqa: PLR0913 - what a certificate says, by name
    key: PrivateKey | PublicKey,
    *,
    authority: x509.Certificate,
    authority_key: PrivateKey,
    school: str,
    at: datetime,
    crl_url: str | None = None,
) -> x509.Certificate:
    """A document-signing certificate for the seal (RFC 9336, ETSI EN 319 412-3).

    Args:
        key: the seal's key; its public half is enough.
        authority: the certificate of the authority that issues it.
        authority_key: the authority's private key.
        school: the school's name.
        at: when it begins to hold; it holds for `SEAL_YEARS`, and no longer than the
            authority's own.
        crl_url: where the authority publishes what it has revoked.
    """
    public = x509.SubjectKeyIdentifier.from_public_key(_public(key))
    issuer = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    name = _name(school, SEAL_ROLE)
    last = authority.not_valid_after_utc
    certificate = (
        _certificate(name, key, at, SEAL_YEARS, last)
        .issuer_name(authority.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(PURPOSES), critical=False)
        .add_extension(public, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
                issuer.value
            ),
            critical=False,
        )
    )
    if crl_url:
        place = x509.DistributionPoint(
            [x509.UniformResourceIdentifier(crl_url)], None, None, None
        )
        certificate = certificate.add_extension(
            x509.CRLDistributionPoints([place]), critical=False
        )
    return certificate.sign(authority_key, hashes.SHA256())


def read_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates in a PEM file, such as those to trust; at least one.

    Raises:
        KeyUnusable: the file cannot be read or holds no certificate.
    """
    raw = read_file(path)
    try:
        return tuple(x509.load_pem_x509_certificates(raw))
    except ValueError as error:
        raise KeyUnusable(
            str(path),
            "holds no certificate in PEM form (“-----BEGIN CERTIFICATE-----”)",
        ) from error


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate as people compare it, such as ``9F:86:…``."""
    return as_fingerprint(certificate.fingerprint(hashes.SHA256()).hex())


def as_fingerprint(sha256: str) -> str:
    """A certificate's SHA-256 (hex) as people compare it, such as ``9F:86:…``."""
    return bytes.fromhex(sha256).hex(":").upper()


def common_name(name: x509.Name) -> str:
    """The common name, or the whole name where it has none.

    Whoever makes a certificate chooses it, so it is cut short, and what does not
    print is replaced.
    """
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(found[0].value) if found else name.rfc4514_string()
    return "".join(
        one if one.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for one in text[:_SHOWN_CHARACTERS]
    )


def organisation(school: str) -> str:
    """The name of a school as its certificates spell it: cut where it is too long."""
    return _cut(school, _NAME_BYTES)


def organisation_of(certificate: x509.Certificate) -> str | None:
    """The school that a seal's certificate names, where the school's authority made it.

    A certificate that was bought names whoever is registered with its authority, which
    need not be the name that parents know: then None.
    """
    if not common_name(certificate.subject).endswith(f" {SEAL_ROLE}"):
        return None
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else None


def list_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """Where a certificate says that revocation lists of its issuer are published."""
    try:
        found = certificate.extensions.get_extension_for_class(
            x509.CRLDistributionPoints
        ).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ()
    return tuple(
        str(name.value)
        for point in found
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    )


def may_sign_documents(certificate: x509.Certificate) -> bool:
    """Whether its key usage includes nonRepudiation, which readers ask of a seal."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return usage.content_commitment


def _name(school: str, role: str) -> x509.Name:
    common = f"{_cut(school, _NAME_BYTES - len(role) - 1)} {role}"
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation(school)),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _cut(text: str, most: int) -> str:
    return text.strip().encode()[:most].decode(errors="ignore").strip()


def as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """The certificate as pyHanko wants it."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def as_x509(certificate: asn1_x509.Certificate) -> x509.Certificate:
    """The certificate as everything but pyHanko wants it."""
    return x509.load_der_x509_certificate(certificate.dump())


def _certificate(
    subject: x509.Name,
    key: PrivateKey | PublicKey,
    at: datetime,
    years: int,
    last: datetime | None = None,
) -> x509.CertificateBuilder:
    ends = at + years * _YEAR
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(_public(key))
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _EARLIER)
        .not_valid_after(min(ends, last or ends))
    )


def _public(key: PrivateKey | PublicKey) -> PublicKey:
    return key if isinstance(key, PublicKey) else key.public_key()


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def der(tag: int, *contents: bytes) -> bytes:
    """A value in DER (X.690): tag, length, contents."""
    content = b"".join(contents)
    length = len(content)
    if length <= _LONGEST_SHORT_LENGTH:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content
