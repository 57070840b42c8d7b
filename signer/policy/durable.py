"""Files that are there whole or not at all, whenever the machine stops.

The bytes go to a hidden file in the same folder and reach the disk; only then does
one system call give them their name. A hidden file that a stopped process left behind
is passed over by every reader, and taken away before the next file is written.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UNNAMED = ".{name}.{process}.part"
_LEFT = ".*.*.part"


def create(path: Path, content: bytes) -> None:
    """Write a file that is not there yet.

    Raises:
        FileExistsError: it is there; nothing was changed.
        OSError: it cannot be written.
    """
    with _unnamed(path, content) as part:
        # Unlike a renaming, a link never replaces what another process has made.
        os.link(part, path)


def replace(path: Path, content: bytes) -> None:
    """Write a file, in the place of the one that may be there.

    Raises:
        OSError: it cannot be written.
    """
    with _unnamed(path, content) as part:
        part.replace(path)


def clean(folder: Path) -> None:
    """Take away what stopped processes left in a folder. No reader looks at it."""
    for left in folder.glob(_LEFT):
        left.unlink(missing_ok=True)


@contextmanager
def _unnamed(path: Path, content: bytes) -> Iterator[Path]:
    clean(path.parent)
    part = path.with_name(_UNNAMED.format(name=path.name, process=os.getpid()))
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield part
    finally:
        part.unlink(missing_ok=True)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    with suppress(PermissionError):  # Windows does not open folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
