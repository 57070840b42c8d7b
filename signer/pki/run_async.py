"""pyHanko's coroutines, called from code that waits."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

_Result = TypeVar("_Result")


def run_async(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """What a coroutine gives, whether or not an event loop runs in this thread.

    A caller may sit inside somebody else's loop, where `asyncio.run` refuses; then
    another thread does the work. Nothing here waits for a network.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
