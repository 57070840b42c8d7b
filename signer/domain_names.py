"""Domain names as they are looked up, by the one rule of browsers and registries."""

from __future__ import annotations

from functools import lru_cache

import idna

LONGEST_NAME = 253
"""Characters of a whole name: RFC 1035 §2.3.4, less its unwritten ends."""

LONGEST_LABEL = 63


@lru_cache(maxsize=1024)
def ascii_domain(name: str) -> str:
    """Return a domain name in the letters that servers are asked with.

    IDNA 2008 (RFC 5891), mapped as browsers do before they look a name up (UTS 46):
    "Schüle" is "schüle", and "ß" stays itself. Python's own codec is that of 2003, by
    which ``straße.example`` is ``strasse.example``, which may be a stranger's.

    Args:
        name: as people write it; one in ASCII alone is returned as it is, if what is
            coded in it (``xn--…``) is a name.

    Raises:
        ValueError: it is no domain name.
    """
    found = name
    try:
        if not name.isascii():
            found = idna.encode(name, uts46=True, std3_rules=True).decode()
        for label in found.lower().split("."):
            if label.startswith("xn--"):
                idna.ulabel(label)
    except idna.IDNAError as error:
        raise ValueError(str(error)) from error
    if len(found) > LONGEST_NAME:
        raise ValueError(f"it is longer than {LONGEST_NAME} characters")
    if not all(0 < len(label) <= LONGEST_LABEL for label in found.split(".")):
        raise ValueError("a part of it is empty or too long")
    return found
