"""One part of the table, in a process of its own: its figures as JSON.

.venv/bin/python -m bench.table.part NAME [--full]
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict
from importlib import import_module


def main() -> None:
    """Measure, and print figures alone: whatever else is printed goes to the errors."""
    # Whoever ends it in good time has it end what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("it was ended"))
    name, *options = sys.argv[1:]
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    module = import_module(f"bench.{name}")
    found = module.figures(full="--full" in options)
    with out:
        json.dump([asdict(figure) for figure in found], out)


if __name__ == "__main__":
    main()
