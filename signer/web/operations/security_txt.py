"""Where to report a weakness: ``/.well-known/security.txt`` (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from signer import clock
from signer.config import Settings
from signer.web.evidence.public_pages import file

PATH = "/.well-known/security.txt"

MONTHS = 6
"""How many months ahead it expires: the RFC wants less than a year."""

_MONTHS_A_YEAR = 12

blueprint = Blueprint("security_txt", __name__)


@blueprint.get(PATH)
def security_txt() -> ResponseReturnValue:
    """The file, the same all month; it outlives a service that has ended by months."""
    settings: Settings = current_app.extensions["settings"]
    contact = settings.security_contact or f"mailto:{settings.office_email}"
    lines = (
        f"Contact: {contact}",
        f"Expires: {clock.iso(expires(clock.now()))}",
        "Preferred-Languages: en",
        f"Canonical: {settings.base_url}{PATH}",
        f"Policy: {settings.base_url}/guides/operators/threats/",
    )
    text = "".join(f"{line}\n" for line in lines)
    return file(text.encode(), "text/plain; charset=utf-8")


def expires(now: datetime) -> datetime:
    """The first day of a month, between five and six months after a moment."""
    months = now.year * _MONTHS_A_YEAR + now.month - 1 + MONTHS
    year, month = divmod(months, _MONTHS_A_YEAR)
    return datetime(year, month + 1, 1, tzinfo=UTC)
