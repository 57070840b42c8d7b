"""How long a campaign takes to open, and how much memory: 10,000 and 100,000 parents.

Each size runs in a process of its own, on an SQLite file of its own, so that the peak
of one says nothing of the other. Prints one JSON document. How fast mail goes out is
measured on a part of it, into a folder: a mail server adds its own time.

    .venv/bin/python -m bench.campaign [PARENTS …]
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, insert, select

from bench.table.figures import Figure
from signer import clock
from signer.config import Settings
from signer.mail.transport import transport_for
from signer.store import schema
from signer.store.engine import connect
from signer.store.tables import Child, Outbox, Parent, Relationship, Request
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import AppContext, open_context
from signer.workflows.mailing.send import send_mail

ROOT = Path(__file__).parent.parent
SMALL, LARGE = 10_000, 100_000
LIMIT_SECONDS = 30.0
"""What the small campaign may take on two cores."""

MOST_GROWTH = 1.25
"""How much more memory the large campaign may hold at its peak."""

MAILS = 500
PIECE = 1_000
MEBIBYTE = 1024  # Linux counts kibibytes


def main() -> None:
    """Measure each size in a process of its own; fail where the goal is missed."""
    sizes = [int(size) for size in sys.argv[1:]] or [SMALL, LARGE]
    results = [_apart(size) for size in sizes]
    by_size = {result["parents"]: result for result in results}
    kept = True
    if SMALL in by_size:
        kept &= by_size[SMALL]["seconds"] < LIMIT_SECONDS
    if len(results) > 1:
        grown = [result["peak_mib"] for result in results]
        kept &= max(grown) < MOST_GROWTH * min(grown)
    print(json.dumps({"campaigns": results, "goals_kept": kept}, indent=2))
    sys.exit(0 if kept else 1)


def figures(*, full: bool = False) -> list[Figure]:
    """Opening campaigns of two sizes, ten times apart."""
    del full
    found = [_apart(size) for size in (SMALL // 10, SMALL, LARGE)]
    took, held = (
        tuple((int(one["parents"]), one[what]) for one in found)
        for what in ("seconds", "peak_mib")
    )
    return [
        Figure(
            "Opening a campaign for 10,000",
            found[1]["seconds"],
            "s",
            LIMIT_SECONDS,
            sizes=took,
            of="the parents",
        ),
        Figure(
            "Memory of opening one for 100,000",
            found[-1]["peak_mib"],
            "MiB",
            sizes=held,
            of="the parents",
        ),
    ]


def _apart(parents: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.campaign", "--one", str(parents)]
    done = subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return dict(json.loads(done.stdout))


def one(parents: int) -> None:
    """Fill a register, ask everybody, and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            instance=Path(folder),
            secret_keys=("a secret of the benchmark, of no use anywhere else",),
            versions_dir=ROOT / "versions",
        )
        schema.upgrade(connect(settings.database).engine)
        app_context = open_context(settings)
        _fill(app_context, parents)
        before = _peak()
        started = time.perf_counter()
        asked = ask_parents(app_context)
        seconds = time.perf_counter() - started
        peak = _peak()
        with app_context.sessions.reading() as session:
            for table in (Request, Outbox):
                counted = session.scalar(select(func.count()).select_from(table))
                if not counted == asked.newly == parents:
                    sys.exit(f"{counted} rows in {table.__tablename__}")
        result = {
            "parents": parents,
            "seconds": round(seconds, 2),
            "parents_per_second": round(parents / seconds),
            "peak_mib": round(peak, 1),
            "peak_before_mib": round(before, 1),
            "mails_per_second": round(_mails_per_second(app_context)),
        }
    print(json.dumps(result))


def _fill(app_context: AppContext, parents: int) -> None:
    now = clock.now()
    for start in range(1, parents + 1, PIECE):
        numbers = range(start, min(start + PIECE, parents + 1))
        with app_context.sessions.writing() as session:
            people = [(number, f"Parent {number}") for number in numbers]
            session.execute(
                insert(Parent),
                [
                    {
                        "id": number,
                        "name": name,
                        "name_key": name.lower(),
                        "email": f"parent{number}@example.org",
                        "email_key": f"parent{number}@example.org",
                        "added_at": now,
                    }
                    for number, name in people
                ],
            )
            session.execute(
                insert(Child),
                [
                    {
                        "id": number,
                        "name": f"Child {number}",
                        "name_key": f"child {number}",
                        "year_group": "Year 7",
                    }
                    for number in numbers
                ],
            )
            session.execute(
                insert(Relationship),
                [
                    {"parent_id": number, "child_id": number, "words": "mother"}
                    for number in numbers
                ],
            )


def _mails_per_second(app_context: AppContext) -> float:
    """How many mails a worker sends, into a folder; the rest waits its turn."""
    with app_context.sessions.writing() as session:
        first = session.scalar(select(func.min(Outbox.id))) or 0
        session.execute(
            Outbox.__table__.update()  # type: ignore[attr-defined] # a Table
            .where(Outbox.id >= first + MAILS)
            .values(delivery="dropped")
        )
    folder = app_context.settings.instance_path / f"mail-{secrets.token_hex(4)}"
    transport = transport_for(f"folder:{folder}")
    started = time.perf_counter()
    sent = send_mail(app_context, transport)
    return sent / (time.perf_counter() - started)


def _peak() -> float:
    """The most memory that this process held, in MiB; rusage counts its parent in."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / MEBIBYTE


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(int(sys.argv[2]))
    else:
        main()
