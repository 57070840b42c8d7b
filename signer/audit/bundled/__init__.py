"""Programs that people outside run without this package: read them before running."""

from __future__ import annotations

from importlib.resources import files

CHECK = "bundled_check.py"
FOLLOW = "follow.py"


def script(name: str) -> bytes:
    """The source of one of them."""
    return (files(__name__) / name).read_bytes()
