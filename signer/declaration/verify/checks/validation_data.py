"""What a seal carries for later years: its timestamp and its validation data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import cms
from cryptography import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signer.declaration.verify.checks.document import MALFORMED, entry
from signer.errors import CheckFailed, SealError
from signer.pki.timestamp_tokens import RevocationData, Timestamp, read_token

MOST = 256
TOO_MUCH = "The file holds more validation data than any seal needs."


@dataclass(frozen=True, slots=True)
class ValidationData:
    """The document security store (ETSI EN 319 142-1 §5.4.2)."""

    certificates: tuple[x509.Certificate, ...]
    lists: tuple[x509.CertificateRevocationList, ...]
    revocation: RevocationData

    @property
    def answers(self) -> tuple[bytes, ...]:
        """The answers of OCSP responders (DER)."""
        return self.revocation.answers


def validation_data(reader: PdfFileReader) -> ValidationData:
    """The validation data of a file; empty where it has none.

    Raises:
        CheckFailed: there is more of it than any seal needs.
    """
    store = entry(reader.root, "/DSS")
    if not isinstance(store, generic.DictionaryObject):
        return ValidationData((), (), RevocationData())
    lists = _streams(store, "/CRLs")
    return ValidationData(
        certificates=tuple(
            map(x509.load_der_x509_certificate, _streams(store, "/Certs"))
        ),
        lists=tuple(map(x509.load_der_x509_crl, lists)),
        revocation=RevocationData(lists=lists, answers=_streams(store, "/OCSPs")),
    )


def timestamp_of(
    signature: EmbeddedPdfSignature,
    roots: Sequence[x509.Certificate],
    revocation: RevocationData,
) -> Timestamp | None:
    """The timestamp of a signature, checked; None where it bears none.

    Args:
        signature: the signature.
        roots: the authorities to trust for timestamps.
        revocation: what the file holds to show who was not revoked.

    Raises:
        CheckFailed: it bears several, or something that is none.
    """
    tokens = tokens_of(signature)
    if not tokens:
        return None
    if len(tokens) > 1:
        raise CheckFailed("The seal has more than one timestamp.")
    message = signature.signer_info["signature"].native
    try:
        return read_token(tokens[0], message, roots=roots, revocation=revocation)
    except (SealError, *MALFORMED) as error:
        raise CheckFailed("The seal's timestamp is not a timestamp.") from error


def tokens_of(signature: EmbeddedPdfSignature) -> list[cms.ContentInfo]:
    """The timestamp tokens that a signature bears, unchecked."""
    return [
        token
        for attribute in signature.signer_info["unsigned_attrs"]
        if attribute["type"].native == "signature_time_stamp_token"
        for token in attribute["values"]
    ]


def _streams(store: generic.DictionaryObject, key: str) -> tuple[bytes, ...]:
    found = entry(store, key) or ()
    if len(found) > MOST:
        raise CheckFailed(TOO_MUCH)
    return tuple(bytes(one.get_object().data) for one in found)
