"""Keeping a PDF small beside a dictionary: the bytes that PDFs of its version share.

Zstandard (RFC 8878), with the dictionary as raw content: whatever stands in it as well
is kept as a reference to it. What is read again is what was kept, byte for byte, or it
is refused.
"""

from __future__ import annotations

import hashlib

import zstandard

from signer.errors import PdfUnreadable

_LEVEL = 10
"""Level 3 takes half the time for a kilobyte more, and 19 ten times it for one less."""

MOST_BYTES = 50_000_000
"""How large a PDF may be that is read again: far more than any has."""


def compressed(pdf: bytes, dictionary: bytes) -> bytes:
    """Return a PDF as it is kept beside a dictionary."""
    shared = zstandard.ZstdCompressionDict(
        dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT
    )
    return zstandard.ZstdCompressor(level=_LEVEL, dict_data=shared).compress(pdf)


def restored(
    kept: bytes, size: int, sha256: str, dictionary: bytes, dictionary_sha256: str
) -> bytes:
    """Return the PDF that `compressed` was given.

    Args:
        kept: what it gave.
        size: of the PDF in bytes; no more than that is ever made.
        sha256: SHA-256 (hex) of the PDF.
        dictionary: the same.
        dictionary_sha256: SHA-256 (hex) of the dictionary.

    Raises:
        PdfUnreadable: it is not that PDF any more.
    """
    if hashlib.sha256(dictionary).hexdigest() != dictionary_sha256:
        raise PdfUnreadable(sha256, "the dictionary is not the one it was kept with")
    try:
        # The library believes a frame that names its size, whatever it is told.
        if not 0 < size <= MOST_BYTES or zstandard.frame_content_size(kept) != size:
            raise PdfUnreadable(sha256, "it has another size than it was kept with")
        shared = zstandard.ZstdCompressionDict(
            dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT
        )
        pdf = zstandard.ZstdDecompressor(dict_data=shared).decompress(
            kept, max_output_size=size, allow_extra_data=False
        )
    except zstandard.ZstdError as error:
        raise PdfUnreadable(sha256, str(error)) from error
    if hashlib.sha256(pdf).hexdigest() != sha256:
        raise PdfUnreadable(sha256, "it is not the file that was sealed")
    return pdf
