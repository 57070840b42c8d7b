"""Asking authorities which of their certificates they have revoked.

A public authority names in each certificate where to ask: a responder (OCSP,
RFC 6960) or a list (RFC 5280 §4.2.1.13).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from signer.errors import SealError
from signer.pki.certificates import common_name
from signer.pki.http import exchange
from signer.pki.timestamp_tokens import RevocationData

_QUESTION = "application/ocsp-request"


def ask_status(
    chain: Sequence[x509.Certificate], *, seconds: float
) -> tuple[RevocationData, datetime]:
    """What the authorities of a chain say of its certificates, and until when.

    What they say is not judged here: whoever relies on it does.

    Args:
        chain: from a certificate to its root, both included; the root is not asked
            about.
        seconds: how long each of them may take.

    Raises:
        SealError: no responder and no list of one of them can be had.
    """
    lists, answers, ends = [], [], []
    for certificate, issuer in pairwise(chain):
        answer = _answer(certificate, issuer, seconds)
        if answer is not None:
            answers.append(answer.public_bytes(Encoding.DER))
            ends.append(answer.next_update_utc or answer.this_update_utc)
            continue
        found = _list(certificate, seconds)
        lists.append(found.public_bytes(Encoding.DER))
        ends.append(found.next_update_utc or found.last_update_utc)
    return (
        RevocationData(lists=tuple(dict.fromkeys(lists)), answers=tuple(answers)),
        min(ends, default=chain[-1].not_valid_after_utc),
    )


def _answer(
    certificate: x509.Certificate, issuer: x509.Certificate, seconds: float
) -> ocsp.OCSPResponse | None:
    # SHA-1 names the issuer here and protects nothing; some responders know no other.
    question = ocsp.OCSPRequestBuilder().add_certificate(
        certificate,
        issuer,
        hashes.SHA1(),  # noqa: S303 - see above
    )
    body = question.build().public_bytes(Encoding.DER)
    for url in _responders(certificate):
        try:
            raw = exchange(url, seconds=seconds, body=body, kind=_QUESTION)
            answer = ocsp.load_der_ocsp_response(raw)
        except (SealError, ValueError):
            continue
        if answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL:
            return answer
    return None


def _list(
    certificate: x509.Certificate, seconds: float
) -> x509.CertificateRevocationList:
    problem = "names neither a responder nor a list"
    for url in _places(certificate):
        try:
            return x509.load_der_x509_crl(exchange(url, seconds=seconds))
        except SealError as error:
            problem = str(error)
        except ValueError:
            problem = "its list cannot be read"
    name = common_name(certificate.subject)
    raise SealError(f"whether “{name}” is revoked cannot be learned: {problem}")


def _responders(certificate: x509.Certificate) -> Iterator[str]:
    try:
        found = certificate.extensions.get_extension_for_class(
            x509.AuthorityInformationAccess
        )
    except x509.ExtensionNotFound:
        return
    for one in found.value:
        if one.access_method == AuthorityInformationAccessOID.OCSP:
            yield str(one.access_location.value)


def _places(certificate: x509.Certificate) -> Iterator[str]:
    try:
        found = certificate.extensions.get_extension_for_class(
            x509.CRLDistributionPoints
        )
    except x509.ExtensionNotFound:
        return
    for place in found.value:
        for name in place.full_name or ():
            if isinstance(name, x509.UniformResourceIdentifier):
                yield name.value
