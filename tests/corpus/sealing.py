"""Seals made by hand: other algorithms, other times, other timestamps."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from asn1crypto import cms, core
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import SimpleSigner, constants
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigAppearanceSetup,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signer.declaration.seal.seal import with_line_end
from signer.pki.certificates import as_asn1
from signer.pki.run_async import run_async
from signer.pki.token import TokenKey
from tests.conftest import MOMENT
from tests.declaration.forgery import (
    INVISIBLE,
    Gap,
    SilentWriter,
    typeset_declaration,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    from signer.declaration.seal.validation_data import ValidationData
    from signer.pki.make_keys import SealKey

    Sign = Callable[[bytes], bytes]


SPARE = 400
"""Hexadecimal digits reserved beyond those of a plain signature."""


def hand_sealed(
    key: SealKey,
    *,
    pdf: bytes | None = None,
    sign: Sign | None = None,
    digest: str = "sha256",
    room: int = 0,
    at: datetime = MOMENT,
    kind: SigSeedSubFilter = SigSeedSubFilter.PADES,
    data: ValidationData | None = None,
    before: Callable[[IncrementalPdfFileWriter], None] | None = None,
    field: SigFieldSpec = INVISIBLE,
    appearance: SigAppearanceSetup | None = None,
    said: Mapping[str, Any] | None = None,
) -> bytes:
    """A declaration sealed as `signer.declaration.seal.seal` does, with a difference.

    Args:
        key: whose seal.
        pdf: what is sealed; the typeset declaration by default.
        sign: gives the CMS signature (DER) over a digest.
        digest: the algorithm of the file's digest.
        room: hexadecimal digits reserved for more than a plain signature.
        at: the time that the seal states.
        kind: the kind of signature that it says it is.
        data: validation data to put beside it.
        before: what else the signed update is to hold.
        field: the seal's field.
        appearance: what the field shows.
        said: what the seal says in words, such as its reason.
    """
    sign = sign or plain(key, digest=digest)
    pdf = with_line_end(typeset_declaration() if pdf is None else pdf)
    writer = SilentWriter(BytesIO(pdf), strict=False)
    writer.register_extension(constants.ESIC_EXTENSION_1)
    if data is not None:
        data.write(writer)
    if before is not None:
        before(writer)
    steps = PdfCMSEmbedder(new_field_spec=field).write_cms(field.sig_field_name, writer)
    next(steps)
    reserved = 2 * len(sign(bytes(32))) + SPARE + room
    placeholder = SignatureObject(
        timestamp=at, subfilter=kind, bytes_reserved=reserved, **(said or {})
    )
    certify = SigMDPSetup(
        md_algorithm=digest, certify=True, docmdp_perms=MDPPerm.NO_CHANGES
    )
    steps.send(SigObjSetup(placeholder, certify, appearance))
    output = BytesIO()
    prepared, _ = steps.send(SigIOSetup(md_algorithm=digest, output=output))
    steps.send(sign(prepared.document_digest))
    return output.getvalue()


def plain(
    key: SealKey, *, digest: str = "sha256", pss: bool = False, pades: bool = True
) -> Sign:
    """Signs a digest with any algorithm.

    Args:
        key: whose signature.
        digest: the algorithm that made the digest.
        pss: whether with RSA-PSS.
        pades: whether with the attributes that PAdES asks for.
    """
    signer = signer_of(key, pss=pss)

    def sign(over: bytes) -> bytes:
        made = run_async(signer.async_sign(over, digest, use_pades=pades))
        value: bytes = made.dump()
        return value

    return sign


def signer_of(key: SealKey, *, pss: bool = False) -> SimpleSigner:
    """What signs anything with a key."""
    certificates = SimpleCertificateStore()
    certificates.register_multiple(map(as_asn1, key.chain))
    assert not isinstance(key.private_key, TokenKey)
    private = key.private_key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    return SimpleSigner(
        signing_cert=as_asn1(key.certificate),
        signing_key=PrivateKeyInfo.load(private),
        cert_registry=certificates,
        prefer_pss=pss,
    )


def changed(sign: Sign, change: Callable[[Any], None]) -> Sign:
    """Signs, and then changes the one ``SignerInfo`` or what is around it.

    Args:
        sign: the signing.
        change: is given the ``SignedData`` and changes it.
    """

    def forge(digest: bytes) -> bytes:
        made = cms.ContentInfo.load(sign(digest))
        change(made["content"])
        value: bytes = made.dump()
        return value

    return forge


def with_token(sign: Sign, token: Callable[[bytes], Any]) -> Sign:
    """Signs, and adds what should be a timestamp.

    Args:
        sign: the signing.
        token: gives the token for the value of a signature.
    """

    def add(signed: Any) -> None:
        signer = signed["signer_infos"][0]
        signer["unsigned_attrs"] = attribute(token(signer["signature"].native))

    return changed(sign, add)


def attribute(*tokens: Any) -> cms.CMSAttributes:
    """The unsigned attribute that holds timestamps."""
    return cms.CMSAttributes(
        [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": tokens})]
    )


def with_unsigned_words(content: Any) -> None:
    """Put words beside what the maker of a signature or a timestamp signed."""
    kind = cms.CMSAttributeType("1.2.3")
    words = core.UTF8String("I do not agree.")
    content["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes(
        [cms.CMSAttribute({"type": kind, "values": [words]})]
    )


def rewritten(pdf: bytes, change: Callable[[Any], None]) -> bytes:
    """A sealed file whose value is written anew, which takes no key.

    Args:
        pdf: the file.
        change: is given the ``SignedData`` and changes it.
    """
    gap = Gap.of(pdf)
    value = cms.ContentInfo.load(gap.value(pdf))
    change(value["content"])
    return gap.filled(pdf, value.dump(force=True))


def with_the_other_s(signature: bytes) -> bytes:
    """The other signature on P-256 that fits wherever one does."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, ec.SECP256R1().group_order - s)


def with_the_other_value(signed: Any) -> None:
    """Write a seal's signature on P-256 anew, as anybody can."""
    signer = signed["signer_infos"][0]
    signer["signature"] = with_the_other_s(signer["signature"].native)


def carrying(key: SealKey, part: str, *streams: generic.StreamObject) -> bytes:
    """A declaration sealed with streams among its validation data, and nothing else.

    Args:
        key: whose seal.
        part: where they are listed, such as ``/Certs`` or ``/CRLs``.
        streams: what is listed.
    """

    def before(writer: IncrementalPdfFileWriter) -> None:
        listed = generic.ArrayObject(writer.add_object(one) for one in streams)
        store = generic.DictionaryObject({generic.pdf_name(part): listed})
        writer.root[generic.pdf_name("/DSS")] = writer.add_object(store)
        writer.update_root()

    return hand_sealed(key, before=before)
