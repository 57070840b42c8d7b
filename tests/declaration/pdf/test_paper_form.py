"""The form for a pen says what it is for, and nothing of a name that is typed."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from signer.declaration.pdf.paper_form import (
    SIGNED_BY_HAND,
    FormText,
    statements_for_pen,
    typeset_form,
)
from signer.policy.versions import read_version
from tests.conftest import run
from tests.declaration.typeset_example import BLOCKS

SECOND = read_version(Path(__file__).parents[3] / "versions" / "2.md")

FORM = FormText(
    school="My Online Schooling",
    motto="Respect, Empower, Thrive",
    title=SECOND.title,
    number=2,
    label="August 2022",
    address="https://policy.example/versions/2/",
    sha256=SECOND.sha256,
    statements=statements_for_pen(SECOND.declaration),
    parent_name="Siân O'Brien 王",
    children=(("Ioan O'Brien", "Year 8"), ("Mared O'Brien", "Year 4")),
    desk_address="https://policy.example/desk/paper/request/0a1b2c3d4e5f60718293",
    printed=date(2026, 11, 22),
)


@pytest.mark.tool("pdftotext")
def test_a_form_has_all_that_is_to_be_signed(tmp_path: Path) -> None:
    """Parent, children, version, statements, three lines, and the text behind them."""
    (tmp_path / "form.pdf").write_bytes(typeset_form(FORM, BLOCKS))
    tool = shutil.which("pdftotext")
    assert tool
    text = subprocess.run(
        [tool, str(tmp_path / "form.pdf"), "-"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    words = " ".join(text.split())
    for expected in (
        "Siân O'Brien 王",
        "Ioan O'Brien",
        "Version 2, August 2022",
        SECOND.sha256,
        SECOND.declaration[1],
        SIGNED_BY_HAND,
        "Signature",
        "Date",
        "Inner four",
    ):
        assert expected in words, expected
    assert "typed" not in words.lower()


@pytest.mark.tool("pdftoppm", "zbarimg")
def test_the_code_on_a_form_leads_to_the_desk(tmp_path: Path) -> None:
    """Another program reads it from the printed page, and one code alone is there."""
    (tmp_path / "form.pdf").write_bytes(typeset_form(FORM, BLOCKS))
    run("pdftoppm", "-r", "150", "-png", tmp_path / "form.pdf", tmp_path / "page")
    pages = sorted(tmp_path.glob("page*.png"))
    assert len(pages) > 1
    # It ends with 4 where one of several pages has no code.
    read = run("zbarimg", "--quiet", "--raw", "--nodbus", *pages, check=False)
    assert read.split() == [FORM.desk_address]


def test_the_same_form_gives_the_same_bytes() -> None:
    """Nothing of the machine or the hour is in it."""
    assert typeset_form(FORM, BLOCKS) == typeset_form(FORM, BLOCKS)


def test_statements_keep_their_words_but_for_a_typed_name() -> None:
    """What is agreed to is the version's, verbatim."""
    first, second, last = SECOND.declaration
    assert statements_for_pen(SECOND.declaration) == (first, second, SIGNED_BY_HAND)
    assert last == "My typed name is my signature."
    kept = ("I will not share this type of picture.", "I read it.")
    assert statements_for_pen(kept) == kept
