"""A file that somebody chose, by what is in it: Word's or a text."""

from __future__ import annotations

import codecs
import re

from signer.conversion.docx import convert_docx
from signer.conversion.html import Converted
from signer.errors import DocumentRefused

_AS_DOCX = (
    "Open it in the program that made it, and save it as a Word document (.docx)."
)
# What a file begins with when it is another, and what that is.
_OTHERS = (
    (b"%PDF", f"It is a PDF. {_AS_DOCX}"),
    (b"{\\rtf", f"It is in the format RTF. {_AS_DOCX}"),
)
_COMPOUND = b"\xd0\xcf\x11\xe0"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINE_END = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_NO_TEXT = "It is neither a Word document (.docx) nor a text file (.md)."


def read_file(content: bytes) -> Converted | str:
    """What a file says: converted where it is Word's, as it stands where it is a text.

    Args:
        content: the whole file; how it is called does not count.

    Raises:
        DocumentRefused: it is another, or cannot be read.
    """
    for beginning, why in _OTHERS:
        if content.startswith(beginning):
            raise DocumentRefused(why)
    if content.startswith(_COMPOUND):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise DocumentRefused("It has a password. Save it without one.")
        raise DocumentRefused(f"It is in the old format of Word (.doc). {_AS_DOCX}")
    if content.startswith(b"PK\x03\x04"):
        return convert_docx(content)
    return _text(content)


def _text(content: bytes) -> str:
    """A text in whichever encoding programs write, with LF at its line ends."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if encoding is None and b"\0" in content:
        # Letters of Europe have their zero in the second byte, or in the first.
        first, second = content[::2].count(0), content[1::2].count(0)
        encoding = "utf-16-le" if second > first else "utf-16-be"
    for name in (encoding,) if encoding else ("utf-8", "cp1252"):
        try:
            text = content.decode(name).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return _LINE_END.sub("\n", text)
    raise DocumentRefused(_NO_TEXT)
