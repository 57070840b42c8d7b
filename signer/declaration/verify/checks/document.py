"""A PDF from outside: read with limits, its one seal and its attachments found."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from asn1crypto import parser
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signer.declaration.verify.checks.hexadecimal import read_at_once
from signer.declaration.verify.refused_report import MOST_BYTES, TOO_LARGE
from signer.errors import CheckFailed

MALFORMED = (
    PdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the libraries raise when bytes are not what they should be."""

_DAMAGED = (
    "The file is damaged: it cannot be read as a PDF. Part of it may be missing, so "
    "fetch it again from where it came from."
)
_ADDED_TO = (
    "Something was added to the file behind its seal, so that it cannot be read as a "
    "PDF any more. Ask for the file as it was sent."
)
_UNCOVERED = (
    "The seal does not cover the whole file: something was added to it or taken away "
    "since."
)
_COVERED = re.compile(rb"/ByteRange\s*\[\s*0\s+\d{1,9}\s+(\d{1,9})\s+(\d{1,9})\s*\]")
_PADES = "/ETSI.CAdES.detached"
_HEXADECIMAL = re.compile(rb"<(?:[0-9A-F]{2})+>")
_RANGE_NUMBERS = 4

read_at_once()
# What is found goes into a report, not into the log.
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Seal:
    """The one seal of a file."""

    signature: EmbeddedPdfSignature
    field: generic.Reference
    """Where its field is."""
    covered: bytes
    """The whole file but for the seal's own value."""


def read_document(pdf: bytes) -> PdfFileReader:
    """The file as a tree of objects.

    Raises:
        CheckFailed: too large, locked, or not a PDF.
    """
    if len(pdf) > MOST_BYTES:
        raise CheckFailed(TOO_LARGE)
    if not pdf.startswith(b"%PDF-"):
        raise CheckFailed("The file is not a PDF.")
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=True)
        locked = reader.encrypted
        reader.root["/Type"]
    except MALFORMED as error:
        raise CheckFailed(_ADDED_TO if _was_added_to(pdf) else _DAMAGED) from error
    if locked:
        raise CheckFailed(
            "The file is locked with a password. A declaration never is: use the file "
            "as it was sent."
        )
    return reader


def _was_added_to(pdf: bytes) -> bool:
    """Whether the file goes on behind all that a seal in it says that it covers."""
    ends = [int(start) + int(size) for start, size in _COVERED.findall(pdf)]
    return bool(ends) and max(ends) < len(pdf)


def find_seal(reader: PdfFileReader, pdf: bytes) -> Seal:
    """The one seal, when it covers every byte of the file but its own value.

    Raises:
        CheckFailed: there is none, more than one, or it leaves bytes uncovered.
    """
    fields = list(enumerate_sig_fields(reader, filled_status=True))
    if not fields:
        raise CheckFailed("The file has no seal.")
    if len(fields) > 1:
        raise CheckFailed(
            f"The file has {len(fields)} signatures; a declaration has one."
        )
    name, reference, field = fields[0]
    value = reference.get_object()
    if entry(value, "/Type") != "/Sig" or entry(value, "/SubFilter") != _PADES:
        raise CheckFailed("The file has a signature of a different kind from our seal.")
    signature = EmbeddedPdfSignature(reader, field, name)
    covered = byte_range(value)
    if covered.end != len(pdf):
        raise CheckFailed(_UNCOVERED)
    start, end = covered.gap_starts, covered.gap_ends
    check_value(signature.pkcs7_content, pdf[start:end])
    return Seal(signature, field.reference, pdf[:start] + pdf[end:])


@dataclass(frozen=True, slots=True)
class Covered:
    """What a signature covers: from the beginning to its end, but for its own value."""

    gap_starts: int
    gap_ends: int
    end: int


def byte_range(value: generic.DictionaryObject) -> Covered:
    """What the value of a signature field says that it covers.

    Raises:
        CheckFailed: it does not say that, or leaves out more than its own value.
    """
    numbers = list(value["/ByteRange"])
    if len(numbers) != _RANGE_NUMBERS or not all(isinstance(n, int) for n in numbers):
        raise CheckFailed("The seal does not say which part of the file it covers.")
    begin, start, end, rest = map(int, numbers)
    if begin != 0 or not 0 < start < end or rest < 0:
        raise CheckFailed(_UNCOVERED)
    return Covered(start, end, end + rest)


def entry(dictionary: generic.DictionaryObject, key: str) -> Any:  # noqa: ANN401 - whatever a file holds there
    """What stands under a key, references followed; None where nothing does."""
    return dictionary[key] if key in dictionary else None  # noqa: SIM401 - get() follows no reference


def check_value(value: bytes, written: bytes) -> None:
    """Refuse other ways of writing the same value: no signature covers them.

    Args:
        value: the value, with the room that is left behind it.
        written: as it stands in the file.

    Raises:
        CheckFailed: it is written otherwise, or something stands behind it.
    """
    if (
        not _HEXADECIMAL.fullmatch(written)
        or bytes.fromhex(written[1:-1].decode("ascii")) != value
    ):
        raise CheckFailed("The seal's value is not written as seals are written here.")
    if value[parser.peek(value) :].strip(b"\0"):
        raise CheckFailed("Something is hidden behind the seal's value.")
