"""Archive copies for tests: made, renewed as the years go by, and forged."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from asn1crypto import cms

from signer import clock
from signer.declaration.seal import archive_copy as making
from signer.declaration.seal.archive_copy import extended
from signer.declaration.seal.pyhanko_update import Update
from tests.conftest import MOMENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.declaration.authorities import Authorities
    from tests.declaration.school import School

YEARS = (
    ("tsa-first", MOMENT),
    ("tsa-second", datetime(2027, 11, 20, tzinfo=UTC)),
    ("tsa-third", datetime(2029, 11, 20, tzinfo=UTC)),
)
"""Authorities in turn, whose certificates end in 2028, 2030 and 2033, and when each is
asked: before the one before it has ended."""

ROOM = 300
"""Bytes that are left for what is put into a timestamp."""

AFTERWARDS = datetime(2032, 6, 1, tzinfo=UTC)
"""When the first two have ended, and the seal's own certificate too."""


def extended_at(
    pdf: bytes, school: School, authorities: Authorities, name: str, at: datetime
) -> bytes:
    """A sealed file, or a copy of one, with one more timestamp.

    Args:
        pdf: what it is made from.
        school: whose seal it bears.
        authorities: the server of the timestamp authority.
        name: of the authority's certificate.
        at: when it is made.
    """
    authorities.move_to(at)
    try:
        with clock.frozen(at):
            authority = school.with_time_from(authorities.stamps(name))
            return extended(pdf, authority, at=at).pdf
    finally:
        authorities.move_to(MOMENT)


def kept_for_years(
    pdf: bytes, school: School, authorities: Authorities, *, times: int = len(YEARS)
) -> bytes:
    """A copy that was made and then renewed, by the authorities of `YEARS`."""
    for name, at in YEARS[:times]:
        pdf = extended_at(pdf, school, authorities, name, at)
    return pdf


def copy_changed(
    pdf: bytes,
    school: School,
    authorities: Authorities,
    *,
    data: Callable[[Update], None] | None = None,
    stamp: Callable[[Update], None] | None = None,
    between: Callable[[bytes], bytes] = bytes,
    token: Callable[[Any], None] | None = None,
    manner: str = "",
) -> bytes:
    """A first copy with a genuine timestamp, made over what somebody put in before.

    Args:
        pdf: a sealed file with validation data.
        school: whose seal it bears.
        authorities: the server of the timestamp authority.
        data: changes the update with the validation data.
        stamp: changes the update with the timestamp.
        between: changes the file between the two.
        token: changes the content of the timestamp, once it is made.
        manner: how the timestamp authority behaves: honest by default.
    """
    stamps = authorities.stamps("tsa-first", manner)
    authority, measured = school.with_time_from(stamps), stamps.measured()
    found = making._data(pdf, None, authority, measured, MOMENT)  # noqa: SLF001
    with patch.object(making, "Update", _changed_by(data)):
        made = between(making._with_data(pdf, found))  # noqa: SLF001
    room = bytes(ROOM if token else 0)
    measured = dataclasses.replace(measured, token=measured.token + room)
    with patch.object(making, "Update", _changed_by(stamp)):
        copy = making._with_timestamp(  # noqa: SLF001
            made, "Archive 1", authority, measured
        )
    return _with_token(copy, token) if token else copy


def _with_token(copy: bytes, change: Callable[[Any], None]) -> bytes:
    """A copy whose last timestamp is written anew: no signature covers all of it."""
    start = copy.rindex(b"/Contents <") + len(b"/Contents <")
    end = copy.index(b">", start)
    made = cms.ContentInfo.load(bytes.fromhex(copy[start:end].decode()))
    change(made["content"])
    digits: bytes = made.dump(force=True).hex().upper().encode()
    assert len(digits) <= end - start
    return copy[:start] + digits.ljust(end - start, b"0") + copy[end:]


def _changed_by(change: Callable[[Update], None] | None) -> type[Update]:
    class Changed(Update):
        @classmethod
        def from_reader(cls, *given: Any, **named: Any) -> Update:
            writer = super().from_reader(*given, **named)
            assert isinstance(writer, Update)
            if change:
                change(writer)
            return writer

    return Changed
