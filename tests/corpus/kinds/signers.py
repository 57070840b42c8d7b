"""Who sealed it: strangers, ended certificates, other kinds of signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

from signer.declaration.seal.seal import seal
from signer.pki.make_keys import SealKey
from signer.pki.rotation import AuthorityKey
from tests.conftest import MOMENT, PASSPHRASE
from tests.corpus.bench import A_YEAR, AN_HOUR, Bench
from tests.corpus.case import REFUSED, UNKNOWN, Room
from tests.corpus.sealing import changed, hand_sealed, plain
from tests.declaration.forgery import (
    Gap,
    signed_otherwise,
    with_certificate_of,
)

if TYPE_CHECKING:
    from datetime import datetime

    from tests.declaration.school import School

case = Room()


@case("Sealed by a self-made authority of the school's names.", UNKNOWN, "signer")
def self_made_authority(bench: Bench) -> bytes:
    return seal(bench.typeset, bench.stranger.key, at=MOMENT).pdf


@case("The same, with the school's own certificate put beside it.", UNKNOWN, "signer")
def self_made_authority_beside_the_real_one(bench: Bench) -> bytes:
    own = bench.stranger.key
    key = SealKey(own.private_key, own.certificate, (bench.school.files.authority,))
    return seal(bench.typeset, key, at=MOMENT).pdf


@case("A certificate that signs for itself, of the seal's name.", UNKNOWN, "signer")
def self_signed(bench: Bench) -> bytes:
    return seal(bench.typeset, _authority_key(bench.stranger), at=MOMENT).pdf


@case("The certificate swapped for one of the same names.", REFUSED, "signature")
def swapped_certificate(bench: Bench) -> bytes:
    return with_certificate_of(bench.sealed, bench.stranger.key)


@case(
    "A stranger's signature that names the school's certificate.",
    REFUSED,
    "signature",
)
def borrowed_certificate(bench: Bench) -> bytes:
    key = SealKey(
        bench.stranger.key.private_key, bench.key.certificate, bench.key.chain
    )
    return seal(bench.typeset, key, at=MOMENT).pdf


@case("The seal of another declaration, put into this one.", REFUSED, "digest")
def lifted_seal(bench: Bench) -> bytes:
    other = seal(bench.typeset, bench.key, at=MOMENT - AN_HOUR).pdf
    assert len(other) == len(bench.sealed)
    return Gap.of(other).filled(other, Gap.of(bench.sealed).value(bench.sealed))


@case("Signed by a certificate that issues others.", REFUSED, "signer")
def signed_by_the_authority(bench: Bench) -> bytes:
    """Trusted, but not for signing documents."""
    return seal(bench.typeset, _authority_key(bench.school), at=MOMENT).pdf


def _authority_key(school: School) -> SealKey:
    path = school.files.authority_key
    held = AuthorityKey.load(path, PASSPHRASE, at=MOMENT)
    return SealKey(held.private_key, held.certificate, ())


def _issued(at: datetime, authority_at: datetime) -> dict[str, Any]:
    return {
        "make": lambda bench: (
            seal(
                bench.typeset,
                bench.reissued(at=at, authority_at=authority_at)[0],
                at=MOMENT,
            ).pdf
        ),
        "given": lambda bench: {
            "trust_roots": [bench.reissued(at=at, authority_at=authority_at)[1]]
        },
    }


case.add(
    "certificate-expired",
    "Sealed a year after the certificate had ended.",
    REFUSED,
    "signer",
    **_issued(MOMENT - 4 * A_YEAR, MOMENT - 10 * A_YEAR),
)
case.add(
    "certificate-not-begun",
    "Sealed a year before the certificate begins to hold.",
    REFUSED,
    "signer",
    **_issued(MOMENT + A_YEAR, MOMENT - A_YEAR),
)
case.add(
    "authority-expired",
    "Sealed a year after the certificate of the authority had ended.",
    REFUSED,
    "signer",
    **_issued(MOMENT - A_YEAR, MOMENT - 21 * A_YEAR),
)


@case("A PKCS#7 signature, as older programs make it.", REFUSED, "seal")
def another_kind_of_signature(bench: Bench) -> bytes:
    kind = SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    return hand_sealed(bench.key, kind=kind)


@case("A timestamp where the seal should be.", REFUSED, "seal")
def a_timestamp_for_a_seal(bench: Bench) -> bytes:
    return hand_sealed(bench.key, kind=SigSeedSubFilter.ETSI_RFC3161)


@case("An approval, which certifies nothing.", REFUSED, "changes")
def an_approval(bench: Bench) -> bytes:
    return signed_otherwise(bench.typeset, bench.key)


@case("A certification that lets notes be added.", REFUSED, "changes")
def changes_allowed(bench: Bench) -> bytes:
    return signed_otherwise(
        bench.typeset, bench.key, certify=True, permissions=MDPPerm.ANNOTATE
    )


@case("Signed over a SHA-1, by the school's own key.", REFUSED, "digest")
def weak_digest(bench: Bench) -> bytes:
    return hand_sealed(bench.key, digest="sha1")


@case("Signed over an MD5, by the school's own key.", REFUSED, "digest")
def weaker_digest(bench: Bench) -> bytes:
    def rename(signed: Any) -> None:
        signed["signer_infos"][0]["digest_algorithm"] = {"algorithm": "md5"}

    return hand_sealed(bench.key, sign=changed(plain(bench.key), rename))


@case("The digest by SHA-256, the signature over it by SHA-1.", REFUSED, "digest")
def weak_signature(bench: Bench) -> bytes:
    private: Any = bench.key.private_key

    def sign_again(signed: Any) -> None:
        signer = signed["signer_infos"][0]
        signer["signature_algorithm"] = {"algorithm": "sha1_rsa"}
        over = signer["signed_attrs"].untag().dump()
        signer["signature"] = private.sign(over, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - weak on purpose

    return hand_sealed(bench.key, sign=changed(plain(bench.key), sign_again))


@case("Signed without attributes, over the digest itself.", REFUSED, "digest")
def no_attributes(bench: Bench) -> bytes:
    private: Any = bench.key.private_key

    def sign(digest: bytes) -> bytes:
        made = cms.ContentInfo.load(plain(bench.key)(digest))
        signer = made["content"]["signer_infos"][0]
        del signer["signed_attrs"]
        kind = Prehashed(hashes.SHA256())
        signer["signature"] = private.sign(digest, padding.PKCS1v15(), kind)
        value: bytes = made.dump(force=True)
        return value

    return hand_sealed(bench.key, sign=sign)


@case("The signature left out: an empty value.", REFUSED, "signature")
def empty_signature(bench: Bench) -> bytes:
    def empty(signed: Any) -> None:
        signed["signer_infos"][0]["signature"] = b""

    return hand_sealed(bench.key, sign=changed(plain(bench.key), empty))


@case("Two signers in one value.", REFUSED, "seal")
def two_signers(bench: Bench) -> bytes:
    def add(signed: Any) -> None:
        other = cms.ContentInfo.load(plain(bench.stranger.key)(bytes(32)))
        infos = [signed["signer_infos"][0], other["content"]["signer_infos"][0]]
        signed["signer_infos"] = cms.SignerInfos(infos)

    return hand_sealed(bench.key, sign=changed(plain(bench.key), add), room=6000)


@case("No signer in the value at all.", REFUSED, "seal")
def no_signer(bench: Bench) -> bytes:
    def take(signed: Any) -> None:
        signed["signer_infos"] = cms.SignerInfos([])

    return hand_sealed(bench.key, sign=changed(plain(bench.key), take))


@case("No certificate in the value.", REFUSED, "signature")
def no_certificate(bench: Bench) -> bytes:
    def take(signed: Any) -> None:
        signed["certificates"] = cms.CertificateSet([])

    return hand_sealed(bench.key, sign=changed(plain(bench.key), take))


@case("Encrypted data in place of signed ones.", REFUSED, "seal")
def not_signed_data(bench: Bench) -> bytes:
    empty = cms.ContentInfo({"content_type": "data", "content": b"nothing"})
    return hand_sealed(bench.key, sign=lambda _: empty.dump())
