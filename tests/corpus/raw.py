"""PDF files written by hand, as no library would write them."""

from __future__ import annotations

import hashlib
import re
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

from pyhanko.pdf_utils.reader import PdfFileReader

from tests.declaration.forgery import Gap
from tests.declaration.pyhanko_signer import HeldKeySigner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signer.pki.make_keys import SealKey

_MEBIBYTE = 1 << 20
_ADLER = 65521

Bodies = dict[int, bytes]
"""Objects by their number, as they are written between ``obj`` and ``endobj``."""


def pdf_of(objects: Mapping[int, bytes], *, trailer: bytes = b"") -> bytes:
    """A whole file of some objects; the first one is the catalogue.

    Args:
        objects: their bodies by number.
        trailer: more entries for the trailer.
    """
    start = b"%PDF-1.7\n"
    root = min(objects)
    return start + _section(len(start), objects, root, trailer)


def updated(
    pdf: bytes,
    objects: Mapping[int, bytes],
    *,
    root: int | None = None,
    trailer: bytes = b"",
) -> bytes:
    """A file with an update behind it: new objects, their table, a trailer.

    Args:
        pdf: the file.
        objects: bodies by number, new ones or replacements.
        root: the number of the catalogue, where it is another.
        trailer: more entries for the trailer.
    """
    before = last_table(pdf)
    pdf = pdf.rstrip() + b"\n"
    root = root or root_of(pdf)
    trailer += b"/Prev %d" % before
    return pdf + _section(len(pdf), objects, root, trailer, top=size_of(pdf))


def _section(
    place: int,
    objects: Mapping[int, bytes],
    root: int,
    trailer: bytes,
    top: int = 0,
) -> bytes:
    written = bytearray()
    table = bytearray(b"xref\n0 1\n0000000000 65535 f \n")
    for number, body in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, place + len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = max([top, *(number + 1 for number in objects)])
    return b"%s%strailer\n<</Size %d/Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        written,
        table,
        size,
        root,
        trailer,
        place + len(written),
    )


def last_table(pdf: bytes) -> int:
    """Where the newest cross-reference table stands."""
    return int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])


def root_of(pdf: bytes) -> int:
    """The number of the catalogue."""
    return int(re.findall(rb"/Root (\d+) 0 R", pdf)[-1])


def size_of(pdf: bytes) -> int:
    """One more than the highest number of an object."""
    return int(re.findall(rb"/Size (\d+)", pdf)[-1])


def body_of(pdf: bytes, number: int) -> bytes:
    """The newest body of an object that is written out, without its stream."""
    pattern = rb"(?<!\d)%d 0 obj\s*(.*?)\s*(?:stream|endobj)" % number
    bodies: list[bytes] = re.findall(pattern, pdf, re.DOTALL)
    return bodies[-1]


def with_entry(body: bytes, entry: bytes) -> bytes:
    """A dictionary with an entry in front, in place of an array under the same key."""
    key = entry[: re.match(rb"/\w+", entry).end()]  # type: ignore[union-attr]
    body = re.sub(re.escape(key) + rb"\s*\[[^\]]*\]", b"", body)
    return b"<<" + entry + body.removeprefix(b"<<")


def catalogue_with(pdf: bytes, entry: bytes, objects: Mapping[int, bytes]) -> bytes:
    """A file whose catalogue has one more entry, by an update.

    Args:
        pdf: the file.
        entry: the entry, written out.
        objects: what else the update holds.
    """
    root = root_of(pdf)
    changed = with_entry(body_of(pdf, root), entry)
    return updated(pdf, {root: changed, **objects})


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """The body of a stream."""
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), entries, content)


def squeezed(content: bytes, entries: bytes = b"", *, times: int = 1) -> bytes:
    """The body of a stream that is compressed, perhaps several times over."""
    for _ in range(times):
        content = zlib.compress(content, 9)
    filters = b"/Filter[%s]" % (b"/FlateDecode" * times)
    return stream(content, filters + entries)


def zeros(mebibytes: int) -> bytes:
    """So many MiB of zeros, compressed, though nobody ever held them.

    One part is compressed and repeated; the end holds the checksum (RFC 1950 §2.2),
    which for zeros follows from their number.
    """
    packer = zlib.compressobj(9, wbits=-15)
    part = packer.compress(bytes(_MEBIBYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    sum_of_sums = mebibytes * _MEBIBYTE % _ADLER
    end = b"\x03\x00" + ((sum_of_sums << 16) + 1).to_bytes(4, "big")
    return b"\x78\xda" + part * mebibytes + end


def first_page(pdf: bytes) -> int:
    """The number of the first page."""
    page = PdfFileReader(BytesIO(pdf)).root["/Pages"].raw_get("/Kids")
    number: int = page.raw_get(0).reference.idnum
    return number


def resealed(pdf: bytes, key: SealKey, gap: Gap | None = None) -> bytes:
    """A file whose seal is made anew by a key, after what was done to it.

    Args:
        pdf: a file with a gap for a seal; its length stays.
        key: whose seal.
        gap: where the gap is, where the file does not say so.
    """
    gap = gap or Gap.of(pdf)
    covered = pdf[: gap.start] + pdf[gap.end :]
    value = HeldKeySigner(key).sign_digest(hashlib.sha256(covered).digest())
    return gap.filled(pdf, value)


def swapped(pdf: bytes, old: bytes, new: bytes, *, once: bool = True) -> bytes:
    """A file with some bytes in place of as many others, so that all else stays.

    Args:
        pdf: the file.
        old: what must stand in it.
        new: what stands there instead, spaces behind it where it is shorter.
        once: whether the old must stand there once only.
    """
    assert len(new) <= len(old)
    assert pdf.count(old) == 1 or (not once and old in pdf), pdf.count(old)
    return pdf.replace(old, new.ljust(len(old)))
