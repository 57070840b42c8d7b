"""Templates are compiled once for all tests, and not once for each of their services.

A service has one environment of templates for its life; here each test has its own.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from flask.templating import Environment
from jinja2.bccache import Bucket, BytecodeCache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType


class Compiled(BytecodeCache):
    """What was compiled, by the template's place and the sum of its source."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hand over what was compiled of the same source."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._code[bucket.key, bucket.checksum] = bucket.code


@contextmanager
def templates_compiled_once() -> Iterator[None]:
    """Let every service use what another one compiled."""
    compiled = Compiled()
    make = Environment.__init__

    def share(environment: Environment, *arguments: Any, **options: Any) -> None:
        make(environment, *arguments, bytecode_cache=compiled, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "__init__", share)
        yield
