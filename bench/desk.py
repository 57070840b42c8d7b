"""How long the pages of the desk take with 20,000 parents and five versions.

    .venv/bin/python -m bench.desk [PARENTS]

The register is filled row by row of the tables (`tests/sharing/large_school.py`). The
headteacher then opens each page, again and again, through the whole application on
SQLite. Prints one JSON document with, of each page, the median of the answers in
milliseconds, that of the processor time in them, the number of queries, and that number
in a school of 1,000. Ends with an exit code other than 0 where a page takes longer than
the limit, or asks the database more often in the larger school.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import tempfile
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from bench.site_versions import write_versions
from bench.table.figures import Figure
from signer.config import Settings
from signer.store import schema
from signer.store.engine import connect
from signer.web import create_app
from signer.workflows.context import open_context
from tests.sharing.large_school import fill
from tests.web.browsing import ADDRESS
from tests.web.desk.every_page import paths_of_pages, sign_in_head

if TYPE_CHECKING:
    from signer.workflows.context import AppContext

LARGE, SMALL = 20_000, 1_000
VERSIONS = 5
LIMIT_MS = 200.0
ROUNDS = 5
SLOWEST = 5
"""How many pages the table names."""


def main() -> None:
    """Measure the larger school, count the queries of both, and judge."""
    large = int(sys.argv[1]) if sys.argv[1:] else LARGE
    small, found = measured(SMALL), measured(large)
    pages = {
        name: {**one, f"queries_of_{SMALL}": small[name]["queries"]}
        for name, one in found.items()
    }
    slow = [name for name, one in found.items() if one["median_ms"] > LIMIT_MS]
    growing = [
        name for name, one in found.items() if one["queries"] > small[name]["queries"]
    ]
    told = {"parents": large, "pages": pages, "too_slow": slow, "growing": growing}
    print(json.dumps(told, indent=2))
    sys.exit(1 if slow or growing else 0)


def figures(*, full: bool = False) -> list[Figure]:
    """The slowest pages, and how much every page together grows."""
    sizes = {size: measured(size) for size in (SMALL, LARGE if full else LARGE // 4)}
    pages = next(reversed(sizes.values()))
    slowest = sorted(pages, key=lambda name: -pages[name]["median_ms"])[:SLOWEST]
    together = tuple(
        (size, sum(one["processor_ms"] for one in found.values()))
        for size, found in sizes.items()
    )
    return [
        Figure(
            "Every page of the desk once, processor",
            together[-1][1],
            "ms",
            sizes=together,
            of="the parents",
        ),
        *(
            Figure(
                f"Desk: `{pages[name]['path']}`",
                pages[name]["median_ms"],
                "ms",
                LIMIT_MS,
            )
            for name in slowest
        ),
    ]


def measured(size: int) -> dict[str, dict[str, Any]]:
    """The time and the queries of each page in a school of a size."""
    with tempfile.TemporaryDirectory() as folder:
        app_context = school_in(Path(folder))
        fill(app_context, size)
        # A web process holds nothing of what it took to fill the school.
        gc.collect()
        gc.freeze()
        return looked_at(app_context, size)


def school_in(folder: Path) -> AppContext:
    """The context of a school that has versions, and nobody in it."""
    settings = Settings(
        instance=folder,
        base_url=ADDRESS,
        secret_keys=("a secret of the benchmark, of no use anywhere else",),
        versions_dir=folder / "versions",
    )
    write_versions(settings.versions_dir, VERSIONS)
    schema.upgrade(connect(settings.database).engine)
    return open_context(settings)


def looked_at(app_context: AppContext, size: int) -> dict[str, dict[str, Any]]:
    """The time and the queries of each page, by its path and, if needed, its place."""
    browser = sign_in_head(create_app(app_context.settings, app_context), app_context)
    asked: list[str] = []
    event.listen(
        app_context.sessions.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: asked.append(statement),
    )
    found = {}
    for endpoint, paths in paths_of_pages(app_context, size).items():
        for place, path in enumerate(paths, start=1):
            took, worked = [], []
            for _ in range(ROUNDS):
                asked.clear()
                started, began = time.perf_counter(), time.process_time()
                answer = browser.client.get(path, base_url=ADDRESS)
                took.append(time.perf_counter() - started)
                worked.append(time.process_time() - began)
                if answer.status_code != HTTPStatus.OK:
                    sys.exit(f"{path}: {answer.status}")
            found[f"{endpoint}/{place}"] = {
                "path": path,
                "median_ms": round(statistics.median(took) * 1000, 1),
                "processor_ms": round(statistics.median(worked) * 1000, 1),
                "queries": len(asked),
            }
    return found


if __name__ == "__main__":
    main()
