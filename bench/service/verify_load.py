"""What others wait for a page while files that take ten seconds each are checked.

Starts `signer serve` with its defaults on an SQLite file, and sends eight files at
once that keep the program which looks into them busy for all the time that it has:
once, then again and again, a second after each answer. Prints one JSON document.

    .venv/bin/python -m bench.service.verify_load
"""

from __future__ import annotations

import http.client
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.service.slow_connections import serving, waits
from bench.table.figures import Figure

LIMIT_MS = 50.0
"""What others may wait, as a median."""

SENDERS = 8
AGAIN_SECONDS = 1.0
UNDER_WAY_SECONDS = 1.0
ANSWER_SECONDS = 120.0
DIGITS = 3_000_000
"""Of one number: reading it takes minutes."""


class Sender(threading.Thread):
    """Sends a file, and notes the status of each answer."""

    def __init__(self, port: int, answers: Counter[str], *, again: bool) -> None:
        super().__init__(daemon=True)
        self._port, self._answers, self._again = port, answers, again
        self.over = threading.Event()

    def run(self) -> None:
        """Send it, once or until told to stop."""
        self._send()
        while self._again and not self.over.wait(AGAIN_SECONDS):
            self._send()

    def _send(self) -> None:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=ANSWER_SECONDS
        )
        kind = {"Content-Type": "multipart/form-data; boundary=edge"}
        began = time.monotonic()
        with suppress(OSError):
            connection.request("POST", "/verify", form(), kind)
            status = connection.getresponse().status
            taken = round(time.monotonic() - began)
            self._answers[f"{status} after {taken} s"] += 1
        connection.close()


def form() -> bytes:
    """What a browser sends: a file whose catalogue is one endless number."""
    file = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/X " + b"9" * DIGITS + b">>\nendobj\n"
    table = b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n"
    file += table + b"trailer\n<</Size 2/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(
        file
    )
    named = b'Content-Disposition: form-data; name="pdf"; filename="a.pdf"'
    return b"--edge\r\n" + named + b"\r\n\r\n" + file + b"\r\n--edge--\r\n"


KINDS = {
    "none": (0, False),
    "at once": (SENDERS, False),
    "again and again": (SENDERS, True),
}
"""How many files are sent, and whether again after each answer."""


def main() -> None:
    """Measure without files, with eight, and with eight again and again."""
    results = {
        name: measured(count, again=again) for name, (count, again) in KINDS.items()
    }
    kept = all(result["median_ms"] < LIMIT_MS for result in results.values())
    print(json.dumps({**results, "goals_kept": kept}, indent=2))
    sys.exit(0 if kept else 1)


def figures(*, full: bool = False) -> list[Figure]:
    """What others wait, beside files that take long."""
    del full
    found = {
        name: measured(count, again=again)["median_ms"]
        for name, (count, again) in KINDS.items()
    }
    return [
        Figure(
            f"A page, beside files that take ten seconds: {name}",
            value,
            "ms",
            LIMIT_MS,
            value / found["none"],
            "without them",
        )
        for name, value in found.items()
    ]


def measured(count: int, *, again: bool) -> dict[str, Any]:
    """What others wait, and what became of the files.

    Args:
        count: how many are sent at once.
        again: whether each is sent again after its answer.
    """
    answers: Counter[str] = Counter()
    with (
        tempfile.TemporaryDirectory(prefix="signer-bench-") as folder,
        serving(Path(folder) / "school") as (port, path),
    ):
        senders = [Sender(port, answers, again=again) for _ in range(count)]
        for sender in senders:
            sender.start()
        time.sleep(UNDER_WAY_SECONDS)
        found = waits(port, path)
        for sender in senders:
            sender.over.set()
        for sender in senders:
            sender.join()
    return {**found, "answers": dict(sorted(answers.items()))}


if __name__ == "__main__":
    main()
