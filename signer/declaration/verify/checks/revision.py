"""The update that bears the seal: it adds the seal, and changes nothing else.

A seal covers whatever its own update does. So the update is looked into: were it to
write a page anew, the pages that were typeset would stand in the file unseen.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.declaration.verify.checks.document import entry
from signer.errors import CheckFailed

_ADDED = {"/AcroForm", "/DSS", "/Extensions", "/Perms"}
"""What a seal adds to the catalogue."""
FORM = {"/Fields", "/SigFlags"}
"""What the form holds: fields of seals, and nothing to fill in."""
_FIELD = {
    *("/FT", "/T", "/TU", "/Type", "/Subtype", "/F", "/Rect", "/P", "/V"),
}
"""What the seal's own field holds: no appearance, nor words."""
_VALUE = {
    *("/Type", "/Filter", "/SubFilter", "/M", "/Contents", "/ByteRange", "/Reference"),
}
"""What the seal itself states: no reason, no place, no name."""
STORE = {"/Certs", "/CRLs", "/OCSPs"}
"""What validation data is made of."""
STREAM = {"/Length", "/Filter", "/DecodeParms"}
"""What one certificate, list or answer among it holds beside itself."""
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
    "The seal has words of its own, such as a reason or a place, which are not "
    "part of the declaration. The school's seal has none."
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
    for one in reader.xrefs.explicit_refs_in_revision(_SEALED):
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


def _shows_nothing(field: generic.Reference) -> None:
    """Refuse a seal with an appearance, or with an area."""
    seal = _now(field)
    left, lower, right, upper = seal["/Rect"]
    if not set(seal) <= _FIELD or (left != right and lower != upper):
        raise CheckFailed(_SHOWS)


def _says_nothing(reader: PdfFileReader, field: generic.Reference) -> None:
    """Refuse words in the seal, in its validation data or in the file's description."""
    before = reader.get_historical_resolver(_FIRST).trailer_view
    described = [
        one.raw_get("/Info") if "/Info" in one else None
        for one in (before, reader.trailer)
    ]
    store = entry(reader.root, "/DSS") or generic.DictionaryObject()
    lists = [entry(store, key) or () for key in ("/Certs", "/CRLs", "/OCSPs")]
    streams = [one.get_object() for found in lists for one in found]
    if (
        not set(_now(field)["/V"]) <= _VALUE
        or described[0] != described[1]
        or not set(store) <= STORE
        or any(not set(one) <= STREAM for one in streams)
    ):
        raise CheckFailed(_WORDS)


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
    if key not in dictionary:
        return None
    output = BytesIO()
    dictionary.raw_get(key).write_to_stream(output, None)
    return output.getvalue()
