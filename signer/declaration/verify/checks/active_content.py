"""What in a file acts by itself or can be switched: a declaration holds nothing such.

Scripts, layers and forms change what a reader sees, and no byte of the file changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.declaration.verify.checks.document import entry
from signer.errors import CheckFailed

# ISO 32000-1, table 28, without what acts: actions, layers, portfolios, threads.
_CATALOGUE = {
    *("/Type", "/Version", "/Extensions", "/Pages", "/PageLabels", "/Names"),
    *("/Dests", "/ViewerPreferences", "/PageLayout", "/PageMode", "/Outlines"),
    *("/AcroForm", "/Metadata", "/StructTreeRoot", "/MarkInfo", "/Lang"),
    *("/OutputIntents", "/Perms", "/DSS", "/AF"),
}
# Of table 30, without actions, files attached to a page, and marks of print shops.
_PAGE = {
    *("/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/Contents"),
    *("/Rotate", "/Group", "/Annots", "/StructParents", "/Tabs"),
}
# Of tables 164 and 173, without pictures of its own, notes and attached files.
_LINK = {
    *("/Type", "/Subtype", "/Rect", "/Border", "/A", "/Dest", "/F", "/StructParent"),
    *("/Contents", "/P", "/H", "/QuadPoints", "/BS", "/C"),
}
_NAMES = {"/EmbeddedFiles", "/Dests"}
_ACTIONS = {"/URI", "/GoTo"}
_DEEPEST, _MOST = 16, 1000


def check_nothing_acts(reader: PdfFileReader) -> None:
    """Refuse a file that acts, or whose parts can be shown and hidden.

    Raises:
        CheckFailed: it is one, or has no end.
    """
    root = reader.root
    names = entry(root, "/Names") or {}
    pages = list(_pages(entry(root, "/Pages"), [_MOST]))
    acts = not set(root) <= _CATALOGUE or not set(names) <= _NAMES
    if acts or any(map(_acts, pages)):
        raise CheckFailed(
            "The file contains something that runs automatically, or can be shown and "
            "hidden. A declaration never does."
        )
    if any(map(_bears_more, pages)):
        raise CheckFailed(
            "A page, or a link on it, has more than any of a declaration has, such "
            "as a file that is attached to it."
        )


def _pages(
    node: generic.DictionaryObject, left: list[int], depth: int = 0
) -> Iterator[generic.DictionaryObject]:
    """The leaves of the tree of pages; ``left`` holds how many more may come."""
    if "/Kids" not in node:
        yield node
        return
    for kid in node["/Kids"]:
        left[0] -= 1
        if depth == _DEEPEST or left[0] < 0:
            raise CheckFailed(f"The file has more than {_MOST} pages, or no end.")
        yield from _pages(kid.get_object(), left, depth + 1)


def _notes(page: generic.DictionaryObject) -> list[generic.DictionaryObject]:
    return [one.get_object() for one in entry(page, "/Annots") or ()]


def _acts(page: generic.DictionaryObject) -> bool:
    return "/AA" in page or any(map(_note_acts, _notes(page)))


def _bears_more(page: generic.DictionaryObject) -> bool:
    links = [one for one in _notes(page) if one["/Subtype"] == "/Link"]
    return not set(page) <= _PAGE or any(not set(one) <= _LINK for one in links)


def _note_acts(note: generic.DictionaryObject) -> bool:
    if "/AA" in note:
        return True
    if note["/Subtype"] == "/Widget":
        # The seal's own: see `revision`.
        return note["/FT"] != "/Sig" or "/A" in note
    action = entry(note, "/A")
    return note["/Subtype"] != "/Link" or (
        action is not None and (action["/S"] not in _ACTIONS or "/Next" in action)
    )
