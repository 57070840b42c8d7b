"""Verification in processes of its own, for files from anybody.

A PDF can be made to take all of a machine's time or memory, or to break whatever
opens it. So it is opened by a process that has little memory, holds no secret, can
open no other file and no socket where the kernel allows that, and is ended once it has
used more of a processor than any declaration needs. One such process answers for many
files, one after the other; whatever happens to it, the next file gets another.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Self, TypeVar

from signer import clock
from signer.declaration.verify.inputs import VerificationInputs
from signer.declaration.verify.refused_report import MOST_BYTES, TOO_LARGE, refused
from signer.declaration.verify.report import Outcome, Report
from signer.declaration.verify.sandbox.framing import read_frame, write_frame
from signer.declaration.verify.sandbox.isolation import Isolation
from signer.declaration.verify.sandbox.limits import ended_by_its_limit
from signer.errors import StatementError
from signer.files import VERIFY_PREFIX, TemporaryFolder

SECONDS = 10.0
"""The most of a processor that one file may take: a genuine one on a busy machine waits
for long, but works no longer than on an idle one."""

WALL_SECONDS = 45.0
"""The most that anybody waits for an answer: less than a proxy does."""

START_SECONDS = 60.0
"""The most that a process may take to begin: a machine may be busy."""

NICENESS = 10
"""How much lower the priority of a process is that looks at files."""

LONGEST_MESSAGE = 2 * MOST_BYTES
LONGEST_ANSWER = 16_000_000

MOMENT_BYTES = len("2026-11-22T14:10:13Z")
"""Each file goes over the pipe behind the moment of its check."""

TOO_LONG = (
    "Checking it took longer than {} seconds, which no declaration does, so it was "
    "stopped. The file may be made to keep programs busy."
)
TOO_BUSY = (
    "The computer that checks it was too busy to finish. That is not the file's doing: "
    "try again in a few minutes."
)
BROKE_OFF = (
    "Each program that opened it broke off, twice over, which no declaration does. "
    "The file may be made to break programs."
)

NOT_STARTED = (
    "No program could be started to look into it. That is not the file's doing: try "
    "again in a few minutes."
)

# What a process needs to find its libraries, and nothing that is secret.
_INHERITED = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "SYSTEMROOT")
_TRIES = 2
_WAITING = 2
"""How many files wait in memory for each process that looks at them."""

_Key = TypeVar("_Key")

# What reading a report raises when it is none.
_NO_REPORT = (LookupError, RecursionError, TypeError, ValueError, StatementError)

_log = logging.getLogger(__name__)


class Examiners:
    """Processes that verify files; may be asked from several threads at once."""

    def __init__(
        self,
        known: VerificationInputs,
        *,
        most: int = 1,
        seconds: float = SECONDS,
        wall_seconds: float = WALL_SECONDS,
    ) -> None:
        """Start nothing yet.

        Args:
            known: what every file is judged by.
            most: how many files are looked at at once; further ones wait.
            seconds: the most of a processor that one file may take.
            wall_seconds: the most that anybody waits for one file.
        """
        self._known = known.to_json()
        self._seconds = seconds
        self._wall_seconds = wall_seconds
        self._places = threading.BoundedSemaphore(most)
        self._idle: list[_Examiner] = []
        self._closed = False
        self._lock = threading.Lock()

    def verify(self, pdf: bytes) -> Report:
        """The report on a file; whatever it is, there is one.

        Args:
            pdf: the whole file.
        """
        if len(pdf) > MOST_BYTES:
            return refused(TOO_LARGE, pdf=pdf)
        with self._places:
            for _ in range(_TRIES):
                try:
                    examiner = self._take()
                except OSError as error:
                    _log.error("no process to verify in: %s", error)
                    return refused(NOT_STARTED, pdf=pdf, outcome=Outcome.NOT_CHECKED)
                try:
                    report = examiner.verify(pdf, self._wall_seconds)
                except _ProcessorTimeUsedUp:
                    examiner.close()
                    return refused(TOO_LONG.format(f"{self._seconds:g}"), pdf=pdf)
                except TimeoutError:
                    examiner.close()
                    return refused(TOO_BUSY, pdf=pdf, outcome=Outcome.NOT_CHECKED)
                except EOFError:
                    # It may have been ended from outside, which is not the file's
                    # doing.
                    examiner.close()
                    continue
                self._give_back(examiner)
                return report
        return refused(BROKE_OFF, pdf=pdf)

    @property
    def waiting(self) -> tuple[int, ...]:
        """The ids of the processes that wait for a file, the next one last."""
        with self._lock:
            return tuple(one.id for one in self._idle)

    def close(self) -> None:
        """End every process; what is being looked at is finished first."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for examiner in idle:
            examiner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self) -> _Examiner:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Examiner(self._known, self._seconds)

    def _give_back(self, examiner: _Examiner) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(examiner)
                return
        examiner.close()


def try_isolation() -> Isolation:
    """What a process that examines files tried and could not do.

    Raises:
        OSError: none can be started.
    """
    examiner = _Examiner(VerificationInputs().to_json(), SECONDS)
    try:
        return examiner.isolation
    finally:
        examiner.close()


def in_order(
    tasks: Iterable[tuple[_Key, Callable[[], Report]]], *, threads: int
) -> Iterator[tuple[_Key, Report]]:
    """The reports that tasks give, in the order of the tasks.

    Args:
        tasks: each with what its report is known by. Few more of them are taken than
            are worked on, so that memory holds few files.
        threads: how many are worked on at once.
    """
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[tuple[_Key, Future[Report]]] = deque()
        for key, task in tasks:
            waiting.append((key, pool.submit(task)))
            if len(waiting) > _WAITING * threads:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()


class _ProcessorTimeUsedUp(Exception):
    """A file took as much of a processor as one may."""


class _Examiner:
    """One process, which looks at one file at a time."""

    def __init__(self, known: bytes, seconds: float) -> None:
        """Start it.

        Args:
            known: what every file is judged by.
            seconds: the most of a processor that one file may take.

        Raises:
            OSError: it does not start.
        """
        # Typesetting writes what it works on; if the process is ended in the middle,
        # that goes with this folder.
        self._folder = TemporaryFolder(VERIFY_PREFIX)
        try:
            self._process = _start(str(self._folder.path), seconds)
        except OSError:
            self._folder.remove()
            raise
        try:
            answer = json.loads(self._ask(known, START_SECONDS))
        except (TimeoutError, EOFError, ValueError) as error:
            self.close()
            raise OSError("it ended before it was ready") from error
        self.isolation = Isolation(
            files=answer.get("files", False), sockets=answer.get("sockets", False)
        )
        if not (self.isolation.files and self.isolation.sockets):
            _log.warning(
                "the kernel (%s) does not keep a file that is examined from opening "
                "other files and connections: a fault in a library could be used for "
                "that; signer doctor says what to do",
                os.uname().release if hasattr(os, "uname") else sys.platform,
            )
        if not answer["confined"]:
            _log.warning(
                "this system (%s) sets no limit to a process's memory, so a file that "
                "is made to take all of it could",
                sys.platform,
            )

    @property
    def id(self) -> int:
        """The system's number of the process."""
        return self._process.pid

    def verify(self, pdf: bytes, wall_seconds: float) -> Report:
        """The report on a file.

        Raises:
            _ProcessorTimeUsedUp: the file keeps it busy.
            TimeoutError: it did not answer in time.
            EOFError: it ended, or answered with something else.
        """
        answer = self._ask(clock.iso(clock.now()).encode() + pdf, wall_seconds)
        try:
            report = Report.from_json(json.loads(answer))
        except _NO_REPORT as error:
            raise EOFError("it answered something else") from error
        if report.sha256 != hashlib.sha256(pdf).hexdigest():
            raise EOFError("it answered something else")
        return report

    def close(self) -> None:
        """End the process, and take away what it left."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(OSError):
                    stream.close()
        self._process.wait()
        self._folder.remove()

    def _ask(self, question: bytes, seconds: float) -> bytes:
        """What it answers. Its end, by whomever, ends the waiting too."""
        late = threading.Event()

        def end() -> None:
            late.set()
            self._process.kill()

        asked, answers = self._process.stdin, self._process.stdout
        assert asked  # noqa: S101 - both were opened as pipes
        assert answers  # noqa: S101
        watch = threading.Timer(seconds, end)
        watch.daemon = True
        watch.start()
        try:
            write_frame(asked, question)
            answer = read_frame(answers, LONGEST_ANSWER)
        except (EOFError, OSError) as error:
            if late.is_set():
                raise TimeoutError from error
            # It keeps the status that it ended with, if it has ended.
            self._process.kill()
            if ended_by_its_limit(self._process.wait()):
                raise _ProcessorTimeUsedUp from error
            raise EOFError("it ended before it answered") from error
        finally:
            watch.cancel()
        if late.is_set():
            raise EOFError("it answered something else")
        return answer


def _start(folder: str, seconds: float) -> subprocess.Popen[bytes]:
    inherited = {key: os.environ[key] for key in _INHERITED if key in os.environ}
    process = subprocess.Popen(  # noqa: S603 - ourselves
        # -P: no module is taken from the folder that a stranger's files lie in.
        [sys.executable, "-P", "-m", "signer.declaration.verify.sandbox", str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=inherited
        | {
            "TMPDIR": folder,
            # Each thread reserves address space, of which there is little.
            "MALLOC_ARENA_MAX": "1",
            "RAYON_NUM_THREADS": "1",
            # pyHanko's client of HTTP, never used here, would read every authority
            # that the machine trusts: an eighth of what a start takes.
            "SSL_CERT_FILE": os.devnull,
        },
    )
    if sys.platform != "win32":
        # Whoever reads or signs comes first: already before its imports, which take
        # a second of a processor.
        own = os.getpriority(os.PRIO_PROCESS, 0)
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, own + NICENESS)
    return process
