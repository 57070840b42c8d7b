"""Forked processes that compete for places, as a process of its own.

    python competing.py FILE

Two children of four threads each hold a place now and then, and write each beginning
and each end into the file. A third takes what it can, says so, and keeps it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

from signer.web.overload.admission import PLACES, Admission

TURNS = 20
CLIENT = "11.0.0.1"


def compete(admission: Admission, told: int) -> None:
    """Hold a place again and again."""
    for turn in range(TURNS):
        with admission.place(f"client {turn % 3}") as admitted:
            if admitted:
                os.write(told, b"+")
                time.sleep(0.02)
                os.write(told, b"-")
        time.sleep(0.005)


def compete_in_threads(admission: Admission, told: int) -> None:
    """Four threads do."""
    threads = [Thread(target=compete, args=(admission, told)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def keep(admission: Admission, told: int) -> None:
    """Take a place for one client and all that are left, and keep them."""
    with ExitStack() as held:
        for client in (CLIENT, *[None] * (PLACES - 1)):
            assert held.enter_context(admission.place(client))
        os.write(told, b"+")
        time.sleep(600)


def forked(work: object, admission: Admission, told: int) -> int:
    """A child that does some work; its process id."""
    child = os.fork()
    if not child:
        assert callable(work)
        work(admission, told)
        os._exit(0)
    return child


def main(path: Path) -> None:
    """Let them compete, then kill the one that keeps everything."""
    admission = Admission()
    told = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    children = [forked(compete_in_threads, admission, told) for _ in range(2)]
    ended = [os.waitpid(child, 0)[1] for child in children]
    before = path.stat().st_size
    keeper = forked(keep, admission, told)
    while path.stat().st_size == before:
        time.sleep(0.01)

    def free(client: str | None) -> bool:
        with admission.place(client) as admitted:
            return admitted

    kept = [free(CLIENT), free(None)]
    os.kill(keeper, signal.SIGKILL)
    os.waitpid(keeper, 0)
    given_back = [free(CLIENT), free(None)]
    result = {"ended": ended, "kept": kept, "given_back": given_back}
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
