"""What is added behind the seal, or moved around it.

The three published ways to fool readers of signed PDFs are here: universal signature
forgery, incremental saving and signature wrapping (CCS 2019), each in its variants.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from tests.corpus.case import OPEN, REFUSED, Room
from tests.corpus.raw import (
    body_of,
    catalogue_with,
    first_page,
    last_table,
    root_of,
    size_of,
    stream,
    swapped,
    updated,
)
from tests.declaration.forgery import (
    Gap,
    saved_once_more,
    signed_again,
    with_a_page_appended,
    with_an_annotation_over_a_page,
    with_statement_replaced,
)

if TYPE_CHECKING:
    from tests.corpus.bench import Bench

case = Room()

OTHER_WORDS = b"BT /F1 24 Tf 72 700 Td (I do not agree to any of this.) Tj ET"


@case("One more page, by an update.", REFUSED, "seal")
def appended_page(bench: Bench) -> bytes:
    return with_a_page_appended(bench.sealed)


@case("The same behind a timestamp.", REFUSED, "seal")
def appended_page_behind_a_timestamp(bench: Bench) -> bytes:
    return with_a_page_appended(bench.stamped)


@case("A note laid over the first page, by an update.", REFUSED, "seal")
def overlaid_annotation(bench: Bench) -> bytes:
    return with_an_annotation_over_a_page(bench.sealed)


@case("Saved once more, with nothing changed.", REFUSED, "seal")
def incremental_save(bench: Bench) -> bytes:
    return saved_once_more(bench.sealed)


@case("Another parent's statement in place of the one sealed.", REFUSED, "seal")
def swapped_statement(bench: Bench) -> bytes:
    return with_statement_replaced(bench.sealed)


@case("A second signature, by the school's own key.", REFUSED, "seal")
def second_signature(bench: Bench) -> bytes:
    return signed_again(bench.sealed, bench.key)


@case("A second signature, by a stranger.", REFUSED, "seal")
def second_signature_of_a_stranger(bench: Bench) -> bytes:
    return signed_again(bench.sealed, bench.stranger.key)


@case("The declaration that was typeset, and no seal.", REFUSED, "seal")
def stripped_seal(bench: Bench) -> bytes:
    return bench.typeset


@case("The seal's field says that it is a button.", REFUSED, "seal")
def seal_as_a_button(bench: Bench) -> bytes:
    return swapped(bench.sealed, b"/FT /Sig", b"/FT /Btn")


@case("The list of fields emptied by an update.", REFUSED, "seal")
def form_emptied(bench: Bench) -> bytes:
    form = int(re.findall(rb"/AcroForm (\d+) 0 R", bench.sealed)[-1])
    return updated(bench.sealed, {form: b"<</Fields[]/SigFlags 3>>"})


@case("An update that changes a page, its table and its end.", REFUSED, "seal")
def page_rewritten(bench: Bench) -> bytes:
    return updated(bench.sealed, _rewritten(bench.sealed))


@case("The same update without a table: only the objects.", REFUSED, "seal")
def page_rewritten_without_a_table(bench: Bench) -> bytes:
    whole = updated(bench.sealed, _rewritten(bench.sealed))
    return whole[: whole.rindex(b"xref\n0 1")]


@case("The same update with a table and no trailer.", OPEN, "file")
def page_rewritten_without_a_trailer(bench: Bench) -> bytes:
    whole = updated(bench.sealed, _rewritten(bench.sealed))
    end = whole[whole.rindex(b"startxref") :]
    return whole[: whole.rindex(b"trailer")] + end


@case("The same update, with the sealed object once more in it.", REFUSED, "seal")
def page_rewritten_with_the_seal_copied(bench: Bench) -> bytes:
    number = int(re.findall(rb"/V (\d+) 0 R", bench.sealed)[-1])
    copied = body_of(bench.sealed, number)
    return updated(bench.sealed, {number: copied, **_rewritten(bench.sealed)})


@case("The old table named again, the new objects only lie there.", REFUSED, "seal")
def page_rewritten_behind_an_old_table(bench: Bench) -> bytes:
    table = last_table(bench.sealed)
    number = first_page(bench.sealed)
    lost = b"%d 0 obj\n%s\nendobj\n" % (number, body_of(bench.sealed, number))
    return bench.sealed + lost + b"startxref\n%d\n%%%%EOF\n" % table


def _rewritten(pdf: bytes) -> dict[int, bytes]:
    """The first page with other words on it."""
    page, words = first_page(pdf), size_of(pdf)
    body = re.sub(
        rb"/Contents \d+ 0 R", b"/Contents %d 0 R" % words, body_of(pdf, page)
    )
    return {page: body, words: stream(OTHER_WORDS)}


@case("What the seal covers moved on, other objects in between.", REFUSED, "seal")
def signature_wrapped(bench: Bench) -> bytes:
    """The second part that is signed moves to the end, its numbers with it.

    The seal's object ends before it, with a new range of its own; the table that the
    moved end names by its old place is written exactly there.
    """
    pdf = bench.sealed
    gap = Gap.of(pdf)
    table = last_table(pdf)
    number = int(re.findall(rb"/V (\d+) 0 R", pdf)[-1])
    place = pdf.rindex(b"%d 0 obj" % number)
    page, catalogue = first_page(pdf), root_of(pdf)
    entries = b"xref\n0 1\n0000000000 65535 f \n"
    moved = pdf[gap.end :]
    head = (
        b"\n/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached%s>>\nendobj\n"
    )
    objects = dict(_rewritten(pdf))
    kept = {one: _place(pdf, one) for one in _newest(pdf)}
    # Two passes, for the range stands in front of what it speaks of.
    end = gap.end
    for _ in range(2):
        span = b"/ByteRange[0 %d %d %d]" % (gap.start, end, len(moved))
        before = pdf[: gap.end] + head % span
        before = before.ljust(table)
        places = {**kept, number: place}
        written = b""
        start = table + 1000
        for one, body in objects.items():
            places[one] = start + len(written)
            written += b"%d 0 obj\n%s\nendobj\n" % (one, body)
        lines = b"".join(
            b"%d 1\n%010d 00000 n \n" % pair for pair in sorted(places.items())
        )
        first = before + entries + lines
        first += b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (
            max(objects) + 1,
            catalogue,
            int(re.findall(rb"/Prev (\d+)", pdf)[-1]),
        )
        first = first.ljust(start) + written
        end = len(first)
    assert page in places
    return first + moved


def _newest(pdf: bytes) -> list[int]:
    """The objects of the update that bears the seal."""
    update = pdf[pdf.index(b"%%EOF") :]
    return [int(one) for one in re.findall(rb"(\d+) 0 obj", update)]


def _place(pdf: bytes, number: int) -> int:
    return pdf.rindex(b"\n%d 0 obj" % number) + 1


UNIVERSAL = {
    "range-missing": (rb"/ByteRange \[[^\]]*\]", b""),
    "range-null": (rb"/ByteRange \[[^\]]*\]", b"/ByteRange null"),
    "range-empty": (rb"/ByteRange \[[^\]]*\]", b"/ByteRange []"),
    "range-of-nothing": (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 0 0 0]"),
    "range-negative": (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 -1 -1 -1]"),
    "range-huge": (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 9 9 99999999999]"),
    "range-of-two": (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 9]"),
    "range-of-names": (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [/a /b /c /d]"),
    "range-real": (rb"/ByteRange \[0 ([ \d]+)\]  ", rb"/ByteRange [0.5 \1]"),
    "range-overlapping": (rb"/ByteRange \[0 (\d+) \d+", rb"/ByteRange [0 \1 000009"),
    "value-missing": (rb"/Contents (<[0-9A-F]{1000,}>)", rb"%ontents \1"),
    "value-null": (rb"/Contents <[0-9A-F]{1000,}>", b"/Contents null"),
    "value-empty": (rb"/Contents <[0-9A-F]{1000,}>", b"/Contents <>"),
    "value-zero": (rb"/Contents <[0-9A-F]{1000,}>", b"/Contents <00>"),
}
"""What is done to the seal's own dictionary, each at the same length."""


def _universal(bench: Bench, pattern: bytes, new: bytes) -> bytes:
    pdf = bench.sealed
    found = list(re.finditer(pattern, pdf))[-1]
    return (
        pdf[: found.start()]
        + found.expand(new).ljust(len(found[0]))
        + pdf[found.end() :]
    )


for _name, (_pattern, _new) in UNIVERSAL.items():
    case.add(
        f"universal-forgery-{_name}",
        f"The seal's dictionary spoiled in place: {_name.replace('-', ' ')}.",
        REFUSED,
        "seal",
        partial(_universal, pattern=_pattern, new=_new),
    )


@case("A script that runs when the file is opened, by an update.", REFUSED, "seal")
def script_added(bench: Bench) -> bytes:
    number = size_of(bench.sealed)
    action = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
    return catalogue_with(
        bench.sealed, b"/OpenAction %d 0 R" % number, {number: action}
    )
