"""How long the site takes to build, for 15, 30 and 60 versions.

    .venv/bin/python -m bench.site_versions [--versions 60]

Each synthetic version changes a few paragraphs of the one before, adds one and takes
one away, so that the redlines have work to do. The build is the published one:
``mkdocs build --strict`` with the project's own settings, in a process of its own.
Then the site as it is, in turns with the same pages in Material as it comes.
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

from bench.table.figures import Figure
from bench.table.processes import Failed
from signer.policy.versions import read_versions
from signer.site.pages import pages
from signer.site.pages.draft import DRAFT
from signer.site.pages.site_content import SiteContent

ROOT = Path(__file__).parent.parent
LIMIT = 20.0
"""The most that 60 versions may take, in seconds."""

MATERIAL_LIMIT = 1.1
ROUNDS = 4


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


def figures(*, full: bool = False) -> list[Figure]:
    """The build with many versions, and the site's pages beside plain Material."""
    counts = (15, 30, 60)
    builds = {count: measured(count) for count in counts}
    took = tuple((count, one.processor) for count, one in builds.items())
    ours, stock = beside_material(ROUNDS * (2 if full else 1))
    return [
        Figure(
            f"Site, {ours.pages} pages ÷ stock Material, same pages",
            ours.processor / stock.processor,
            "",
            MATERIAL_LIMIT,
        ),
        Figure(
            f"Site, {ours.pages} pages, processor",
            ours.processor,
            "s",
            None,
            ours.processor / stock.processor,
            "stock Material",
        ),
        Figure("Site with 60 versions", builds[60].seconds, "s", LIMIT),
        Figure(
            "Site with 60 versions, processor",
            took[-1][1],
            "s",
            sizes=took,
            of="the versions",
        ),
    ]


def beside_material(rounds: int) -> tuple[Build, Build]:
    """The least that our site takes, and that the same pages take in plain Material.

    Material is taken as it comes: its theme, and no plugin, for its search would be
    work that our site does not do.

    Args:
        rounds: how often each is built, in turn.
    """
    with tempfile.TemporaryDirectory() as folder:
        ours, stock = Path(folder) / "ours", Path(folder) / "stock"
        for project in (ours, stock):
            shutil.copytree(ROOT / "docs", project / "docs")
        shutil.copytree(ROOT / "versions", ours / "versions")
        shutil.copy(ROOT / "mkdocs.yml", ours)
        _make_stock(stock)
        builds = [(_build(ours, "--strict"), _build(stock)) for _ in range(rounds)]
    (first, second) = builds[0]
    if first.pages != second.pages:
        raise Failed(f"{first.pages} pages beside {second.pages}")
    return (
        min((one for one, _ in builds), key=lambda build: build.processor),
        min((one for _, one in builds), key=lambda build: build.processor),
    )


def _make_stock(project: Path) -> None:
    """Plain Material with our pages: those that are written and those that are made."""
    docs = project / "docs"
    for name in ("overrides", "javascripts", "stylesheets"):
        shutil.rmtree(docs / name)
    (docs / DRAFT).unlink()
    for path, text in pages(SiteContent(read_versions(ROOT / "versions"))).items():
        (docs / path).parent.mkdir(parents=True, exist_ok=True)
        (docs / path).write_text(text, "utf-8")
    (project / "mkdocs.yml").write_text(STOCK, "utf-8")


STOCK = """site_name: My Online Schooling
theme: material
plugins: []
markdown_extensions:
  - toc
  - tables
  - fenced_code
  - sane_lists
  - admonition
  - attr_list
"""


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
        return _build(project, "--strict")


def _build(project: Path, *options: str) -> Build:
    begun, used = time.perf_counter(), _processor()
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", *options],
        cwd=project,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},
        check=True,
        stderr=None if options else subprocess.DEVNULL,
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
