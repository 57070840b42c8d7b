"""How long it takes to import a register of 10,000 rows, and to import it again.

The command itself is timed, in a process of its own, from its first instruction to its
last: reading, checking, writing. Prints one JSON document.

    .venv/bin/python bench/register_import.py [ROWS]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from signer.config import Settings, environment

ROOT = Path(__file__).parent.parent
ROWS = 10_000
LIMIT_SECONDS = 10.0
"""What the first import of 10,000 rows may take of a processor."""


def register(rows: int) -> str:
    """A register of so many rows: two children for each parent, two parents each."""
    lines = ["parent_name,parent_email,relationship,child_name,year_group"]
    for row in range(rows):
        family, place = divmod(row, 4)
        parent, child = divmod(place, 2)
        lines.append(
            f"Parent {family}-{parent},p{family}.{parent}@example.org,carer,"
            f"Child {family}-{child},Year {1 + family % 11}"
        )
    return "\n".join(lines) + "\n"


def timed(settings: Settings, *arguments: str) -> dict[str, float]:
    """Seconds that a command takes, on the clock and of a processor."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("SIGNER_")}
    began, used = time.monotonic(), processor_seconds()
    subprocess.run(
        [sys.executable, "-m", "signer", *arguments],
        cwd=ROOT,
        env={**inherited, **environment(settings)},
        check=True,
        capture_output=True,
    )
    return {
        "seconds": round(time.monotonic() - began, 2),
        "processor": round(processor_seconds() - used, 2),
    }


def processor_seconds() -> float:
    """What the processes that ended have used; other programs disturb it less."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Measure; 1 where the limit is broken."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            instance=Path(folder),
            secret_keys=("a secret for measuring that is long enough",),
            versions_dir=ROOT / "versions",
        )
        timed(settings, "db", "upgrade")
        file = Path(folder) / "register.csv"
        file.write_text(register(rows), encoding="utf-8")
        file_name = str(file)
        figures = {
            "start": timed(settings, "versions"),
            "dry_run": timed(settings, "register", "import", file_name, "--dry-run"),
            "first": timed(settings, "register", "import", file_name),
            "again": timed(settings, "register", "import", file_name),
        }
    print(json.dumps({"rows": rows, **figures}, indent=2))
    return int(rows <= ROWS and figures["first"]["processor"] > LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
