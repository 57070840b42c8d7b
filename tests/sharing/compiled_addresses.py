"""What writes a route's address is compiled once for all tests.

Werkzeug writes a function for each rule of each map: a fourth of a second for each
service, and each test of a page has one of its own.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.routing import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator


@contextmanager
def addresses_compiled_once() -> Iterator[None]:
    """Let every rule use what was compiled for one of the same parts."""
    compiled: dict[Hashable, Callable[..., tuple[str, str]]] = {}
    build: Callable[[Rule, bool], Callable[..., tuple[str, str]]]
    build = Rule._compile_builder  # noqa: SLF001 - nothing public stands before it

    def share(rule: Rule, append_unknown: bool = True) -> Any:  # noqa: FBT001, FBT002 - as there
        if rule.defaults:
            # They go through the rule's own converters.
            return build(rule, append_unknown)
        key = *rule._trace, append_unknown  # noqa: SLF001
        if key not in compiled:
            compiled[key] = build(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", share)
        yield
