"""An archive copy: a sealed file, and behind it what keeps it checkable for longer.

Behind the sealed file, which stands in it byte for byte, there are pairs of updates:
validation data, then a document timestamp over all that is before it (PAdES B-LTA,
ETSI EN 319 142-1 §5.4.3 and §5.5). Nothing else may be there: a timestamp covers
whatever its authority was sent, so that it says nothing for what an update does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.x509 import ocsp
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from signer.declaration.verify.checks.document import (
    MALFORMED,
    byte_range,
    check_value,
    entry,
    read_document,
)
from signer.declaration.verify.checks.revision import (
    FORM,
    STORE,
    end_of_step,
    is_plain,
    written,
)
from signer.errors import CheckFailed

SUBFILTER = "/ETSI.RFC3161"
_STAMP = "/DocTimeStamp"
_FIELD = {"/FT", "/T", "/V", "/Type", "/Subtype", "/Rect"}
"""What the field of a document timestamp holds: it stands on no page, without area."""
_VALUE = {"/Type", "/Filter", "/SubFilter", "/Contents", "/ByteRange"}
_SEALED = 2
"""The updates of a sealed file: its pages, and the seal."""
_MOST_SPARE = 512
_MOST = 40
"""Document timestamps: one a year outlasts everybody."""
_READERS: dict[str, Callable[[bytes], object]] = {
    "/Certs": x509.load_der_x509_certificate,
    "/CRLs": x509.load_der_x509_crl,
    "/OCSPs": ocsp.load_der_ocsp_response,
}

_MORE = (
    "Behind the seal, the file holds more than validation data and timestamps. "
    "An archive copy never does: something was added to it."
)
_OPEN = (
    "Something follows the file's last timestamp, and no timestamp covers it: it was "
    "added, or the timestamp over it was taken away."
)


@dataclass(frozen=True, slots=True)
class DocumentTimestamp:
    """One of the timestamps behind a sealed file."""

    token: cms.ContentInfo
    message: bytes
    """All that is before it, and around its own value: what it was made over."""


@dataclass(frozen=True, slots=True)
class ArchiveCopy:
    """An archive copy that is put together as one, its timestamps unchecked."""

    sealed: bytes
    """The file as it was sealed."""
    reader: PdfFileReader
    """The whole copy."""
    timestamps: tuple[DocumentTimestamp, ...]
    """In the order in which they were made; at least one."""


def field_name(number: int) -> str:
    """The name of a document timestamp's field, by its number, from 1."""
    return f"Archive {number}"


def archive_copy(reader: PdfFileReader, pdf: bytes) -> ArchiveCopy | None:
    """The parts of an archive copy; None for a file without document timestamps.

    Args:
        reader: the file.
        pdf: all of it.

    Raises:
        CheckFailed: it bears document timestamps, and is no archive copy.
    """
    values = [
        value.get_object()
        for _, value, _ in enumerate_sig_fields(reader, filled_status=True)
    ]
    stamps = [one for one in values if entry(one, "/Type") == _STAMP]
    seals = [one for one in values if entry(one, "/Type") != _STAMP]
    if not stamps or len(seals) != 1:
        return None
    if len(stamps) > _MOST:
        raise CheckFailed(f"The file has more than {_MOST} document timestamps.")
    ranges = [_stamp_of(pdf, one) for one in stamps]
    ranges.sort(key=itemgetter(0))
    begin = byte_range(seals[0])
    ends = [begin.end, *(end for end, _ in ranges)]
    if sorted({*ends}) != ends:
        raise CheckFailed(_MORE)
    if ends[-1] != len(pdf):
        raise CheckFailed(_OPEN)
    sealed = pdf[: begin.end]
    _check_updates(reader, read_document(sealed), ends, pdf)
    return ArchiveCopy(sealed, reader, tuple(stamp for _, stamp in ranges))


def _stamp_of(
    pdf: bytes, value: generic.DictionaryObject
) -> tuple[int, DocumentTimestamp]:
    """Where the cover of a timestamp ends, and the timestamp."""
    covered = byte_range(value)
    contents = bytes(value.raw_get("/Contents").original_bytes)
    check_value(contents, pdf[covered.gap_starts : covered.gap_ends])
    token = cms.ContentInfo.load(contents)
    if len(contents) - len(token.dump()) > _MOST_SPARE:
        raise CheckFailed("A timestamp of the file was replaced by a shorter one.")
    message = pdf[: covered.gap_starts] + pdf[covered.gap_ends : covered.end]
    return covered.end, DocumentTimestamp(token, message)


def _check_updates(
    reader: PdfFileReader, sealed: PdfFileReader, ends: Sequence[int], pdf: bytes
) -> None:
    """Refuse updates that do anything but what an archive copy's do.

    Args:
        reader: the whole copy.
        sealed: the sealed file alone.
        ends: where the sealed file ends, and each timestamp's cover.
        pdf: all of the copy.
    """
    xrefs, pairs = reader.xrefs, len(ends) - 1
    if xrefs.total_revisions != _SEALED + 2 * pairs or xrefs.hybrid_xrefs_present:
        raise CheckFailed(_MORE)
    _check_begins_as(reader, sealed)
    for pair in range(pairs):
        data, stamp = _SEALED + 2 * pair, _SEALED + 2 * pair + 1
        for revision in (data, stamp):
            place = xrefs.get_xref_container_info(revision).start_location
            within = ends[pair] <= place < ends[pair + 1]
            if not within or xrefs.refs_freed_in_revision(revision):
                raise CheckFailed(_MORE)
        _check_data(reader, data)
        value = _check_stamp(reader, stamp, pair + 1)
        between = end_of_step(reader, data, pdf, ends[pair])
        if between is None or ends[pair + 1] != end_of_step(
            reader, stamp, pdf, between, value
        ):
            raise CheckFailed(_MORE)


def _check_begins_as(reader: PdfFileReader, sealed: PdfFileReader) -> None:
    """Refuse a copy that reads its beginning otherwise than the sealed file."""
    if sealed.xrefs.total_revisions != _SEALED:
        raise CheckFailed(_MORE)
    for revision in range(_SEALED):
        tables = [
            one.xrefs.get_xref_container_info(revision) for one in (reader, sealed)
        ]
        if tables[0] != tables[1]:
            raise CheckFailed(_MORE)
    for key in ("/Root", "/Info"):
        named = [
            one.trailer.raw_get(key).reference if key in one.trailer else None
            for one in (reader, sealed)
        ]
        if named[0] != named[1]:
            raise CheckFailed(_MORE)


def _check_data(reader: PdfFileReader, revision: int) -> None:
    """Refuse an update that adds anything but validation data."""
    before, now = _at(reader, revision - 1), _at(reader, revision)
    root = reader.root_ref
    allowed = {root}
    _same(before.get_object(root), now.get_object(root), {"/DSS"})
    store_ref = now.get_object(root).raw_get("/DSS").reference
    store = now.get_object(store_ref)
    former = entry(before.get_object(root), "/DSS")
    if former is not None:
        if before.get_object(root).raw_get("/DSS").reference != store_ref:
            raise CheckFailed(_MORE)
        _same(former, store, set(_READERS))
    if not set(store) <= STORE:
        raise CheckFailed(_MORE)
    allowed.add(store_ref)
    for key in _READERS:
        old, new = _listed(former, key), _listed(store, key)
        if new[: len(old)] != old:
            raise CheckFailed(_MORE)
        for one in new[len(old) :]:
            _check_stream(now.get_object(one), key)
            allowed.add(one)
    _check_only(reader, revision, allowed, {root, store_ref})


def _check_stamp(
    reader: PdfFileReader, revision: int, number: int
) -> generic.Reference:
    """Refuse an update that adds anything but a document timestamp; gives that."""
    before, now = _at(reader, revision - 1), _at(reader, revision)
    form_ref = before.get_object(reader.root_ref).raw_get("/AcroForm").reference
    form = now.get_object(form_ref)
    _same(before.get_object(form_ref), form, {"/Fields"})
    old, new = (_listed(one, "/Fields") for one in (before.get_object(form_ref), form))
    if not set(form) <= FORM or new[:-1] != old or len(new) != len(old) + 1:
        raise CheckFailed(_MORE)
    field = now.get_object(new[-1])
    value_ref: generic.Reference = field.raw_get("/V").reference
    value = now.get_object(value_ref)
    if (
        set(field) != _FIELD
        or (field["/FT"], field["/Type"]) != ("/Sig", "/Annot")
        or field["/Subtype"] != "/Widget"
        or list(field["/Rect"]) != [0, 0, 0, 0]
        or str(field["/T"]) != field_name(number)
        or set(value) != _VALUE
        or value["/Type"] != _STAMP
        or value["/SubFilter"] != SUBFILTER
        or value["/Filter"] != "/Adobe.PPKLite"
    ):
        raise CheckFailed(_MORE)
    allowed = {form_ref, new[-1], value_ref}
    _check_only(reader, revision, allowed, {form_ref})
    return value_ref


def _check_only(
    reader: PdfFileReader,
    revision: int,
    allowed: set[generic.Reference],
    changed: set[generic.Reference],
) -> None:
    """Refuse other objects, and those among these that were there before.

    Args:
        reader: the whole copy.
        revision: the update.
        allowed: the objects that it may hold.
        changed: those of them that may have been there before.
    """
    for one in reader.xrefs.explicit_refs_in_revision(revision):
        there = reader.xrefs.get_historical_ref(one, revision - 1) is not None
        if one not in allowed or (there and one not in changed):
            raise CheckFailed(_MORE)


def _check_stream(stream: Any, key: str) -> None:  # noqa: ANN401 - whatever a file holds there
    """Refuse what is no certificate, list or answer."""
    try:
        if not is_plain(stream):
            raise CheckFailed(_MORE)
        _READERS[key](bytes(stream.data))
    except MALFORMED as error:
        raise CheckFailed(_MORE) from error


def _listed(
    dictionary: generic.DictionaryObject | None, key: str
) -> list[generic.Reference]:
    found = (entry(dictionary, key) if dictionary else None) or ()
    return [one.reference for one in found]


def _same(
    before: generic.DictionaryObject, now: generic.DictionaryObject, but: set[str]
) -> None:
    for key in {*before, *now} - but:
        if written(before, key) != written(now, key):
            raise CheckFailed(_MORE)


def _at(reader: PdfFileReader, revision: int) -> HistoricalResolver:
    return reader.get_historical_resolver(revision)
