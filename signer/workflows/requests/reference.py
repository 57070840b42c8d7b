"""The reference of a request: what its pages' addresses and lists show."""

from __future__ import annotations

import secrets

_BYTES = 9


def new_reference() -> str:
    """A random reference of twelve letters, digits, ``-`` and ``_``.

    None begins with a dash, since on the command line that would be an option, and in
    a spreadsheet a formula.
    """
    while (reference := secrets.token_urlsafe(_BYTES)).startswith("-"):
        pass
    return reference
