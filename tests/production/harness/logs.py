"""What the logs of a school's processes tell that should not be there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path

OUTPUTS = ("*.log", "*.out", "*.err")
"""What the processes of a school and its commands write, as `Rehearsal` names it."""

SHOWN = 60
"""How many lines of a traceback are shown, from the line before it."""

_HEAD = re.compile(r"\d{4}-\d\d-\d\dT\S+Z [A-Z]+ ")
"""How a line of the log begins, which a traceback's lines do not."""

_ENDED = re.compile(
    r"Worker \(pid:(\d+)\) (?:was sent (?:SIG)?\w+|exited with code \d+)"
    r"|WORKER TIMEOUT \(pid:(\d+)\)"
)
"""A child that did not end in good order, or is ended by its master for silence."""

_ALARMED = re.compile(
    r" (?:ERROR|CRITICAL) signer\.workflows\.(?:reconciliation|log)\."
)
"""The worker's nightly look at the record, or the log's signing, found a fault."""


def faults_in_logs(folder: Path, killed: AbstractSet[int]) -> list[str]:
    """Everything that no kill explains, with the lines that tell of it.

    That is each traceback, since whatever a kill leaves to the other processes is
    foreseen and has a line of its own; each web process that ended otherwise than in
    good order, or by this harness's own hand; and each alarm about the record.

    Args:
        folder: where the processes write.
        killed: the web processes that were killed on purpose, by number.
    """
    paths = sorted(path for pattern in OUTPUTS for path in folder.glob(pattern))
    return [
        f"{path.name}: {words}"
        for path in paths
        for words in _faults(path.read_text("utf-8", "replace").splitlines(), killed)
    ]


def _faults(lines: list[str], killed: AbstractSet[int]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if _ALARMED.search(line):
            yield line
        elif ended := _ENDED.search(line):
            if int(ended[1] or ended[2]) not in killed:
                yield line
        elif line.lstrip(" |+-").startswith(
            ("Traceback (", "Exception Group Traceback")
        ):
            yield "\n".join(_traceback(lines, number))


def _traceback(lines: list[str], first: int) -> list[str]:
    """The lines of a traceback that begins there, and the one that announces it."""
    last = first + 1
    while last < min(len(lines), first + SHOWN) and not _HEAD.match(lines[last]):
        last += 1
    return lines[max(0, first - 1) : last]
