"""The files attached to a PDF, when each can be told from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyhanko.pdf_utils import generic

from signer.errors import CheckFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyhanko.pdf_utils.reader import PdfFileReader

_DEEPEST = 8
_MOST = 20


def attachments(reader: PdfFileReader) -> dict[str, bytes]:
    """The attached files by name.

    Every place that names a file must name the same one (ISO 32000-1 §7.11.3), so
    that no two readers of PDFs can show different ones.

    Raises:
        CheckFailed: two attachments have one name, or one has two.
    """
    found: dict[str, bytes] = {}
    references = []
    for key, reference in _entries(reader):
        references.append(reference)
        specification = _dictionary(reference.get_object())
        name = str(specification["/UF"])
        streams = _dictionary(specification["/EF"])
        inner = {streams.raw_get(one).reference for one in streams}
        if str(specification["/F"]) != name or key != name or len(inner) != 1:
            raise CheckFailed("An attachment goes by two names or has two contents.")
        if name in found:
            raise CheckFailed("Two attachments have the same name.")
        if len(found) == _MOST:
            raise CheckFailed(f"The file has more than {_MOST} attachments.")
        found[name] = bytes(streams["/F"].data)
    associated = [one.reference for one in reader.root.get("/AF", ())]
    if associated and sorted(associated, key=_order) != sorted(references, key=_order):
        raise CheckFailed("The file lists its attachments twice, and differently.")
    return found


def _entries(reader: PdfFileReader) -> Iterator[tuple[str, generic.Reference]]:
    """The leaves of the name tree of attachments (ISO 32000-1 §7.9.6)."""
    names = reader.root.get("/Names", {})
    if "/EmbeddedFiles" in names:
        yield from _leaves(names["/EmbeddedFiles"], 0)


def _leaves(
    node: generic.DictionaryObject, depth: int
) -> Iterator[tuple[str, generic.Reference]]:
    if depth == _DEEPEST:
        raise CheckFailed("The list of attachments never ends.")
    pairs = node.get("/Names", ())
    for place in range(0, len(pairs), 2):
        yield str(pairs[place]), pairs.raw_get(place + 1).reference
    for kid in node.get("/Kids", ()):
        yield from _leaves(kid.get_object(), depth + 1)


def _dictionary(found: object) -> generic.DictionaryObject:
    if not isinstance(found, generic.DictionaryObject):
        raise CheckFailed("An attachment is damaged or made up.")
    return found


def _order(reference: generic.Reference) -> tuple[int, int]:
    return reference.idnum, reference.generation
