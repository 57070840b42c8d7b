"""A scan of a paper: which files are taken, and what they are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from signer.errors import ScanRefused

MOST_SCAN_BYTES = 10_000_000
"""A page or two, scanned or photographed; more is another kind of file."""

_KINDS = {
    b"%PDF-": ("application/pdf", "pdf"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
    b"\x89PNG\r\n\x1a\n": ("image/png", "png"),
}
ENDINGS = dict(_KINDS.values())
"""How the name of a file of each media type ends."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan or a photograph of a paper, as it is kept.

    Attributes:
        content: the whole file.
        media_type: such as ``application/pdf``, by what the file begins with.
    """

    content: bytes = field(repr=False)
    media_type: str

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of the file."""
        return hashlib.sha256(self.content).hexdigest()


def read_scan(content: bytes) -> Scan:
    """Return a scan, which is a PDF, a JPEG or a PNG by its first bytes.

    Nothing here opens it: it is kept and handed out as it is.

    Raises:
        ScanRefused: it is none of these, or too large.
    """
    if len(content) > MOST_SCAN_BYTES:
        raise ScanRefused(
            f"is larger than {MOST_SCAN_BYTES // 1_000_000} MB. Scan it in grey, at "
            "200 dots an inch"
        )
    for beginning, (media_type, _) in _KINDS.items():
        if content.startswith(beginning):
            return Scan(content, media_type)
    raise ScanRefused("is no PDF, JPEG or PNG")
