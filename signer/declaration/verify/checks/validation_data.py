"""What a seal carries for later years: its timestamp and its validation data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import SignatureAlgorithmOID, ocsp
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signer.declaration.verify.checks.document import MALFORMED, entry
from signer.errors import CheckFailed, SealError
from signer.pki.chains import issuer_of
from signer.pki.revocation import made_by
from signer.pki.timestamp_tokens import RevocationData, Timestamp, read_token

_MOST = 256
_DIGESTS = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
_STRANGE = (
    "Some of what the file carries for later years belongs neither to its seal nor to "
    "a timestamp of it: somebody else put it in."
)


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


def check_belongs(
    reader: PdfFileReader, sealed: PdfFileReader, known: Iterable[x509.Certificate]
) -> None:
    """Refuse validation data that are of no use to a seal or to a timestamp of it.

    A certificate may hold any words, and so may a list or an answer that nobody looks
    at: whoever adds an update behind a seal could write them there.

    Args:
        reader: the whole file.
        sealed: the sealed file alone: all of it, or the beginning of an archive copy.
        known: the certificates of its seal, of its timestamps, and the trusted ones.

    Raises:
        CheckFailed: there are such.
    """
    data = validation_data(reader)
    vouched = _with_issuers([*known], data.certificates)
    if vouched is None:
        raise CheckFailed(_STRANGE)
    # Under the seal, an authority may have two keys of one name; it was renewed, say.
    own, names = validation_data(sealed).lists, {one.subject for one in vouched}
    lists = all(
        (one in own and one.issuer in names) or any(made_by(one, by) for by in vouched)
        for one in data.lists
    )
    if not lists or not all(_is_answered_by(one, vouched) for one in data.answers):
        raise CheckFailed(_STRANGE)


def _with_issuers(
    known: list[x509.Certificate], more: Iterable[x509.Certificate]
) -> list[x509.Certificate] | None:
    """Those known, and all others; None where one neither issued one nor is issued."""
    rest = [one for one in more if one not in known]
    while rest:
        linked = [
            one
            for one in rest
            if issuer_of(one, known) or any(issuer_of(by, [one]) for by in known)
        ]
        if not linked:
            return None
        known = [*known, *linked]
        rest = [one for one in rest if one not in linked]
    return known


def _is_answered_by(raw: bytes, vouched: list[x509.Certificate]) -> bool:
    try:
        answer = ocsp.load_der_ocsp_response(raw)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return False
        responders = _with_issuers(vouched, answer.certificates)
    except ValueError:
        return False
    return any(_has_signed(one, answer) for one in responders or ())


def _has_signed(certificate: x509.Certificate, answer: ocsp.OCSPResponse) -> bool:
    key = certificate.public_key()
    signature, told = answer.signature, answer.tbs_response_bytes
    try:
        if answer.signature_algorithm_oid == SignatureAlgorithmOID.RSASSA_PSS:
            return _verifies_with_pss(key, signature, told)
        kind = answer.signature_hash_algorithm
        if kind is not None and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, told, padding.PKCS1v15(), kind)
        elif kind is not None and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, told, ec.ECDSA(kind))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _verifies_with_pss(key: object, signature: bytes, told: bytes) -> bool:
    """Whether a signature is RSA-PSS over a digest of one of the usual kinds."""
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    for kind in _DIGESTS:
        scheme = padding.PSS(padding.MGF1(kind), padding.PSS.AUTO)
        with suppress(InvalidSignature):
            key.verify(signature, told, scheme, kind)
            return True
    return False


def _streams(store: generic.DictionaryObject, key: str) -> tuple[bytes, ...]:
    found = entry(store, key) or ()
    if len(found) > _MOST:
        raise CheckFailed("The file holds more validation data than any seal needs.")
    return tuple(bytes(one.get_object().data) for one in found)
