"""A released version as a PDF: what it says, what it holds, and how it comes to be."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest

from signer.declaration.pdf.declaration_pdf import TEMPLATE_VERSION
from signer.declaration.pdf.subprocess_typesetting import VERSION, ask_subprocess
from signer.declaration.pdf.typst_compiler import typst_version
from signer.declaration.pdf.version_pdf import VersionText, typeset_version
from signer.errors import TypesetError
from tests.declaration.typeset_example import BLOCKS, SOURCE, pdf_of, squeezed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = VersionText(
    school="My Online Schooling",
    motto="Respect, Empower, Thrive",
    title="Social Media Code of Conduct for Parents and Carers",
    number=2,
    label="August 2022",
    released="31 August 2022",
    review_by="August 2023",
    summary=("Group chats are named.", "#panic() is gone."),
    follows=True,
    statements=("I have read it.", "I agree to follow it."),
    address="https://policy.example/versions/2/",
    source=SOURCE,
    filename="2.md",
    dated="2022-08-31",
)

# As for declarations: other bytes need another version of the template.
KNOWN_PDF = {
    ("4", "0.15.2"): "38fd5c959e9dace7378efd02dccabfc75a2d4b69d9edf005176591b9f7d6ada7",
    ("3", "0.15.2"): "985aa24e20100d082c9f80aa42c5a9c570a5dfb3438b013f53cdd609341297df",
    ("2", "0.15.2"): "9ce17e88f6b58660ba72e12f840fd6f83be278966b876601433acd7c3ded3f10",
}


def version_pdf(**changes: Any) -> bytes:
    return typeset_version(replace(TEXT, **changes), BLOCKS)


@pytest.mark.tool("pdftotext")
def test_every_part_is_printed(read: Callable[..., str]) -> None:
    """What it is, what changed, the text and the statements can all be read."""
    text = read(version_pdf(), "pdftotext", "-layout", "PDF", "-")
    for words in [
        TEXT.school,
        TEXT.motto,
        "Version 2, August 2022",
        "31 August 2022",
        "August 2023",
        TEXT.address,
        hashlib.sha256(SOURCE).hexdigest(),
        f"template {TEMPLATE_VERSION} and Typst for Python {typst_version()}",
        "What changed",
        *TEXT.summary,
        *TEXT.statements,
        "Inner four",
        "Ragged row",
    ]:
        assert words in text
    assert squeezed(TEXT.title) in squeezed(text)


@pytest.mark.tool("pdftotext")
def test_a_day_to_come_is_printed_where_there_is_one(read: Callable[..., str]) -> None:
    """One that is in force at once says nothing of it."""
    later = version_pdf(in_force_from="4 January 2027")
    lines = read(later, "pdftotext", "-layout", "PDF", "-").splitlines()
    assert any("In force from" in one and "4 January 2027" in one for one in lines)
    assert "In force from" not in read(version_pdf(), "pdftotext", "PDF", "-")


@pytest.mark.tool("pdftotext")
def test_the_statements_are_plainly_unsigned(read: Callable[..., str]) -> None:
    """They are the form's words, with no tick, no name and no signature."""
    text = " ".join(read(version_pdf(), "pdftotext", "PDF", "-").split())
    assert "Nobody has signed this document" in text
    assert "Nobody has confirmed them in this document." in text
    assert "✔" not in text
    assert "Signature" not in text


@pytest.mark.tool("pdftotext")
def test_the_first_version_changed_nothing(read: Callable[..., str]) -> None:
    """Where there was no version before, the summary is about this one."""
    text = read(version_pdf(follows=False), "pdftotext", "PDF", "-")
    assert "About this version" in text
    assert "What changed" not in text


@pytest.mark.tool("pdftotext")
def test_every_page_says_what_it_belongs_to(read: Callable[..., str]) -> None:
    """School, version, page number and number of pages stand below each page."""
    pages = read(version_pdf(), "pdftotext", "-layout", "PDF", "-").split("\f")[:-1]
    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        foot = page.rstrip().splitlines()[-1]
        assert "My Online Schooling" in foot
        assert "Version 2, August 2022" in foot
        assert foot.endswith(f"Page {number} of 3")


@pytest.mark.tool("pdfdetach")
def test_the_version_alone_is_attached(
    read: Callable[..., str], tmp_path: Path
) -> None:
    """The released file comes out byte for byte, and no declaration beside it."""
    listed = read(version_pdf(), "pdfdetach", "-list", "PDF").splitlines()
    assert [line.split(": ")[-1] for line in listed] == ["1 embedded files", "2.md"]
    read(version_pdf(), "pdfdetach", "-saveall", "PDF")
    assert (tmp_path / "2.md").read_bytes() == SOURCE


@pytest.mark.tool("pdfinfo")
def test_the_file_says_what_it_is(read: Callable[..., str]) -> None:
    """It is tagged, titled, dated as released, and claims both standards."""
    pdf = version_pdf()
    lines = read(pdf, "pdfinfo", "-isodates", "PDF").splitlines()
    told = dict(re.split(r": +", line, maxsplit=1) for line in lines if ": " in line)
    assert told["Title"] == (
        "Social Media Code of Conduct for Parents and Carers, version 2"
    )
    assert told["Author"] == "My Online Schooling"
    assert told["CreationDate"] == told["ModDate"] == "2022-08-31T00:00:00Z"
    assert told["Tagged"] == "yes"
    metadata = read(pdf, "pdfinfo", "-meta", "PDF")
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


@pytest.mark.tool("qpdf")
def test_the_file_is_sound(read: Callable[..., str]) -> None:
    """An independent reader finds nothing to complain of."""
    told = read(version_pdf(), "qpdf", "--check", "PDF")
    assert "No syntax or stream encoding errors" in told


def test_the_same_version_gives_the_same_bytes() -> None:
    """A declaration in between changes nothing, nor does a process of its own."""
    first = version_pdf()
    pdf_of()
    assert version_pdf(motto="ᚠ") != first
    assert version_pdf() == first
    assert ask_subprocess(VERSION, policy_blocks=BLOCKS, **asdict(TEXT)) == first


def test_the_template_has_a_version_of_its_own() -> None:
    """Other bytes for the same version need another version of the template."""
    made_with = (TEMPLATE_VERSION, typst_version())
    assert hashlib.sha256(version_pdf()).hexdigest() == KNOWN_PDF.get(made_with)


@pytest.mark.tool("pdftotext")
def test_what_no_face_has_is_spelt_out(read: Callable[..., str]) -> None:
    """The pages say so, and where the exact text is."""
    text = read(version_pdf(summary=("ᚠ is a rune.",)), "pdftotext", "PDF", "-")
    assert "[U+16A0] is a rune." in text
    assert "holds the exact text" in text


@pytest.mark.parametrize("filename", ["", "../2.md", "declaration.json", "é.md"])
def test_the_attachment_has_a_plain_name(filename: str) -> None:
    """A name that leads elsewhere, or is a statement's, is refused."""
    with pytest.raises(TypesetError):
        version_pdf(filename=filename)


def test_a_kind_of_block_that_is_unknown_is_refused() -> None:
    """Nothing of the policy is left out in silence."""
    with pytest.raises(TypesetError, match="does not know: picture"):
        typeset_version(TEXT, [{"kind": "picture"}])
