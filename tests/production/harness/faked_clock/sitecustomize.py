"""Loaded by the interpreter of each process that is put into another time.

`time.sleep` waits until an absolute moment of the monotonic clock, which libfaketime
0.9.10 shifts although that clock is to be left alone: the call is refused as invalid.
Waiting for no file at all takes the same time.
"""

import select
import time


def _sleep(seconds: float, /) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep  # type: ignore[assignment]
