"""How much memory a web process holds once it has sealed, and after many seals.

    .venv/bin/python -m bench.service.memory

`signer serve` is started as somebody types it, and parents sign over real HTTP. Prints
one JSON document, in MiB: of the process that holds most.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from bench.service.signing import furnished
from bench.table.figures import Figure
from bench.table.processes import resident_mib
from tests.production.harness.launching import children_of

if TYPE_CHECKING:
    from tests.production.harness.rehearsal import Rehearsal

FIRST, MANY, FULL = 1, 40, 200
LIMIT_MIB = 150.0


def main() -> None:
    """Measure, and print."""
    print(json.dumps(measured(MANY), indent=2))
    sys.exit(0)


def figures(*, full: bool = False) -> list[Figure]:
    """After the first seal, and after many."""
    many = FULL if full else MANY
    found = measured(many)
    return [
        Figure("Web process after its first seal", found[FIRST], "MiB", LIMIT_MIB),
        Figure(
            f"Web process after {many} seals",
            found[many],
            "MiB",
            sizes=tuple(found.items()),
            of="the seals",
        ),
    ]


def measured(many: int) -> dict[int, float]:
    """MiB of the largest web process, by how many parents have signed."""
    with furnished("", typed=True) as school:
        school.import_register(range(many))
        school.well("ask", "--yes")
        school.open(workers=1, processes=1)
        found = {}
        for number in range(many):
            school.sign(number)
            if number + 1 in {FIRST, many}:
                found[number + 1] = _largest(school)
        school.close()
    return found


def _largest(school: Rehearsal) -> float:
    master = school.running["serve-0"].pid
    return max(resident_mib(pid) for pid in [master, *children_of(master)])


if __name__ == "__main__":
    main()
