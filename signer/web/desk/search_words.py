"""Words that staff search by, which never stand readable in an address.

What somebody searches for is the name of a parent, and addresses are logged and kept in
a browser's history.
"""

from __future__ import annotations

from signer.web.session import settings
from signer.workflows.requests.private_text import PrivateText

MOST_WORDS = 120
"""Bytes of what is searched for."""


def hidden(words: str) -> str | None:
    """What stands for words in an address; None for none."""
    words = " ".join(words.replace("\0", "").split())
    return _box().encrypt(words).decode() if words else None


def revealed(text: str) -> str:
    """The words that a part of an address stands for; none where it is not ours."""
    return _box().decrypt(text.encode()) or "" if text else ""


def _box() -> PrivateText:
    keys = settings().secret_keys
    return PrivateText(keys, purpose="desk search", longest=MOST_WORDS)
