"""Room on the disks that the service writes to."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from signer.config import Settings
from signer.workflows.operations.findings import Finding, FindingKind, Severity

MIB = 2**20
FULL = 20 * MIB
"""With less room than this, signatures are refused any moment."""
LOW = 200 * MIB
LOW_SHARE = 0.02
LOW_AT_MOST = 5 * 1024 * MIB
"""Where a disk is so large that 2 % of it is room enough."""


def check_disks(settings: Settings) -> Iterator[Finding]:
    """Look at the folders of the instance, of the database, and for temporary files."""
    folders = {"instance": settings.instance_path.absolute()}
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and url.database:
        folders["database"] = Path(url.database).absolute().parent
    try:
        folders["temporary files"] = Path(tempfile.gettempdir())
    except OSError:
        # None of the places where Python looks for one takes a single byte.
        yield _finding("temporary files", Severity.BROKEN, "cannot be written")
    for name, folder in folders.items():
        finding = check_folder(name, folder)
        if finding is not None:
            yield finding


def check_folder(name: str, folder: Path) -> Finding | None:
    """Return what is wrong with a folder, or None.

    Args:
        name: what the folder is for; its path stays out of the finding.
        folder: the folder.
    """
    try:
        disk = os.statvfs(folder)
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        return _finding(name, Severity.BROKEN, problem)
    if disk.f_flag & os.ST_RDONLY or not os.access(folder, os.W_OK | os.X_OK):
        return _finding(name, Severity.BROKEN, "cannot be written")
    free, size = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    left = f"has {free // MIB} MB of room left"
    if free < FULL or (disk.f_files and not disk.f_favail):
        return _finding(name, Severity.BROKEN, left)
    if free < LOW or free < min(size * LOW_SHARE, LOW_AT_MOST):
        return _finding(name, Severity.ATTENTION, left)
    return None


def _finding(name: str, severity: Severity, problem: str) -> Finding:
    return Finding(
        FindingKind.DISK,
        severity,
        f"The disk with the folder for {name} {problem}.",
        "Make room or mount it writable. What cannot be stored is refused, and "
        "nothing that was signed is lost.",
    )
