"""How long the press that signs takes, and what a declaration costs the processors.

    .venv/bin/python -m bench.service.confirming [sqlite] [postgresql]

Service, worker and mail server are processes of their own, as in production, and
parents come over real HTTP. First one parent after the other: what each waits for the
answer to the last button. Then 400 journeys, 200 at a time: the processor time of
service, worker and database server until every declaration is sealed and every receipt
is out, divided by the declarations. Prints one JSON document.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import threading
from contextlib import closing, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from bench.service.signing import mint_links, on_each
from bench.table.figures import Figure
from bench.table.processes import Failed
from tests.production.harness.launching import call_apart, children_of, until
from tests.production.harness.rehearsal import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.production.harness.rehearsal import Rehearsal

WARM = 10
"""Parents who come before anything is measured."""

ALONE = 100
TOGETHER = 400
AT_ONCE = 200
SYSTEMS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
LIMITS = {"sqlite": (50.0, 90.0, 80.0), "postgresql": (80.0, 140.0, 120.0)}
"""Milliseconds: the press at the median, one in twenty, and a declaration."""

MEDIAN = "Press that signs, median ({})"
SLOW = "Press that signs, one in twenty takes longer ({})"
PROCESSOR = "Press that signs, processor ({})"
WHOLE = "A declaration, all processes' processor, 200 at once ({})"
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure each database; fail where a journey did."""
    results = on_each(sys.argv[1:], measure)
    print(json.dumps(results, indent=2))
    sys.exit(any(one["errors"] for one in results.values()))


def figures(*, full: bool = False) -> list[Figure]:
    """The press, and a declaration's processor time, on each database."""
    del full
    found = []
    for system, one in on_each((), measure).items():
        if one["errors"]:
            raise Failed(f"{system}: {one['errors']}")
        where = SYSTEMS[system]
        median, slow, whole = LIMITS[system]
        press, declaration = MEDIAN.format(where), WHOLE.format(where)
        found += [
            Figure(press, one["confirming POST, median ms"], "ms", median),
            Figure(
                SLOW.format(where), one["confirming POST, one in twenty ms"], "ms", slow
            ),
            Figure(
                PROCESSOR.format(where), one["processor ms of a confirming POST"], "ms"
            ),
            Figure(declaration, one["processor ms of a declaration"], "ms", whole),
        ]
    return found


def measure(school: Rehearsal) -> dict[str, Any]:
    """One parent after the other, then all the others together.

    Args:
        school: furnished, with nobody in its register.
    """
    on_a_server = school.settings.database.startswith("postgresql")
    servers = [_postmaster()] if on_a_server else []
    school.import_register(range(WARM + ALONE + TOGETHER))
    school.well("ask", "--yes")
    given, out = school.folder / "environment.json", school.folder / "links.json"
    given.write_text(json.dumps(school.environment), "utf-8")
    call_apart(mint_links, str(given), str(out))
    links = json.loads(out.read_text("utf-8"))
    school.open(workers=1)
    asked = len(links)
    until(lambda: _mails(school) >= asked, 600, "mails that ask")
    for number, link in links[:WARM]:
        _sign(school, number, link)
    pids = [process.pid for process in school.running.values()] + servers
    waited, spent = [], 0.0
    for number, link in links[WARM : WARM + ALONE]:
        seconds, milliseconds = _sign(school, number, link, pids)
        waited.append(seconds * 1000)
        spent += milliseconds
    until(lambda: _mails(school) >= asked + WARM + ALONE, 600, "receipts")
    before = _processor_ms(pids)
    errors = _together(school, links[WARM + ALONE :])
    until(lambda: _mails(school) >= 2 * asked, 600, "receipts")
    whole = (_processor_ms(pids) - before) / TOGETHER
    school.close()
    return {
        "confirming POST, median ms": round(statistics.median(waited), 1),
        "confirming POST, one in twenty ms": round(
            statistics.quantiles(waited, n=20)[-1], 1
        ),
        "processor ms of a confirming POST": round(spent / ALONE, 1),
        "processor ms of a declaration": round(whole, 1),
        "errors": errors[:5],
    }


def _sign(
    school: Rehearsal, number: int, link: str, pids: Sequence[int] = ()
) -> tuple[float, float]:
    """What the last button took: seconds waited, and processor milliseconds."""
    with closing(school.visitor()) as visitor:
        page = visitor.fill_in(visitor.enter(link), name_of(number))
        before = _processor_ms(pids)
        visitor.confirm(page)
        return visitor.client.waited["signed"], _processor_ms(pids) - before


def _together(school: Rehearsal, links: Sequence[tuple[int, str]]) -> list[str]:
    """Let everybody sign, as many at a time as there are threads; gives what failed."""
    waiting: SimpleQueue[tuple[int, str]] = SimpleQueue()
    for one in links:
        waiting.put(one)
    errors = []

    def parent() -> None:
        with suppress(Empty):
            while True:
                number, link = waiting.get_nowait()
                try:
                    with closing(school.visitor()) as visitor:
                        visitor.sign(link, name_of(number))
                except Exception as error:  # noqa: BLE001 -- each is reported
                    errors.append(f"{type(error).__name__}: {error}"[:300])

    threads = [threading.Thread(target=parent) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def _mails(school: Rehearsal) -> int:
    """How many mails have arrived."""
    return sum(1 for _ in school.mail.folder.glob("*.eml"))


def _postmaster() -> int:
    """The database server's first process, a child of the one that starts it."""
    paths = Path(tempfile.gettempdir()).glob("signer-postgresql-*/data/postmaster.pid")
    newest = max(paths, key=lambda path: path.stat().st_mtime)
    return int(newest.read_text("utf-8").split()[0])


def _processor_ms(pids: Sequence[int]) -> float:
    """What processes have taken, with their children and those that ended."""
    ticks = 0
    for pid in [*pids, *(child for one in pids for child in children_of(one))]:
        with suppress(OSError):
            stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
            ticks += sum(map(int, stat.rpartition(")")[2].split()[11:15]))
    return ticks * TICK_MS


if __name__ == "__main__":
    main()
