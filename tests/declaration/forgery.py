"""Declarations for tests: genuine ones, and what forgers might make of them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, copy_into_new_writer
from pyhanko.sign.fields import (
    InvisSigSettings,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
)
from pyhanko.sign.signers import constants
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_signer import (
    PdfSignatureMetadata,
    PdfSigner,
    PdfSigningSession,
)

from signer import clock
from signer.declaration.pdf.declaration_pdf import (
    TEMPLATE_VERSION,
    typeset,
    typst_version,
)
from signer.declaration.seal.seal import FIELD_NAME, FIELD_TITLE, seal
from signer.declaration.statement import Child, Statement, to_json
from signer.declaration.verify import Result
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.pki.make_keys import SealKey
from signer.pki.run_async import run_async
from signer.policy.versions import Version, read_version
from tests.conftest import MOMENT, PASSPHRASE, REPOSITORY
from tests.declaration.pyhanko_signer import HeldKeySigner

if TYPE_CHECKING:
    from pathlib import Path

    from signer.declaration.verify import Report
    from signer.pki.make_keys import KeyFiles

VERSION = read_version(REPOSITORY / "versions" / "2.md")
RELEASED = {2: VERSION.source}

STATEMENT = Statement(
    declaration_id="D-7K3M-9QXF-2B4T",
    school="My Online Schooling",
    policy_title=VERSION.title,
    policy_version=2,
    policy_label=VERSION.label,
    policy_sha256=VERSION.sha256,
    policy_address="https://policies.example/versions/2/",
    parent_name="Amira Khan",
    parent_email="amira@example.org",
    typed_name="Amira Khan",
    capacity="parent",
    children=(Child(name="Yusuf Khan", year_group="Year 8"),),
    statements=VERSION.declaration,
    invited_at=MOMENT - timedelta(days=2),
    opened_at=MOMENT - timedelta(minutes=9),
    confirmed_at=MOMENT,
    reached_by="emailed link",
    replaces=None,
    template=TEMPLATE_VERSION,
    typst=typst_version(),
)


@lru_cache(maxsize=8)
def typeset_declaration(
    statement: Statement = STATEMENT, version: Version = VERSION
) -> bytes:
    """The declaration as it is before it is sealed."""
    return typeset(
        to_json(statement),
        blocks(to_html(version.body)),
        version.source,
        version.filename,
    )


@lru_cache(maxsize=4)
def school_key(folder: Path) -> SealKey:
    """The key of `make_keys`, loaded at the time of the tests."""
    with clock.frozen(MOMENT):
        return SealKey.load(folder / "seal.p12", PASSPHRASE)


@lru_cache(maxsize=4)
def genuine(folder: Path) -> bytes:
    """A declaration sealed with the key in a folder."""
    return seal(typeset_declaration(), school_key(folder), at=MOMENT).pdf


NO = {Result.NOT_GENUINE, Result.CANNOT_TELL}
"""What may be said of a forgery."""


@dataclass(frozen=True)
class Gap:
    """The part of a sealed file that is not signed, ``<`` and ``>`` included."""

    start: int
    end: int

    @classmethod
    def of(cls, pdf: bytes) -> Gap:
        """Where it is in a sealed file."""
        found = re.search(rb"/ByteRange \[0 (\d+) (\d+) \d+\]", pdf)
        assert found
        return cls(int(found[1]), int(found[2]))

    def value(self, pdf: bytes) -> bytes:
        """The signature's CMS, with whatever stands behind it."""
        return bytes.fromhex(pdf[self.start + 1 : self.end - 1].decode())

    def filled(self, pdf: bytes, value: bytes) -> bytes:
        """The file with another value, zeros behind it."""
        room = self.end - self.start - 2
        digits = value.hex().upper().encode().ljust(room, b"0")
        assert len(digits) == room
        return pdf[: self.start + 1] + digits + pdf[self.end - 1 :]


def _updated(pdf: bytes, writer: IncrementalPdfFileWriter) -> bytes:
    output = BytesIO()
    writer.write(output)
    assert output.getvalue().startswith(pdf)
    return output.getvalue()


def with_a_page_appended(pdf: bytes) -> bytes:
    """One more page, in an incremental update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    content = writer.add_object(generic.StreamObject(stream_data=b"0 0 9 9 re f"))
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 99, 99)))
    writer.insert_page(PageObject(contents=content, media_box=box))
    return _updated(pdf, writer)


def with_an_annotation_over_a_page(pdf: bytes) -> bytes:
    """Text laid over the first page, in an incremental update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
            generic.pdf_name("/Contents"): generic.pdf_string("I do not agree"),
            generic.pdf_name("/Rect"): generic.ArrayObject(
                map(generic.NumberObject, (50, 50, 500, 700))
            ),
        }
    )
    page, _ = writer.find_page_for_modification(0)
    writer.register_annotation(page, writer.add_object(note))
    return _updated(pdf, writer)


def saved_once_more(pdf: bytes) -> bytes:
    """An incremental update that changes nothing."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.update_root()
    return _updated(pdf, writer)


def with_statement_replaced(pdf: bytes) -> bytes:
    """Another parent's statement in place of the one sealed, by an update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    other = to_json(replace(STATEMENT, parent_name="Tom O'Brien"))
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    place = [str(one) for one in names].index("declaration.json")
    inner = names[place + 1]["/EF"]
    stream = generic.StreamObject(
        {generic.pdf_name("/Type"): generic.pdf_name("/EmbeddedFile")},
        stream_data=other,
    )
    inner[generic.pdf_name("/F")] = reference = writer.add_object(stream)
    inner[generic.pdf_name("/UF")] = reference
    writer.update_container(inner)
    return _updated(pdf, writer)


def as_one(pdf: bytes) -> bytes:
    """The same document in one step, as what is typeset comes."""
    writer = copy_into_new_writer(PdfFileReader(BytesIO(pdf)), {"stream_xrefs": False})
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def with_attachment(pdf: bytes, name: str, content: bytes) -> bytes:
    """One more attachment; to be sealed afterwards."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    stream = embed.EmbeddedFileObject.from_file_data(writer, content)
    embed.embed_file(
        writer,
        embed.FileSpec(file_spec_string=name, file_name=name, embedded_data=stream),
    )
    return as_one(_updated(pdf, writer))


def without_attachments(pdf: bytes) -> bytes:
    """No attachment; to be sealed afterwards."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    del writer.root["/Names"]
    del writer.root["/AF"]
    writer.update_root()
    return as_one(_updated(pdf, writer))


def encrypted(pdf: bytes) -> bytes:
    """The same document behind a password."""
    writer = copy_into_new_writer(PdfFileReader(BytesIO(pdf)))
    writer.encrypt("password")
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def signed_again(pdf: bytes, key: SealKey) -> bytes:
    """A second, ordinary signature on top, though the first one forbids it."""
    held = HeldKeySigner(key)
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    steps = PdfCMSEmbedder().write_cms("Another", writer)
    next(steps)
    placeholder = SignatureObject(
        timestamp=MOMENT,
        subfilter=SigSeedSubFilter.PADES,
        bytes_reserved=held.reserved,
    )
    steps.send(SigObjSetup(sig_placeholder=placeholder))
    output = BytesIO()
    prepared, _ = steps.send(SigIOSetup(md_algorithm="sha256", output=output))
    steps.send(held.sign_digest(prepared.document_digest))
    return output.getvalue()


INVISIBLE = SigFieldSpec(
    FIELD_NAME,
    invis_sig_settings=InvisSigSettings(box_out_of_bounds=True),
    readable_field_name=FIELD_TITLE,
)
"""The field of a seal, as the school makes it."""


class SilentWriter(IncrementalPdfFileWriter):
    """Leaves the document's description of itself alone, as a seal does."""

    def _update_meta(self) -> None:
        pass


class _SignsNow(PdfSigner):
    """States the time of the one clock, where pyHanko takes the system's."""

    def init_signing_session(self, *given: Any, **named: Any) -> PdfSigningSession:
        session = super().init_signing_session(*given, **named)
        session.system_time = clock.now()
        return session


def signed_otherwise(
    pdf: bytes,
    key: SealKey,
    *,
    certify: bool = False,
    permissions: MDPPerm = MDPPerm.FILL_FORMS,
    kind: SigSeedSubFilter = SigSeedSubFilter.PADES,
    spare: int = 0,
) -> bytes:
    """A signature by the same key, made differently from a seal.

    Args:
        pdf: what to sign.
        key: the key.
        certify: whether it certifies the document.
        permissions: the changes that it allows, where it certifies.
        kind: its kind.
        spare: hexadecimal digits reserved beyond those needed.
    """
    held = HeldKeySigner(key)
    writer = SilentWriter(BytesIO(pdf), strict=False)
    writer.register_extension(constants.ESIC_EXTENSION_1)
    metadata = PdfSignatureMetadata(
        field_name="Seal",
        md_algorithm="sha256",
        certify=certify,
        docmdp_permissions=permissions,
        subfilter=kind,
    )
    output = BytesIO()
    signing = _SignsNow(metadata, held, new_field_spec=INVISIBLE).async_sign_pdf(
        writer, bytes_reserved=held.reserved + 200 + spare, output=output
    )
    run_async(signing)
    return output.getvalue()


def with_bytes_uncovered(pdf: bytes, key: SealKey) -> bytes:
    """Sealed by the right key, but over less than the whole file."""
    gap = Gap.of(pdf)
    beyond = gap.end + 10
    old = pdf[pdf.index(b"/ByteRange") :].split(b"]")[0] + b"]"
    new = b"/ByteRange [0 %d %d %d]" % (gap.start, beyond, len(pdf) - beyond)
    changed = pdf.replace(old, new.ljust(len(old)))
    return resigned(changed, key, Gap(gap.start, beyond), Gap(gap.start, gap.end))


def resigned(pdf: bytes, key: SealKey, uncovered: Gap, gap: Gap) -> bytes:
    """The file with a fresh signature over all but a part."""
    covered = pdf[: uncovered.start] + pdf[uncovered.end :]
    value = HeldKeySigner(key).sign_digest(hashlib.sha256(covered).digest())
    return gap.filled(pdf, value)


def with_certificate_of(pdf: bytes, other: SealKey) -> bytes:
    """The seal's certificate swapped for another of the same names."""
    gap = Gap.of(pdf)
    signature = cms.ContentInfo.load(gap.value(pdf))
    signed = signature["content"]
    certificate = asn1_x509.Certificate.load(
        other.certificate.public_bytes(Encoding.DER)
    )
    signed["certificates"] = cms.CertificateSet(
        [cms.CertificateChoices("certificate", certificate)]
    )
    signed["signer_infos"][0]["sid"] = cms.SignerIdentifier(
        "issuer_and_serial_number",
        cms.IssuerAndSerialNumber(
            {
                "issuer": certificate.issuer,
                "serial_number": certificate.serial_number,
            }
        ),
    )
    return gap.filled(pdf, signature.dump(force=True))


def key_folder(files: KeyFiles) -> Path:
    """The folder that `make_keys` made."""
    return files.seal_key.parent


def refused_by(report: Report) -> tuple[str, str]:
    """The check that said no, and its sentence."""
    assert report.result is Result.NOT_GENUINE
    no = next(check for check in report.checks if check.outcome == "failed")
    further = {"timestamp", "revocation", "typesetting"}
    before = report.checks[: no.number - 1]
    assert {one.name for one in before if one.outcome != "passed"} <= further
    return no.name, no.sentence


def flipped(pdf: bytes, place: int, bit: int) -> bytes:
    """The file with one bit changed."""
    changed = bytearray(pdf)
    changed[place] ^= 1 << bit
    return bytes(changed)
