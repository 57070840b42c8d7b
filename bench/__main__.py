"""Every figure in one table, measured now: `make bench`.

    .venv/bin/python -m bench [--full] [--minutes 14] [--only NAME …] [--keep FOLDER]

Each part runs in a process of its own, has a time in which it must end, and gives its
figures by itself. The table is printed, and kept with JSON and pictures in
`bench/results/`; the figures of the repository's first page are written anew. The
whole ends within fourteen minutes: a part that is not over by then is named as not
measured, and the exit code is 1. `--full` takes the larger sizes and the longer parts,
for as long as they last. With `--only` nothing is kept, unless a folder is named.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from cryptography.hazmat.backends.openssl.backend import backend

from bench.table.figures import RESULTS, Figure, Run, figures_of, to_json
from bench.table.plots import growth, targets
from bench.table.processes import ROOT
from bench.table.written import page, table, with_figures
from signer import clock

MINUTES = 14.0
"""What all parts may take together, unless everything is asked for."""

PARTS = (
    "seal",
    "commands",
    "redline",
    "stored",
    "site_versions",
    "verifying",
    "service.memory",
    "service.confirming",
    "campaign",
    "register",
    "log",
    "mail",
)
"""What takes longest comes last: on a busy machine it is what is left out."""

LONG_PARTS = (
    "audit",
    "desk",
    "service.signing",
    "service.slow_connections",
    "service.verify_load",
)
"""Those that `--full` adds: they take from one minute to ten."""


def main() -> int:
    """Measure, print and keep; 1 where a part came to nothing."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", nargs="+", choices=[*PARTS, *LONG_PARTS])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    asked = parser.parse_args()
    parts = asked.only or [*PARTS, *(LONG_PARTS if asked.full else ())]
    run = Run(f"{clock.now():%Y-%m-%d}", _machine(), (), {})
    deadline = None if asked.full else time.monotonic() + 60 * asked.minutes
    for part in parts:
        left = None if deadline is None else deadline - time.monotonic()
        print(f"{part} ...", end=" ", file=sys.stderr, flush=True)
        began = time.monotonic()
        figures, trouble = measured(part, left, full=asked.full)
        print(f"{time.monotonic() - began:.0f} s {trouble}", file=sys.stderr)
        lost = {f"({part})": f"not measured: {trouble}"} if trouble else {}
        run = replace(
            run,
            figures=run.figures + figures,
            not_measured={**run.not_measured, **lost},
        )
    print(table(run))
    folder = asked.keep or (None if asked.only else RESULTS)
    if folder:
        _keep(run, folder)
    if folder == RESULTS:
        first = ROOT / "README.md"
        first.write_text(with_figures(first.read_text("utf-8"), run), "utf-8")
    return 1 if run.not_measured else 0


def measured(
    part: str, seconds: float | None, *, full: bool
) -> tuple[tuple[Figure, ...], str]:
    """A part's figures, and what went wrong."""
    if seconds is not None and seconds <= 0:
        return (), "the time was up"
    words = [sys.executable, "-W", "ignore", "-m", "bench.table.part", part]
    process = subprocess.Popen(
        [*words, *(["--full"] if full else [])],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        printed, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return (), "the time was up"
    finally:
        _end(process)
    if process.returncode:
        return (), (said.strip().splitlines() or ["it said nothing"])[-1][:200]
    return figures_of(json.loads(printed)), ""


def _end(process: subprocess.Popen[str]) -> None:
    """End a part with whatever it started; it cleans up where it still can."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _machine() -> dict[str, str]:
    """What the figures depend on; nothing of whose machine it is."""
    cores = len(os.sched_getaffinity(0))
    return {
        "cores": str(cores),
        "busy programs at the start": f"{os.getloadavg()[0]:.0f}",
        "Python": platform.python_version(),
        "Typst": version("typst"),
        "OpenSSL": backend.openssl_version_text().split()[1],
        "SQLite": sqlite3.sqlite_version,
    }


def _keep(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{run.date}.json").write_text(to_json(run), "utf-8")
    (folder / "README.md").write_text(page(run), "utf-8")
    (folder / "targets.svg").write_text(targets(run), "utf-8")
    (folder / "growth.svg").write_text(growth(run), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
