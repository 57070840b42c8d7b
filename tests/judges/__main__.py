"""Asks the judges about everything: ``python -m tests.judges``, writing a page.

The exit code is 0 when every judge that is here accepts every genuine file.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from signer import clock
from tests.judges.files import write
from tests.judges.names import NAMES
from tests.judges.running import DSS, JUDGES, PDFBOX, Judge, NotBuilt
from tests.judges.table import PAGE, page
from tests.judges.verdicts import Judged

if TYPE_CHECKING:
    from tests.judges.files import File
    from tests.judges.running import Findings

LEFT_OUT = """\
======================================================================
LEFT OUT: {name} ({reason}).
Its column in {page} stays as it was. On Debian:
tests/install-tools judges
======================================================================
"""


def main(arguments: list[str] | None = None) -> int:
    """Judge everything; gives the exit code."""
    parser = argparse.ArgumentParser(description="Ask the judges about every file.")
    parser.add_argument("--names", type=int, default=len(NAMES), help="how many names")
    parser.add_argument("--folder", type=Path, help="where the files are kept")
    given = parser.parse_args(arguments)
    judges = [one for one in JUDGES if not _left_out(one)]
    if not judges:
        return 0
    held = tempfile.TemporaryDirectory() if given.folder is None else None
    folder = (given.folder or Path(held.name if held else "")) / "judged"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        judged = judge_all(folder, judges, given.names)
    finally:
        if held:
            held.cleanup()
    for one in judged:
        if one.file.genuine:
            for name in one.said:
                for fault in one.faults(name):
                    sys.stdout.write(f"{name}: {one.file.path.name}: {fault}\n")
    if len(judges) == len(JUDGES) and given.names == len(NAMES):
        PAGE.write_text(page(judged, clock.now()), encoding="utf-8")
        sys.stdout.write(f"{PAGE}\n")
    else:
        sys.stdout.write(f"{PAGE} is as it was: not everything was judged\n")
    accepted = all(
        one.accepts(name) for one in judged if one.file.genuine for name in one.said
    )
    return 0 if accepted else 1


def judge_all(folder: Path, judges: list[Judge], names: int) -> list[Judged]:
    """Write the files and ask each judge about all of them.

    Args:
        folder: where the files go.
        judges: whom to ask.
        names: how many of the names are used.
    """
    files = write(folder, NAMES[:names])
    said: list[dict[str, Findings]] = [{} for _ in files]

    def ask(judge: Judge) -> tuple[str, dict[File, Findings]]:
        # The others are no judges of signatures.
        every = judge in (DSS, PDFBOX)
        asked = [one for one in files if every or one.genuine]
        sys.stderr.write(f"{judge.name} looks at {len(asked)} files\n")
        return judge.name, dict(
            zip(asked, judge.judge(asked, folder / "trust"), strict=True)
        )

    # Each is a process of its own, which waits for no other.
    with ThreadPoolExecutor() as threads:
        for name, found in threads.map(ask, judges):
            for file, into in zip(files, said, strict=True):
                if file in found:
                    into[name] = found[file]
    return [Judged(file, one) for file, one in zip(files, said, strict=True)]


def _left_out(judge: Judge) -> bool:
    """Whether a judge cannot be asked here, which is said loudly."""
    reason = f"not installed: {', '.join(judge.missing)}"
    if not judge.missing:
        try:
            judge.build()
        except NotBuilt as error:
            reason = str(error)
        else:
            return False
    sys.stderr.write(LEFT_OUT.format(name=judge.name, reason=reason, page=PAGE.name))
    return True


if __name__ == "__main__":
    sys.exit(main())
