"""The correlation id: what ties the log lines of one act together, from click to mail.

It is bound to the present context (thread or task), stands in every log line written
there, and is stored with what the context leaves for the worker to do, who binds it
again. It is random and tells nothing about anybody.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

KEY = "correlation_id"
"""The field's name in the logs, and the column's in the database."""

LENGTH = 14
_GROUP = 4

_bound: ContextVar[str | None] = ContextVar(KEY, default=None)


def new_id() -> str:
    """A random id in groups that can be read out, such as ``3f9a-12bc-77e0``."""
    digits = secrets.token_hex(6)
    return "-".join(
        digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP)
    )


def current_id() -> str | None:
    """The id that is bound here, or None where nothing began one."""
    return _bound.get()


@contextmanager
def correlated(correlation_id: str | None = None) -> Iterator[str]:
    """Bind an id for as long as the block runs; gives it.

    Args:
        correlation_id: the id of what is gone on with; None begins a new one.
    """
    correlation_id = correlation_id or new_id()
    token = _bound.set(correlation_id)
    try:
        yield correlation_id
    finally:
        _bound.reset(token)
