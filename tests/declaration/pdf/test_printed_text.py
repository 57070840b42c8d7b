"""What the PDF says, read again by an independent program."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signer.declaration.pdf.declaration_pdf import (
    typeset,
)
from signer.declaration.statement import statement_sha256, to_json
from signer.errors import TextRefused
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.policy.versions import read_version
from signer.user_text import one_line
from tests.declaration.typeset_example import EXAMPLE, SOURCE, pdf_of, squeezed

if TYPE_CHECKING:
    from collections.abc import Callable


VERSIONS = Path(__file__).parents[3] / "versions"


@pytest.mark.tool("pdftotext")
def test_every_part_of_a_statement_is_printed(read: Callable[..., str]) -> None:
    """Whatever is hashed can be read on the pages, times to the second."""
    text = read(pdf_of(), "pdftotext", "-layout", "PDF", "-")
    raw = to_json(EXAMPLE)
    for words in [
        EXAMPLE.declaration_id,
        "D-0000-0000-0000",
        EXAMPLE.school,
        "Respect, Empower, Thrive",
        EXAMPLE.policy_title,
        "Version 2, August 2022",
        EXAMPLE.policy_sha256,
        EXAMPLE.policy_address,
        statement_sha256(raw),
        EXAMPLE.parent_name,
        EXAMPLE.parent_email,
        EXAMPLE.typed_name,
        EXAMPLE.capacity,
        EXAMPLE.reached_by,
        *EXAMPLE.statements,
        *(child.name for child in EXAMPLE.children),
        *(child.year_group for child in EXAMPLE.children),
        "1 March 2022, 08:00:00 GMT",
        "2022-03-01T08:00:00Z",
        "2 September 2022, 19:00:00 BST",
        "2022-09-02T18:00:00Z",
        "2 September 2022, 19:10:11 BST",
        "2022-09-02T18:10:11Z",
        "simple electronic signature",
    ]:
        assert words in text
    assert text.count("✔") == len(EXAMPLE.statements)


@pytest.mark.tool("pdftotext")
def test_every_page_says_what_it_belongs_to(read: Callable[..., str]) -> None:
    """Reference, version, page number and number of pages stand below each page."""
    pages = read(pdf_of(), "pdftotext", "-layout", "PDF", "-").split("\f")[:-1]
    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert "D-7K3M-9QXF-2B4T" in page
        assert "Version 2, August 2022" in page
        assert f"Page {number} of 3" in page


@pytest.mark.tool("pdftotext")
def test_every_kind_of_block_is_printed(read: Callable[..., str]) -> None:
    """Headings, emphasis, links, nested lists, quotes and tables lose no word."""
    text = " ".join(read(pdf_of(), "pdftotext", "PDF", "-").split())
    for words in [
        "Purpose #panic()",
        "Parents must not post anything *x* <b> $y$ read at the school's site.",
        "A level was left out",
        "First of the outer",
        "3. Inner three",
        "4. Inner four",
        "Said elsewhere.",
        "Platform",
        "16 years",
        "Ragged row",
    ]:
        assert words in text


@pytest.mark.tool("pdftotext")
def test_every_sentence_of_the_released_policy_is_printed(
    read: Callable[..., str],
) -> None:
    """The words of each block of version 2 stand in the PDF, in their order."""
    version = read_version(VERSIONS / "2.md")
    tree = blocks(to_html(version.body))
    raw = to_json(
        replace(EXAMPLE, policy_sha256=version.sha256, statements=version.declaration)
    )
    pdf = typeset(raw, tree, version.source, version.filename)
    pages = read(pdf, "pdftotext", "-layout", "PDF", "-").split("\f")
    without_footers = " ".join(
        re.sub(r"\n *D-7K3M.*Page \d+ of \d+\s*$", "", page) for page in pages[2:]
    )
    text = squeezed(without_footers.replace("•", ""))
    place = 0
    for words in texts_of(tree):
        place = text.index(squeezed(words), place)


def texts_of(value: object) -> list[str]:
    if isinstance(value, list):
        if value and all(isinstance(item, dict) and "text" in item for item in value):
            return ["".join(span["text"] for span in value)]
        return [text for item in value for text in texts_of(item)]
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts_of(item)]
    return []


NAMES = {
    "an apostrophe": "O'Brien",
    "one character": "Ø",
    "Chinese": "王小明",
    "Arabic": "ليلى حداد",
    "Arabic too": "يوسف عبد الرحمن",
    "Persian": "شیرین پژوهش",
    "Urdu": "ثاقب ڈار",
    "Japanese": "山田 太郎",
    "Korean": "김민준",
    "Devanagari": "अनिल कुमार",
    "Hebrew": "שלום כהן",
    "Thai": "สมชาย ใจดี",
    "Cyrillic": "Олександр Шевченко",
    "Greek": "Ελένη Παπαδοπούλου",
    "Tamil": "தமிழ்",
    "an emoji family": "Ana 👨‍👩‍👧",
    "200 characters": "W" * 200,
    "200 characters in words": ("Wolfeschlegelstein " * 11)[:200].strip(),
    "a call": "#panic()",
    "markup": "*x* _y_ <b> $z$ `c` @r = - + / // /* */ \\ [ ] { } ~ -- ... ' \"",
    "code": '#{ read("statement.json") } "); panic(',
    "HTML": "<script>alert(1)</script> &amp; &#x41;",
    "JSON": '", "text": "x',
}


@pytest.mark.tool("pdftotext")
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_prints_as_itself(read: Callable[..., str], name: str) -> None:
    """A name of any script prints, and no name is read as markup."""
    pdf = pdf_of(parent_name=name, typed_name=name, children=(), replaces=None)
    text = squeezed(read(pdf, "pdftotext", "-l", "2", "PDF", "-"))
    assert text.count(squeezed(name)) == 4
    assert "U+" not in text


@pytest.mark.tool("pdftotext")
@pytest.mark.parametrize("name", ["محمد", "محمد (Mo) سلام", "فاطمه", "שרה (Sara)"])
def test_a_name_from_the_right_prints_all_its_letters(
    read: Callable[..., str], name: str
) -> None:
    """Arabic and Hebrew letters all print, none of them spelt out.

    In which order is looked at on the pages: programs that extract text differ.
    """
    text = read(pdf_of(parent_name=name, typed_name=name), "pdftotext", "PDF", "-")
    assert "U+" not in text
    assert set(unicodedata.normalize("NFKC", text)) >= set(name)


@pytest.mark.tool("pdftotext")
def test_a_character_that_no_face_has_is_spelt_out(read: Callable[..., str]) -> None:
    """There is a PDF even so; it says what was done, and the exact name is attached."""
    pdf = pdf_of(parent_name="ᚠreya Smith", typed_name="Freya Smith 𒀀")
    text = " ".join(read(pdf, "pdftotext", "PDF", "-").split())
    assert "[U+16A0]reya Smith" in text
    assert "Freya Smith [U+12000]" in text
    assert "a code such as [U+16A0], it stands for a character" in text
    assert "a code such as" not in read(pdf_of(), "pdftotext", "PDF", "-")


@pytest.mark.tool("pdftotext")
def test_a_policy_with_such_a_character_is_typeset_too(
    read: Callable[..., str],
) -> None:
    """The last resort covers the policy's text as well."""
    tree = [{"kind": "paragraph", "spans": [{"text": "The rune ᚠ and a bell \x07"}]}]
    pdf = typeset(to_json(EXAMPLE), tree, SOURCE, "2.md")
    text = " ".join(read(pdf, "pdftotext", "PDF", "-").split())
    assert "The rune [U+16A0] and a bell [U+0007]" in text


def accepted(text: str) -> str | None:
    try:
        return one_line("name", text)
    except TextRefused:
        return None


@settings(max_examples=40, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1)
    .map(accepted)
    .filter(lambda name: name is not None)
)
def test_every_name_that_is_let_in_gives_a_pdf(name: str) -> None:
    """Whatever may be typed on the page can be typeset."""
    assert pdf_of(parent_name=name, typed_name=name).startswith(b"%PDF-1.7")
