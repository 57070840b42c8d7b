"""Typesetting and sealing cost little more than what nobody could do without."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import REPOSITORY


def test_nothing_takes_twice_as_long_as_it_did() -> None:
    """In processor time, by the least of fifteen, each beside the other in turn."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.seal", "15"],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
