"""A `.docx` file as the Markdown of a policy.

Of the package only the parts with words are read, each bounded and without a document
type; macros, pictures and comments are not. The numbers of points, which Word works out
when it shows a document, are worked out here, since rules are named by them.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import replace
from io import BytesIO

import mammoth
from lxml import etree

from signer.conversion.docx_numbers import label_points
from signer.conversion.html import Converted, convert_html
from signer.errors import DocumentRefused

_MOST_PARTS = 5000
_MOST_BYTES = 8_000_000
"""How much XML is read: many times what the longest policy needs."""

_READ = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels"
    r"|word/(?:_rels/)?(?:document|styles|footnotes|endnotes)\d*\.xml(?:\.rels)?"
)
_NUMBERING = re.compile(r"word/numbering\d*\.xml")
_DOCUMENT = re.compile(r"word/document\d*\.xml")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NONE = "It is not a Word document that can be read. Open it in Word and save it again."
_LONG = "It is longer than a policy can be."
_STYLES = """
p[style-name='Title'] => p.MsoTitle:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
"""


def convert_docx(content: bytes) -> Converted:
    """What a `.docx` file says, as Markdown, with its title given apart.

    Args:
        content: the whole file.

    Raises:
        DocumentRefused: it is none that can be read, or is far too long.
    """
    parts = _parts(content)
    document = next((name for name in parts if _DOCUMENT.fullmatch(name)), "")
    if not document:
        raise DocumentRefused(_NONE)
    numbering = next((name for name in parts if _NUMBERING.fullmatch(name)), "")
    body = parts[document]
    label_points(
        body,
        numbering=parts.pop(numbering, None),
        styles=next((parts[one] for one in parts if "/styles" in one), None),
    )
    left_out = []
    if comments := sum(1 for _ in body.iter(f"{_W}commentReference")):
        left_out.append("a comment" if comments == 1 else f"{comments} comments")
    if next(body.iter(f"{_W}delText"), None) is not None:
        left_out.append("words that were deleted")
    converted = convert_html(_html(parts), with_title=True)
    return replace(converted, left_out=(*converted.left_out, *left_out))


def _parts(content: bytes) -> dict[str, etree._Element]:
    """The parts of a package that are read, parsed."""
    found: dict[str, etree._Element] = {}
    left = _MOST_BYTES
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            entries = package.infolist()
            if len(entries) > _MOST_PARTS:
                raise DocumentRefused(_LONG)
            for entry in entries:
                name = entry.filename
                if not _READ.fullmatch(name) and not _NUMBERING.fullmatch(name):
                    continue
                with package.open(entry) as part:
                    # What a package says of its sizes may be untrue.
                    source = part.read(left + 1)
                left -= len(source)
                if left < 0:
                    raise DocumentRefused(_LONG)
                found[name] = _parsed(source)
    except (
        zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError,
        ValueError, zlib.error,
    ) as error:  # fmt: skip
        raise DocumentRefused(_NONE) from error
    return found


def _parsed(source: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(source, parser)
    except etree.LxmlError as error:
        raise DocumentRefused(_NONE) from error
    if root.getroottree().docinfo.doctype:
        # The format has none (ECMA-376 part 2), and entities are declared in it.
        raise DocumentRefused(_NONE)
    return root


def _html(parts: dict[str, etree._Element]) -> str:
    package = BytesIO()
    with zipfile.ZipFile(package, "w") as rebuilt:
        for name, root in parts.items():
            rebuilt.writestr(name, etree.tostring(root, encoding="utf-8"))
    try:
        result = mammoth.convert_to_html(
            package,
            style_map=_STYLES,
            include_embedded_style_map=False,
            # No picture is opened: that one was there is told.
            convert_image=mammoth.images.img_element(lambda _: {"src": ""}),
        )
    except Exception as error:  # what a strange document makes of it is anything
        raise DocumentRefused(_NONE) from error
    return str(result.value)
