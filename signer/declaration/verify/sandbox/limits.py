"""What a process that opens hostile files may not do."""

from __future__ import annotations

import contextlib
import signal
import sys
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import resource

MOST_MEMORY: Final = 512 * 2**20
"""Bytes of address space, the program itself included."""

_GROWN = MOST_MEMORY // 2


def confine(*, writes: bool) -> bool:
    """Take away from this process what it does not need; gives whether that worked.

    Args:
        writes: whether it needs to write files, as typesetting does.
    """
    # Whoever presses Ctrl-C stops the process that started this one, and that one
    # ends this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "win32":
        return False
    # Whoever started it may ignore the signal, which it would inherit.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    limits = {resource.RLIMIT_CORE: 0}
    if not writes:
        limits[resource.RLIMIT_FSIZE] = 0
    for limit, most in limits.items():
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (most, most))
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    except (OSError, ValueError):
        return False
    return True


def grown() -> bool:
    """Whether this process holds so much that the next file had better get another."""
    if sys.platform == "win32":
        return False
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
    except OSError:
        # In KiB or in bytes, by the system; at worst the next file gets another.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > _GROWN
    # What it holds now. The most it ever held begins with what the process that
    # started it held, and that may be large.
    return pages * resource.getpagesize() > _GROWN


def allow(seconds: float, *, wall_seconds: float) -> None:
    """Have this process ended by the system when its time is over.

    Args:
        seconds: of a processor, from now; 0 calls it off.
        wall_seconds: by the clock, should nobody else be left to end it; 0 calls it
            off.
    """
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, wall_seconds)


def ended_by_its_limit(status: int) -> bool:
    """Whether a process used up what it was allowed of a processor.

    Args:
        status: how it ended, as subprocess tells it. On Windows, where there is no such
            limit, none has.
    """
    return sys.platform != "win32" and status == -signal.SIGPROF
