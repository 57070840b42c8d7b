"""Building the site, as it is published, for the tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import html as lxml_html

from signer.policy.sha256sums import list_releases
from signer.policy.versions import read_versions
from signer.site.pages.without_service import is_the_services
from tests.policy.releasing import folder_of_2

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]

# What the site's own requirements do not bring. An import of one of these fails.
ABSENT = ("flask", "sqlalchemy", "pyhanko", "typst", "nh3", "itsdangerous", "huey")
BUILD = f"""
import sys
for name in {ABSENT!r}:
    sys.modules[name] = None
from mkdocs.__main__ import cli
cli(["build", "--strict", "--site-dir", sys.argv[1]])
"""


def built(
    folder: Path, *, project: Path = REPOSITORY, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The result of a strict build with the site's requirements alone."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("SIGNER_") and key != "SHOW_DRAFT"
    }
    return subprocess.run(
        [sys.executable, "-c", BUILD, folder],
        cwd=project,
        env={**kept, "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def headers_of(site: Path) -> dict[str, str]:
    """The headers that a built site has sent with every page."""
    lines = (site / "_headers").read_text(encoding="utf-8").splitlines()[1:]
    own = takewhile(lambda line: line.startswith(" "), lines)
    return dict(line.strip().split(": ", 1) for line in own)


def copied_project(folder: Path) -> Path:
    """The project's pages and settings with version 2, to be changed and released."""
    shutil.copytree(REPOSITORY / "docs", folder / "docs")
    versions = folder_of_2(folder / "versions")
    list_releases(versions, read_versions(versions))
    shutil.copy(REPOSITORY / "mkdocs.yml", folder)
    return folder


def built_pages(site: Path) -> Iterator[tuple[str, lxml_html.HtmlElement]]:
    """Every page of a built site, by its path."""
    for path in sorted(site.rglob("*.html")):
        yield str(path.relative_to(site)), lxml_html.parse(str(path)).getroot()


def dead_links(site: Path) -> list[str]:
    """The links within a built site that lead nowhere, anchors included."""
    pages = dict(built_pages(site))
    anchors = {name: set(page.xpath("//@id")) for name, page in pages.items()}
    dead = []
    for name, page in pages.items():
        for address in page.xpath("//a/@href | //link[@type]/@href"):
            path, _, anchor = address.partition("#")
            if re.match(r"[a-z]+:", path) or is_the_services(path):
                continue
            target = site / path[1:] if path[:1] == "/" else (site / name).parent / path
            target = site / name if not path else Path(os.path.normpath(target))
            target = target / "index.html" if target.is_dir() else target
            known = anchors.get(str(target.relative_to(site)), set())
            if not target.is_file() or (anchor and anchor not in known):
                dead.append(f"{name}: {address}")
    return dead
