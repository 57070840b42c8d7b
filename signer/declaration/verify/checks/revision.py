"""The update that bears the seal: it adds the seal, and changes nothing else.

A seal covers whatever its own update does. So the update is looked into: were it to
write a page anew, the pages that were typeset would stand in the file unseen.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.declaration.verify.checks.document import entry
from signer.declaration.verify.refused_report import MOST_BYTES
from signer.errors import CheckFailed

_ADDED = {"/AcroForm", "/DSS", "/Extensions", "/Perms"}
"""What a seal adds to the catalogue."""
FORM = {"/Fields", "/SigFlags"}
"""What the form holds: fields of seals, and nothing to fill in."""
_FIELD = {
    "/FT": b"/Sig",
    "/T": b"(Seal)",
    "/TU": b"(Seal of the school)",
    "/Type": b"/Annot",
    "/Subtype": b"/Widget",
    "/F": b"132",
    "/Rect": b"[ -9999 -9999 -9999 -9999 ]",
}
"""What the seal's own field holds beside its page and its value: no appearance, and
no words but its name, which readers of the screen say aloud."""
_VALUE = {
    "/Type": b"/Sig",
    "/Filter": b"/Adobe.PPKLite",
    "/SubFilter": b"/ETSI.CAdES.detached",
    "/Reference": (
        b"[ <<\n/Type /SigRef\n/TransformMethod /DocMDP\n/TransformParams <<\n"
        b"/Type /TransformParams\n/V /1.2\n/P 1\n>>\n>> ]"
    ),
}
"""What the seal itself states beside its time, its range and its signature: no reason,
no place, no name."""
_TIME = re.compile(r"D:\d{14}(?:Z|[+-]\d\d'\d\d'?)", re.ASCII)
_EXTENSIONS = (
    b"<<\n/ESIC <<\n/Type /DeveloperExtensions\n/BaseVersion /1.7\n"
    b"/ExtensionLevel 1\n>>\n>>"
)
"""What the catalogue says of the kind of signature."""
_TRAILER = {"/Size", "/Root", "/Info", "/ID", "/Prev"}
"""What the ends of both steps state."""
STORE = {"/Certs", "/CRLs", "/OCSPs"}
"""What validation data is made of."""
STREAM = {"/Length", "/Filter"}
"""What one certificate, list or answer among it holds beside itself."""
_DEFLATED = "/FlateDecode"
_SHARE, _FEW_BYTES = 32, 16
_END_OF_FILE = b"%%EOF"
_VALUE_BEGINS = re.compile(rb"<<\n/Contents <[0-9A-F]+>\n/ByteRange \[[0-9 ]+\] *\n")
_TABLE = re.compile(
    rb"xref\n(?:\d+ \d+\n(?:\d{10} \d{5} [fn] \n)+)+"
    rb"trailer\n<<\n(?:/(?:Size|Prev) \d+\n|/(?:Root|Info) \d+ \d+ R\n"
    rb"|/ID \[ <(?P<id>[0-9a-f]*)> <[0-9a-f]{32}> \]\n)+>>\n"
    rb"startxref\n\d+\n%%EOF\n"
)
"""How a step that is added ends."""
_SIGNED_ONCE = 3
"""Signatures exist, and only updates may follow (ISO 32000-1, table 219)."""
_SEALED, _FIRST = 1, 0
_NOT_ALONE = (
    "The part with the seal also changes what the file shows, or adds to it. The "
    "school's seal never does."
)
_SHOWS = (
    "The seal takes up room on a page or has a picture of its own, which may cover "
    "what the page says. The school's seal shows nothing."
)
_WORDS = (
    "The seal has words of its own, such as a reason, a place or another name, which "
    "are not part of the declaration. The school's seal has none."
)


def check_revision(reader: PdfFileReader, field: generic.Reference) -> None:
    """Refuse a file that was not sealed as it was typeset.

    Args:
        reader: the file.
        field: the seal's field.

    Raises:
        CheckFailed: its bytes were put together in more than two steps, or the step
            that sealed it did more than that.
    """
    revisions = reader.xrefs.total_revisions
    if revisions != _SEALED + 1:
        raise CheckFailed(
            f"The file was put together in {revisions} steps. A declaration is made "
            "in two: its pages, and the seal."
        )
    if reader.xrefs.refs_freed_in_revision(_SEALED):
        raise CheckFailed(_NOT_ALONE)
    page = _now(field).raw_get("/P").reference
    seal = _now(field).raw_get("/V").reference
    belonging = _belonging(reader, {page, field, seal})
    for one in reader.xrefs.explicit_refs_in_revision(_SEALED):
        if one not in belonging:
            raise CheckFailed(_NOT_ALONE)
        if reader.xrefs.get_historical_ref(one, _FIRST) is None:
            continue
        if one == reader.root_ref:
            _same(reader, one, _ADDED)
        elif one == page:
            _same(reader, one, {"/Annots"})
        else:
            raise CheckFailed(_NOT_ALONE)
    _only(reader, page, field)
    _shows_nothing(field)
    _says_nothing(reader, field)
    if not _holds_its_objects_alone(reader, seal):
        raise CheckFailed(_WORDS)


def _belonging(
    reader: PdfFileReader, seal: set[generic.Reference]
) -> set[generic.Reference]:
    """The objects that the step which seals a file writes: whatever it refers to.

    What nothing refers to shows nothing, and still stands in the file for whoever
    looks into it.
    """
    root = reader.root
    named = [root.raw_get(key) for key in ("/AcroForm", "/DSS") if key in root]
    store = entry(root, "/DSS") or generic.DictionaryObject()
    named += [one for key in STORE for one in entry(store, key) or ()]
    return {
        reader.root_ref,
        *seal,
        *(one.reference for one in named if isinstance(one, generic.IndirectObject)),
    }


def _shows_nothing(field: generic.Reference) -> None:
    """Refuse a seal with an appearance, or with an area."""
    seal = _now(field)
    left, lower, right, upper = seal["/Rect"]
    if not set(seal) <= {*_FIELD, "/P", "/V"} or (left != right and lower != upper):
        raise CheckFailed(_SHOWS)


def _says_nothing(reader: PdfFileReader, field: generic.Reference) -> None:
    """Refuse words in the seal, in what belongs to it or in the file's description."""
    before = reader.get_historical_resolver(_FIRST).trailer_view
    described = [
        one.raw_get("/Info") if "/Info" in one else None
        for one in (before, reader.trailer)
    ]
    seal, value = _now(field), _now(field)["/V"]
    permitted = b"<<\n/DocMDP %d 0 R\n>>" % seal.raw_get("/V").reference.idnum
    store = entry(reader.root, "/DSS") or generic.DictionaryObject()
    streams = [one.get_object() for key in STORE for one in entry(store, key) or ()]
    if (
        not _reads(seal, _FIELD)
        or not _reads(value, _VALUE)
        or not set(value) <= {*_VALUE, "/M", "/Contents", "/ByteRange"}
        or not _TIME.fullmatch(str(value["/M"]))
        or not _reads(reader.root, {"/Extensions": _EXTENSIONS, "/Perms": permitted})
        or described[0] != described[1]
        or not set(reader.trailer.flatten()) <= _TRAILER
        or not set(store) <= STORE
        or not all(map(is_plain, streams))
    ):
        raise CheckFailed(_WORDS)


def _reads(found: generic.DictionaryObject, expected: Mapping[str, bytes]) -> bool:
    """Whether what is expected stands there, written just so."""
    return all(written(found, key) == text for key, text in expected.items())


def _holds_its_objects_alone(reader: PdfFileReader, seal: generic.Reference) -> bool:
    """Whether the step that sealed a file is its objects, and no more."""
    reader.stream.seek(0)
    pdf = reader.stream.read()
    typeset = reader.xrefs.get_xref_container_info(_FIRST).start_location
    place = pdf.index(_END_OF_FILE, typeset) + len(_END_OF_FILE)
    # The first seals began on the line on which the typeset file ends.
    place += pdf.startswith(b"\n", place)
    return end_of_step(reader, _SEALED, pdf, place, seal) == len(pdf)


def end_of_step(
    reader: PdfFileReader,
    revision: int,
    pdf: bytes,
    place: int,
    signature: generic.Reference | None = None,
) -> int | None:
    """Where a step ends that is its objects, written out, and their table.

    What stands between them, or in a comment, is read by nobody, and is in the file.

    Args:
        reader: the file.
        revision: which step.
        pdf: all of the file.
        place: where the step begins.
        signature: the object in it that holds a signature's value, where one does.

    Returns:
        None where there is anything else in it.
    """
    found, began = reader.get_historical_resolver(revision), place
    parts: list[bytes] = []
    objects = reader.xrefs.explicit_refs_in_revision(revision)
    for one in sorted(objects, key=lambda ref: ref.idnum):
        written_now = found.get_object(one)
        heading = b"%d %d obj\n" % (one.idnum, one.generation)
        if one != signature:
            parts.append(heading + _as_written(written_now) + b"\nendobj\n")
            continue
        text = b"".join(parts) + heading
        begins = _VALUE_BEGINS.match(pdf, place + len(text))
        if not begins or not pdf.startswith(text, place):
            return None
        stated = [
            b"%b %b\n" % (key.encode(), _as_written(written_now.raw_get(key)))
            for key in written_now
            if key not in {"/Contents", "/ByteRange"}
        ]
        place, parts = begins.end(), [*stated, b">>\nendobj\n"]
    text = b"".join(parts)
    ends = _TABLE.match(pdf, place + len(text))
    if not ends or not pdf.startswith(text, place):
        return None
    # The first of the two that name the file stands in it already, in either form.
    named = ends["id"] or b""
    text = bytes.fromhex(named.decode("ascii"))
    there = pdf.find(text, 0, began) >= 0 or named in pdf[:began].lower()
    return ends.end() if there else None


def is_plain(stream: generic.StreamObject) -> bool:
    """Whether a stream holds its content, compressed or not, and nothing else."""
    if not set(stream) <= STREAM or entry(stream, "/Filter") not in {None, _DEFLATED}:
        return False
    if "/Filter" not in stream:
        return True
    packed, written_now = zlib.decompressobj(), stream.encoded_data
    try:
        content = packed.decompress(written_now, MOST_BYTES)
    except zlib.error:
        return False
    if not packed.eof or packed.unused_data:
        return False
    # Empty parts hold nothing and may still be spelt. Programs differ by little in how
    # long what they compress gets.
    usual = len(zlib.compress(content))
    return len(written_now) <= usual + usual // _SHARE + _FEW_BYTES


def _same(reader: PdfFileReader, one: generic.Reference, added: set[str]) -> None:
    """Refuse a dictionary with anything new but what is added."""
    before, now = _before(reader, one), _now(one)
    for key in {*before, *now} - added:
        if written(before, key) != written(now, key):
            raise CheckFailed(_NOT_ALONE)


def _only(
    reader: PdfFileReader, page: generic.Reference, field: generic.Reference
) -> None:
    """Refuse a form, or an annotation, besides the seal's own."""
    form = entry(reader.root, "/AcroForm")
    shown = [*(entry(_before(reader, page), "/Annots") or ())]
    now = [*(entry(_now(page), "/Annots") or ())]
    raw = [one.reference for one in form.raw_get("/Fields")] if form else []
    if (
        not form
        or not set(form) <= FORM
        or form["/SigFlags"] != _SIGNED_ONCE
        or raw != [field]
        or len(now) != len(shown) + 1
        or any(one not in now for one in shown)
    ):
        raise CheckFailed(_NOT_ALONE)


def _now(one: generic.Reference) -> Any:  # noqa: ANN401 - whatever a file holds there
    return one.get_object()


def _before(reader: PdfFileReader, one: generic.Reference) -> Any:  # noqa: ANN401 - whatever a file holds there
    """An object as it was before the seal."""
    return reader.get_historical_resolver(_FIRST).get_object(one)


def written(dictionary: generic.DictionaryObject, key: str) -> bytes | None:
    """What stands under a key, as it is written; None where nothing does."""
    return _as_written(dictionary.raw_get(key)) if key in dictionary else None


def _as_written(value: generic.PdfObject) -> bytes:
    output = BytesIO()
    value.write_to_stream(output, None)
    return output.getvalue()
