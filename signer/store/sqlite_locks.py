"""Who uses a database's files, by the locks that the kernel lists; none is opened.

Whoever opens a database that was replaced, while others still use the one before it,
would fold the log of writes of the one into the other. Only Linux lists its locks, and
only those of processes that can be seen: from another container there are none.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

LOCKS = Path("/proc/locks")

_TIMES = 3
_PAUSE_SECONDS = 0.05
_OWNER, _FILE = 4, 5
"""Fields of a line: ``7: POSIX  ADVISORY  READ 4711 fe:00:131090 128 128``."""


def log_is_of_another(path: str) -> bool:
    """Whether a process uses the log of writes at a path, with another database.

    A connection holds the database locked from before it opens the log of writes until
    after it has closed that.
    """
    # A listing is no snapshot: what is so is seen each time.
    for number in range(_TIMES):
        if number:
            time.sleep(_PAUSE_SECONDS)
        if not _owners(f"{path}-shm") - _owners(path):
            return False
    return True


def _owners(path: str) -> set[str]:
    """The processes that hold a lock on a file."""
    try:
        status = Path(path).stat()
        lines = LOCKS.read_text("ascii", "replace").splitlines()
    except OSError:
        return set()
    device = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}"
    file = f"{device}:{status.st_ino}"
    # What only waits for a lock has an arrow before its kind.
    fields = (line.split() for line in lines if "->" not in line)
    return {one[_OWNER] for one in fields if len(one) > _FILE and one[_FILE] == file}
