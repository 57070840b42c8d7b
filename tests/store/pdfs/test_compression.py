"""PDFs kept small: what comes back is what was kept, or nothing does."""

from __future__ import annotations

import hashlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from signer.errors import PdfUnreadable
from signer.store.pdfs.compression import compressed, restored

SHARED = b"%PDF-1.7 " + bytes(range(256)) * 8
PDF = SHARED[:1500] + b"Amira Khan" + SHARED[1500:]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def back(
    kept: bytes, pdf: bytes = PDF, shared: bytes = SHARED, size: int | None = None
) -> bytes:
    """What is read again of a PDF that was kept beside `SHARED`."""
    size = len(pdf) if size is None else size
    return restored(kept, size, sha256(pdf), shared, sha256(SHARED))


@given(st.binary(min_size=1))
def test_every_file_comes_back_byte_for_byte(content: bytes) -> None:
    """Whether or not it has anything of what is shared."""
    assert back(compressed(content, SHARED), content) == content


def test_what_is_shared_is_not_kept_again() -> None:
    """Of two thousand bytes those remain that are the parent's."""
    assert len(compressed(PDF, SHARED)) < len(PDF) // 20


@pytest.mark.parametrize("at", range(len(compressed(PDF, SHARED))))
def test_no_altered_byte_goes_unnoticed(at: int) -> None:
    """Wherever it is."""
    kept = bytearray(compressed(PDF, SHARED))
    kept[at] ^= 1
    with pytest.raises(PdfUnreadable):
        back(bytes(kept))


@pytest.mark.parametrize("shared", [b"", SHARED[:-1], SHARED.replace(b"1.7", b"1.6")])
def test_another_dictionary_is_refused(shared: bytes) -> None:
    """Even where it would give the same bytes."""
    with pytest.raises(PdfUnreadable, match="dictionary"):
        back(compressed(PDF, SHARED), shared=shared)


@pytest.mark.parametrize("size", [0, -1, len(PDF) - 1, len(PDF) + 1, 2**40])
def test_nothing_is_made_of_another_size(size: int) -> None:
    """Neither a shorter file nor a larger one."""
    with pytest.raises(PdfUnreadable, match="size"):
        back(compressed(PDF, SHARED), size=size)


def test_what_does_not_say_its_size_is_refused() -> None:
    """It might go on for ever."""
    stream = zstandard.ZstdCompressor().compressobj()
    endless = stream.compress(bytes(10_000_000)) + stream.flush()
    with pytest.raises(PdfUnreadable, match="size"):
        back(endless)


def test_nothing_may_follow() -> None:
    """No second frame, and no other bytes."""
    with pytest.raises(PdfUnreadable):
        back(compressed(PDF, SHARED) * 2)
