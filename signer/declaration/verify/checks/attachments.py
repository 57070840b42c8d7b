"""The files attached to a PDF, when each can be told from the others."""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.declaration.verify.checks.document import entry
from signer.errors import CheckFailed

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
    listed = entry(reader.root, "/AF") or ()
    associated = sorted((one.reference for one in listed), key=_order)
    if associated and associated != sorted(references, key=_order):
        raise CheckFailed("The file lists its attachments twice, and differently.")
    return found


def _entries(reader: PdfFileReader) -> Iterator[tuple[str, generic.Reference]]:
    """The leaves of the name tree of attachments (ISO 32000-1 §7.9.6)."""
    names = entry(reader.root, "/Names")
    tree = names and entry(_dictionary(names), "/EmbeddedFiles")
    if tree:
        yield from _leaves(_dictionary(tree), 0)


def _leaves(
    node: generic.DictionaryObject, depth: int
) -> Iterator[tuple[str, generic.Reference]]:
    if depth == _DEEPEST:
        raise CheckFailed("The list of attachments never ends.")
    pairs = entry(node, "/Names") or generic.ArrayObject()
    for place in range(0, len(pairs), 2):
        yield str(pairs[place]), pairs.raw_get(place + 1).reference
    for kid in entry(node, "/Kids") or ():
        yield from _leaves(_dictionary(kid.get_object()), depth + 1)


def _dictionary(found: object) -> generic.DictionaryObject:
    if not isinstance(found, generic.DictionaryObject):
        raise CheckFailed("An attachment is damaged or made up.")
    return found


def _order(reference: generic.Reference) -> tuple[int, int]:
    return reference.idnum, reference.generation
