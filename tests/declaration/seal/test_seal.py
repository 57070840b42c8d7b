"""The seal: one revision over the whole file, and independent programs agree."""

from __future__ import annotations

import asyncio
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.declaration.seal.seal import FIELD_NAME, FIELD_TITLE, seal
from signer.declaration.verify import Result
from signer.declaration.verify.verify import verify
from signer.errors import SealError
from signer.pki.make_keys import SealKey
from tests.conftest import MOMENT, run
from tests.declaration.forgery import (
    RELEASED,
    Gap,
    encrypted,
    typeset_declaration,
)

if TYPE_CHECKING:
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles


@pytest.fixture
def path(sealed: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "declaration.pdf"
    path.write_bytes(sealed)
    return path


def test_the_sealed_file_begins_with_the_typeset_one(sealed: bytes) -> None:
    """Sealing adds bytes at the end and touches none before."""
    typeset = typeset_declaration()
    assert sealed.startswith(typeset)
    assert len(sealed) > len(typeset)


def test_there_is_one_update_and_it_covers_everything(sealed: bytes) -> None:
    """Two revisions, and a byte range from the first byte to the last."""
    reader = PdfFileReader(BytesIO(sealed))
    assert reader.xrefs.total_revisions == 2
    (signature,) = reader.embedded_signatures
    begin, start, end, rest = map(int, signature.byte_range)
    assert (begin, end + rest) == (0, len(sealed))
    assert (
        sealed[start:end]
        == b"<" + signature.pkcs7_content.hex().upper().encode() + b">"
    )


def test_each_object_of_the_update_begins_a_line(sealed: bytes) -> None:
    """What the seal adds begins behind a line end, as PDF/A wants (§6.1.9)."""
    typeset = typeset_declaration()
    assert typeset.endswith(b"%%EOF")
    assert sealed[len(typeset) :][:1] in {b"\n", b"\r"}
    objects = re.finditer(rb"\d+ \d+ obj\b", sealed)
    assert all(sealed[at.start() - 1 : at.start()] in {b"\n", b"\r"} for at in objects)


def test_the_answer_names_the_file_and_its_level(key: SealKey) -> None:
    """The SHA-256 is that of the whole sealed file."""
    made = seal(typeset_declaration(), key, at=MOMENT)
    assert made.sha256 == hashlib.sha256(made.pdf).hexdigest()
    assert made.level == "B-B"


def test_nothing_is_reserved_in_vain(sealed: bytes) -> None:
    """The signature fills the room kept for it to the last digit."""
    value = Gap.of(sealed).value(sealed)
    assert cms.ContentInfo.load(value, strict=True).dump() == value


def test_the_signature_is_a_pades_baseline_one(sealed: bytes, key: SealKey) -> None:
    """Signed are type, digest and certificate; the time stands in the PDF alone."""
    signed = cms.ContentInfo.load(Gap.of(sealed).value(sealed))["content"]
    (signer,) = signed["signer_infos"]
    assert {one["type"].native for one in signer["signed_attrs"]} == {
        "content_type",
        "message_digest",
        "signing_certificate_v2",
    }
    assert signer["unsigned_attrs"].native is None
    assert signed["encap_content_info"]["content"].native is None
    assert signer["digest_algorithm"]["algorithm"].native == "sha256"
    chain = {one.chosen.subject.native["common_name"] for one in signed["certificates"]}
    assert chain == {
        "My Online Schooling declarations seal",
        "My Online Schooling declarations authority",
    }


def test_the_seal_states_when_and_forbids_changes(sealed: bytes) -> None:
    """The dictionary holds the time given, and a certification without changes."""
    reader = PdfFileReader(BytesIO(sealed))
    (signature,) = reader.embedded_signatures
    assert signature.sig_object["/M"] == "D:20261122141013Z"
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    (reference,) = signature.sig_object["/Reference"]
    assert reference["/TransformMethod"] == "/DocMDP"
    assert reference["/TransformParams"]["/P"] == 1
    assert (
        reader.root["/Perms"].raw_get("/DocMDP").reference
        == signature.sig_field.raw_get("/V").reference
    )


def test_accessibility_and_archiving_survive_the_seal(sealed: bytes) -> None:
    """What PDF/UA and PDF/A ask of the document is as it was typeset."""
    before = PdfFileReader(BytesIO(typeset_declaration()))
    after = PdfFileReader(BytesIO(sealed))
    for key in ("/Lang", "/MarkInfo", "/ViewerPreferences", "/OutputIntents"):
        assert repr(after.root[key]) == repr(before.root[key])
    assert after.root["/Metadata"].data == before.root["/Metadata"].data
    assert b"<pdfuaid:part>1</pdfuaid:part>" in after.root["/Metadata"].data
    assert b"<pdfaid:part>3</pdfaid:part>" in after.root["/Metadata"].data
    assert repr(after.trailer["/Info"]) == repr(before.trailer["/Info"])
    assert (
        after.root.raw_get("/StructTreeRoot").reference
        == before.root.raw_get("/StructTreeRoot").reference
    )
    page = after.root["/Pages"]["/Kids"][0]
    while "/Kids" in page:
        page = page["/Kids"][0]
    assert page["/Tabs"] == "/S"


def test_the_field_is_named_and_off_the_page(sealed: bytes) -> None:
    """A screen reader meets its title, and no eye meets the field."""
    reader = PdfFileReader(BytesIO(sealed))
    field = reader.root["/AcroForm"]["/Fields"][0]
    assert len(reader.root["/AcroForm"]["/Fields"]) == 1
    assert field["/T"] == FIELD_NAME
    assert field["/TU"] == FIELD_TITLE
    assert [int(one) for one in field["/Rect"]] == [-9999] * 4
    printed, hidden = 0b100, 0b10
    assert field["/F"] & printed
    assert not field["/F"] & hidden
    assert reader.root["/AcroForm"]["/SigFlags"] == 3


@pytest.mark.tool("qpdf")
def test_qpdf_finds_no_fault(path: Path) -> None:
    """The structure is sound for a program that knows nothing of us."""
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", path)


@pytest.mark.tool("pdfsig")
def test_pdfsig_calls_the_seal_valid_over_the_total_document(path: Path) -> None:
    """It finds one valid signature on all of it, and misses nothing but trust."""
    printed = run("pdfsig", path)
    assert printed.count("Signature #") == 1
    assert "Total document signed" in printed
    assert "Signature Validation: Signature is Valid." in printed
    assert "Certificate Validation: Certificate issuer isn't Trusted." in printed
    assert "Signature Type: ETSI.CAdES.detached" in printed


@pytest.mark.tool("mutool")
def test_mutool_calls_the_document_unchanged(path: Path) -> None:
    """It finds one signature, and no change since."""
    printed = run("mutool", "sign", "-v", path)
    assert printed.count("Verifying signature") == 1
    assert "The document is unchanged since signing." in printed


@pytest.mark.tool("openssl")
def test_openssl_follows_the_seal_to_the_authority(
    sealed: bytes, key_files: KeyFiles, tmp_path: Path
) -> None:
    """The signature is one over every byte outside its own value, by our chain."""
    gap = Gap.of(sealed)
    (tmp_path / "covered").write_bytes(sealed[: gap.start] + sealed[gap.end :])
    (tmp_path / "signature").write_bytes(gap.value(sealed))
    printed = run(
        *("openssl", "cms", "-verify", "-binary", "-inform", "DER"),
        *("-in", tmp_path / "signature", "-content", tmp_path / "covered"),
        *("-CAfile", key_files.authority_certificate, "-purpose", "any"),
        *("-attime", str(int(MOMENT.timestamp())), "-out", tmp_path / "out"),
    )
    assert "successful" in printed.lower()


@pytest.mark.tool("pdfdetach")
def test_both_attachments_come_out_as_they_went_in(path: Path, tmp_path: Path) -> None:
    """An independent program lists the two files and extracts the released text."""
    assert "2 embedded files" in run("pdfdetach", "-list", path)
    out = tmp_path / "out.md"
    run("pdfdetach", "-savefile", "2.md", "-o", out, path)
    assert out.read_bytes() == RELEASED[2]


@pytest.mark.parametrize("pdf", [b"", b"no PDF", b"%PDF-1.7\n%%EOF", bytes(1000)])
def test_what_is_no_pdf_cannot_be_sealed(pdf: bytes, key: SealKey) -> None:
    """The library's many errors come out as one."""
    with pytest.raises(SealError):
        seal(pdf, key, at=MOMENT)


def test_a_sealed_or_locked_file_is_not_sealed(sealed: bytes, key: SealKey) -> None:
    """One seal on one file, and never behind a password."""
    for pdf in (sealed, encrypted(typeset_declaration())):
        with pytest.raises(SealError):
            seal(pdf, key, at=MOMENT)


def test_the_key_is_prepared_once(key: SealKey) -> None:
    """Eight threads that seal at once give eight whole, equal seals."""
    typeset = typeset_declaration()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: seal(typeset, key, at=MOMENT).pdf, range(8)))
    assert {len(one) for one in made} == {len(made[0])}
    for pdf in made:
        report = verify(pdf, trust_roots=key.chain, released=RELEASED)
        assert report.result is Result.GENUINE


def test_sealing_and_checking_work_inside_an_event_loop(key: SealKey) -> None:
    """A caller that is asynchronous itself gets the same answers."""

    async def inside() -> Result:
        pdf = seal(typeset_declaration(), key, at=MOMENT).pdf
        return verify(pdf, trust_roots=key.chain, released=RELEASED).result

    # In a thread of its own: a browser test may have left a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, inside()).result() is Result.GENUINE


@pytest.mark.tool("pdfsig")
@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_a_key_on_an_elliptic_curve_seals_as_well(
    curve: ec.EllipticCurve, tmp_path: Path
) -> None:
    """A bought certificate may hold such a key, and a name that no parent knows."""
    private = ec.generate_private_key(curve)
    name = x509.Name.from_rfc4514_string("CN=Elliptic,O=Elliptic Schools Ltd")
    flags = dict.fromkeys(
        (
            *("key_encipherment", "data_encipherment", "key_agreement"),
            *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(MOMENT)
        .not_valid_after(MOMENT + timedelta(days=1))
        .add_extension(
            x509.KeyUsage(digital_signature=True, content_commitment=True, **flags),
            critical=True,
        )
        .sign(private, hashes.SHA256())
    )
    key = SealKey(private, certificate, ())
    path = tmp_path / "declaration.pdf"
    for _ in range(5):
        path.write_bytes(seal(typeset_declaration(), key, at=MOMENT).pdf)
        report = verify(path.read_bytes(), trust_roots=[certificate], released=RELEASED)
        assert report.result is Result.GENUINE
    assert "Signature Validation: Signature is Valid." in run("pdfsig", path)
