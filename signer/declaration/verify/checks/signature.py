"""The cryptography of a seal: digest, signature, and whom the certificate names."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from pyhanko.pdf_utils.generic import parse_pdf_date
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import async_validate_pdf_signature
from pyhanko.sign.validation.status import ModificationInfo, SignatureCoverageLevel
from pyhanko.sign.validation.utils import extract_message_digest
from pyhanko_certvalidator import ValidationContext

from signer.declaration.verify.checks.document import Seal, entry
from signer.declaration.verify.checks.signature_form import (
    check_copies,
    check_form,
)
from signer.declaration.verify.checks.usual_signature import usual_signature
from signer.declaration.verify.checks.validation_data import (
    timestamp_of,
    validation_data,
)
from signer.errors import CheckFailed
from signer.pki.certificates import as_asn1, as_x509, may_sign_documents
from signer.pki.chains import chain_of
from signer.pki.run_async import run_async
from signer.pki.timestamp_tokens import Timestamp

_DIGESTS = {"sha256", "sha384", "sha512"}


@dataclass(frozen=True, slots=True)
class Signed:
    """A seal whose signature holds."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    """From that certificate to a trusted authority; empty where none is."""
    stated: datetime
    """The time it states: the signer's word, until a timestamp confirms it."""
    timestamp: Timestamp | None
    trusted: bool
    """Whether the certificate also held at that time, and is meant for signing
    documents."""
    unchanged: bool
    """Whether nothing was changed since, and no change was allowed."""
    lists: tuple[x509.CertificateRevocationList, ...]
    """The revocation lists that the seal covers."""
    level: str

    @property
    def known(self) -> bool:
        """Whether an authority among the trusted ones issued the certificate."""
        return bool(self.chain)

    @property
    def confirmed(self) -> datetime | None:
        """The time that a trusted timestamp confirms."""
        found = self.timestamp
        return found.at if found and found.trusted else None

    @property
    def at(self) -> datetime:
        """The time at which it is judged: the confirmed one, or else the stated."""
        return self.confirmed or self.stated


def check_digest(seal: Seal) -> None:
    """Compare the file with the digest that was signed.

    Raises:
        CheckFailed: they differ.
    """
    kind = seal.signature.md_algorithm
    for one in (kind, _signed_with(seal)):
        if one not in _DIGESTS:
            raise CheckFailed(f"The seal rests on {one}, which is not relied on here.")
    if hashlib.new(kind, seal.covered).digest() != extract_message_digest(
        seal.signature.signer_info
    ):
        raise CheckFailed("The file was changed after it was sealed.")


def _signed_with(seal: Seal) -> str:
    """The digest under the signature, which need not be that of the file."""
    found = seal.signature.signer_info["signature_algorithm"]
    if found["algorithm"].native in {"rsassa_pkcs1v15", "ed25519", "ed448"}:
        # These names say none: it is that of the file, or one that is as good.
        return str(seal.signature.md_algorithm)
    return str(found.hash_algo)


def check_signature(
    seal: Seal,
    trust_roots: Sequence[x509.Certificate],
    tsa_roots: Sequence[x509.Certificate] = (),
) -> Signed:
    """Check the signature over the digest, and look up who made it, and when.

    Nothing is fetched from a network, and no certificates but those given are
    trusted.

    Args:
        seal: one whose digest was checked.
        trust_roots: the authorities to trust.
        tsa_roots: the authorities to trust for timestamps.

    Raises:
        CheckFailed: the signature does not hold, or is written otherwise than the
            school writes it.
    """
    stated = parse_pdf_date(seal.signature.sig_object["/M"])
    if stated.tzinfo is None:
        raise CheckFailed("The seal states a time without its zone.")
    data = validation_data(seal.signature.reader)
    timestamp = timestamp_of(seal.signature, tsa_roots, data.revocation)
    if (
        timestamp
        and data.certificates
        and timestamp.certificate not in data.certificates
    ):
        raise CheckFailed(
            "The timestamp is not by the authority whose certificate the seal covers: "
            "somebody put it in the place of the one that the seal was made with."
        )
    at = timestamp.at if timestamp and timestamp.trusted else stated
    usual = usual_signature(seal, trust_roots, at)
    if usual is not None:
        seal.signature.compute_integrity_info()
        found = ModificationInfo(**seal.signature.summarise_integrity_info())
        return Signed(
            certificate=usual.certificate,
            chain=usual.chain,
            stated=stated,
            timestamp=timestamp,
            trusted=True,
            unchanged=_unchanged(seal, found),
            lists=data.lists,
            level=_level(usual.certificate, timestamp, data.lists),
        )
    context = ValidationContext(
        trust_roots=[as_asn1(one) for one in trust_roots],
        moment=at,
        best_signature_time=at,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    status = run_async(
        async_validate_pdf_signature(seal.signature, signer_validation_context=context)
    )
    if not (status.intact and status.valid):
        raise CheckFailed("The seal's signature does not fit its certificate.")
    check_form(seal.signature)
    certificate = as_x509(status.signing_cert)
    embedded = [as_x509(one) for one in seal.signature.other_embedded_certs]
    chain = chain_of(certificate, embedded, trust_roots)
    check_copies(embedded, chain)
    return Signed(
        certificate=certificate,
        chain=chain,
        stated=stated,
        timestamp=timestamp,
        # pyHanko asks this of no certificate that is itself among the trusted ones.
        trusted=bool(status.trusted) and may_sign_documents(certificate),
        unchanged=_unchanged(seal, status),
        lists=data.lists,
        level=_level(certificate, timestamp, data.lists),
    )


def _level(
    certificate: x509.Certificate,
    timestamp: Timestamp | None,
    lists: Sequence[x509.CertificateRevocationList],
) -> str:
    """The level by what the seal bears; whether it is to be believed is another."""
    if timestamp is None:
        return "B-B"
    listed = any(one.issuer == certificate.issuer for one in lists)
    return "B-LT" if listed else "B-T"


def _unchanged(seal: Seal, status: ModificationInfo) -> bool:
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
