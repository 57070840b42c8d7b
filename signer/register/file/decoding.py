"""The bytes of a register file as text, or the reason why they are none.

A byte that is not UTF-8 stays in the text as a lone surrogate (Python's
``surrogateescape``), so that the cell which holds it can be named by line and
column; `undecoded` finds it there.
"""

from __future__ import annotations

import codecs

from signer.register.problems import Problem, shown

SAVE_AS_UTF8 = (
    "Open it in the program that made it and save it as “CSV UTF-8” "
    "(in Excel: File, Save As, “CSV UTF-8 (Comma delimited)”)"
)

# What a file begins with when it is something else. UTF-32 before UTF-16: the mark
# of the one begins with the mark of the other.
_OTHER_BEGINNINGS = (
    (codecs.BOM_UTF32_LE, "the file is in UTF-32"),
    (codecs.BOM_UTF32_BE, "the file is in UTF-32"),
    (codecs.BOM_UTF16_LE, "the file is in UTF-16"),
    (codecs.BOM_UTF16_BE, "the file is in UTF-16"),
    (
        b"\xd0\xcf\x11\xe0",
        "the file is an old Excel workbook (.xls), or has a password",
    ),
    (b"%PDF", "the file is a PDF, not a CSV file"),
)


def text_of(raw: bytes) -> str | Problem:
    """The file as text, without a byte order mark; or why it cannot be read."""
    for beginning, what in _OTHER_BEGINNINGS:
        if raw.startswith(beginning):
            return Problem(1, "", what, SAVE_AS_UTF8)
    if b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        what = "the file holds NUL bytes; it may be in UTF-16"
        return Problem(line, "", what, SAVE_AS_UTF8)
    text = raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    if not text.strip():
        return Problem(1, "", "the file is empty", "Choose the register's CSV file")
    return text


def undecoded(cell: str) -> str:
    """What is wrong with a cell whose letters cannot be trusted, or nothing."""
    if "\ufffd" in cell:
        return "a letter was lost (�) when this file was saved"
    try:
        cell.encode()
    except UnicodeEncodeError as error:
        byte = ord(cell[error.start]) & 0xFF
        raw = cell.encode("utf-8", "surrogateescape")
        guess = raw.decode("cp1252", "replace").strip()
        return (
            f"the byte {byte:02X} is not UTF-8 "
            f"(in Windows-1252 the cell would read {shown(guess)})"
        )
    return ""
