"""The cryptography of a seal: digest, signature, and whom the certificate names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.generic import parse_pdf_date
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko.sign.validation.utils import extract_message_digest
from pyhanko_certvalidator import ValidationContext

from signer.declaration.verification.document import entry
from signer.declaration.waiting import result_of
from signer.errors import CheckFailed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pyhanko.sign.validation.status import PdfSignatureStatus

    from signer.declaration.verification.document import Seal

_DIGESTS = {"sha256", "sha384", "sha512"}
_LONGEST_CHAIN = 8


@dataclass(frozen=True, slots=True)
class Signed:
    """A seal whose signature holds."""

    certificate: x509.Certificate
    at: datetime
    """The time it states: the signer's word, until a timestamp confirms it."""
    known: bool
    """Whether an authority among the trusted ones issued the certificate."""
    trusted: bool
    """Whether it also held at that time and is meant for signing documents."""
    unchanged: bool
    """Whether nothing was changed since, and no change was allowed."""
    level: str


def check_digest(seal: Seal) -> None:
    """Compare the file with the digest that was signed.

    Raises:
        CheckFailed: they differ.
    """
    kind = seal.signature.md_algorithm
    if kind not in _DIGESTS:
        raise CheckFailed(f"The seal rests on {kind}, which is not relied on here.")
    if hashlib.new(kind, seal.covered).digest() != extract_message_digest(
        seal.signature.signer_info
    ):
        raise CheckFailed("The file was changed after it was sealed.")


def check_signature(seal: Seal, trust_roots: Sequence[x509.Certificate]) -> Signed:
    """Check the signature over the digest, and look up who made it.

    Nothing is fetched from a network, and no certificates but those given are
    trusted.

    Args:
        seal: one whose digest was checked.
        trust_roots: the authorities to trust.

    Raises:
        CheckFailed: the signature does not hold.
    """
    at = parse_pdf_date(seal.signature.sig_object["/M"])
    if at.tzinfo is None:
        raise CheckFailed("The seal states a time without its zone.")
    context = ValidationContext(
        trust_roots=[_as_asn1(one) for one in trust_roots],
        moment=at,
        best_signature_time=at,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    status = result_of(
        async_validate_pdf_signature(seal.signature, signer_validation_context=context)
    )
    if not (status.intact and status.valid):
        raise CheckFailed("The seal's signature does not fit its certificate.")
    certificate = _as_x509(status.signing_cert)
    embedded = [_as_x509(one) for one in seal.signature.other_embedded_certs]
    return Signed(
        certificate=certificate,
        at=at,
        known=_leads_to(certificate, embedded, trust_roots),
        trusted=bool(status.trusted),
        unchanged=_unchanged(seal, status),
        level="B-B" if status.timestamp_validity is None else "B-T",
    )


def _unchanged(seal: Seal, status: PdfSignatureStatus) -> bool:
    signature = seal.signature
    permissions = entry(signature.reader.root, "/Perms")
    return (
        status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        and status.modification_level is ModificationLevel.NONE
        and bool(status.docmdp_ok)
        and signature.docmdp_level is MDPPerm.NO_CHANGES
        and permissions is not None
        and "/DocMDP" in permissions
        and permissions.raw_get("/DocMDP").reference
        == signature.sig_field.raw_get("/V").reference
    )


def _leads_to(
    certificate: x509.Certificate,
    between: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
) -> bool:
    """Whether a chain of issuers, their signatures checked, ends at a root."""
    for _ in range(_LONGEST_CHAIN):
        if certificate in roots or any(_issued(certificate, one) for one in roots):
            return True
        above = [one for one in between if _issued(certificate, one)]
        if not above or above[0] == certificate:
            return False
        certificate = above[0]
    return False


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _as_x509(certificate: asn1_x509.Certificate) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.dump())
