"""What other processes take: time, processors and memory, as the system counts it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from signer.config import Settings, environment

ROOT = Path(__file__).parents[2]
MEBIBYTE = 1024  # Linux counts kibibytes
LOOK_SECONDS = 0.01
"""How often a process's memory is looked at; its peak is kept by the system."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took from its start to its end.

    Attributes:
        seconds: on the clock.
        processor: seconds of processors, with those of the processes it waited for.
        peak_mib: the most memory that it held, in MiB.
        output: what it printed.
    """

    seconds: float
    processor: float
    peak_mib: float
    output: bytes


class Failed(Exception):
    """A process that was to be measured did not do what it should."""


def command(settings: Settings, *arguments: str, codes: Sequence[int] = (0,)) -> Cost:
    """What a command of `signer` takes, as somebody types it.

    Args:
        settings: what it is given as environment.
        arguments: its words.
        codes: the exit codes that are expected.

    Raises:
        Failed: it ended otherwise.
    """
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("SIGNER_")}
    return program(
        [sys.executable, "-m", "signer", *arguments],
        {**inherited, **environment(settings)},
        codes=codes,
    )


def program(
    words: Sequence[str],
    variables: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    *,
    codes: Sequence[int] = (0,),
) -> Cost:
    """What a program takes.

    Args:
        words: the program and its arguments.
        variables: its environment; this process's own by default.
        folder: where it starts.
        codes: the exit codes that are expected.

    Raises:
        Failed: it ended otherwise.
    """
    began, peak = time.monotonic(), 0.0
    process = subprocess.Popen(
        words,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout  # noqa: S101 - asked for
    os.set_blocking(process.stdout.fileno(), False)
    printed: list[bytes] = []
    while True:
        # What is counted for an ended process begins with the memory of its parent,
        # from which it was forked: so it is looked at while it runs.
        peak = max(peak, _peak(process.pid))
        printed.append(process.stdout.read() or b"")
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(LOOK_SECONDS)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    printed.append(process.stdout.read() or b"")
    process.stdout.close()
    output = b"".join(printed)
    if process.returncode not in codes:
        said = output.decode(errors="replace")[-2000:]
        raise Failed(f"{' '.join(words[1:5])} ended with {process.returncode}: {said}")
    return Cost(seconds, used.ru_utime + used.ru_stime, peak, output)


def _peak(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0.0
    words = status.partition("VmHWM:")[2].split()
    return int(words[0]) / MEBIBYTE if words else 0.0


def resident_mib(pid: int) -> float:
    """The memory that a process holds now, in MiB; 0 once it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0.0
    words = status.partition("VmRSS:")[2].split()
    return int(words[0]) / MEBIBYTE if words else 0.0
