"""The long form of a test: every round of it, for `make long`."""

import os

LONG = bool(os.environ.get("LONG_FORM"))
"""Whether tests that repeat themselves are to do so as often as they can."""


def rounds(short: int, *, long: int) -> int:
    """How often a test repeats what it does: in `make test`, and in `make long`."""
    return long if LONG else short
