"""The update that bears a seal, behind a file of the one shape that Typst writes.

Such a file is flat: one table of all its objects, none of them compressed, and plain
values in the two that a seal changes. Then the update is a few lines around what is
there already, the same, byte for byte, as pyHanko writes. Of any other file nothing
is said here: pyHanko reads and extends it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

_TAIL = re.compile(
    rb"trailer\n"
    rb"<</Size (?P<size>[1-9]\d{0,6})/Root (?P<root>\d{1,7}) 0 R"
    rb"/Info (?P<info>\d{1,7}) 0 R/ID\[\((?P<id>[\w+/=]{1,64})\)\([\w+/=]{1,64}\)\]>>\n"
    rb"startxref\n(?P<table>[1-9]\d{0,9})\n%%EOF\n?",
    re.ASCII,
)
_ENTRY = re.compile(rb"(\d{10}) 00000 n\r\n")
_ENTRY_LENGTH = 20
_TAIL_LENGTH = 300
_REFERENCE = re.compile(rb"(\d{1,7}) 0 R")
# What pyHanko would write otherwise than it stands there matches nothing.
_TOKEN = re.compile(
    rb"[ \n]*(?:(?P<mark><<|>>|[\[\]])|(?P<plain>/[\w.+-]+|\d{1,7} 0 R\b"
    rb"|-?(?:0|[1-9]\d{0,8})\.\d{0,5}[1-9](?![\w.])"
    rb"|(?:0|-?[1-9]\d{0,8})(?![\w.])|true\b|false\b)"
    rb"|\((?P<text>[\w .+-]*)\))",
    re.ASCII,
)
_TAKEN = {b"/AcroForm", b"/DSS", b"/Extensions", b"/Perms", b"/Version"}
_DEEPEST = 8
_RANGE_DIGITS = 60
_OFF_THE_PAGE = b"[ -9999 -9999 -9999 -9999 ]"

_Dictionary = dict[bytes, bytes]
"""Keys, and values as they are written."""


class _NotFlat(Exception):
    """The file has another shape."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sealed file but for the value of its seal."""

    before: bytes
    after: bytes

    def sha256(self) -> bytes:
        """The digest that the seal is a signature over."""
        found = hashlib.sha256(self.before)
        found.update(self.after)
        return found.digest()

    def around(self, value: bytes) -> bytes:
        """The whole file, with a value as it is written."""
        return self.before + value + self.after


def update_for_seal(
    pdf: bytes, *, name: str, title: str, reserved: int, at: datetime
) -> Prepared | None:
    """A file with everything that a seal adds; None where it has another shape.

    Args:
        pdf: a file as Typst wrote it, and a line end.
        name: of the seal's field: letters and digits.
        title: what people read of the field: letters, digits and spaces.
        reserved: hexadecimal digits that the seal's value takes up.
        at: the time that the seal states, in UTC.
    """
    try:
        file = _FlatFile(pdf)
        return _update(file, name.encode(), title.encode(), reserved, _date(at))
    except _NotFlat:
        return None


class _FlatFile:
    """A file whose one table says where every object is."""

    def __init__(self, pdf: bytes) -> None:
        near_the_end = max(0, len(pdf) - _TAIL_LENGTH)
        tail = _TAIL.fullmatch(pdf, pdf.find(b"trailer\n", near_the_end))
        if not tail or not pdf.startswith(b"%PDF-1.7\n"):
            raise _NotFlat
        self.pdf = pdf
        self.size, self.root, self.info, self.table = (
            int(tail[one]) for one in ("size", "root", "info", "table")
        )
        self.id = tail["id"]
        heading = b"xref\n0 %d\n" % self.size
        self._entries = self.table + len(heading)
        if (
            not pdf.startswith(heading, self.table)
            or self._entries + _ENTRY_LENGTH * self.size != tail.start()
        ):
            raise _NotFlat

    def dictionary(self, number: int) -> _Dictionary:
        """The object of a number, which must be a dictionary and no stream."""
        if not 0 < number < self.size:
            raise _NotFlat
        entry = _ENTRY.match(self.pdf, self._entries + _ENTRY_LENGTH * number)
        heading = b"%d 0 obj\n" % number
        start = int(entry[1]) if entry else -1
        if start < 0 or not self.pdf.startswith(heading, start):
            raise _NotFlat
        start += len(heading)
        end = self.pdf.find(b"\nendobj\n", start)
        return _read(self.pdf[start:end])


def _read(raw: bytes) -> _Dictionary:
    tokens = _tokens(raw)
    if next(tokens, b"") != b"<<":
        raise _NotFlat
    found = _entries(tokens)
    if next(tokens, None) is not None:
        raise _NotFlat
    return found


def _tokens(raw: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(raw):
        found = _TOKEN.match(raw, place)
        if not found:
            raise _NotFlat
        place = found.end()
        text = found["text"]
        yield found["mark"] or found["plain"] or _text(text)
    # Whoever expects more is at its end.


def _entries(tokens: Iterator[bytes]) -> _Dictionary:
    found: _Dictionary = {}
    while (key := next(tokens, b"")) != b">>":
        if not key.startswith(b"/") or key in found:
            raise _NotFlat
        found[key] = _value(tokens, next(tokens, b""))
    return found


def _value(tokens: Iterator[bytes], token: bytes) -> bytes:
    if token == b"<<":
        return _dictionary(_entries(tokens))
    if token == b"[":
        items = []
        while (item := next(tokens, b"")) != b"]":
            items.append(_value(tokens, item))
        return _array(items)
    if token in {b">>", b"]", b""}:
        raise _NotFlat
    return token


def _dictionary(entries: _Dictionary) -> bytes:
    return b"<<\n%b>>" % b"".join(b"%b %b\n" % one for one in entries.items())


def _array(items: list[bytes]) -> bytes:
    return b"[%b ]" % b"".join(b" " + item for item in items)


def _text(text: bytes) -> bytes:
    """A text as pyHanko writes it: all but letters, digits and spaces in octal."""
    return b"(%b)" % re.sub(
        rb"[^A-Za-z0-9 ]", lambda one: b"\\%03o" % ord(one[0]), text
    )


def _date(at: datetime) -> bytes:
    if at.utcoffset() != timedelta(0):
        raise _NotFlat
    return _text(f"D:{at:%Y%m%d%H%M%S}Z".encode())


def _first_page(file: _FlatFile, catalogue: _Dictionary) -> tuple[int, _Dictionary]:
    number = _number(catalogue.get(b"/Pages", b""))
    for _ in range(_DEEPEST):
        node = file.dictionary(number)
        if node.get(b"/Type") == b"/Page":
            return number, node
        kids = node.get(b"/Kids", b"")
        number = _number(kids.removeprefix(b"[ "))
    raise _NotFlat


def _number(reference: bytes) -> int:
    found = _REFERENCE.match(reference)
    if not found:
        raise _NotFlat
    return int(found[1])


def _update(
    file: _FlatFile, name: bytes, title: bytes, reserved: int, date: bytes
) -> Prepared:
    catalogue = file.dictionary(file.root)
    if catalogue.get(b"/Type") != b"/Catalog" or catalogue.keys() & _TAKEN:
        raise _NotFlat
    page_number, page = _first_page(file, catalogue)
    shown = page.get(b"/Annots", b"[ ]")
    if not shown.endswith(b" ]"):
        raise _NotFlat
    form, field, seal = range(file.size + 1, file.size + 4)
    page[b"/Annots"] = shown[:-1] + b"%d 0 R ]" % field
    # ETSI EN 319 142-1 §5.1: tells readers of PDF 1.7 about the kind of signature.
    catalogue[b"/Extensions"] = _EXTENSIONS
    catalogue[b"/AcroForm"] = b"%d 0 R" % form
    catalogue[b"/Perms"] = _dictionary({b"/DocMDP": b"%d 0 R" % seal})
    objects = {
        page_number: _dictionary(page),
        file.root: _dictionary(catalogue),
        form: _dictionary({b"/Fields": b"[ %d 0 R ]" % field, b"/SigFlags": b"3"}),
        # PDF/UA forbids an untagged widget on the page, PDF/A forbids hiding it: it
        # stands outside the page, with a name for those who meet it.
        field: _dictionary(
            {
                b"/FT": b"/Sig",
                b"/T": _text(name),
                b"/Type": b"/Annot",
                b"/Subtype": b"/Widget",
                b"/F": b"132",
                b"/Rect": _OFF_THE_PAGE,
                b"/P": b"%d 0 R" % page_number,
                b"/TU": _text(title),
                b"/V": b"%d 0 R" % seal,
            }
        ),
    }
    before, starts = _written(file.pdf, objects)
    starts[seal] = len(before)
    before += b"%d 0 obj\n<<\n/Contents " % seal
    gap_end = len(before) + reserved + 2
    after = b"\n/ByteRange %b\n" % bytes(_RANGE_DIGITS + 2) + _SEAL % date
    table = gap_end + len(after)
    after += _table(starts) + _trailer(file, seal + 1) + b"startxref\n%d\n" % table
    after += b"%%EOF\n"
    covered = b"[0 %d %d %d]" % (len(before), gap_end, len(after))
    room = bytes(_RANGE_DIGITS + 2)
    return Prepared(before, after.replace(room, covered.ljust(len(room)), 1))


def _written(pdf: bytes, objects: dict[int, bytes]) -> tuple[bytes, dict[int, int]]:
    """The file with objects behind it, in the order of their numbers, and where."""
    parts, starts, length = [pdf], {}, len(pdf)
    for number, content in sorted(objects.items()):
        starts[number] = length
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, content))
        length += len(parts[-1])
    return b"".join(parts), starts


def _table(starts: dict[int, int]) -> bytes:
    lines = [b"xref\n0 1\n0000000000 65535 f \n"]
    for _, group in groupby(enumerate(sorted(starts)), lambda one: one[1] - one[0]):
        run = [number for _, number in group]
        lines.append(b"%d %d\n" % (run[0], len(run)))
        lines += (b"%010d 00000 n \n" % starts[number] for number in run)
    return b"".join(lines)


def _trailer(file: _FlatFile, size: int) -> bytes:
    ids = b"[ <%b> <%b> ]" % (file.id.hex().encode(), os.urandom(16).hex().encode())
    entries = {
        b"/Size": b"%d" % size,
        b"/Root": b"%d 0 R" % file.root,
        b"/Info": b"%d 0 R" % file.info,
        b"/ID": ids,
        b"/Prev": b"%d" % file.table,
    }
    return b"trailer\n" + _dictionary(entries) + b"\n"


_EXTENSIONS = _dictionary(
    {
        b"/ESIC": _dictionary(
            {
                b"/Type": b"/DeveloperExtensions",
                b"/BaseVersion": b"/1.7",
                b"/ExtensionLevel": b"1",
            }
        )
    }
)
_REFERENCES = _array(
    [
        _dictionary(
            {
                b"/Type": b"/SigRef",
                b"/TransformMethod": b"/DocMDP",
                b"/TransformParams": _dictionary(
                    {b"/Type": b"/TransformParams", b"/V": b"/1.2", b"/P": b"1"}
                ),
            }
        )
    ]
)
_SEAL = (
    b"/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n"
    b"/M %b\n/Reference " + _REFERENCES + b"\n>>\nendobj\n"
)
"""The dictionary of a seal behind its value and range: it allows no changes."""
