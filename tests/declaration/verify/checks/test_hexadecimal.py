"""Hexadecimal strings are read at once, and as pyHanko reads them digit by digit."""

from __future__ import annotations

from io import BytesIO

from hypothesis import example, given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic

from signer.declaration.verify.checks import hexadecimal
from signer.declaration.verify.checks.document import MALFORMED
from signer.declaration.verify.checks.hexadecimal import read_hexadecimal

WRITTEN = st.text(alphabet="0123456789abcdefABCDEF> \n%<xg", max_size=24)


def read_by(reader: object, written: bytes) -> tuple[object, object]:
    """What a reader makes of a string, and where the stream then stands."""
    stream = BytesIO(b"xx" + written)
    stream.seek(2)
    try:
        found = reader(stream)  # type: ignore[operator]
    except MALFORMED as error:
        return type(error), str(error)
    return (type(found), found), stream.tell()


@given(WRITTEN)
@example("4142>")
@example("FEFF0041> (next)")
@example("41 4>")
@example("414")
@example("%>\n41>")
def test_it_reads_whatever_pyhanko_reads(digits: str) -> None:
    """The same string, the same place in the stream, or the same error."""
    written = b"<" + digits.encode()
    plainly = read_by(hexadecimal.read_digit_by_digit, written)
    assert read_by(read_hexadecimal, written) == plainly


def test_pyhanko_reads_values_at_once() -> None:
    """Its reader of objects takes this one, wherever a file is verified."""
    assert generic.read_hex_string_from_stream is read_hexadecimal
