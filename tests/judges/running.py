"""Judges that others wrote: each is built once, and asked about files."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import CACHE

HERE = Path(__file__).parent
BUILD = CACHE / "signer-tests" / "judges"
NOT_BUILT = 2
"""The exit code of a judge that could not be built, as without the internet."""

_LINE = re.compile(
    r"(?P<verdict>\S+) (?P<form>\S+) signatures=(?P<signatures>\S+) "
    r"modifications=(?P<modifications>\S+) (?P<file>.+)"
)


@dataclass(frozen=True)
class Judgement:
    """What DSS says of a file."""

    verdict: str
    """Such as ``TOTAL_PASSED``, or ``INDETERMINATE/NO_POE``."""
    form: str
    """Such as ``PAdES-BASELINE-T``."""
    modifications: str
    """``no``, ``extension`` or ``yes``."""


def run_judge(name: str, *arguments: str | Path) -> str:
    """What a judge prints; the test is left out where it cannot be built.

    Args:
        name: of its folder.
        arguments: options and files.
    """
    BUILD.mkdir(parents=True, exist_ok=True)
    # Two processes of the tests must not build it over each other.
    with (BUILD / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [HERE / name / "run.sh", *map(str, arguments)],
            env={**os.environ, "JUDGES_BUILD": str(BUILD)},
            check=False,
            capture_output=True,
            text=True,
        )
    if done.returncode == NOT_BUILT:
        pytest.skip(f"{name} cannot be built here: {done.stderr[-500:]}")
    return done.stdout


def ask_dss(
    files: list[Path], *, trust: list[Path], at: str, lists: list[Path] | None = None
) -> list[Judgement]:
    """What DSS says of each file, in their order.

    Args:
        files: PDFs.
        trust: certificates of the authorities.
        at: the time of the check, such as ``2032-06-01T00:00:00Z``.
        lists: revocation lists, besides those in the files.
    """
    options: list[str | Path] = ["--at", at]
    for one in trust:
        options += ["--trust", one]
    for one in lists or ():
        options += ["--crl", one]
    printed = run_judge("dss", *options, *files)
    lines = map(_LINE.fullmatch, printed.splitlines())
    found = {one["file"]: one for one in lines if one}
    return [
        Judgement(one["verdict"], one["form"], one["modifications"])
        for one in (found[str(path)] for path in files)
    ]
