"""How long the site takes to build, for 15, 30 and 60 versions.

    python bench/site_versions.py [--versions 60]

Each synthetic version changes a few paragraphs of the one before, adds one and takes
one away, so that the redlines have work to do. The build is the published one:
``mkdocs build --strict`` with the project's own settings, in a process of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIMIT = 20.0
"""The most that 60 versions may take, in seconds."""


@dataclass(frozen=True, slots=True)
class Build:
    """One build.

    Attributes:
        pages: how many it made.
        seconds: from start to end.
        processor: seconds of processor time, which other programs disturb less.
    """

    pages: int
    seconds: float
    processor: float


def main() -> None:
    """Measure a quarter, a half and all of the versions; say no when too slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=60)
    most = parser.parse_args().versions
    builds = {count: measured(count) for count in (most // 4, most // 2, most)}
    print("versions  pages  seconds  processor  more for each further version")
    before: tuple[int, Build] | None = None
    for count, build in builds.items():
        figures = f"{build.pages:5}  {build.seconds:7.1f}  {build.processor:9.1f}"
        each = ""
        if before:
            more = (build.processor - before[1].processor) / (count - before[0])
            each = f"{1000 * more:.0f} ms"
        print(f"{count:8}  {figures}  {each}".rstrip())
        before = count, build
    if builds[most].seconds > LIMIT:
        sys.exit(f"{most} versions took more than {LIMIT:.0f} s")


def measured(count: int) -> Build:
    """One build.

    Args:
        count: how many versions there are.
    """
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        shutil.copytree(ROOT / "docs", project / "docs")
        shutil.copy(ROOT / "mkdocs.yml", project)
        write_versions(project / "versions", count)
        begun, used = time.perf_counter(), _processor()
        subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"],
            cwd=project,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},
            check=True,
        )
        return Build(
            pages=len(list((project / "site").rglob("index.html"))),
            seconds=time.perf_counter() - begun,
            processor=_processor() - used,
        )


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write_versions(folder: Path, count: int) -> None:
    """A chain of versions that begins with the released version 2.

    Args:
        folder: to be made.
        count: how many.
    """
    folder.mkdir()
    source = (ROOT / "versions" / "2.md").read_bytes()
    (folder / "2.md").write_bytes(source)
    _, _, body = source.decode().split("---\n", 2)
    paragraphs = body.strip("\n").split("\n\n")
    chance = random.Random(count)  # noqa: S311 - not a secret
    for number in range(3, count + 2):
        _edit(paragraphs, number, chance)
        front = FRONT.format(
            number=number,
            year=2020 + number,
            next=2021 + number,
            previous=hashlib.sha256(source).hexdigest(),
        )
        source = (front + "\n\n".join(paragraphs) + "\n").encode()
        (folder / f"{number}.md").write_bytes(source)


FRONT = """---
version: {number}
title: Social Media Code of Conduct for Parents and Carers
label: August {year}
released: {year}-08
review_by: {next}-08
previous_sha256: {previous}
summary:
  - Some paragraphs were changed, one was added and one was taken away.
declaration:
  - I have read and understood the code of conduct.
  - I agree to follow it.
---

"""


def _edit(paragraphs: list[str], number: int, chance: random.Random) -> None:
    """Change four paragraphs, add one, and take one away."""
    plain = [
        place
        for place, text in enumerate(paragraphs)
        if text[0].isalpha() and "\n" not in text
    ]
    for place in chance.sample(plain, 4):
        words = paragraphs[place].split(" ")
        words[chance.randrange(1, len(words))] = f"changed-{number}"
        paragraphs[place] = " ".join(words)
    paragraphs[chance.choice(plain)] = f"This paragraph came with version {number}."
    paragraphs.insert(chance.choice(plain), f"One more, added by version {number}.")
    del paragraphs[chance.choice(plain)]


if __name__ == "__main__":
    main()
