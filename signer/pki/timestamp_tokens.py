"""Timestamp tokens (RFC 3161): what one says, and whether it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.x509 import (
    Certificate,
    CertificateRevocationList,
    load_der_x509_crl,
)
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from signer.errors import SealError
from signer.pki.certificates import (
    CONTEXT_0,
    CONTEXT_1,
    OCTETS,
    SEQUENCE,
    SET,
    as_asn1,
    as_x509,
    der,
)
from signer.pki.chains import chain_of
from signer.pki.run_async import run_async

CLOCKS_APART = timedelta(hours=1)
"""By how much the time that a seal states and that of its timestamp may differ."""

_DIGESTS = {"sha256", "sha384", "sha512"}
# Lists and answers come from other machines, whose clocks are not quite ours.
_TOLERANCE = timedelta(minutes=1)
_LONGEST_NONCE = 64
_VERSIONS = {core.Integer(number).dump() for number in range(1, 6)}
_KEY_NAMED, _CONTEXT_2 = 0x80, 0xA2
_SALT = 20
"""The length of the salt where none is stated (RFC 4055 §3.1)."""
_NULL = core.Null().dump()


@dataclass(frozen=True, slots=True)
class RevocationData:
    """Proof of what was not revoked, encoded as it came (DER)."""

    lists: tuple[bytes, ...] = ()
    """Revocation lists (RFC 5280)."""
    answers: tuple[bytes, ...] = ()
    """Answers of OCSP responders (RFC 6960)."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """What a token says of a signature, and how far it is to be believed."""

    at: datetime
    """The time that it confirms."""
    certificate: Certificate
    """The certificate of the timestamp authority."""
    holds: bool
    """Whether it was made over this signature, and is as it was made."""
    known: bool
    """Whether an authority among the trusted ones issued the certificate."""
    trusted: bool
    """Whether that certificate also held at that time, is meant for timestamps and,
    as far as the data at hand show, was not revoked."""
    ends: datetime
    """When the first of the certificates behind it ends, the root's aside."""


def read_token(  # noqa: PLR0913 - what a token is judged by, by name
    token: cms.ContentInfo,
    message: bytes,
    *,
    roots: Sequence[Certificate],
    revocation: RevocationData,
    required: bool = False,
    still_at: datetime | None = None,
) -> Timestamp:
    """Check a timestamp token, from what is at hand alone.

    Args:
        token: the token.
        message: what it should have been made over.
        roots: the authorities to trust for timestamps.
        revocation: what shows whether certificates were revoked.
        required: whether a certificate that none of it speaks of is not trusted.
        still_at: when the certificates must still hold, such as the time of a later
            timestamp over this one; the token's own time by default.

    Raises:
        SealError: it is no timestamp token of a kind that is relied on here.
    """
    signed, told = _content(token)
    at = told["gen_time"].native
    maker = _maker(signed)
    between = certificates_in(token)
    context = ValidationContext(
        trust_roots=[as_asn1(one) for one in roots],
        other_certs=[as_asn1(one) for one in between],
        moment=still_at or at,
        best_signature_time=at,
        allow_fetching=False,
        crls=list(revocation.lists),
        ocsps=list(revocation.answers),
        revocation_mode="require" if required else "soft-fail",
        time_tolerance=_TOLERANCE,
    )
    try:
        found = run_async(
            validate_tst_signed_data(
                signed, context, lambda kind: hashlib.new(kind, message).digest()
            )
        )
    except SignatureValidationError as error:
        raise SealError(f"the timestamp cannot be checked: {error}") from error
    status = TimestampSignatureStatus(**found)
    chain = chain_of(maker, between, roots)
    return Timestamp(
        at=at,
        certificate=maker,
        holds=bool(status.intact and status.valid),
        known=bool(chain),
        trusted=bool(status.intact and status.valid and status.trusted),
        ends=end_of(chain or (maker,)),
    )


def end_of(chain: Sequence[Certificate]) -> datetime:
    """When the first certificate of a chain ends; its root is trusted by itself."""
    return min(one.not_valid_after_utc for one in chain[:-1] or chain)


def time_of(token: cms.ContentInfo) -> datetime:
    """The time that a token states, unchecked.

    Raises:
        SealError: it is no timestamp token of a kind that is relied on here.
    """
    at: datetime = _content(token)[1]["gen_time"].native
    return at


def certificates_in(token: cms.ContentInfo) -> tuple[Certificate, ...]:
    """The certificates that a token carries."""
    found = token["content"]["certificates"]
    return tuple(as_x509(one.chosen) for one in found if one.name == "certificate")


def is_as_signed(token: cms.ContentInfo) -> bool:
    """Whether a token holds what its maker signed, certificates, and nothing else.

    No signature covers all of a token (RFC 5652): words fit behind its parts, into the
    numbers of their versions, the names of algorithms and of its maker, and among what
    its maker does not sign. What an asking side puts into it is a number, and no
    longer than one has to be, and a digest.
    """
    signed, told = _content(token)
    (signer,) = signed["signer_infos"]
    digest = signer["digest_algorithm"]
    digests = [*signed["digest_algorithms"]]
    named = [*digests, digest, signer["signature_algorithm"]]
    named.append(told["message_imprint"]["hash_algorithm"])
    nonce = told["nonce"].native or 0
    lists = _each(signed["crls"])
    return (
        token.dump() == _of_parts(token, signed["certificates"], lists, digests)
        and {signed["version"].dump(), signer["version"].dump()} <= _VERSIONS
        and [one["algorithm"] for one in digests] in ([], [digest["algorithm"]])
        and all(map(_is_bare, named))
        and all(one.name == "certificate" for one in signed["certificates"])
        and all(one.name == "certificate_list" for one in lists)
        and nonce.bit_length() <= _LONGEST_NONCE
    )


def with_chain_alone(
    token: cms.ContentInfo, chain: Sequence[Certificate]
) -> cms.ContentInfo:
    """A token without all that its maker did not sign, but the certificates of a chain.

    Authorities send others along, such as one by a former root for the key of today's:
    nobody who trusts the chain's root needs them, and anybody could put them in. So it
    is with digests beside the one that counts.

    Args:
        token: the token.
        chain: from the certificate of its maker to a trusted root.
    """
    kept = [
        one
        for one in token["content"]["certificates"]
        if one.name == "certificate" and as_x509(one.chosen) in chain
    ]
    return cms.ContentInfo.load(_of_parts(token, kept))


def _of_parts(
    token: cms.ContentInfo,
    certificates: Iterable[Any],
    lists: Iterable[Any] = (),
    digests: Iterable[Any] | None = None,
) -> bytes:
    """A token put together from its parts (RFC 5652 §5.1): DER, nothing unsigned.

    Args:
        token: the token.
        certificates: those that it is to carry.
        lists: the revocation lists that it is to carry.
        digests: the digests that it is to list; that of its maker by default.
    """
    signed = token["content"]
    (signer,) = signed["signer_infos"]
    named = (signer["digest_algorithm"],) if digests is None else digests
    content = signed["encap_content_info"]
    about_maker = der(
        SEQUENCE,
        signer["version"].dump(),
        _name_of(as_asn1(_maker(signed)), signer["sid"].name),
        signer["digest_algorithm"].dump(),
        der(CONTEXT_0, *(one.dump() for one in signer["signed_attrs"])),
        signer["signature_algorithm"].dump(),
        der(OCTETS, signer["signature"].native),
    )
    listed = [one.dump() for one in lists]
    data = der(
        SEQUENCE,
        signed["version"].dump(),
        der(SET, *(one.dump() for one in named)),
        der(
            SEQUENCE,
            _bare(content["content_type"]),
            der(CONTEXT_0, der(OCTETS, bytes(content["content"]))),
        ),
        der(CONTEXT_0, *(one.dump() for one in certificates)),
        *([der(CONTEXT_1, *listed)] if listed else []),
        der(SET, about_maker),
    )
    return der(SEQUENCE, _bare(token["content_type"]), der(CONTEXT_0, data))


def _name_of(certificate: asn1_x509.Certificate, way: str) -> bytes:
    """A maker's name, as its certificate spells it (RFC 5652 §5.3)."""
    own = certificate["tbs_certificate"]
    if way == "issuer_and_serial_number":
        return der(SEQUENCE, own["issuer"].dump(), own["serial_number"].dump())
    return der(_KEY_NAMED, certificate.key_identifier)


def lists_in(token: cms.ContentInfo) -> tuple[CertificateRevocationList, ...]:
    """The revocation lists that a token carries."""
    return tuple(
        load_der_x509_crl(one.chosen.dump())
        for one in _each(token["content"]["crls"])
        if one.name == "certificate_list"
    )


def _each(value: Any) -> Iterable[Any]:  # noqa: ANN401 - asn1crypto has no types
    """What stands in a set, which need not be there."""
    return () if isinstance(value, core.Void) else value


def _is_bare(algorithm: Any) -> bool:  # noqa: ANN401 - asn1crypto has no types
    """Whether an algorithm is named, with no more than what it takes."""
    name = algorithm["algorithm"]
    if name.native == "rsassa_pss":
        return algorithm.dump() in _with_pss(algorithm["parameters"])
    bare = _bare(name)
    return algorithm.dump() in {der(SEQUENCE, bare), der(SEQUENCE, bare, _NULL)}


def _with_pss(told: Any) -> set[bytes]:  # noqa: ANN401 - asn1crypto has no types
    """The ways to name RSA-PSS with some parameters (RFC 4055 §3.1)."""
    ways, salt = set(), told["salt_length"].native
    for null in (b"", _NULL):
        digest = der(SEQUENCE, _bare(told["hash_algorithm"]["algorithm"]), null)
        mask = told["mask_gen_algorithm"]
        inner = der(SEQUENCE, _bare(mask["parameters"]["algorithm"]), null)
        parameters = der(
            SEQUENCE,
            der(CONTEXT_0, digest),
            der(CONTEXT_1, der(SEQUENCE, _bare(mask["algorithm"]), inner)),
            *([] if salt == _SALT else [der(_CONTEXT_2, core.Integer(salt).dump())]),
        )
        name = _bare(algos.SignedDigestAlgorithmId("rsassa_pss"))
        ways.add(der(SEQUENCE, name, parameters))
    return ways


def _bare(name: Any) -> bytes:  # noqa: ANN401 - asn1crypto has no types
    """The name of an algorithm or a type in DER."""
    encoded: bytes = core.ObjectIdentifier(name.dotted).dump()
    return encoded


def maker_of(token: cms.ContentInfo) -> Certificate:
    """The certificate of whoever made a token.

    Raises:
        SealError: the token does not carry it.
    """
    return _maker(_content(token)[0])


def _content(token: cms.ContentInfo) -> tuple[cms.SignedData, Any]:
    try:
        signed = token["content"]
        told = signed["encap_content_info"]["content"].parsed
        kind = told["message_imprint"]["hash_algorithm"]["algorithm"].native
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SealError("the timestamp is not a timestamp") from error
    if not isinstance(told, tsp.TSTInfo) or kind not in _DIGESTS:
        raise SealError(f"the timestamp rests on {kind}")
    return signed, told


def _maker(signed: cms.SignedData) -> Certificate:
    if len(signed["signer_infos"]) != 1:
        raise SealError("the timestamp has several makers, or none")
    named = signed["signer_infos"][0]["sid"]
    for one in signed["certificates"]:
        certificate = one.chosen
        if named.name == "issuer_and_serial_number":
            same = (
                certificate.issuer == named.chosen["issuer"]
                and certificate.serial_number == named.chosen["serial_number"].native
            )
        else:
            same = certificate.key_identifier == named.chosen.native
        if same:
            return as_x509(certificate)
    raise SealError("the timestamp does not carry the certificate of its maker")
