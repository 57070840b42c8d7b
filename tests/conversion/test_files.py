"""Files that somebody chooses: Word's, texts, and what is neither."""

from __future__ import annotations

import pytest

from signer.conversion.files import read_file
from signer.conversion.html import Converted
from signer.errors import DocumentRefused
from signer.markdown.rules import problems
from tests.conversion.word_files import W, docx, p


def converted(content: bytes) -> Converted:
    read = read_file(content)
    assert isinstance(read, Converted)
    return read


def test_a_word_document_keeps_its_numbers() -> None:
    """As Word shows them: of headings, of a list that goes on, of letters in it."""
    body = (
        p("Code of Conduct", "T")
        + p("Purpose", "H")
        + p("Words \u2019王.")
        + p("First", number=1)
        + p("Deeper", number=1, level=1)
        + p("Between")
        + p("Second", number=1)
        + p("Scope", "H")
        + p("Part", "H2")
        + p("Dot", number=3)
        + p("Below", number=3, level=1)
        + p("Text")
        + p("Again", number=4)
    )
    read = converted(docx(body))
    assert read.title == "Code of Conduct"
    assert read.markdown == (
        "## 1. Purpose\n\nWords \u2019王.\n\n3. First\n\n    (a) Deeper\n\nBetween\n\n"
        "4. Second\n\n## 2. Scope\n\n### 2.1 Part\n\n- Dot\n    - Below\n\nText\n\n"
        "1. Again\n"
    )
    assert problems(read.markdown) == []


def test_changes_comments_and_pictures_are_left_out() -> None:
    """What was inserted stays, and what was deleted goes; no other file is read."""
    body = p(
        "<w:ins w:id='1'><w:r><w:t>New </w:t></w:r></w:ins>"
        "<w:del w:id='2'><w:r><w:delText>old </w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:b/></w:rPr><w:t>bold</w:t></w:r>"
        "<w:r><w:commentReference w:id='0'/></w:r>"
        "<w:hyperlink r:id='rId3'><w:r><w:t>link</w:t></w:r></w:hyperlink>"
        "<w:r><w:pict><v:imagedata xmlns:v='urn:schemas-microsoft-com:vml' "
        "r:id='rId4'/></w:pict></w:r>"
    )
    read = converted(docx(body, vbaProject_bin=b"\x00macro", comments_xml=b"<broken"))
    assert read.markdown == "New **bold**[link](https://school.example/)\n"
    assert read.left_out == ("a picture", "a comment", "words that were deleted")


def _entity(name: str) -> str:
    return (
        f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a '{'b' * 99}'>"
        f"<!ENTITY f SYSTEM 'file:///etc/passwd'>]><w:document {W}><w:body>"
        f"<w:p><w:r><w:t>&{name};</w:t></w:r></w:p></w:body></w:document>"
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (docx(_entity("a")), "not a Word document"),
        (docx(_entity("f")), "not a Word document"),
        (docx(p("x" * 9_000_000)), "longer than"),
        (docx(p("x"))[:-30], "not a Word document"),
        (docx("<w:p>" * 400 + "</w:p>" * 400), "not a Word document"),
        (docx("<?xml version='1.0'?><not-closed>"), "not a Word document"),
        (b"PK\x03\x04 and no more", "not a Word document"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old format of Word"),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "has a password",
        ),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"{\\rtf1 x}", "RTF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "neither"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_no_document_is_refused(content: bytes, why: str) -> None:
    """In words that say what to do; nothing is fetched, and nothing grows."""
    with pytest.raises(DocumentRefused, match=why):
        read_file(content)


TEXT = "## Purpose\n\nWords of \u2019school\u2019.\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-32"),
        TEXT.encode("cp1252"),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("\n", "\u2028").encode(),
        TEXT.replace("\n", "\r\n").encode(),
    ],
)
def test_a_text_is_read_as_programs_write_it(content: bytes) -> None:
    """In any encoding of Windows, with any line ends."""
    assert read_file(content) == TEXT
