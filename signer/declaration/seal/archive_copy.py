"""Making an archive copy of a sealed file, and making it reach further (PAdES B-LTA).

The sealed file stays as it is. Behind it follow validation data, in an update of its
own, and a document timestamp over everything before it (ETSI EN 319 142-1 §5.5). Before
the timestamp's certificate ends, the same is done once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import cms
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp

from signer.declaration.seal.levels import Authority
from signer.declaration.seal.pyhanko_update import Update
from signer.declaration.seal.seal import with_line_end
from signer.declaration.seal.validation_data import (
    SPARE,
    ValidationData,
    lists_for,
)
from signer.declaration.verify.checks.archive_copy import (
    ArchiveCopy,
    archive_copy,
    field_name,
)
from signer.declaration.verify.checks.document import find_seal, read_document
from signer.declaration.verify.checks.validation_data import validation_data
from signer.errors import AuthorityChanged, CheckFailed, SealError
from signer.pki.certificates import as_x509
from signer.pki.chains import chain_of
from signer.pki.timestamp_tokens import end_of
from signer.pki.tsa_client import Measured

_DIGEST = "sha256"


@dataclass(frozen=True, slots=True)
class Extended:
    """An archive copy that reaches further than what it was made from."""

    pdf: bytes
    timestamps: int
    """How many document timestamps are in it."""
    ends: datetime
    """When the certificate behind the newest of them ends."""


def extended(pdf: bytes, authority: Authority, *, at: datetime) -> Extended:
    """An archive copy of a sealed file, or one that reaches further than before.

    Args:
        pdf: a sealed file, or an archive copy of one.
        authority: whom to ask, and the lists that speak of the seal's certificate.
        at: now.

    Raises:
        SealError: it is neither, or what it takes cannot be had; then there is no copy.
    """
    try:
        return _extended(pdf, authority, at)
    except AuthorityChanged:
        # Once more, with room and data for its tokens as they are now.
        authority.timestamps.forget()
        return _extended(pdf, authority, at)


def reach_of(authority: Authority) -> datetime:
    """When the certificate ends that the authority's timestamps come from now.

    Raises:
        SealError: it gives no usable answer.
    """
    return end_of(authority.timestamps.measured().chain)


def _extended(pdf: bytes, authority: Authority, at: datetime) -> Extended:
    try:
        former = archive_copy(read_document(pdf), pdf)
        measured = authority.timestamps.measured()
        data = _data(pdf, former, authority, measured, at)
        number = len(former.timestamps) + 1 if former else 1
        output = _with_timestamp(
            _with_data(with_line_end(pdf), data),
            field_name(number),
            authority,
            measured,
        )
    except CheckFailed as no:
        raise SealError(f"cannot be archived: {no.sentence}") from no
    except (PdfError, SigningError, ValueError, KeyError, TypeError) as error:
        raise SealError(f"cannot be archived: {error}") from error
    if not output.startswith(pdf):
        raise SealError("the archive copy does not begin with the sealed file")
    return Extended(output, number, end_of(measured.chain))


def _data(
    pdf: bytes,
    former: ArchiveCopy | None,
    authority: Authority,
    measured: Measured,
    at: datetime,
) -> ValidationData:
    """What shows that whatever the copy rests on so far still holds."""
    certificates: list[Certificate] = []
    lists: list[bytes] = []
    tokens: list[cms.ContentInfo] = []
    if former is None:
        signature = find_seal(read_document(pdf), pdf).signature
        chain = chain_of(
            as_x509(signature.signer_cert),
            [as_x509(one) for one in signature.other_embedded_certs],
            authority.roots,
        )
        if not chain:
            raise SealError(
                "the seal's certificate does not lead to one in SIGNER_TRUST_FILE"
            )
        certificates += chain
        lists += lists_for(chain, authority.lists, at, even_revoked=True)
        tokens += [
            token
            for attribute in signature.signer_info["unsigned_attrs"]
            if attribute["type"].native == "signature_time_stamp_token"
            for token in attribute["values"]
        ]
    else:
        tokens.append(former.timestamps[-1].token)
    there = {*validation_data(former.reader).certificates} if former else set()
    behind = [*map(authority.timestamps.behind, tokens), measured]
    for one in behind:
        certificates += one.chain
        lists += one.revocation.lists
    return ValidationData(
        measured=measured,
        certificates=tuple(
            one for one in dict.fromkeys(certificates) if one not in there
        ),
        lists=tuple(dict.fromkeys(lists)),
        answers=tuple(
            dict.fromkeys(raw for one in behind for raw in one.revocation.answers)
        ),
    )


def _with_data(pdf: bytes, data: ValidationData) -> bytes:
    """Write all of it anew, though some may be under the seal already.

    What stands under the seal counts for nothing to those who look for validation data
    behind it, as EN 319 142-1 has it.
    """
    writer = Update.from_reader(PdfFileReader(BytesIO(pdf)))
    root = writer.root
    if "/DSS" not in root:
        root[generic.pdf_name("/DSS")] = writer.add_object(generic.DictionaryObject())
        writer.update_root()
    store = root["/DSS"]
    lists = {"/Certs": _encoded(data.certificates)}
    lists |= {"/OCSPs": data.answers, "/CRLs": data.lists}
    for key, parts in lists.items():
        listed = generic.ArrayObject(store.get(key, ()))
        for part in parts:
            stream = generic.StreamObject(stream_data=part)
            stream.compress()
            listed.append(writer.add_object(stream))
        if listed:
            store[generic.pdf_name(key)] = listed
    writer.update_container(store)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _encoded(certificates: Sequence[Certificate]) -> tuple[bytes, ...]:
    return tuple(one.public_bytes(Encoding.DER) for one in certificates)


def _with_timestamp(
    pdf: bytes, name: str, authority: Authority, measured: Measured
) -> bytes:
    writer = Update.from_reader(PdfFileReader(BytesIO(pdf)))
    # On no page, so that no page is touched: readers find it in the form's list. What
    # makes a widget of it is there because some of them ask for one.
    zero = generic.NumberObject(0)
    field = generic.DictionaryObject(
        {
            generic.pdf_name("/FT"): generic.pdf_name("/Sig"),
            generic.pdf_name("/T"): generic.pdf_string(name),
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Widget"),
            generic.pdf_name("/Rect"): generic.ArrayObject([zero] * 4),
        }
    )
    fields = writer.root["/AcroForm"]["/Fields"]
    fields.append(writer.add_object(field))
    writer.update_container(fields)
    steps = PdfCMSEmbedder().write_cms(name, writer, existing_fields_only=True)
    next(steps)
    reserved = 2 * (len(measured.token) + SPARE)
    steps.send(SigObjSetup(sig_placeholder=DocumentTimestamp(bytes_reserved=reserved)))
    output = BytesIO()
    prepared, _ = steps.send(SigIOSetup(md_algorithm=_DIGEST, output=output))
    made = output.getvalue()
    message = (
        made[: prepared.reserved_region_start] + made[prepared.reserved_region_end :]
    )
    token = authority.timestamps.timestamp(message, measured).dump()
    if 2 * len(token) > reserved:
        raise AuthorityChanged("the timestamp is longer than the one measured")
    steps.send(token)
    return output.getvalue()
