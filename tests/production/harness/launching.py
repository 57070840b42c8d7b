"""Starts the product's processes: as typed, or forked from one that has read it all.

Reading the program takes seconds of a processor, which hundreds of restarts cannot
afford. A process that is forked from Python's fork server is one of its own all the
same: it has its own session, opens its own files and dies alone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from signer.cli import COMMANDS
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from multiprocessing.process import BaseProcess

PATIENCE = 120.0
"""How long any one step may take on a busy machine, in seconds."""

PRELOADED = [
    "tests.production.harness.launching",
    *sorted({command.path.partition(":")[0] for command in COMMANDS.values()}),
    "signer.declaration.pdf.declaration_pdf",
    "signer.workflows.requests.sign",
]

_FAKED_CLOCK = Path(__file__).parent / "faked_clock"

_bookkeeping = threading.RLock()
"""Held while Python looks after its children, which it does for one thread alone."""


def in_another_time(shift: str) -> dict[str, str]:
    """The variables that put a process that much ahead, or behind."""
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME": shift,
        # A wrong clock on the wall leaves waiting and time limits as they are.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": str(_FAKED_CLOCK),
    }


@dataclass(frozen=True)
class Done:
    """What a command did.

    Attributes:
        exit_code: 0 for done; the signal as a negative number where one ended it.
        stdout: what it printed.
        stderr: what it complained of.
    """

    exit_code: int
    stdout: str
    stderr: str


class Process(Protocol):
    """A process that runs, or has run."""

    @property
    def pid(self) -> int:
        """Its number."""

    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""

    def wait(self, seconds: float = PATIENCE) -> int:
        """Wait for its end; gives its exit code."""


class Typed:
    """A process that was started as an operator types it."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        output: Path,
    ) -> None:
        code = [str(REPOSITORY), *filter(None, [environment.get("PYTHONPATH")])]
        with output.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "signer", *arguments],
                cwd=folder,
                env={**environment, "PYTHONPATH": os.pathsep.join(code)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float = PATIENCE) -> int:
        """Wait for its end; gives its exit code."""
        return self._process.wait(seconds)


class Forked:
    """A process that was forked from one in which the program is read already."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        output: Path,
        errors: Path | None = None,
    ) -> None:
        self._process: BaseProcess = _context().Process(
            target=_become,
            args=(
                tuple(arguments),
                dict(environment),
                str(folder),
                str(output),
                str(errors or output),
            ),
        )
        with _bookkeeping:
            self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        with _bookkeeping:
            return self._process.exitcode

    def wait(self, seconds: float = PATIENCE) -> int:
        """Wait for its end; gives its exit code."""
        deadline = time.monotonic() + seconds
        while (code := self.exit_code()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), seconds)
            time.sleep(0.01)
        return code


def run_forked(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    output: Path,
) -> Done:
    """Run a command to its end, and give what it printed."""
    errors = output.with_suffix(".err")
    code = Forked(arguments, environment, folder, output, errors).wait()
    return Done(code, output.read_text("utf-8"), errors.read_text("utf-8"))


def call_apart(function: Callable[..., None], *arguments: str) -> None:
    """Call a function of a module in a process of its own, and wait for its end."""
    process = _context().Process(target=function, args=arguments)
    with _bookkeeping:
        process.start()
    deadline = time.monotonic() + PATIENCE * 5
    while True:
        with _bookkeeping:
            code = process.exitcode
        if code is not None:
            assert code == 0, f"{function.__name__}: {code}"
            return
        assert time.monotonic() < deadline, function.__name__
        time.sleep(0.01)


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and that still run, by number."""
    numbers = [int(one) for one in os.listdir("/proc") if one.isdigit()]  # noqa: PTH208
    return sorted(one for one in numbers if _parent_of(one) == pid)


def kill_process(pid: int) -> None:
    """Kill a process; one that is gone already is as good."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def runs(pid: int) -> bool:
    """Whether a process still runs; one that only waits to be buried does not."""
    return _parent_of(pid) is not None


def until(
    true: Callable[[], object], seconds: float = PATIENCE, what: str = ""
) -> None:
    """Wait until a function gives something true.

    Args:
        true: the function; it takes nothing.
        seconds: how long it may take.
        what: what is waited for, for the failure's sake.
    """
    begun = time.monotonic()
    while not true():
        waited = time.monotonic() - begun
        assert waited < seconds, f"waited {seconds} s in vain: {what}"
        # To look may take a command or many files: what takes long is looked at rarely.
        time.sleep(min(0.5, max(0.05, waited / 10)))


def _context() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def _become(
    arguments: tuple[str, ...],
    environment: dict[str, str],
    folder: str,
    output: str,
    errors: str,
) -> None:
    """Turn a fork into the program, as if it had been typed."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(output, flags, 0o600), 1)
    os.dup2(os.open(errors, flags, 0o600), 2)
    sys.stdin, sys.argv = open(0, encoding="utf-8"), ["signer", *arguments]  # noqa: SIM115
    from signer.cli import main

    main(list(arguments))


def _parent_of(pid: int) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            state, parent = file.read().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state in {"Z", "X"} else int(parent)
