"""How long a redline takes: the real text against an edit of it, once and ten times.

    .venv/bin/python -m bench.redline

Prints one JSON document: processor milliseconds, the best of five.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from bench.table.figures import Figure
from signer.markdown.rendering import to_html
from signer.policy.versions import read_version
from signer.redline.html import redline_html
from signer.redline.model import redline

VERSION = read_version(Path(__file__).parent.parent / "versions" / "2.md")
EDITED = VERSION.body.replace("school", "academy").replace("must", "should")


ROUNDS = 5


def main() -> None:
    """Measure, and print."""
    once, tenfold = measured(1), measured(10)
    told = {"once_ms": once, "tenfold_ms": tenfold, "ratio": tenfold / once}
    print(json.dumps(told))


def figures(*, full: bool = False) -> list[Figure]:
    """A redline of the real text, and of texts that are longer."""
    sizes = tuple((times, measured(times)) for times in ((1, 3, 10, 30)[: 3 + full]))
    name = "Redline of the text against an edit of every paragraph"
    return [Figure(name, sizes[0][1], "ms", sizes=sizes, of="the texts")]


def measured(times: int) -> float:
    """The best of five, in milliseconds of processor time."""
    old, new = to_html(VERSION.body) * times, to_html(EDITED) * times
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        redline_html(redline(old, new))
        taken.append(time.process_time() - start)
    return round(min(taken) * 1000, 1)


if __name__ == "__main__":
    main()
