"""What validation data belong to the signatures of a file, and what is more.

Whoever adds an update behind a seal can write certificates, lists and answers there,
and words into them. So each must be needed to check the seal or one of its timestamps,
and as an authority made it that is trusted, or whose certificate the seal covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import SignatureAlgorithmOID, ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.declaration.verify.checks.validation_data import (
    MOST,
    TOO_MUCH,
    ValidationData,
    validation_data,
)
from signer.declaration.verify.report import BRING_THE_AUTHORITIES
from signer.errors import CheckFailed, InDoubt
from signer.pki.certificates import as_asn1
from signer.pki.chains import confirmed_by, issuer_of, needed_for
from signer.pki.revocation import made_by
from signer.pki.timestamp_tokens import (
    certificates_in,
    is_as_signed,
    lists_in,
    maker_of,
)

_Kind = TypeVar("_Kind", x509.BasicConstraints, x509.ExtendedKeyUsage)

_LONGEST_NUMBER = 64
_DIGESTS = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
_NOT_NEEDED = (
    "Some of what the file carries for later years is not needed to check it, or no "
    "certificate that you trust confirms it. It may be what a timestamp authority sent "
    "along, and anybody may have put it in. "
    f"{BRING_THE_AUTHORITIES}"
)
_STRANGE = (
    "Some of what the file carries for later years belongs neither to its seal nor to "
    "a timestamp of it: somebody else put it in."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """What validation data are there for, and who vouches for them."""

    signer: x509.Certificate
    """The certificate of the seal."""
    embedded: tuple[x509.Certificate, ...]
    """Those beside it, as the school sealed them."""
    tokens: tuple[cms.ContentInfo, ...]
    """The timestamp of the seal, where it bears one."""
    stamps: tuple[cms.ContentInfo, ...]
    """The timestamps of an archive copy."""
    roots: tuple[x509.Certificate, ...]
    """The trusted authorities, of seals and of timestamps."""


def check_belongs(
    reader: PdfFileReader, sealed: PdfFileReader, signatures: Signatures
) -> None:
    """Refuse validation data that are of no use to a seal or to a timestamp of it.

    A certificate may hold any words, and so may a list or an answer that nobody looks
    at: whoever adds an update behind a seal could write them there.

    Args:
        reader: the whole file.
        sealed: the sealed file alone: all of it, or the beginning of an archive copy.
        signatures: what they are there for.

    Raises:
        CheckFailed: somebody else put some of them in.
        InDoubt: some are not needed, or nobody who is trusted confirms them.
    """
    tokens = (*signatures.tokens, *signatures.stamps)
    carried = [one for token in tokens for one in certificates_in(token)]
    data, own = validation_data(reader), validation_data(sealed)
    if len(carried) > MOST:
        raise CheckFailed(TOO_MUCH)
    belonging = _Belonging.of(signatures, carried, data, own)
    in_doubt = not belonging.is_vouched or not all(map(is_as_signed, tokens))
    told = [belonging.tell_of_certificates((*data.certificates, *carried))]
    told += [belonging.tell_of_list(one, own=one in own.lists) for one in data.lists]
    told += map(belonging.tell_of_answer, data.answers)
    told += [belonging.tell_of_list(one) for token in tokens for one in lists_in(token)]
    if _Use.NONE in told:
        raise CheckFailed(_STRANGE)
    if in_doubt or _Use.UNSURE in told:
        raise InDoubt(_NOT_NEEDED)


class _Use(Enum):
    """What some of the validation data are there for."""

    NEEDED = auto()
    UNSURE = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class _Belonging:
    """What belongs to the signatures of a file."""

    needed: list[x509.Certificate]
    confirmed: list[x509.Certificate]
    """Those that are as their issuers made them, whether needed or not."""
    linked: list[x509.Certificate]
    """All of these, what tokens carry, and whatever names one of them as its issuer,
    or issued one by its name."""
    is_vouched: bool
    """Whether somebody vouches for the certificate behind each signature."""

    @classmethod
    def of(
        cls,
        signatures: Signatures,
        carried: Sequence[x509.Certificate],
        data: ValidationData,
        own: ValidationData,
    ) -> _Belonging:
        """What belongs to the signatures of a file.

        Args:
            signatures: those.
            carried: the certificates in their tokens.
            data: the validation data of the whole file.
            own: those that the seal covers.
        """
        held = (signatures.signer, *signatures.embedded, *own.certificates)
        sealed = [signatures.signer, *map(maker_of, signatures.tokens)]
        among = (*held, *carried, *data.certificates)
        confirmed = confirmed_by(signatures.roots, among)
        needed = needed_for(sealed, confirmed, held)
        # What the seal needs, it vouches for: it covers it.
        vouched = [one for one in needed if one in held or one in confirmed]
        confirmed = confirmed_by((*signatures.roots, *vouched), among)
        ends = [*sealed, *map(maker_of, signatures.stamps)]
        needed = needed_for(ends, confirmed, held)
        return cls(
            needed=needed,
            confirmed=confirmed,
            linked=_with_issuers([*needed, *confirmed, *carried], data.certificates),
            is_vouched=all(one in held or one in confirmed for one in ends),
        )

    def tell_of_certificates(self, found: Iterable[x509.Certificate]) -> _Use:
        """What certificates are there for."""
        left = [one for one in dict.fromkeys(found) if not self._is_known(one)]
        if not left:
            return _Use.NEEDED
        return _Use.UNSURE if set(left) <= set(self.linked) else _Use.NONE

    def tell_of_list(
        self, one: x509.CertificateRevocationList, *, own: bool = False
    ) -> _Use:
        """What a revocation list is there for.

        Args:
            one: the list.
            own: whether the seal covers it.
        """
        if any(made_by(one, by) for by in self._authorities()):
            return _Use.NEEDED
        # Under the seal, an authority may have two keys of one name; it was renewed,
        # say.
        if own and one.issuer in {by.subject for by in self.needed}:
            return _Use.NEEDED if _is_bare(one) else _Use.UNSURE
        judged = any(made_by(one, by) for by in self.linked)
        return _Use.UNSURE if judged else _Use.NONE

    def tell_of_answer(self, raw: bytes) -> _Use:
        """What a responder's answer is there for."""
        try:
            answer = ocsp.load_der_ocsp_response(raw)
            if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                return _Use.NONE
            carried = answer.certificates
            responders = _with_issuers(self.linked, carried)
            if not set(carried) <= set(responders) or not any(
                _has_signed(one, answer) for one in responders
            ):
                return _Use.NONE
            about = [self._is_about_one_needed(one) for one in answer.responses]
            if not any(about):
                return _Use.NONE
            makers = [*self._authorities(), *filter(self._may_answer, carried)]
            needed = (
                all(about)
                and all(self._is_known(one) for one in carried)
                and any(_has_signed(one, answer) for one in makers)
                # Whoever asks chooses it, and nobody here sends one along.
                and not any(
                    isinstance(one.value, x509.OCSPNonce) for one in answer.extensions
                )
            )
        except ValueError:
            return _Use.NONE
        return _Use.NEEDED if needed else _Use.UNSURE

    def _is_known(self, one: x509.Certificate) -> bool:
        """Whether a certificate is needed, or of an authority that is known.

        Authorities issue to all the world, in any name; but what they issue for an
        authority, or for a responder of their own, they answer for.
        """
        return one in self.needed or (
            (one in self.confirmed and _is_authority(one)) or self._may_answer(one)
        )

    def _may_answer(self, one: x509.Certificate) -> bool:
        return _answers(one) and issuer_of(one, self._authorities()) is not None

    def _authorities(self) -> list[x509.Certificate]:
        return [
            *self.needed,
            *(one for one in self.confirmed if _is_authority(one)),
        ]

    def _is_about_one_needed(self, told: ocsp.OCSPSingleResponse) -> bool:
        return any(
            told.serial_number == one.serial_number
            and told.issuer_key_hash == _key_digest(by, told.hash_algorithm)
            for one in self.needed
            for by in self.linked
            if one.issuer == by.subject
        )


def _is_authority(one: x509.Certificate) -> bool:
    found = _extension(one, x509.BasicConstraints)
    return found is not None and found.ca


def _answers(one: x509.Certificate) -> bool:
    """Whether a certificate is a responder's."""
    found = _extension(one, x509.ExtendedKeyUsage)
    return found is not None and ExtendedKeyUsageOID.OCSP_SIGNING in found


def _extension(one: x509.Certificate, kind: type[_Kind]) -> _Kind | None:
    try:
        return one.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None


def _key_digest(one: x509.Certificate, kind: hashes.HashAlgorithm) -> bytes:
    """The digest by which an answer names the key of an issuer (RFC 6960 §4.1.1)."""
    key = as_asn1(one).public_key["public_key"]
    digest = hashes.Hash(kind)
    digest.update(bytes(key))
    return digest.finalize()


def _is_bare(one: x509.CertificateRevocationList) -> bool:
    """Whether a list says what the school's own say, and in no place more."""
    told = {type(found.value) for found in one.extensions}
    numbers = [
        found.value.crl_number
        for found in one.extensions
        if isinstance(found.value, x509.CRLNumber)
    ]
    return (
        told <= {x509.CRLNumber, x509.AuthorityKeyIdentifier}
        and all(number.bit_length() <= _LONGEST_NUMBER for number in numbers)
        and not any(len(entry.extensions) for entry in one)
    )


def _with_issuers(
    known: Iterable[x509.Certificate], more: Iterable[x509.Certificate]
) -> list[x509.Certificate]:
    """Those known, and of the others those that issued one or are issued by one."""
    found = list(dict.fromkeys(known))
    rest = [one for one in dict.fromkeys(more) if one not in found]
    while rest:
        linked = [
            one
            for one in rest
            if issuer_of(one, found) or any(issuer_of(by, [one]) for by in found)
        ]
        if not linked:
            break
        found += linked
        rest = [one for one in rest if one not in linked]
    return found


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
