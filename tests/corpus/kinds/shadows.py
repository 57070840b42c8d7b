"""Shadow documents: prepared before they are sealed, and switched afterwards.

The three published ways (NDSS 2021): what is hidden is shown, what is shown is
replaced, or one document hides a second one that takes its place. Each is here as it
was sealed and as it was switched. A school's declaration is made in one step and sealed
in another, so that most of them show at once; what was made in one step has pages
that the statement does not give.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyhanko.pdf_utils import generic

from signer.declaration.seal.seal import seal
from tests.conftest import MOMENT
from tests.corpus.case import REFUSED, Room
from tests.corpus.raw import (
    body_of,
    catalogue_with,
    first_page,
    last_table,
    resealed,
    root_of,
    size_of,
    stream,
    swapped,
    updated,
    with_entry,
)
from tests.corpus.sealing import hand_sealed
from tests.declaration.forgery import as_one

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    from tests.corpus.bench import Bench

case = Room()

HIDDEN = b"BT /F1 24 Tf 72 700 Td (I agree to pay 10,000 pounds.) Tj ET"
WHITE = b"1 g 0 0 600 850 re f"


def _sealed(bench: Bench, pdf: bytes) -> bytes:
    return seal(pdf, bench.key, at=MOMENT).pdf


def _contents(pdf: bytes) -> bytes:
    page = body_of(pdf, first_page(pdf))
    found: list[bytes] = re.findall(rb"/Contents (\d+ 0 R)", page)
    return found[-1]


def _page_showing(pdf: bytes, contents: bytes) -> bytes:
    body = body_of(pdf, first_page(pdf))
    return re.sub(rb"/Contents \d+ 0 R", b"/Contents " + contents, body)


def _hiding(pdf: bytes) -> bytes:
    """Words on the page, a white sheet over them, and the page's own on top."""
    words = size_of(pdf)
    shown = b"[%d 0 R %d 0 R %s]" % (words, words + 1, _contents(pdf))
    page = _page_showing(pdf, shown)
    return updated(
        pdf, {first_page(pdf): page, words: stream(HIDDEN), words + 1: stream(WHITE)}
    )


@case("Words under a white sheet.", REFUSED, "changes")
def shadow_hide_prepared(bench: Bench) -> bytes:
    return _sealed(bench, _hiding(bench.typeset))


@case("The same, made in one step.", REFUSED, "typesetting", deep=True)
def shadow_hide_prepared_in_one(bench: Bench) -> bytes:
    return _sealed(bench, as_one(_hiding(bench.typeset)))


@case("The white sheet taken away by an update.", REFUSED, "seal")
def shadow_hide_switched(bench: Bench) -> bytes:
    prepared = shadow_hide_prepared(bench)
    return updated(prepared, {size_of(bench.typeset) + 1: stream(b"")})


@case("The white sheet taken out of the table by an update.", REFUSED, "seal")
def shadow_hide_freed(bench: Bench) -> bytes:
    prepared = shadow_hide_prepared(bench)
    sheet = size_of(bench.typeset) + 1
    free = updated(prepared, {sheet: b"null"})
    line = re.findall(rb"\n%d 1\n(\d{10} \d{5} n) \n" % sheet, free)[-1]
    place = free.rindex(line)
    return free[:place] + b"0000000000 00001 f" + free[place + len(line) :]


def _with_a_field(pdf: bytes) -> bytes:
    """A form field that shows one value and holds another."""
    field, look = size_of(pdf), size_of(pdf) + 1
    widget = (
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(sum)/V(10,000)/F 4/DA(/Helv 12 Tf)"
        b"/Rect[72 600 300 620]/P %d 0 R/AP<</N %d 0 R>>>>"
    )
    box = b"/Type/XObject/Subtype/Form/BBox[0 0 200 20]"
    page = with_entry(body_of(pdf, first_page(pdf)), b"/Annots[%d 0 R]" % field)
    objects = {
        field: widget % (first_page(pdf), look),
        look: stream(b"BT (10) Tj ET", box),
        first_page(pdf): page,
    }
    form = b"/AcroForm<</Fields[%d 0 R]/NeedAppearances true>>" % field
    return catalogue_with(pdf, form, objects)


@case("A form field that shows one value and holds another.", REFUSED, "changes")
def shadow_replace_prepared(bench: Bench) -> bytes:
    return _sealed(bench, as_one(_with_a_field(bench.typeset)))


@case("The look of the form field replaced by an update.", REFUSED, "seal")
def shadow_replace_switched(bench: Bench) -> bytes:
    prepared = _sealed(bench, _with_a_field(bench.typeset))
    box = b"/Type/XObject/Subtype/Form/BBox[0 0 200 20]"
    look = size_of(bench.typeset) + 1
    return updated(prepared, {look: stream(b"BT (10,000) Tj ET", box)})


@case("A font replaced by an update, so that letters read otherwise.", REFUSED, "seal")
def shadow_replace_font(bench: Bench) -> bytes:
    pdf = bench.sealed
    font = int(re.findall(rb"(\d+) 0 obj\s*<<\s*/Type\s*/Font\b", pdf)[0])
    other = b"<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>"
    return updated(pdf, {font: other})


def _with_two(pdf: bytes) -> bytes:
    """A second catalogue and a second page, which no table names."""
    spare = size_of(pdf)
    page = _page_showing(pdf, b"%d 0 R" % spare)
    lost = b"%d 0 obj\n%s\nendobj\n" % (first_page(pdf), page)
    end = pdf.rindex(b"startxref")
    # Before the end, where no reader looks.
    before, rest = pdf[:end], pdf[end:]
    return updated(before + lost + rest, {spare: stream(HIDDEN)})


@case("A second document inside that no table names.", REFUSED, "changes")
def shadow_hide_and_replace_prepared(bench: Bench) -> bytes:
    return _sealed(bench, _with_two(bench.typeset))


@case("The hidden document put in place by a table alone.", REFUSED, "seal")
def shadow_hide_and_replace_switched(bench: Bench) -> bytes:
    pdf = shadow_hide_and_replace_prepared(bench)
    page = first_page(pdf)
    place = [found.start() for found in re.finditer(rb"(?<!\d)%d 0 obj" % page, pdf)][1]
    table = b"\nxref\n0 1\n0000000000 65535 f \n%d 1\n%010d 00000 n \n" % (page, place)
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    values = (size_of(pdf), root_of(pdf), last_table(pdf), len(pdf) + 1)
    return pdf + table + trailer % values


@case("The signed update itself rewrites a page.", REFUSED, "changes")
def seal_rewrites_a_page(bench: Bench) -> bytes:
    words = int(_contents(bench.typeset).split()[0])

    def rewrite(writer: IncrementalPdfFileWriter) -> None:
        writer.objects[0, words] = generic.StreamObject(stream_data=HIDDEN)

    return hand_sealed(bench.key, before=rewrite)


@case("The signed update itself frees what a page shows.", REFUSED, "changes")
def seal_frees_a_page_s_words(bench: Bench) -> bytes:
    words = int(_contents(bench.typeset).split()[0])

    def touch(writer: IncrementalPdfFileWriter) -> None:
        writer.objects[0, words] = generic.NullObject()

    pdf = hand_sealed(bench.key, before=touch)
    line = re.findall(rb"\n%d 1\s*(\d{10} 00000 n)" % words, pdf)[-1]
    # Of another generation than was written, so that nothing else tells of it.
    return resealed(swapped(pdf, line, b"0000000000 00002 f"), bench.key)
