"""Real disks that are small, or can only be read; root mounts them."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 60.0


def mount(*arguments: str) -> None:
    """Mount something; the test is left out where that cannot be had.

    Not every machine that runs the tests lets its root mount: a container may not.
    """
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    done = subprocess.run(
        ["mount", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")


def unmount(folder: Path) -> None:
    """Take a disk away, once those that were killed have let go of it."""
    until = time.monotonic() + PATIENCE
    while True:
        done = subprocess.run(
            ["umount", str(folder)], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return
        assert time.monotonic() < until, done.stderr
        time.sleep(0.1)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """Put an empty disk at a folder.

    Args:
        folder: there already.
        size: in bytes.
    """
    mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield
    finally:
        unmount(folder)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let a folder be one that can only be read, whoever asks."""
    mount("--bind", str(folder), str(folder))
    try:
        mount("-o", "remount,bind,ro", str(folder))
        yield
    finally:
        unmount(folder)


class FailingDisk:
    """A disk in a file, which the system makes read-only as it does after a fault.

    Args:
        image: where the file is made.
        folder: where the disk is mounted; there already.
    """

    BYTES = 48 * 1024 * 1024

    def __init__(self, image: Path, folder: Path) -> None:
        self._image = image
        self._folder = folder

    @contextmanager
    def mounted(self) -> Iterator[FailingDisk]:
        """Make it and mount it, for the time of the block."""
        with self._image.open("wb") as file:
            file.truncate(self.BYTES)
        if shutil.which("mkfs.ext4") is None:
            pytest.skip("no disk can be made here without mkfs.ext4 (e2fsprogs)")
        subprocess.run(["mkfs.ext4", "-q", str(self._image)], check=True)
        self._mount()
        try:
            yield self
        finally:
            unmount(self._folder)

    def sync(self) -> None:
        """Write down all that was written to its files."""
        subprocess.run(["sync", "--file-system", str(self._folder)], check=True)

    def fail(self) -> None:
        """Give up its journal: from now on nothing is written, open files neither.

        What was not written through by then is lost when the disk is mounted anew.
        """
        mount("-o", "remount,abort", str(self._folder))

    def mend(self) -> None:
        """Mount it anew; nobody may have a file of it open."""
        unmount(self._folder)
        self._mount()

    def _mount(self) -> None:
        mount("-o", "loop", str(self._image), str(self._folder))
