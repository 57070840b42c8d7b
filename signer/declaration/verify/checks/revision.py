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
_FORM = {"/Fields", "/SigFlags"}
_SEALED, _FIRST = 1, 0
_NOT_ALONE = (
    "What bears the seal also changes what the file shows, or adds to it. The school's "
    "seal never does."
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


def _same(reader: PdfFileReader, one: generic.Reference, added: set[str]) -> None:
    """Refuse a dictionary with anything new but what is added."""
    before, now = _before(reader, one), _now(one)
    for key in {*before, *now} - added:
        if _bytes(before, key) != _bytes(now, key):
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
        or not set(form) <= _FORM
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


def _bytes(dictionary: generic.DictionaryObject, key: str) -> bytes | None:
    if key not in dictionary:
        return None
    output = BytesIO()
    dictionary.raw_get(key).write_to_stream(output, None)
    return output.getvalue()
