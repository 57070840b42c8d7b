"""The site's style as one sheet, at an address that changes with what it says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Eight digits or more before the ending: the theme's own files have such names too.
_FINGERPRINT = re.compile(r"[.-][0-9a-f]{8,}(?:\.min)?\.(?:css|js)$")


def one_sheet(folder: str, sheets: Iterable[str]) -> tuple[str, str]:
    """Several style sheets as one: its path, with its fingerprint, and its text.

    A phone on a slow line waits once instead of five times, and may keep it for good.

    Args:
        folder: where it is to stand; the addresses in the sheets are relative to it.
        sheets: what each says, in the order in which they hold.
    """
    text = _COMMENT.sub("", "\n".join(sheets))
    lines = (line.strip() for line in text.splitlines())
    text = "\n".join(line for line in lines if line) + "\n"
    return fingerprinted(f"{folder}/site.css", text), text


def fingerprinted(path: str, text: str) -> str:
    """A path that changes with what its file holds: ``a/site-1a2b3c4d5e6f.css``."""
    mark = hashlib.sha256(text.encode()).hexdigest()[:12]
    name, dot, ending = path.rpartition(".")
    return f"{name}-{mark}{dot}{ending}"


def never_changes(path: str) -> bool:
    """Whether a file's name holds its fingerprint, so that it may be kept for good."""
    return bool(_FINGERPRINT.search(path))
