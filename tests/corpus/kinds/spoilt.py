"""The seal's value written anew: nothing that is signed changes, and no key is needed.

Other programs refuse such a file, or call its seal weak, so that a parent's genuine
declaration would be worth less to whoever checks it with them.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from asn1crypto import cms, core
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import (
    BasicConstraints,
    CertificateBuilder,
    Name,
    ObjectIdentifier,
    UnrecognizedExtension,
    load_der_x509_certificate,
)

from signer.declaration.seal.seal import seal
from signer.pki.certificates import SEQUENCE, der
from tests.conftest import MOMENT
from tests.corpus.bench import A_YEAR
from tests.corpus.case import OPEN, REFUSED, Room
from tests.corpus.sealing import (
    attribute,
    changed,
    hand_sealed,
    plain,
    rewritten,
    with_the_other_s,
    with_the_other_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.corpus.bench import Bench

case = Room()

INTEGER = 0x02


def _spoilt(bench: Bench, change: Callable[[Any], None]) -> bytes:
    return rewritten(bench.sealed, change)


def _list_a_weak_digest(signed: Any) -> None:
    signed["digest_algorithms"] = [{"algorithm": "sha1"}]


def _list_two_digests(signed: Any) -> None:
    signed["digest_algorithms"] = [{"algorithm": "sha1"}, {"algorithm": "sha256"}]
    # Room for them: the signer is named in fewer bytes.
    _name_by_the_key(signed)


def _name_by_the_key(signed: Any) -> None:
    certificate = next(
        one.chosen for one in signed["certificates"] if not one.chosen.ca
    )
    signer = signed["signer_infos"][0]
    key = certificate.key_identifier_value.native
    signer["sid"] = cms.SignerIdentifier("subject_key_identifier", key)
    signer["version"] = "v3"


def _call_it_newer(signed: Any) -> None:
    signed["version"] = "v4"


def _name_the_signature_otherwise(signed: Any) -> None:
    signer = signed["signer_infos"][0]
    signer["signature_algorithm"] = {"algorithm": "rsassa_pkcs1v15"}


def _take_the_authority_out(signed: Any) -> None:
    own = [one for one in signed["certificates"] if not one.chosen.ca]
    signed["certificates"] = cms.CertificateSet(own)


def _swap_the_authority(signed: Any) -> None:
    """One of its name, as long as it, that vouches for nobody but itself."""
    own = [one for one in signed["certificates"] if not one.chosen.ca]
    [real] = [one.chosen.dump() for one in signed["certificates"] if one.chosen.ca]
    name = load_der_x509_certificate(real).subject
    key = ec.generate_private_key(ec.SECP256R1())
    words, room, swapped = b"I do not agree. " * (len(real) // 16), 1, b""
    # To the byte: what leaves room over is refused for that.
    while len(swapped) != len(real):
        room += len(real) - len(swapped) if swapped else 0
        swapped = _of_itself(name, key, words[:room])
    other = asn1_x509.Certificate.load(swapped)
    signed["certificates"] = cms.CertificateSet(
        [*own, cms.CertificateChoices("certificate", other)]
    )


def _of_itself(name: Name, key: ec.EllipticCurvePrivateKey, words: bytes) -> bytes:
    made = (
        CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(MOMENT - timedelta(days=1))
        .not_valid_after(MOMENT + timedelta(days=3650))
        .add_extension(BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.55555.1"), words),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)


CHANGES = {
    "digest-list-weak": ("The list of digests names SHA-1", _list_a_weak_digest),
    "digest-list-longer": ("The list of digests names two", _list_two_digests),
    "signer-named-by-its-key": ("The signer is named by its key", _name_by_the_key),
    "value-of-another-edition": ("The value says another edition", _call_it_newer),
    "signature-named-otherwise": (
        "The signature's algorithm goes by another name",
        _name_the_signature_otherwise,
    ),
    "authority-taken-out": (
        "The authority's certificate is taken out",
        _take_the_authority_out,
    ),
    "authority-swapped": (
        "The authority's certificate gives way to another of its name",
        _swap_the_authority,
    ),
}
for _name, (_done, _change) in CHANGES.items():
    case.add(
        _name,
        f"{_done}, in a genuine declaration.",
        REFUSED,
        "signature",
        partial(_spoilt, change=_change),
    )


@case(
    "The timestamp taken out of a genuine declaration.",
    REFUSED,
    "signature",
    given=lambda bench: bench.with_stamps(),
)
def timestamp_taken_out(bench: Bench) -> bytes:
    def take(signed: Any) -> None:
        del signed["signer_infos"][0]["unsigned_attrs"]

    return rewritten(bench.stamped, take)


@case(
    "Another authority's timestamp in the place of the one it was sealed with.",
    REFUSED,
    "signature",
    given=lambda bench: bench.with_stamps(),
)
def timestamp_of_another_authority(bench: Bench) -> bytes:
    other = bench.authorities.stamps("tsa-renewed")

    def replace(signed: Any) -> None:
        signer = signed["signer_infos"][0]
        token = other.timestamp(signer["signature"].native, other.measured())
        signer["unsigned_attrs"] = attribute(token)

    return rewritten(bench.stamped, replace)


@case(
    "Words in the timestamp, beside what its maker signed.",
    OPEN,
    "changes",
    given=lambda bench: bench.with_stamps(),
)
def timestamp_with_words(bench: Bench) -> bytes:
    def add(signed: Any) -> None:
        [stamp] = signed["signer_infos"][0]["unsigned_attrs"]
        [token] = stamp["values"]
        maker = token["content"]["signer_infos"][0]
        words = core.UTF8String("I do not agree.")
        kind = cms.CMSAttributeType("1.2.3")
        noted = cms.CMSAttribute({"type": kind, "values": [words]})
        maker["unsigned_attrs"] = cms.CMSAttributes([noted])

    return rewritten(bench.stamped, add)


@case(
    "The authority's certificate with the other signature that fits, on a curve.",
    REFUSED,
    "signature",
    given=lambda bench: {"trust_roots": [bench.curved.files.authority]},
)
def authority_signed_otherwise(bench: Bench) -> bytes:
    def turn(signed: Any) -> None:
        copies = [
            asn1_x509.Certificate.load(one.chosen.dump())
            for one in signed["certificates"]
        ]
        for one in copies:
            if one.ca:
                one["signature_value"] = with_the_other_s(one["signature_value"].native)
        raw = sorted(one.dump(force=True) for one in copies)
        signed["certificates"] = cms.CertificateSet(
            cms.CertificateChoices("certificate", asn1_x509.Certificate.load(one))
            for one in raw
        )

    # The other may be longer: there is room for it.
    return rewritten(hand_sealed(bench.curved.key), turn)


@case(
    "The seal's signature with the other number that fits, on a curve.",
    REFUSED,
    "statement",
    given=lambda bench: {"trust_roots": [bench.curved.files.authority]},
    after=A_YEAR,
)
def signed_with_the_other_number(bench: Bench) -> bytes:
    sealed = seal(bench.typeset, bench.curved.key, at=MOMENT + A_YEAR / 2).pdf
    return rewritten(sealed, with_the_other_value)


@case(
    "The seal's signature with a number written longer than it is, on a curve.",
    REFUSED,
    "signature",
    given=lambda bench: {"trust_roots": [bench.curved.files.authority]},
)
def signed_with_a_longer_number(bench: Bench) -> bytes:
    def lengthen(signed: Any) -> None:
        signer = signed["signer_infos"][0]
        numbers = signer["signature"].native[2:]
        first = der(INTEGER, b"\0" + numbers[2 : 2 + numbers[1]])
        signer["signature"] = der(SEQUENCE, first, numbers[2 + numbers[1] :])

    return rewritten(hand_sealed(bench.curved.key), lengthen)


def _attested(bench: Bench, attributes: Callable[[list[Any]], list[Any]]) -> bytes:
    """Sealed by the school's key with other signed attributes."""
    private: Any = bench.key.private_key

    def sign_again(signed: Any) -> None:
        signer = signed["signer_infos"][0]
        chosen = cms.CMSAttributes(attributes(list(signer["signed_attrs"])))
        signer["signed_attrs"] = chosen
        kind = padding.PKCS1v15()
        signer["signature"] = private.sign(chosen.dump(), kind, hashes.SHA256())

    return hand_sealed(bench.key, sign=changed(plain(bench.key), sign_again))


def _without_the_certificate(attributes: list[Any]) -> list[Any]:
    return [
        one
        for one in attributes
        if one["type"].native in {"content_type", "message_digest"}
    ]


def _with_a_time(attributes: list[Any]) -> list[Any]:
    time = cms.Time({"utc_time": MOMENT})
    return [*attributes, cms.CMSAttribute({"type": "signing_time", "values": [time]})]


case.add(
    "seal-that-names-no-certificate",
    "The seal does not sign which certificate it is by.",
    REFUSED,
    "signature",
    partial(_attested, attributes=_without_the_certificate),
)
case.add(
    "seal-with-a-time-inside",
    "The seal states a time in its value as well.",
    REFUSED,
    "signature",
    partial(_attested, attributes=_with_a_time),
)
