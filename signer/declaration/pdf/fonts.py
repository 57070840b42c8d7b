"""The faces of the PDF: in this package, so that they are the same on every machine."""

from __future__ import annotations

import hashlib
from pathlib import Path

import typst

from signer.errors import TypesetError

FACES = (
    "Atkinson Hyperlegible",
    "Noto Sans",
    # Noto's Arabic puts letters together from parts, and a reader of the PDF finds
    # the parts: it is for what the other has not got.
    "Almarai",
    "Noto Sans Arabic",
    "Noto Sans Armenian",
    "Noto Sans Bengali",
    "Noto Sans Devanagari",
    "Noto Sans Ethiopic",
    "Noto Sans Georgian",
    "Noto Sans Gujarati",
    "Noto Sans Gurmukhi",
    "Noto Sans Hebrew",
    "Noto Sans Kannada",
    "Noto Sans Khmer",
    "Noto Sans Lao",
    "Noto Sans Malayalam",
    "Noto Sans Myanmar",
    "Noto Sans Oriya",
    "Noto Sans Sinhala",
    "Noto Sans Tamil",
    "Noto Sans Telugu",
    "Noto Sans Thai",
    "Noto Sans CJK JP",
    "Noto Sans Symbols",
    "Noto Emoji",
)
"""In order of preference; a text takes the first that has its characters."""

FIRST_FONTS = "1f74f3c469316eb2dfb41d1af8e687e6fefa53df0309536a63c3fca982907368"
"""What `fonts_sha256` gave when statements began to name it: whatever was typeset
before was set with the same fonts."""

RELEASED_FONTS = frozenset({FIRST_FONTS})
"""What `fonts_sha256` has given in any release. One that is superseded stays here."""

_FOLDER = Path(__file__).with_name("font_files")
_LIST = _FOLDER / "SHA256SUMS"
_FAMILIES = ("almarai", "atkinson-hyperlegible", "noto", "noto-cjk")


def fonts_sha256() -> str:
    """SHA-256 (hex) of the list of the fonts here, which names the SHA-256 of each."""
    return hashlib.sha256(_LIST.read_bytes()).hexdigest()


def load_fonts() -> typst.Fonts:
    """The faces of `FACES`, and none of the machine's own.

    Raises:
        TypesetError: a font is missing, or another one than the list says.
    """
    _check_files()
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[_FOLDER / family for family in _FAMILIES],
    )
    missing = sorted(set(FACES) - set(fonts.families()))
    if missing:
        raise TypesetError(f"the fonts lack {', '.join(missing)}")
    return fonts


def _check_files() -> None:
    """Compare the fonts with the list that each statement names by its SHA-256."""
    try:
        for line in _LIST.read_text(encoding="utf-8").splitlines():
            sha256, _, name = line.partition("  ")
            with (_FOLDER / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != sha256:
                raise TypesetError(f"the font {name} is not the one that is listed")
    except OSError as error:
        raise TypesetError(f"a font cannot be read: {error}") from error
