"""What the office's commands over the whole register take, and how they grow.

Each command is measured in a process of its own, from its first instruction to its
last, on an SQLite file: the first import, asking everybody, the list, the same file
again, a backup. Two parents for each child, a row for each parent. Prints one JSON
document, and ends with an exit code other than 0 where the limit of the first import
is broken.

    .venv/bin/python -m bench.register [PARENTS …]
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from bench.table.figures import Figure
from bench.table.processes import ROOT, Cost, command
from signer.config import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = (5_000, 20_000)
FULL = 50_000
"""Where everything is asked for; the limits below are for so many."""

IMPORT_LIMIT = 10.0
"""What the first import of 5,000 parents may take of a processor, in seconds."""

LIMITS = {"list": 6.0, "again": 6.0, "backup": 15.0}
"""Seconds of a processor for 50,000 parents."""

MIB = 150.0
NAMES = {
    "first": "Import of a register",
    "again": "Import of the same register again",
    "list": "Register list",
    "backup": "Backup of a register",
}
ASKED = ("list", "again", "backup")


def main() -> int:
    """Measure; 1 where the limit is broken."""
    found = measured([int(size) for size in sys.argv[1:]] or SIZES[:1])
    told = {
        size: {
            what: {**asdict(cost), "output": len(cost.output)}
            for what, cost in costs.items()
        }
        for size, costs in found.items()
    }
    print(json.dumps(told, indent=2))
    small = found.get(SIZES[0])
    return int(small is not None and small["first"].processor > IMPORT_LIMIT)


def figures(*, full: bool = False) -> list[Figure]:
    """Time and memory of each command at two sizes; at a third, if all is asked for."""
    sizes = (*SIZES, FULL) if full else SIZES
    found = measured(sizes)
    large = sizes[-1]
    figures = []
    for what, name in NAMES.items():
        took = tuple((size, costs[what].processor) for size, costs in found.items())
        held = tuple((size, costs[what].peak_mib) for size, costs in found.items())
        limit = LIMITS.get(what)
        parents = f"{large:,} parents"
        figures += [
            Figure(
                f"{name}, {parents}, processor",
                took[-1][1],
                "s",
                None if limit is None else limit * large / FULL,
                sizes=took,
                of="the parents",
            ),
            Figure(
                f"{name}, {parents}, memory",
                held[-1][1],
                "MiB",
                None if limit is None else MIB,
                sizes=held,
                of="the parents",
            ),
        ]
    return figures


def measured(sizes: Sequence[int]) -> dict[int, dict[str, Cost]]:
    """What each command takes, by the number of parents."""
    return {size: _school(size) for size in sizes}


def _school(parents: int) -> dict[str, Cost]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            instance=Path(folder) / "instance",
            secret_keys=("a secret for measuring that is long enough",),
            seal_passphrase="of the benchmark",  # noqa: S106 - of no use elsewhere
            versions_dir=ROOT / "versions",
        )
        command(settings, "db", "upgrade")
        command(settings, "keys", "init")
        file = Path(folder) / "register.csv"
        file.write_text(register(parents), encoding="utf-8")
        first = command(settings, "register", "import", str(file))
        command(settings, "ask", "--yes", "--published")
        return {
            "first": first,
            "list": command(settings, "register", "list"),
            "again": command(settings, "register", "import", str(file)),
            "backup": command(settings, "backup", str(Path(folder) / "backup.zip")),
        }


def register(parents: int) -> str:
    """A register of so many parents, two for each child."""
    lines = ["parent_name,parent_email,relationship,child_name,year_group"]
    for row in range(parents):
        family, parent = divmod(row, 2)
        lines.append(
            f"Parent {family}-{parent},p{family}.{parent}@example.org,carer,"
            f"Child {family},Year {1 + family % 11}"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
