"""The update that is written without pyHanko: the same bytes, or left to it."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from datetime import timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING

import pytest

from signer.declaration.pdf.declaration_pdf import TEMPLATES
from signer.declaration.pdf.version_pdf import VersionText, typeset_version
from signer.declaration.seal.flat_update import update_for_seal
from signer.declaration.seal.pyhanko_update import embed
from signer.declaration.seal.seal import (
    FIELD_NAME,
    FIELD_TITLE,
    seal,
    with_line_end,
)
from signer.declaration.verify import Result
from signer.declaration.verify.verify import verify
from signer.errors import SealError
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from tests.conftest import MOMENT
from tests.declaration.forgery import (
    RELEASED,
    STATEMENT,
    VERSION,
    as_one,
    saved_once_more,
    signed_otherwise,
    typeset_declaration,
)
from tests.declaration.pyhanko_signer import HeldKeySigner

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from signer.declaration.seal.flat_update import Prepared
    from signer.pki.make_keys import SealKey


def a_version() -> bytes:
    text = VersionText(
        school="My Online Schooling",
        motto="Respect, Empower, Thrive",
        title=VERSION.title,
        number=2,
        label=VERSION.label,
        released="August 2022",
        review_by="August 2023",
        summary=("The first (of these).",),
        follows=False,
        statements=VERSION.declaration,
        address="https://policies.example/versions/2/",
        source=VERSION.source,
        filename="2.md",
        dated="2022-08-31",
    )
    return typeset_version(text, blocks(to_html(VERSION.body)))


def by_template(template: str) -> bytes:
    return typeset_declaration(replace(STATEMENT, template=template))


TYPESET: dict[str, Callable[[], bytes]] = {
    **{f"template {one}": partial(by_template, one) for one in TEMPLATES},
    "awkward": lambda: typeset_declaration(
        replace(
            STATEMENT,
            parent_name="محمد (\\) O'Brien 王小明",
            typed_name="נועה ((",
            school="Ysgol “Ŵyn” (%%EOF endobj ) Ltd",
            children=(),
            replaces="D-0000-0000-0000",
        )
    ),
    "version": a_version,
}


def prepared(pdf: bytes, at: datetime = MOMENT) -> Prepared | None:
    return update_for_seal(
        with_line_end(pdf), name=FIELD_NAME, title=FIELD_TITLE, reserved=99, at=at
    )


def by_pyhanko(pdf: bytes, key: SealKey) -> bytes:
    """The same seal as pyHanko makes all of it: its value, and the update."""
    held = HeldKeySigner(key)
    return embed(
        with_line_end(pdf),
        name=FIELD_NAME,
        title=FIELD_TITLE,
        reserved=held.reserved,
        at=MOMENT,
        sign=held.sign_digest,
    )


@pytest.fixture
def one_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each update gets a random number in the file's ID: here always the same."""
    monkeypatch.setattr(os, "urandom", lambda size: bytes(range(size)))


@pytest.mark.usefixtures("one_id")
@pytest.mark.parametrize("which", TYPESET)
def test_a_seal_is_byte_for_byte_what_pyhanko_writes(which: str, key: SealKey) -> None:
    """Whatever is typeset here, no program of others can tell who wrote its seal."""
    pdf = TYPESET[which]()
    assert prepared(pdf)
    assert seal(pdf, key, at=MOMENT).pdf == by_pyhanko(pdf, key)


def test_two_seals_of_one_file_have_ids_of_their_own(key: SealKey) -> None:
    """The first part of the ID is the typeset file's, the second tells them apart."""
    pdf = typeset_declaration()
    ids = [
        re.findall(rb"/ID \[ <(\w+)> <(\w+)> \]", seal(pdf, key, at=MOMENT).pdf)[-1]
        for _ in range(2)
    ]
    (first, one), (again, other) = ids
    assert first == again
    assert one != other


def rewritten(pattern: bytes, by: bytes, count: int = 1) -> Callable[[bytes], bytes]:
    """The file with something written another way, and everything in its place."""

    def changed(pdf: bytes) -> bytes:
        made = re.sub(pattern, by, pdf, count=count)
        assert len(made) == len(pdf)
        return made

    return changed


OTHERWISE: dict[str, Callable[[bytes], bytes]] = {
    "another program wrote it": as_one,
    "an update is behind it": saved_once_more,
    "annotations apart": rewritten(rb"/Annots\[(\d+ 0 R)\]", rb"/Annots \1 "),
    "a text with an escape": rewritten(rb"/Lang\(en-GB\)/Str", rb"/Lang(e\\(GB)/Str"),
    "a number with a zero behind it": rewritten(rb"841.8898", rb"841.8890"),
    "a name with an escape": rewritten(rb"/Direction/L2R", rb"/Directi#6fn/L"),
    "a key twice": rewritten(rb"/Suspects false", rb"/Marked   false"),
    "a table of other lines": rewritten(rb" 00000 n\r\n", rb" 00000 n \n", 0),
    "a comment at its end": lambda pdf: pdf + b"\n% made by hand",
    "an earlier PDF": rewritten(rb"%PDF-1.7", rb"%PDF-1.6"),
    "a form": rewritten(rb"/Outlines (\d+ 0 R)", rb"/AcroForm \1"),
    "nothing": lambda _: b"",
    "no table": rewritten(rb"\nxref\n", rb"\nxxxx\n"),
    "a catalogue elsewhere": rewritten(rb"/Root \d(\d+) 0 R", rb"/Root 0\1 0 R"),
    "a table that points elsewhere": rewritten(
        rb"0000000016 00000 n", rb"0000000017 00000 n"
    ),
    "a page tree without end": rewritten(rb"/Kids\[\d(\d)\d 0 R", rb"/Kids[001 0 R"),
}


def test_a_file_of_the_usual_shape_is_sealed_without_pyhanko(
    key: SealKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A web process that asks no timestamp authority never loads it."""
    for name in ("seal.pyhanko_update", "seal.validation_data"):
        monkeypatch.setitem(sys.modules, f"signer.declaration.{name}", None)

    assert seal(typeset_declaration(), key, at=MOMENT).level == "B-B"


@pytest.mark.parametrize("how", OTHERWISE)
def test_a_file_of_another_shape_is_left_to_pyhanko(how: str) -> None:
    """Nothing is guessed: what Typst does not write so is not written here."""
    pdf = typeset_declaration()
    changed = OTHERWISE[how](pdf)
    assert changed != pdf
    assert prepared(changed) is None


@pytest.mark.usefixtures("one_id")
@pytest.mark.parametrize(
    "how",
    ["a number with a zero behind it", "a table of other lines"],
)
def test_what_is_left_to_pyhanko_is_sealed(how: str, key: SealKey) -> None:
    """A later Typst may write other files, and their seals are genuine."""
    pdf = OTHERWISE[how](typeset_declaration())
    made = seal(pdf, key, at=MOMENT).pdf
    assert made == by_pyhanko(pdf, key)
    report = verify(made, trust_roots=key.chain, released=RELEASED)
    assert report.result is Result.GENUINE


def test_a_time_of_another_zone_is_left_to_pyhanko() -> None:
    """Times are in UTC everywhere, and this one is not."""
    assert prepared(typeset_declaration(), MOMENT)
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=1)))
    assert prepared(typeset_declaration(), elsewhere) is None


def test_a_file_that_was_signed_is_refused(key: SealKey) -> None:
    """A form is there already: pyHanko looks into it, and says no."""
    with pytest.raises(SealError, match="signed already"):
        seal(signed_otherwise(typeset_declaration(), key), key, at=MOMENT)
