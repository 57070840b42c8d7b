"""What chance does to a sealed declaration: edits of forgers and of bad disks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.corpus.raw import updated
from tests.declaration.forgery import Gap

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

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


def edited(chance: Random, pdf: bytes) -> bytes:
    """The file after one to four edits.

    Args:
        chance: what decides on them.
        pdf: the file.
    """
    for _ in range(chance.randint(1, 4)):
        pdf = chance.choice(EDITS)(chance, pdf)
    return pdf


def _place(chance: Random, pdf: bytes) -> int:
    """Anywhere; more often near the end, where the seal and the tables are."""
    near = chance.random() < 0.5
    lowest = max(0, len(pdf) - 18_000) if near else 0
    return chance.randint(lowest, len(pdf))


def bytes_edited(chance: Random, pdf: bytes) -> bytes:
    """Some bytes overwritten, put in or taken out."""
    place = _place(chance, pdf)
    new = chance.choice([chance.randbytes(chance.randint(0, 8)), chance.choice(WORDS)])
    gone = chance.choice([0, 1, len(new), 20])
    return pdf[:place] + new + pdf[place + gone :]


def cut_short(chance: Random, pdf: bytes) -> bytes:
    """The end missing, or the start."""
    place = _place(chance, pdf)
    return pdf[:place] if chance.random() < 0.5 else pdf[place:]


def moved(chance: Random, pdf: bytes) -> bytes:
    """A part of it a second time, somewhere else."""
    start, to = _place(chance, pdf), _place(chance, pdf)
    part = pdf[start : start + chance.randint(1, 3000)]
    gone = chance.choice([0, len(part)])
    return pdf[:to] + part + pdf[to + gone :]


def _replaced(
    chance: Random,
    pdf: bytes,
    pattern: re.Pattern[bytes],
    new: Mutation,
    group: int = 0,
) -> bytes:
    found = list(pattern.finditer(pdf))
    if not found:
        return pdf
    one = found[chance.randint(0, len(found) - 1)]
    start, end = one.span(group)
    return pdf[:start] + new(one[group]) + pdf[end:]


def word_swapped(chance: Random, pdf: bytes) -> bytes:
    """One word of the language of PDFs for another, the length kept or not."""
    old, new = chance.choice(WORDS), chance.choice(WORDS)
    kept = chance.random() < 0.5
    pattern = re.compile(re.escape(old))
    return _replaced(
        chance, pdf, pattern, lambda one: new.ljust(len(one)) if kept else new
    )


def object_spliced(chance: Random, pdf: bytes) -> bytes:
    """One object's content under another's number."""
    found = OBJECT.findall(pdf)
    if not found:
        return pdf
    other = found[chance.randint(0, len(found) - 1)][1]
    kept = chance.random() < 0.5
    return _replaced(
        chance,
        pdf,
        OBJECT,
        lambda one: other[: len(one)].ljust(len(one)) if kept else other,
        2,
    )


def stream_swapped(chance: Random, pdf: bytes) -> bytes:
    """One stream's content in another's place."""
    found = STREAM.findall(pdf)
    if not found:
        return pdf
    other = found[chance.randint(0, len(found) - 1)]
    return _replaced(chance, pdf, STREAM, lambda _: other, 1)


def table_edited(chance: Random, pdf: bytes) -> bytes:
    """One line of a table pointing elsewhere, or saying another kind."""
    place = b"%010d" % _place(chance, pdf)
    kind = chance.choice([b"n", b"f"])
    return _replaced(chance, pdf, LINE, lambda _: b"%s 00000 %s" % (place, kind))


def number_edited(chance: Random, pdf: bytes) -> bytes:
    """One number changed by a little, or to one at the edge."""
    by = chance.randint(-2, 2)
    edge = chance.choice([None, 0, 1, 2**31, 10**9])
    return _replaced(
        chance,
        pdf,
        NUMBER,
        lambda one: b"%d" % (edge if edge is not None else max(0, int(one) + by)),
    )


def update_added(chance: Random, pdf: bytes) -> bytes:
    """An update that replaces some object by another, or by a few words."""
    found = OBJECT.findall(pdf)
    if not found or b"startxref" not in pdf:
        return pdf
    number = int(found[chance.randint(0, len(found) - 1)][0])
    other = found[chance.randint(0, len(found) - 1)][1]
    few = b" ".join(chance.choices(WORDS, k=chance.randint(0, 12)))
    body = few if chance.random() < 0.5 else other
    try:
        return updated(pdf, {number % 10_000_000: body})
    except (IndexError, ValueError):
        return pdf


def value_edited(chance: Random, pdf: bytes) -> bytes:
    """Some bytes of the signature changed, and written as they should be."""
    try:
        gap = Gap.of(pdf)
        value = bytearray(gap.value(pdf) or b"0")
        for _ in range(chance.randint(1, 3)):
            value[chance.randint(0, len(value) - 1)] = chance.randint(0, 255)
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
