"""The signature that the school makes, checked without reading all that others may be.

Nearly every file is sealed in one way: one value, byte for byte, by a certificate that
one authority issued. Whether that holds is told by comparing and by one check of the
signature; pyHanko judges everything else. So nothing passes here that would not pass
there, and nothing is refused here: what is not the usual is only not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pyhanko.sign.validation.utils import extract_message_digest

from signer.declaration.seal.cms_signature import DIGEST, CmsForm
from signer.declaration.verify.checks.document import Seal
from signer.pki.certificates import may_sign_documents

_SHORTEST_RSA = 2048
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_DIGESTS = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_Kinds = set[type[x509.ExtensionType]]
_CRITICAL: _Kinds = {x509.BasicConstraints, x509.KeyUsage}
_OF_AUTHORITY: _Kinds = _CRITICAL | {x509.SubjectKeyIdentifier}
_OF_SEAL: _Kinds = _OF_AUTHORITY | {
    x509.ExtendedKeyUsage,
    x509.AuthorityKeyIdentifier,
    x509.CRLDistributionPoints,
}
_MOST = 2
"""Certificates that stand in the value: the signer's, and the authority's."""
_MOST_SPARE = 16
"""Bytes of room that the value leaves: signatures on curves differ in length."""


@dataclass(frozen=True, slots=True)
class Usual:
    """A signature of the usual kind that holds.

    Attributes:
        certificate: the signer's.
        embedded: the certificates that stand beside it.
        chain: both ends of it: the signer's, and the trusted authority's.
    """

    certificate: x509.Certificate
    embedded: tuple[x509.Certificate, ...]
    chain: tuple[x509.Certificate, x509.Certificate]


def usual_signature(
    seal: Seal, roots: Sequence[x509.Certificate], at: datetime
) -> Usual | None:
    """What there is to know of a seal's signature; None where it is not the usual one.

    Args:
        seal: one whose digest was checked.
        roots: the authorities to trust.
        at: the time at which the certificates must hold.
    """
    signature = seal.signature
    if signature.md_algorithm != DIGEST:
        return None
    encoded = tuple(
        one.chosen.dump()
        for one in signature.signed_data["certificates"]
        if one.name == "certificate"
    )
    candidates = (_known(one, encoded, tuple(roots)) for one in encoded[:_MOST])
    known = next(filter(None, candidates), None)
    if known is None or not known.begins <= at <= known.ends:
        return None
    digest = extract_message_digest(signature.signer_info)
    value = signature.signer_info["signature"].native
    written = signature.pkcs7_content
    expected = known.form.encoded(digest, value)
    spare = len(written) - len(expected)
    if not written.startswith(expected) or spare > _MOST_SPARE:
        return None
    if not _holds(known.usual.certificate, value, known.form.signed(digest)):
        return None
    return known.usual


@dataclass(frozen=True, slots=True)
class _Known:
    usual: Usual
    form: CmsForm
    begins: datetime
    ends: datetime


@lru_cache(maxsize=32)
def _known(
    signer: bytes, encoded: tuple[bytes, ...], roots: tuple[x509.Certificate, ...]
) -> _Known | None:
    """A certificate of a seal that one authority issued; None for any other.

    Args:
        signer: the signer's certificate (DER).
        encoded: every certificate in the value (DER).
        roots: the authorities to trust.
    """
    certificate = x509.load_der_x509_certificate(signer)
    embedded = tuple(
        x509.load_der_x509_certificate(one) for one in encoded if one != signer
    )
    authority = next((one for one in roots if issued_as_usual(certificate, one)), None)
    if authority is None or certificate in roots:
        return None
    if any(one != authority for one in embedded) or len(embedded) > 1:
        return None
    return _Known(
        usual=Usual(certificate, embedded, (certificate, authority)),
        form=CmsForm(certificate, embedded),
        begins=max(one.not_valid_before_utc for one in (certificate, authority)),
        ends=min(one.not_valid_after_utc for one in (certificate, authority)),
    )


def issued_as_usual(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether an authority issued it, and both say the usual and nothing else."""
    try:
        certificate.verify_directly_issued_by(authority)
        own = _extensions(certificate, _OF_SEAL)
        its = _extensions(authority, _OF_AUTHORITY)
    except (InvalidSignature, TypeError, ValueError):
        return False
    if own is None or its is None:
        return False
    try:
        basic = its.get_extension_for_class(x509.BasicConstraints).value
        usage = its.get_extension_for_class(x509.KeyUsage).value
        name = its.get_extension_for_class(x509.SubjectKeyIdentifier).value
        issuer = own.get_extension_for_class(x509.AuthorityKeyIdentifier).value
        end = own.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False
    return (
        basic.ca
        and usage.key_cert_sign
        and not end.ca
        and issuer.key_identifier == name.digest
        and may_sign_documents(certificate)
        and isinstance(certificate.signature_hash_algorithm, _DIGESTS)
        and all(map(_strong, (certificate.public_key(), authority.public_key())))
    )


def _extensions(certificate: x509.Certificate, usual: _Kinds) -> x509.Extensions | None:
    """What a certificate says, where it says the usual, and that as usual."""
    found = certificate.extensions
    told = all(
        type(one.value) in usual and (not one.critical or type(one.value) in _CRITICAL)
        for one in found
    )
    return found if told else None


def _strong(key: object) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= _SHORTEST_RSA
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)


def _holds(certificate: x509.Certificate, signature: bytes, signed: bytes) -> bool:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True
