"""The seal: the school's signature over a whole declaration, in one revision.

PAdES baseline B-B, or B-LT where a timestamp authority is named (ETSI EN 319 142-1),
as a certification signature that allows no changes (ISO 32000-1 §12.8.2.2). The
sealed file begins with exactly the bytes it was made from. A line end follows where
they have none, then one incremental update, which holds the validation data too. The
signature covers all of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from signer.declaration.seal.cms_signature import CmsSigner
from signer.declaration.seal.flat_update import update_for_seal
from signer.declaration.seal.levels import LEVEL, LONG_TERM, Authority
from signer.errors import AuthorityChanged, SealError
from signer.pki.make_keys import SealKey

if TYPE_CHECKING:
    from signer.declaration.seal.validation_data import ValidationData

FIELD_NAME = "Seal"
FIELD_TITLE = "Seal of the school"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed declaration."""

    pdf: bytes
    sha256: str
    """SHA-256 (hex) of the whole sealed file: what the record keeps."""
    level: str
    """The PAdES level reached, such as ``B-B``."""


def seal(
    pdf: bytes, key: SealKey, *, at: datetime, authority: Authority | None = None
) -> Sealed:
    """Seal a typeset declaration.

    Args:
        pdf: the file as it was typeset; no signature in it yet.
        key: the seal's key.
        at: the time that the seal states, in UTC.
        authority: what level B-LT takes; None asks for level B-B.

    Raises:
        SealError: the file cannot be read or extended, or is signed already; or the
            level asked for cannot be reached, and then there is no seal at all.
    """
    try:
        output = _sealed(with_line_end(pdf), key, at, authority)
    except (ValueError, KeyError, TypeError) as error:
        raise SealError(f"cannot be sealed: {error}") from error
    if not output.startswith(pdf):
        raise SealError("the sealed file does not begin with the typeset one")
    level = LEVEL if authority is None else LONG_TERM
    return Sealed(output, hashlib.sha256(output).hexdigest(), level)


def with_line_end(pdf: bytes) -> bytes:
    """A file that an update may follow: its last line has an end.

    Typst's files end in ``%%EOF`` itself, and PDF/A wants a line end before each object
    number (ISO 19005-3 §6.1.9), the first one of the update included.
    """
    return pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n"


@lru_cache(maxsize=4)
def _signer(key: SealKey) -> CmsSigner:
    return CmsSigner(key)


def _sealed(
    pdf: bytes, key: SealKey, at: datetime, authority: Authority | None
) -> bytes:
    signer = _signer(key)
    if authority is None:
        return _with_seal(pdf, signer.reserved, at, signer.sign)
    return _with_timestamp(pdf, signer, key, at, authority)


def _with_seal(
    pdf: bytes, reserved: int, at: datetime, sign: Callable[[bytes], bytes]
) -> bytes:
    prepared = update_for_seal(
        pdf, name=FIELD_NAME, title=FIELD_TITLE, reserved=reserved, at=at
    )
    if prepared is None:
        return _with_pyhanko(pdf, reserved, at, sign)
    digits = sign(prepared.sha256()).hex().upper().ljust(reserved, "0")
    if len(digits) > reserved:
        raise SealError("the signature is longer than the longest of its key")
    return prepared.around(b"<%b>" % digits.encode())


def _with_timestamp(
    pdf: bytes, signer: CmsSigner, key: SealKey, at: datetime, authority: Authority
) -> bytes:
    from signer.declaration.seal.validation_data import (  # noqa: PLC0415 - as below
        validation_data,
        with_timestamp,
    )

    def once() -> bytes:
        data = validation_data(authority, key, at)

        def sign(digest: bytes) -> bytes:
            made = with_timestamp(
                signer.sign(digest), authority.timestamps, data.measured
            )
            if 2 * len(made) > signer.reserved + data.room:
                raise AuthorityChanged("the timestamp is longer than the one measured")
            return made

        return _with_pyhanko(pdf, signer.reserved + data.room, at, sign, data)

    try:
        return once()
    except AuthorityChanged:
        # Once more, with room and data for its tokens as they are now.
        authority.timestamps.forget()
        return once()


def _with_pyhanko(
    pdf: bytes,
    reserved: int,
    at: datetime,
    sign: Callable[[bytes], bytes],
    data: ValidationData | None = None,
) -> bytes:
    # Nineteen MiB of each web process, where no timestamp authority is named.
    from signer.declaration.seal.pyhanko_update import embed  # noqa: PLC0415

    return embed(
        pdf,
        name=FIELD_NAME,
        title=FIELD_TITLE,
        reserved=reserved,
        at=at,
        sign=sign,
        data=data,
    )
