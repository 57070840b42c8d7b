"""The structure that a screen reader is given: which words, in which order."""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.declaration.pdf.qr_code import qr_code
from signer.declaration.pdf.template_data import printed_text
from tests.declaration.pdf.test_version_pdf import version_pdf
from tests.declaration.typeset_example import pdf_of
from tests.judges.names import NAMES as AWKWARD_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = {
    "Arabic": "محمد خان علي",
    "Hebrew": "נועה כהן לוי",
    "Persian": "شهرزاد پیروز کیانی",
    "Urdu": "عائشہ گلزار چوہدری",
    "Arabic around Latin": "محمد John Smith خان",
    "Latin around Arabic": "Amira محمد خان Khan",
    "longer than a line": " ".join(["محمد", "خان", "علي"] * 6),
}


def words_of(structure: str, start: str, end: str) -> list[str]:
    """The words between two texts, as the tree of structure gives them."""
    texts = [text.strip() for text in re.findall(r'"(.*)"', structure)]
    part = texts[texts.index(start) + 1 : texts.index(end)]
    return " ".join(part).split()


@pytest.mark.tool("pdfinfo")
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_the_words_of_a_name_come_in_its_own_order(
    name: str, read: Callable[..., str]
) -> None:
    """Wherever they stand on the page; a word's letters are turned by the reader."""
    pdf = pdf_of(parent_name=name, typed_name=name)
    structure = read(pdf, "pdfinfo", "-struct-text", "PDF")
    for start, end in (
        ("Made by", "Signing as"),
        ("Name in the register", "Typed name"),
    ):
        found = words_of(structure, start, end)
        assert list(map(sorted, found)) == list(map(sorted, name.split()))


def test_readers_are_given_each_name_as_a_whole() -> None:
    """Letter by letter as it was typed, whatever the script and however it is set."""
    for name in AWKWARD_NAMES:
        paragraphs = actual_texts(pdf_of(parent_name=name, typed_name=name))
        assert set(paragraphs) == {"/P"}
        assert paragraphs["/P"].count(name) == len("1122"), name


def actual_texts(pdf: bytes) -> dict[str, list[str]]:
    """By the kind of element, the texts that elements of the structure stand for."""
    found: dict[str, list[str]] = {}

    def look(kid: object) -> None:
        if isinstance(kid, ArrayObject):
            for one in range(len(kid)):
                look(kid[one])
        elif isinstance(kid, DictionaryObject):
            if "/ActualText" in kid:
                found.setdefault(str(kid["/S"]), []).append(str(kid["/ActualText"]))
            look(kid.get("/K"))

    look(PdfFileReader(BytesIO(pdf)).root["/StructTreeRoot"])
    return found


@pytest.mark.tool("pdfinfo")
def test_a_label_and_what_it_says_are_paragraphs(read: Callable[..., str]) -> None:
    """Not bare divisions, which a reader may pass over or run together."""
    structure = read(pdf_of(), "pdfinfo", "-struct-text", "PDF")
    for text in ("Reference", "Made by", "Permanent address"):
        assert re.search(rf'P \(block\).*\n\s+"{text}"', structure), text


@pytest.mark.tool("pdftotext")
def test_the_first_page_says_where_anybody_can_check_it(
    read: Callable[..., str],
) -> None:
    """The address of the school's page, as words, as a link and as a picture."""
    pdf = pdf_of()
    page = read(pdf, "pdftotext", "-layout", "-l", "1", "PDF", "-")
    assert re.search(r"Check this file at +https://policy\.example/verify", page)
    assert b"/URI(https://policy.example/verify)" in pdf
    assert b"/Alt(QR code of https://policy.example/verify)" in pdf


def test_the_same_address_has_the_same_picture() -> None:
    """Declarations are typeset again, with whatever encoder is there then."""
    picture = qr_code("https://policy.example/verify")
    assert hashlib.sha256(picture).hexdigest() == (
        "99ce7c357687e2dffb7f0332cb530ae656180ee783252a681015c1522e0d7162"
    )


def test_names_carry_no_language_of_ours() -> None:
    """A voice that reads English is not told that a name is English."""
    pdf = pdf_of()
    assert re.search(rb"/Lang\s*\(und\)", pdf)
    assert b"/Lang(en-GB)" in pdf


@pytest.mark.tool("pdfinfo")
def test_the_text_of_a_version_has_one_title(read: Callable[..., str]) -> None:
    """One heading of level 1, and parts below it."""
    structure = read(version_pdf(), "pdfinfo", "-struct", "PDF")
    assert len(re.findall(r"^\s*H1\b", structure, re.MULTILINE)) == 1


def test_runs_of_one_direction_are_told_apart() -> None:
    """A number or a sign alone goes with what stands before it."""
    assert printed_text("Amira محمد خان 2 Khan - B") == {
        "text": "Amira محمد خان 2 Khan - B",
        "rtl": False,
        "runs": [
            {"words": ["Amira"], "rtl": False},
            {"words": ["محمد", "خان", "2"], "rtl": True},
            {"words": ["Khan", "-", "B"], "rtl": False},
        ],
    }
