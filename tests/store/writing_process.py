"""A process that writes to a database without a pause, until it is ended.

    python -m tests.store.writing_process URL COUNTS

It writes a byte to the file COUNTS for each transaction that it has committed.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from sqlalchemy import text

from signer.store.engine import connect

THREADS = 4
WORK_SECONDS = 0.005


def main(url: str, counts: str) -> None:
    """Write, in several threads."""
    sessions = connect(url)
    with Path(counts).open("ab", buffering=0) as committed:

        def write() -> None:
            while True:
                with sessions.writing() as session:
                    session.execute(text("UPDATE written SET times = times + 1"))
                    time.sleep(WORK_SECONDS)
                committed.write(b".")

        threads = [threading.Thread(target=write) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
