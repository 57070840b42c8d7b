"""Statements are compiled once for all tests, and not once for each of their engines.

SQLAlchemy keeps what it compiled with the engine and dialect that it was compiled for.
A service has one of each for its life; here each test has its own, and compiling took
two fifths of the time of a test's transactions.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def compiled_once() -> Iterator[None]:
    """Let every engine of a system and version use what another one compiled."""
    compiled: LRUCache[Any, Any] = LRUCache(2000)

    def share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

    with pytest.MonkeyPatch.context() as patch:
        # The dialect is a part of what a compiled statement is kept under.
        patch.setattr(DefaultDialect, "__eq__", _are_alike)
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        event.listen(Engine, "engine_connect", share)
        yield
        event.remove(Engine, "engine_connect", share)


def _are_alike(dialect: DefaultDialect, other: object) -> bool:
    return (
        isinstance(other, DefaultDialect)
        and type(dialect) is type(other)
        and dialect.paramstyle == other.paramstyle
        and dialect.server_version_info == other.server_version_info
    )
