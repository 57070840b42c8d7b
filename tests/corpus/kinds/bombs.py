"""Files that are made to use up the time or the memory of whoever reads them."""

from __future__ import annotations

import struct
import zlib
from functools import partial
from typing import TYPE_CHECKING

from signer.declaration.seal.seal import seal
from tests.conftest import MOMENT
from tests.corpus.case import OPEN, REFUSED, Room
from tests.corpus.raw import (
    Bodies,
    catalogue_with,
    pdf_of,
    size_of,
    squeezed,
    stream,
    updated,
    zeros,
)
from tests.declaration.forgery import as_one, without_attachments

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.corpus.bench import Bench

case = Room()

MILLION = 1_000_000


@case("200 million bytes.", OPEN, "file", heavy=True)
def two_hundred_megabytes(bench: Bench) -> bytes:
    return bench.sealed + bytes(200 * MILLION)


@case(
    "49 million bytes, of which the seal covers all but the last.",
    REFUSED,
    "seal",
    heavy=True,
)
def just_small_enough(bench: Bench) -> bytes:
    filling = stream(bytes(49 * MILLION - len(bench.sealed)))
    return updated(bench.sealed, {size_of(bench.sealed): filling})


def _table_in_a_stream(about: bytes, packed: bytes, filters: bytes = b"") -> bytes:
    start = b"%PDF-1.7\n"
    body = stream(packed, b"/Type/XRef/Root 1 0 R" + about + filters)
    return start + b"1 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (body, len(start))


@case(
    "A table of a thousand million objects that takes no room.",
    OPEN,
    "file",
    heavy=True,
)
def table_without_end(_bench: Bench) -> bytes:
    about = b"/W[0 0 0]/Size 9/Index[0 1000000000]"
    return _table_in_a_stream(about, b"")


@case(
    "A table of a thousand million objects that would be free.",
    OPEN,
    "file",
    heavy=True,
)
def table_of_nothing(_bench: Bench) -> bytes:
    return _table_in_a_stream(b"/W[1 0 0]/Size 1000000000", b"\0")


@case("A compressed table of 4,000 million bytes.", OPEN, "file", heavy=True)
def table_bomb(_bench: Bench) -> bytes:
    about = b"/W[1 4 2]/Size 600000000"
    return _table_in_a_stream(about, zeros(4096), b"/Filter/FlateDecode")


@case("A table compressed three times over.", OPEN, "file", heavy=True)
def table_bomb_in_layers(_bench: Bench) -> bytes:
    packed = zlib.compress(zlib.compress(zeros(1024), 9), 9)
    about = b"/W[1 4 2]/Size 600000000"
    filters = b"/Filter[/FlateDecode/FlateDecode/FlateDecode]"
    return _table_in_a_stream(about, packed, filters)


@case(
    "The catalogue in an object stream of 4,000 million bytes.",
    OPEN,
    "file",
    heavy=True,
)
def object_stream_bomb(_bench: Bench) -> bytes:
    start = b"%PDF-1.7\n"
    entries = b"/Type/ObjStm/N 1/First 5/Filter/FlateDecode"
    held = b"2 0 obj\n%s\nendobj\n" % stream(zeros(4096), entries)
    rows = [(0, 0, 0), (2, 2, 0), (1, len(start), 0), (1, len(start) + len(held), 0)]
    packed = b"".join(struct.pack(">BIH", *row) for row in rows)
    about = b"/Type/XRef/W[1 4 2]/Size 4/Root 1 0 R"
    table = b"3 0 obj\n%s\nendobj\n" % stream(packed, about)
    return start + held + table + b"startxref\n%d\n%%%%EOF\n" % (len(start) + len(held))


@case(
    "An object stream of a million objects, each of them looked for.",
    REFUSED,
    "seal",
    heavy=True,
)
def object_stream_of_many(_bench: Bench) -> bytes:
    start = b"%PDF-1.7\n"
    head = b"".join(b"%d 0 " % (9 + one) for one in range(300_000)) + b"1 0 "
    inside = head + b"<</Type/Catalog/AcroForm<</Fields[]>>>>"
    entries = b"/Type/ObjStm/N 300001/First %d" % len(head)
    held = b"2 0 obj\n%s\nendobj\n" % squeezed(inside, entries)
    rows = [(0, 0), (2, 2), (1, len(start)), (1, len(start) + len(held))]
    last = [0, 300_000, 0, 0]
    packed = b"".join(
        struct.pack(">BII", *row, place) for row, place in zip(rows, last, strict=True)
    )
    about = b"/Type/XRef/W[1 4 4]/Size 4/Root 1 0 R"
    table = b"3 0 obj\n%s\nendobj\n" % stream(packed, about)
    return start + held + table + b"startxref\n%d\n%%%%EOF\n" % (len(start) + len(held))


def _attached(bench: Bench, body: bytes) -> bytes:
    """Sealed by a stranger: an attachment of that body, called a statement."""
    pdf = without_attachments(bench.typeset)
    number = size_of(pdf)
    names = b"/Names<</EmbeddedFiles<</Names[(declaration.json)%d 0 R]>>>>" % number
    specification = (
        b"<</Type/Filespec/F(declaration.json)/UF(declaration.json)/EF<</F %d 0 R>>>>"
    )
    objects = {number: specification % (number + 1), number + 1: body}
    made = catalogue_with(pdf, names, objects)
    return seal(as_one(made), bench.stranger.key, at=MOMENT).pdf


@case("An attachment of 4,000 million bytes.", REFUSED, None, heavy=True)
def attachment_bomb(bench: Bench) -> bytes:
    entries = b"/Type/EmbeddedFile/Filter/FlateDecode"
    return _attached(bench, stream(zeros(4096), entries))


@case("An attachment compressed three times over.", REFUSED, None, heavy=True)
def attachment_bomb_in_layers(bench: Bench) -> bytes:
    return _attached(bench, squeezed(zeros(1024), b"/Type/EmbeddedFile", times=2))


@case("A statement of 100,000 brackets in one another.", REFUSED, None, heavy=True)
def statement_in_depth(bench: Bench) -> bytes:
    return _attached(bench, squeezed(b"[" * 100_000, b"/Type/EmbeddedFile"))


@case("A statement that is a number of a million digits.", REFUSED, None, heavy=True)
def statement_of_digits(bench: Bench) -> bytes:
    number = b'{"policy_version":' + b"9" * 900_000 + b"}"
    return _attached(bench, squeezed(number, b"/Type/EmbeddedFile"))


def _names_in_a_tree(bench: Bench) -> bytes:
    pdf = without_attachments(bench.typeset)
    first = size_of(pdf)
    objects: Bodies = {
        first + level: b"<</Kids[%s]>>" % (b"%d 0 R " % (first + level + 1) * 30)
        for level in range(7)
    }
    objects[first + 7] = b"<</Names[]>>"
    entry = b"/Names<</EmbeddedFiles %d 0 R>>" % first
    made = as_one(catalogue_with(pdf, entry, objects))
    return seal(made, bench.stranger.key, at=MOMENT).pdf


case.add(
    "attachments-in-a-tree",
    "A list of attachments that branches thirtyfold, seven times over.",
    REFUSED,
    None,
    _names_in_a_tree,
    heavy=True,
)


@case(
    "A list of fields that branches thirtyfold, twenty times over.",
    REFUSED,
    "seal",
    heavy=True,
)
def fields_in_a_tree(_bench: Bench) -> bytes:
    objects: Bodies = {1: b"<</Type/Catalog/AcroForm<</Fields[2 0 R]>>>>"}
    for level in range(2, 22):
        kids = b"%d 0 R " % (level + 1) * 30
        objects[level] = b"<</T(a)/Kids[%s]>>" % kids
    objects[22] = b"<</T(z)>>"
    return pdf_of(objects)


@case("A list of fields that goes round in a circle.", REFUSED, "seal", heavy=True)
def fields_in_a_circle(_bench: Bench) -> bytes:
    return pdf_of(
        {
            1: b"<</Type/Catalog/AcroForm<</Fields[2 0 R]>>>>",
            2: b"<</T(a)/Kids[3 0 R]>>",
            3: b"<</T(b)/Kids[2 0 R]>>",
        }
    )


@case("A list of fields 5,000 deep.", REFUSED, "seal", heavy=True)
def fields_in_depth(_bench: Bench) -> bytes:
    objects: Bodies = {1: b"<</Type/Catalog/AcroForm<</Fields[2 0 R]>>>>"}
    for level in range(2, 5000):
        objects[level] = b"<</T(a)/Kids[%d 0 R]>>" % (level + 1)
    objects[5000] = b"<</T(z)>>"
    return pdf_of(objects)


@case("Three thousand fields.", REFUSED, "seal", heavy=True)
def many_fields(_bench: Bench) -> bytes:
    fields = b"".join(b"%d 0 R " % one for one in range(2, 3_002))
    objects: Bodies = {1: b"<</Type/Catalog/AcroForm<</Fields[%s]>>>>" % fields}
    value = b"<</T(a)/FT/Sig/V<</Type/Sig>>>>"
    return pdf_of({**objects, **dict.fromkeys(range(2, 3_002), value)})


DEEP: dict[str, Callable[[], bytes]] = {
    "lists": lambda: b"[" * MILLION + b"]" * MILLION,
    "dictionaries": lambda: b"<</A" * MILLION + b" 1" + b">>" * MILLION,
    "brackets": lambda: b"(" * (2 * MILLION) + b")" * (2 * MILLION),
    "digits": lambda: b"9" * (3 * MILLION),
    "letters": lambda: b"(" + b"x" * (8 * MILLION) + b")",
    "hexadecimal-digits": lambda: b"<" + b"0" * (4 * MILLION) + b">",
    "a-name": lambda: b"/" + b"n" * (6 * MILLION),
    "a-comment": lambda: b"%" + b"c" * (9 * MILLION) + b"\n1",
    "white-space": lambda: b" " * (3 * MILLION) + b"1",
    "line-ends": lambda: b"\n" * (3 * MILLION) + b"1",
    "numbers": lambda: b"[" + b"1 " * (2 * MILLION) + b"]",
    "empty-lists": lambda: b"[" + b"[]" * (4 * MILLION) + b"]",
    "references": lambda: b"[" + b"1 0 R " * (MILLION // 3) + b"]",
}


def _deep(_bench: Bench, made: Callable[[], bytes]) -> bytes:
    return pdf_of({1: b"<</Type/Catalog/X " + made() + b">>"})


for _name, _made in DEEP.items():
    case.add(
        f"without-end-{_name}",
        f"A catalogue that is nearly nothing but {_name.replace('-', ' ')}.",
        REFUSED,
        "seal",
        partial(_deep, made=_made),
        heavy=True,
    )


@case("Ten thousand updates, one behind the other.", REFUSED, None, heavy=True)
def many_updates(bench: Bench) -> bytes:
    parts = [bench.sealed]
    place = len(bench.sealed)
    before = int(bench.sealed.split()[-2])
    root = b"/Size 9999/Root %d 0 R" % int(bench.sealed.split(b"/Root ")[-1].split()[0])
    for _ in range(10_000):
        update = (
            b"\nxref\n0 1\n0000000000 65535 f \ntrailer\n<<%s/Prev %d>>\n"
            b"startxref\n%d\n%%%%EOF" % (root, before, place + 1)
        )
        before = place + 1
        place += len(update)
        parts.append(update)
    return b"".join(parts)


@case("A value of the seal of 2 million digits.", REFUSED, None, heavy=True)
def long_value(_bench: Bench) -> bytes:
    value = b"30" * MILLION
    signature = (
        b"<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<%s>>>"
    )
    return pdf_of(
        {
            1: b"<</Type/Catalog/AcroForm<</Fields[2 0 R]>>>>",
            2: b"<</FT/Sig/T(x)/V 3 0 R>>",
            3: signature % value,
        }
    )


@case("A list of revoked certificates of 60 million bytes.", REFUSED, None, heavy=True)
def validation_data_bomb(bench: Bench) -> bytes:
    number = size_of(bench.typeset)
    bomb = stream(zeros(4096), b"/Filter/FlateDecode")
    entry = b"/DSS<</CRLs[%s]>>" % (b"%d 0 R " % number * 60)
    made = catalogue_with(bench.typeset, entry, {number: bomb})
    return seal(as_one(made), bench.stranger.key, at=MOMENT).pdf
