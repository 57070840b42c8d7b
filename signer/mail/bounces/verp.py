"""Variable envelope return paths: a return address of its own for each mail.

What comes back to ``bounces+0123…@school.example`` tells by its address which mail it
is about, also where the mail itself is not returned. The part behind the plus sign is
the random reference of the mail, and tells nothing of anybody.
"""

from __future__ import annotations

import re

from signer.errors import SettingsError
from signer.mail.bounces.reports import references_in

KEY = "SIGNER_BOUNCE_ADDRESS"
LONGEST_LOCAL_PART = 39
"""RFC 5321 §4.5.3.1.1 allows 64 characters: a plus sign and the reference take 25."""

_ADDRESS = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")


def check_bounce_address(address: str) -> None:
    """Refuse what cannot be made into a return address; nothing is none, and fine.

    Raises:
        SettingsError: it is no plain address, or its part before the @ is too long.
    """
    if not address:
        return
    if not _ADDRESS.fullmatch(address):
        raise SettingsError(KEY, "must be a plain address: bounces@school.example")
    if len(address.partition("@")[0]) > LONGEST_LOCAL_PART:
        raise SettingsError(
            KEY, f"has more than {LONGEST_LOCAL_PART} characters before the @"
        )


def return_address(address: str, message_id: str) -> str:
    """Return the envelope's sender for a mail.

    Args:
        address: where bounces go.
        message_id: the mail's; one without a reference of ours, such as that of a
            sample, goes with the plain address.
    """
    references = references_in(message_id)
    if not references:
        return address
    local, _, domain = address.partition("@")
    return f"{local}+{references[0]}@{domain}"
