"""What hypothesis does to a sealed declaration: edits of forgers and of bad disks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.corpus.raw import updated
from tests.declaration.forgery import Gap

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[[st.SearchStrategy[Any]], Any]
    Mutation = Callable[[bytes], bytes]

WORDS = (
    *(b"/Type", b"/Catalog", b"/Page", b"/Pages", b"/Kids", b"/Annots", b"/Contents"),
    *(b"/ByteRange", b"/AcroForm", b"/Fields", b"/Sig", b"/V", b"/T", b"/FT", b"/P"),
    *(b"/Names", b"/EmbeddedFiles", b"/EF", b"/F", b"/UF", b"/AF", b"/Perms"),
    *(b"/DocMDP", b"/DSS", b"/CRLs", b"/Prev", b"/Root", b"/Size", b"/XRefStm"),
    *(b"/Encrypt", b"/Filter", b"/FlateDecode", b"/Length", b"/ObjStm", b"/XRef"),
    *(b"xref", b"trailer", b"startxref", b"%%EOF", b"obj", b"endobj", b"stream"),
    *(b"endstream", b"null", b"true", b"0 R", b"<<", b">>", b"[", b"]", b"(", b")"),
    *(b"-1", b"0", b"99999999999999999999", b"1 0 R", b"0.5", b"<>", b"<4"),
)
OBJECT = re.compile(rb"(?<!\d)(\d+) 0 obj\s(.*?)\sendobj", re.DOTALL)
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
LINE = re.compile(rb"(\d{10}) (\d{5}) ([nf])")
NUMBER = re.compile(rb"(?<![\d.])\d{1,10}(?![\d.])")

words = st.sampled_from(WORDS)


def edited(draw: Draw, pdf: bytes) -> bytes:
    """The file after one to four edits.

    Args:
        draw: gives an example of a strategy. A file is never part of one: hypothesis
            would write it out.
        pdf: the file.
    """
    for _ in range(draw(st.integers(1, 4))):
        pdf = draw(st.sampled_from(EDITS))(draw, pdf)
    return pdf


def _place(draw: Draw, pdf: bytes) -> int:
    """Anywhere; more often near the end, where the seal and the tables are."""
    near = draw(st.booleans())
    lowest = max(0, len(pdf) - 18_000) if near else 0
    return draw(st.integers(lowest, len(pdf)))


def bytes_edited(draw: Draw, pdf: bytes) -> bytes:
    """Some bytes overwritten, put in or taken out."""
    place = _place(draw, pdf)
    new = draw(st.one_of(st.binary(max_size=8), words))
    gone = draw(st.sampled_from([0, 1, len(new), 20]))
    return pdf[:place] + new + pdf[place + gone :]


def cut_short(draw: Draw, pdf: bytes) -> bytes:
    """The end missing, or the start."""
    place = _place(draw, pdf)
    return pdf[:place] if draw(st.booleans()) else pdf[place:]


def moved(draw: Draw, pdf: bytes) -> bytes:
    """A part of it a second time, somewhere else."""
    start, to = _place(draw, pdf), _place(draw, pdf)
    part = pdf[start : start + draw(st.integers(1, 3000))]
    gone = draw(st.sampled_from([0, len(part)]))
    return pdf[:to] + part + pdf[to + gone :]


def _replaced(
    draw: Draw, pdf: bytes, pattern: re.Pattern[bytes], new: Mutation, group: int = 0
) -> bytes:
    found = list(pattern.finditer(pdf))
    if not found:
        return pdf
    one = found[draw(st.integers(0, len(found) - 1))]
    start, end = one.span(group)
    return pdf[:start] + new(one[group]) + pdf[end:]


def word_swapped(draw: Draw, pdf: bytes) -> bytes:
    """One word of the language of PDFs for another, the length kept or not."""
    old, new = draw(words), draw(words)
    kept = draw(st.booleans())
    pattern = re.compile(re.escape(old))
    return _replaced(
        draw, pdf, pattern, lambda one: new.ljust(len(one)) if kept else new
    )


def object_spliced(draw: Draw, pdf: bytes) -> bytes:
    """One object's content under another's number."""
    found = OBJECT.findall(pdf)
    if not found:
        return pdf
    other = found[draw(st.integers(0, len(found) - 1))][1]
    kept = draw(st.booleans())
    return _replaced(
        draw,
        pdf,
        OBJECT,
        lambda one: other[: len(one)].ljust(len(one)) if kept else other,
        2,
    )


def stream_swapped(draw: Draw, pdf: bytes) -> bytes:
    """One stream's content in another's place."""
    found = STREAM.findall(pdf)
    if not found:
        return pdf
    other = found[draw(st.integers(0, len(found) - 1))]
    return _replaced(draw, pdf, STREAM, lambda _: other, 1)


def table_edited(draw: Draw, pdf: bytes) -> bytes:
    """One line of a table pointing elsewhere, or saying another kind."""
    place = b"%010d" % _place(draw, pdf)
    kind = draw(st.sampled_from([b"n", b"f"]))
    return _replaced(draw, pdf, LINE, lambda _: b"%s 00000 %s" % (place, kind))


def number_edited(draw: Draw, pdf: bytes) -> bytes:
    """One number changed by a little, or to one at the edge."""
    by = draw(st.integers(-2, 2))
    edge = draw(st.sampled_from([None, 0, 1, 2**31, 10**9]))
    return _replaced(
        draw,
        pdf,
        NUMBER,
        lambda one: b"%d" % (edge if edge is not None else max(0, int(one) + by)),
    )


def update_added(draw: Draw, pdf: bytes) -> bytes:
    """An update that replaces some object by another, or by a few words."""
    found = OBJECT.findall(pdf)
    if not found or b"startxref" not in pdf:
        return pdf
    number = int(found[draw(st.integers(0, len(found) - 1))][0])
    other = found[draw(st.integers(0, len(found) - 1))][1]
    few = b" ".join(draw(st.lists(words, max_size=12)))
    body = few if draw(st.booleans()) else other
    try:
        return updated(pdf, {number % 10_000_000: body})
    except (IndexError, ValueError):
        return pdf


def value_edited(draw: Draw, pdf: bytes) -> bytes:
    """Some bytes of the signature changed, and written as they should be."""
    try:
        gap = Gap.of(pdf)
        value = bytearray(gap.value(pdf) or b"0")
        for _ in range(draw(st.integers(1, 3))):
            value[draw(st.integers(0, len(value) - 1))] = draw(st.integers(0, 255))
        return gap.filled(pdf, bytes(value))
    except (AssertionError, ValueError):
        return pdf


EDITS = (
    bytes_edited,
    cut_short,
    moved,
    word_swapped,
    object_spliced,
    stream_swapped,
    table_edited,
    number_edited,
    update_added,
    value_edited,
)
