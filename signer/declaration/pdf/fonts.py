"""The faces of the PDF: from packages, so that they are the same on every machine."""

from __future__ import annotations

from importlib.util import find_spec
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

_PACKAGES = (
    ("fontpkg_almarai", "files"),
    ("fontpkg_atkinson_hyperlegible", "files"),
    ("manimgx_fonts", "."),
    ("noto_cjk_sans_jp_regular", "."),
)


def load_fonts() -> typst.Fonts:
    """The faces of `FACES`, and none of the machine's own.

    Raises:
        TypesetError: a font package is missing, or holds other faces than it did.
    """
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[_folder(package, part) for package, part in _PACKAGES],
    )
    missing = sorted(set(FACES) - set(fonts.families()))
    if missing:
        raise TypesetError(f"the font packages lack {', '.join(missing)}")
    return fonts


def _folder(package: str, part: str) -> Path:
    # Found, not imported: only the files beside the package matter.
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise TypesetError(f"the font package {package} is not installed")
    return Path(spec.submodule_search_locations[0], part)
