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
from signer.errors import CheckFailed, InDoubt, SealedInDoubt
from signer.pki.certificates import as_asn1
from signer.pki.chains import confirmed_by, is_authority, issuer_of, needed_for
from signer.pki.revocation import made_by
from signer.pki.timestamp_tokens import (
    certificates_in,
    is_as_signed,
    lists_in,
    maker_of,
)

_LONGEST_NUMBER, _LONGEST_SERIAL = 64, 159
"""Bits of a list's number, and of those of certificates."""
_KEY_IDENTIFIER = 20
"""Bytes of a SHA-1, by which a key is named."""
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
        SealedInDoubt: some are not needed, or nobody who is trusted confirms them, and
            they are in the sealed file.
        InDoubt: they are not: an archive copy adds them.
    """
    stamps = [one for token in signatures.stamps for one in certificates_in(token)]
    tokens = [one for token in signatures.tokens for one in certificates_in(token)]
    data, own = validation_data(reader), validation_data(sealed)
    if len(stamps) + len(tokens) > MOST:
        raise CheckFailed(TOO_MUCH)
    belonging = _Belonging.of(signatures, (*tokens, *stamps), data, own)
    own_certificates = {*own.certificates, *tokens}
    within = belonging.tell_of(
        own_certificates, own.lists, own.answers, signatures.tokens, own=own.lists
    )
    added = belonging.tell_of(
        {*data.certificates, *stamps} - own_certificates,
        [one for one in data.lists if one not in own.lists],
        [one for one in data.answers if one not in own.answers],
        signatures.stamps,
    )
    if _Use.NONE in {*within, *added}:
        raise CheckFailed(_STRANGE)
    if _Use.UNSURE in added:
        raise InDoubt(_NOT_NEEDED)
    if _Use.UNSURE in within:
        raise SealedInDoubt(_NOT_NEEDED)


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
    vouched: frozenset[x509.Certificate]
    """Those of the certificates behind the signatures that somebody vouches for."""

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
        confirmed = confirmed_by(signatures.roots, among, vouched)
        ends = [*sealed, *map(maker_of, signatures.stamps)]
        needed = needed_for(ends, confirmed, held)
        return cls(
            needed=needed,
            confirmed=confirmed,
            linked=_with_issuers([*needed, *confirmed, *carried], data.certificates),
            vouched=frozenset(one for one in ends if one in held or one in confirmed),
        )

    def tell_of(
        self,
        certificates: Iterable[x509.Certificate],
        lists: Iterable[x509.CertificateRevocationList],
        answers: Iterable[bytes],
        tokens: Sequence[cms.ContentInfo],
        own: Sequence[x509.CertificateRevocationList] = (),
    ) -> set[_Use]:
        """What some validation data, and what tokens carry, are there for.

        Args:
            certificates: those among it, and those of the tokens.
            lists: the revocation lists among it.
            answers: the answers among it.
            tokens: the timestamps.
            own: the lists that the seal covers.
        """
        told = {self.tell_of_certificates(certificates)}
        told |= {self.tell_of_list(one, own=one in own) for one in lists}
        told |= {self.tell_of_answer(one) for one in answers}
        told |= {self.tell_of_list(one) for token in tokens for one in lists_in(token)}
        for token in tokens:
            if maker_of(token) not in self.vouched or not is_as_signed(token):
                told.add(_Use.UNSURE)
        return told

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
            (one in self.confirmed and is_authority(one)) or self._may_answer(one)
        )

    def _may_answer(self, one: x509.Certificate) -> bool:
        return _answers(one) and issuer_of(one, self._authorities()) is not None

    def _authorities(self) -> list[x509.Certificate]:
        return [
            *self.needed,
            *(one for one in self.confirmed if is_authority(one)),
        ]

    def _is_about_one_needed(self, told: ocsp.OCSPSingleResponse) -> bool:
        return any(
            told.serial_number == one.serial_number
            and told.issuer_key_hash == _key_digest(by, told.hash_algorithm)
            for one in self.needed
            for by in self.linked
            if one.issuer == by.subject
        )


def _answers(one: x509.Certificate) -> bool:
    """Whether a certificate is a responder's."""
    try:
        found = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in found.value


def _key_digest(one: x509.Certificate, kind: hashes.HashAlgorithm) -> bytes:
    """The digest by which an answer names the key of an issuer (RFC 6960 §4.1.1)."""
    key = as_asn1(one).public_key["public_key"]
    digest = hashes.Hash(kind)
    digest.update(bytes(key))
    return digest.finalize()


def _is_bare(one: x509.CertificateRevocationList) -> bool:
    """Whether a list says what the school's own say, and in no place more."""
    return all(_is_usual(found.value) for found in one.extensions) and not any(
        len(entry.extensions) or entry.serial_number.bit_length() > _LONGEST_SERIAL
        for entry in one
    )


def _is_usual(told: x509.ExtensionType) -> bool:
    """Whether a list says a number of its own, or whose key made it (RFC 5280 §5.2)."""
    if isinstance(told, x509.CRLNumber):
        return told.crl_number.bit_length() <= _LONGEST_NUMBER
    return (
        isinstance(told, x509.AuthorityKeyIdentifier)
        and len(told.key_identifier or b"") == _KEY_IDENTIFIER
        and told.authority_cert_issuer is None
        and told.authority_cert_serial_number is None
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
