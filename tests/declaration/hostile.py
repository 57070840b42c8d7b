"""Files that are made to keep a reader busy, to fill its memory, or to break it."""

from __future__ import annotations

import zlib
from functools import cache
from io import BytesIO

from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.declaration.forgery import as_one

MEBIBYTE = 2**20


@cache
def bomb(mebibytes: int) -> bytes:
    """So many MiB of zeros, compressed a thousandfold."""
    squeezer = zlib.compressobj(9)
    zeros = bytes(MEBIBYTE)
    parts = [squeezer.compress(zeros) for _ in range(mebibytes)]
    return b"".join([*parts, squeezer.flush()])


def around(*objects: bytes, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of these objects, numbered from 1, with a table of cross-references."""
    pdf = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    pdf += b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    tail = b"trailer\n<</Size %d%s>>\nstartxref\n%d\n%%%%EOF\n"
    return pdf + tail % (size, trailer, start)


def stream(content: bytes, entries: bytes = b"/Filter/FlateDecode") -> bytes:
    """A stream object."""
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), entries, content)


def with_statement_bomb(pdf: bytes, mebibytes: int) -> bytes:
    """A PDF with a bomb attached in the statement's place; to be sealed afterwards."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    packed = embed.EmbeddedFileObject(
        writer,
        {generic.pdf_name("/Filter"): generic.pdf_name("/FlateDecode")},
        encoded_data=bomb(mebibytes),
    )
    name = "declaration.json"
    file = embed.FileSpec(file_spec_string=name, file_name=name, embedded_data=packed)
    embed.embed_file(writer, file)
    output = BytesIO()
    writer.write(output)
    return as_one(output.getvalue())


def with_cross_reference_bomb(mebibytes: int) -> bytes:
    """Cross-references in a stream that is a bomb (ISO 32000-1 §7.5.8)."""
    packed = bomb(mebibytes)
    entries = mebibytes * MEBIBYTE // 4
    head = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n"
    table = stream(
        packed,
        b"/Type/XRef/Size %d/W[1 2 1]/Root 1 0 R/Filter/FlateDecode" % entries,
    )
    return b"%s2 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (head, table, len(head))


def with_catalogue_in_a_bomb(mebibytes: int) -> bytes:
    """The catalogue within an object stream that is a bomb (§7.5.7)."""
    packed = bomb(mebibytes)
    return _with_object_stream(
        stream(packed, b"/Type/ObjStm/N 1/First 5/Filter/FlateDecode")
    )


def with_object_stream_in_itself() -> bytes:
    """An object stream that is to be found within an object stream: itself."""
    inside = stream(b"1 0 <</Type/Catalog>>", b"/Type/ObjStm/N 1/First 4/Extends 2 0 R")
    return _with_object_stream(inside, itself=True)


def with_a_number_of(digits: int) -> bytes:
    """One number that takes a reader longer than anybody waits."""
    return around(b"<</Type/Catalog/X %s>>" % (b"9" * digits))


def _with_object_stream(content: bytes, *, itself: bool = False) -> bytes:
    head = b"%PDF-1.7\n"
    first = b"2 0 obj\n%s\nendobj\n" % content
    place = len(head) + len(first)
    holder = (2, 2, 0) if itself else (1, len(head), 0)
    rows = b"".join(
        kind.to_bytes(1, "big") + one.to_bytes(4, "big") + bytes([two])
        for kind, one, two in ((0, 0, 0), (2, 2, 0), holder, (1, place, 0))
    )
    table = stream(rows, b"/Type/XRef/Size 4/W[1 4 1]/Root 1 0 R")
    tail = b"3 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, place)
    return head + first + tail
