"""The form of a seal's value: it is written as the school writes it, and no otherwise.

No signature covers all of a CMS structure (RFC 5652): the list of digests, the way in
which the signer is named, and copies of certificates can be written anew by anybody.
Programs of others then refuse the seal, or call it weak. So the value is put together
once more from what counts in it, and must come out the same, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509 import Certificate
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signer.errors import CheckFailed

_SIGNED = {"content_type", "message_digest", "signing_certificate_v2"}
"""The signed attributes of a seal at PAdES level B-B, as the school makes it: the time
stands in the file, and not here as well (ETSI EN 319 142-1 §6.3)."""
_STAMP = "signature_time_stamp_token"
_MOST_SPARE = 512
"""Bytes that may be left of the room for the value: a token's length is not known to
the byte before it is made."""

SMALLER_SINCE = datetime(2026, 12, 1, tzinfo=UTC)
"""Since when every release that is at work with a later template than these writes the
smaller of the two values of a signature on a curve."""
_TEMPLATES_BEFORE = frozenset({"1", "2", "3"})

_REWRITTEN = (
    "The seal's value was rewritten by somebody, in parts that no signature covers: "
    "what it says was not changed, but other programs may refuse it."
)


def check_form(signature: EmbeddedPdfSignature) -> None:
    """Refuse a value that is not written as the school's seals are.

    Raises:
        CheckFailed: it is written otherwise, or lacks something that it had.
    """
    kinds = [_kind(one) for one in signature.signer_info["signed_attrs"]]
    if sorted(kinds) != sorted(_SIGNED):
        raise CheckFailed(
            "The seal does not state what the school's seals state, and nothing else: "
            "the digest of the file and the certificate. It was not made by the "
            "school's service."
        )
    value = signature.signed_data
    written = signature.pkcs7_content
    expected = _as_the_school_writes(
        value, signature.signer_info, signature.signer_cert
    ).dump()
    if not written.startswith(expected):
        raise CheckFailed(_REWRITTEN)
    if len(written) - len(expected) > _MOST_SPARE:
        raise CheckFailed(
            "Something was taken out of the seal's value since it was made, such as "
            "its timestamp."
        )


def is_the_larger_value(signature: EmbeddedPdfSignature, key: object) -> bool:
    """Whether a signature is the one of two that fit which the school does not write.

    Of an ECDSA signature (r, s), (r, n - s) fits as well, and anybody can write it.
    """
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    _, s = decode_dss_signature(signature.signer_info["signature"].native)
    return 2 * s > key.curve.group_order


def check_value_of_release(
    signature: EmbeddedPdfSignature, key: object, template: str, stated: datetime
) -> None:
    """Refuse the larger of two values in a seal by a release that writes the smaller.

    Args:
        signature: the seal's.
        key: the public one that it fits.
        template: the version of the template in the statement.
        stated: the time that the seal states.

    Raises:
        CheckFailed: it is that.
    """
    if (
        is_the_larger_value(signature, key)
        and template not in _TEMPLATES_BEFORE
        and stated >= SMALLER_SINCE
    ):
        raise CheckFailed(_REWRITTEN)


def check_copies(copies: Sequence[Certificate], chain: Sequence[Certificate]) -> None:
    """Refuse copies of authorities' certificates that are not as they were issued.

    Args:
        copies: the certificates beside the signer's own.
        chain: from the signer's certificate to a trusted authority; where there is
            none, nothing can be said.

    Raises:
        CheckFailed: one of them was altered.
    """
    if not chain:
        return
    known, rest = list(chain), [copy for copy in copies if copy not in chain]
    # An ECDSA signature can be written anew without the key: then it says what the
    # one in the chain says, and is another copy of it. One of the same key that says
    # something else, such as a later end, may be the authority's own.
    said = {one.tbs_certificate_bytes for one in chain}
    if any(copy.tbs_certificate_bytes in said for copy in rest):
        raise CheckFailed(_REWRITTEN)
    while rest:
        vouched = [copy for copy in rest if _belongs_to(copy, known)]
        if not vouched:
            raise CheckFailed(_REWRITTEN)
        known += vouched
        rest = [copy for copy in rest if copy not in vouched]


def _belongs_to(copy: Certificate, known: Sequence[Certificate]) -> bool:
    """Whether one of those known issued it, or was issued by it.

    In the second case it lies above the trusted authority. Whoever's key it names, it
    is whole where that key signed it as well; by itself it says nothing.
    """
    return any(_issued(copy, by) for by in known) or (
        _issued(copy, copy) and any(_issued(one, copy) for one in known)
    )


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def _as_the_school_writes(
    value: cms.SignedData, signer: cms.SignerInfo, certificate: asn1_x509.Certificate
) -> cms.ContentInfo:
    """The same value, with all that could be written otherwise as the school does."""
    digest = signer["digest_algorithm"]["algorithm"].native
    info = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number",
            cms.IssuerAndSerialNumber(
                {
                    "issuer": certificate.issuer,
                    "serial_number": certificate.serial_number,
                }
            ),
        ),
        "digest_algorithm": algos.DigestAlgorithm({"algorithm": digest}),
        "signature_algorithm": _mechanism(signer, certificate, digest),
        "signed_attrs": cms.CMSAttributes(list(signer["signed_attrs"])),
        "signature": signer["signature"].native,
    }
    stamps = [one for one in signer["unsigned_attrs"] if _kind(one) == _STAMP]
    if stamps:
        tokens = [token for one in stamps for token in one["values"]]
        stamp = cms.CMSAttribute({"type": _STAMP, "values": tokens})
        info["unsigned_attrs"] = cms.CMSAttributes([stamp])
    return cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1",
                    "digest_algorithms": [algos.DigestAlgorithm({"algorithm": digest})],
                    "encap_content_info": {"content_type": "data"},
                    "certificates": cms.CertificateSet(
                        _issuers(value["certificates"], certificate)
                    ),
                    "signer_infos": [cms.SignerInfo(info)],
                }
            ),
        }
    )


def _mechanism(
    signer: cms.SignerInfo, certificate: asn1_x509.Certificate, digest: str
) -> algos.SignedDigestAlgorithm:
    found = signer["signature_algorithm"]
    kind = certificate.public_key.algorithm
    if found["algorithm"].native == "rsassa_pss" or kind not in {"rsa", "ec"}:
        return found
    name = f"{digest}_{'rsa' if kind == 'rsa' else 'ecdsa'}"
    return algos.SignedDigestAlgorithm({"algorithm": name})


def _issuers(
    found: cms.CertificateSet, certificate: asn1_x509.Certificate
) -> list[cms.CertificateChoices]:
    """The signer's certificate and those of its issuers by name, each once."""
    names, kept = {certificate.issuer.hashable}, {certificate.dump()}
    others = [one.chosen for one in found if one.name == "certificate"]
    for _ in others:
        for other in others:
            if other.subject.hashable in names:
                names.add(other.issuer.hashable)
                kept.add(other.dump())
    return [
        cms.CertificateChoices("certificate", asn1_x509.Certificate.load(raw))
        for raw in kept
    ]


def _kind(attribute: cms.CMSAttribute) -> str:
    """An attribute's type by its name, where it has one."""
    kind = attribute["type"]
    return _NAMED.get(kind.dotted) or str(kind.native)


_NAMED = {"1.2.840.113549.1.9.16.2.47": "signing_certificate_v2"}
