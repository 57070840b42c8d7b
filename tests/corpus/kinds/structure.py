"""How a file is put together: damaged, wrapped, or read otherwise by each reader."""

from __future__ import annotations

import re
import struct
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from signer.declaration.seal.seal import seal
from tests.conftest import MOMENT
from tests.corpus.case import OPEN, REFUSED, Room
from tests.corpus.raw import (
    body_of,
    first_page,
    last_table,
    pdf_of,
    resealed,
    root_of,
    size_of,
    stream,
    swapped,
    updated,
)
from tests.declaration.forgery import encrypted

if TYPE_CHECKING:
    from tests.corpus.bench import Bench

case = Room()


@case("Nothing in the file.", OPEN, "file")
def empty(_bench: Bench) -> bytes:
    return b""


@case("A picture that is called a PDF.", OPEN, "file")
def a_picture(_bench: Bench) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(1000)


def _cut(bench: Bench, part: int) -> bytes:
    return bench.sealed[: len(bench.sealed) // part - 20]


for _part, _name in ((9, "start"), (2, "half"), (1, "last-bytes")):
    case.add(
        f"truncated-to-the-{_name}" if _part > 1 else "truncated-last-bytes",
        "A download that stopped.",
        OPEN,
        "file",
        partial(_cut, part=_part),
    )


@case("The seal's update cut off, the typeset file left.", REFUSED, "seal")
def truncated_to_the_typeset_file(bench: Bench) -> bytes:
    return bench.sealed[: len(bench.typeset)]


@case("One byte lost in the middle.", OPEN, "file")
def one_byte_lost(bench: Bench) -> bytes:
    return bench.sealed[:5000] + bench.sealed[5001:]


@case("Every line end changed, as a mail program might.", OPEN, "file")
def line_ends_changed(bench: Bench) -> bytes:
    return bench.sealed.replace(b"\n", b"\r\n")


@case("Behind a password.", OPEN, "file")
def locked(bench: Bench) -> bytes:
    return encrypted(bench.sealed)


@case("Encrypted with an empty password, so that readers open it.", OPEN, "file")
def encrypted_without_a_password(bench: Bench) -> bytes:
    writer = copy_into_new_writer(PdfFileReader(BytesIO(bench.sealed)))
    writer.encrypt(owner_pass="owner", user_pass="")
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


@case("An update says that it is encrypted.", OPEN, "file")
def said_to_be_encrypted(bench: Bench) -> bytes:
    number = size_of(bench.sealed)
    words = b"<</Filter/Standard/V 1/R 2/O(%s)/U(%s)/P -4>>" % (b"o" * 32, b"u" * 32)
    entry = b"/Encrypt %d 0 R" % number
    return updated(bench.sealed, {number: words}, trailer=entry)


@case("Printed into a new file: the same pages, no seal.", REFUSED, "seal")
def printed_anew(bench: Bench) -> bytes:
    writer = copy_into_new_writer(PdfFileReader(BytesIO(bench.typeset)))
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


@case("The objects copied into a new file, the seal among them.", REFUSED, "seal")
def saved_as_another_file(bench: Bench) -> bytes:
    writer = copy_into_new_writer(PdfFileReader(BytesIO(bench.sealed)))
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


@case("Junk before the file.", OPEN, "file")
def junk_before(bench: Bench) -> bytes:
    return b"GIF89a" + b"\0" * 900 + bench.sealed


@case("A line end before the file.", OPEN, "file")
def line_before(bench: Bench) -> bytes:
    return b"\n" + bench.sealed


@case("Junk after the file.", REFUSED, "seal")
def junk_after(bench: Bench) -> bytes:
    return bench.sealed + b"\0" * 100


@case("A line end after the file.", REFUSED, "seal")
def line_after(bench: Bench) -> bytes:
    return bench.sealed + b"\n"


@case("A second end of the file.", OPEN, "file")
def two_ends(bench: Bench) -> bytes:
    return bench.sealed + b"%%EOF\n"


@case("A second, whole end of the file.", REFUSED, "seal")
def two_whole_ends(bench: Bench) -> bytes:
    return bench.sealed + b"startxref\n%d\n%%%%EOF\n" % last_table(bench.sealed)


@case("A ZIP archive behind the file, in the same file.", OPEN, "file")
def archive_behind(bench: Bench) -> bytes:
    output = BytesIO(bench.sealed)
    with ZipFile(output, "a") as archive:
        archive.writestr("note.txt", "I do not agree." * 200)
    return output.getvalue()


@case("Two declarations, one behind the other.", REFUSED, "seal")
def two_files(bench: Bench) -> bytes:
    return bench.sealed + bench.sealed


@case("A web page in a comment, sealed so.", REFUSED, "typesetting", deep=True)
def web_page_inside(bench: Bench) -> bytes:
    page = b"%<html><script>alert(1)</script><!--\n"
    pdf = bench.typeset.replace(b"\n", b"\n" + page, 1)
    moved = re.sub(
        rb"(?m)^(\d{10}) (\d{5}) n",
        lambda line: b"%010d %s n" % (int(line[1]) + len(page), line[2]),
        pdf,
    )
    end = last_table(pdf)
    moved = moved.replace(b"startxref\n%d" % end, b"startxref\n%d" % (end + len(page)))
    return seal(moved, bench.key, at=MOMENT).pdf


@case("The table points to another object in place of a page.", REFUSED, "digest")
def table_pointing_elsewhere(bench: Bench) -> bytes:
    lines = re.findall(rb"\d{10} 00000 n\r\n", bench.typeset)
    return swapped(bench.sealed, lines[40], lines[41])


@case("A table that names itself as the one before.", OPEN, "file")
def table_in_a_circle(bench: Bench) -> bytes:
    start = len(bench.sealed)
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 9/Root %d 0 R/Prev %d>>"
    end = b"\nstartxref\n%d\n%%%%EOF\n" % start
    return bench.sealed + table % (root_of(bench.sealed), start) + end


@case("A table before the start of the file.", OPEN, "file")
def table_before_the_start(bench: Bench) -> bytes:
    return re.sub(rb"/Prev \d+", b"/Prev -99999"[:11], bench.sealed)


@case("A table behind the end of the file.", OPEN, "file")
def table_behind_the_end(bench: Bench) -> bytes:
    end = bench.sealed.rindex(b"startxref")
    return bench.sealed[:end] + b"startxref\n999999999\n%%EOF\n"


def _compressed(pdf: bytes, number: int, body: bytes, *, count: int = 1) -> bytes:
    """An update that holds an object in an object stream, by a table in a stream."""
    holder, table = size_of(pdf), size_of(pdf) + 1
    head = b"".join(b"%d %d " % (number, 0) for _ in range(count))
    inside = stream(head + body, b"/Type/ObjStm/N %d/First %d" % (count, len(head)))
    start = len(pdf)
    held = b"%d 0 obj\n%s\nendobj\n" % (holder, inside)
    rows = [(2, holder, 0), (1, start, 0), (1, start + len(held), 0)]
    packed = b"".join(struct.pack(">BIH", *row) for row in rows)
    about = b"/Type/XRef/W[1 4 2]/Index[%d 1 %d 2]/Size %d/Root %d 0 R/Prev %d" % (
        number,
        holder,
        table + 1,
        root_of(pdf),
        last_table(pdf),
    )
    listed = b"%d 0 obj\n%s\nendobj\n" % (table, stream(packed, about))
    return pdf + held + listed + b"startxref\n%d\n%%%%EOF\n" % (start + len(held))


@case("A page replaced from inside an object stream.", REFUSED, "seal")
def hidden_in_an_object_stream(bench: Bench) -> bytes:
    root = root_of(bench.sealed)
    return _compressed(bench.sealed, root, body_of(bench.sealed, root))


@case("The same object twice in an object stream.", REFUSED, "seal")
def twice_in_an_object_stream(bench: Bench) -> bytes:
    root = root_of(bench.sealed)
    return _compressed(bench.sealed, root, body_of(bench.sealed, root), count=2)


@case("An object stream sealed by the school.", REFUSED, "changes")
def object_stream_sealed(bench: Bench) -> bytes:
    pdf = bench.typeset + b"\n"
    root = root_of(pdf)
    return seal(_compressed(pdf, root, body_of(pdf, root)), bench.key, at=MOMENT).pdf


@case("Tables for old readers and for new ones, which differ.", REFUSED, "signature")
def two_tables(bench: Bench) -> bytes:
    """A hybrid file: new readers see the object stream, old ones do not."""
    pdf = bench.typeset + b"\n"
    root = root_of(pdf)
    new = _compressed(pdf, root, body_of(pdf, root))
    hybrid = updated(
        new[: new.rindex(b"startxref")] + b"startxref\n%d\n" % last_table(pdf),
        {},
        trailer=b"/XRefStm %d" % last_table(new),
    )
    return seal(hybrid, bench.key, at=MOMENT).pdf


@case(
    "The first page's object in the file twice, the other one named.", REFUSED, "digest"
)
def object_twice(bench: Bench) -> bytes:
    """The seal's own table made to name the page as it was before the seal."""
    header = rb"(?<!\d)%d 0 obj" % first_page(bench.sealed)
    old, new = (found.start() for found in re.finditer(header, bench.sealed))
    return swapped(bench.sealed, b"%010d 00000 n \n" % new, b"%010d 00000 n \n" % old)


@case("The same, sealed so by the school.", REFUSED, "changes")
def object_twice_sealed(bench: Bench) -> bytes:
    """The catalogue named is the one before the seal: the file has none."""
    pdf = bench.sealed
    return resealed(swapped(pdf, b"/Perms", b"/Perm5"), bench.key)


@case("A file of another program that has no seal.", REFUSED, "seal")
def another_program_s_file(_bench: Bench) -> bytes:
    return pdf_of({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Kids[]/Count 0>>"})
