"""The QR code of an address, as a picture for the pages."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import segno

_BRAND = "#16425b"


@lru_cache(maxsize=8)
def qr_code(address: str) -> bytes:
    """Return the QR code of an address as SVG; the same address gives the same bytes.

    What a later release of the encoder could choose otherwise is fixed: level M of
    error correction (ISO/IEC 18004), and the mask.
    """
    code = segno.make(address, error="m", boost_error=False, micro=False, mask=0)
    output = BytesIO()
    code.save(output, kind="svg", xmldecl=False, border=0, nl=False, dark=_BRAND)
    return output.getvalue()
