"""Help comes at once, and what is not installed is named."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from bench.commands import HELP_LIMIT, help_ratio
from signer import clock
from signer.cli import COMMANDS, main
from signer.cli.lazy import Lazy, missing
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = ("sqlalchemy", "flask", "pyhanko", "typst", "cryptography", "huey", "alembic")
SITE = ("mkdocs", "material")
LOADED = (
    "import sys, json; before = set(sys.modules); {}; print(json.dumps([*sys.modules]))"
)
WITHOUT = """
import sys
for name in {absent!r}:
    sys.modules[name] = None
from signer.cli import main
main({arguments!r})
"""


def python(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program of its own, in the repository's folder."""
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def without(absent: tuple[str, ...], *arguments: str, **environment: str) -> str:
    """What a command says where packages are not installed; its code stands first."""
    script = WITHOUT.format(absent=absent, arguments=list(arguments))
    done = python(script, **environment)
    assert "Traceback" not in done.stderr, done.stderr
    return f"{done.returncode} {done.stdout}{done.stderr}"


def packages(statement: str) -> set[str]:
    """The packages that a program has loaded after a statement."""
    done = python(LOADED.format(statement))
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_help_loads_click_and_nothing_else() -> None:
    """Beside what Python and click load themselves, this room alone."""
    mine = packages(
        "from signer.cli import main; main(['--help'], standalone_mode=False)"
    )
    assert mine - packages("import click") - set(sys.stdlib_module_names) == {"signer"}


def test_help_takes_little_longer_than_click_alone() -> None:
    """In processor time, by the least of five, each beside the other in turn."""
    ratios = (help_ratio() for _ in range(3))
    assert any(ratio < HELP_LIMIT for ratio in ratios)


def test_status_loads_nothing_that_seals_migrates_or_wakes() -> None:
    """It reads; what it does not use costs it as much as what it does."""
    loaded = packages("import signer.cli.commands.status.command")
    assert "sqlalchemy" in loaded
    unused = {"alembic", "pyhanko", "aiohttp", "typst", "huey", "psycopg", "flask"}
    assert loaded.isdisjoint(unused)


def test_a_web_process_loads_nothing_that_only_a_timestamp_needs() -> None:
    """A school without a timestamp authority would pay for it in each process."""
    loaded = packages("import signer.cli.commands.operations.serve")
    assert "flask" in loaded
    assert loaded.isdisjoint({"pyhanko", "pyhanko_certvalidator", "aiohttp", "rich"})


def test_verify_leaves_what_opens_pdfs_to_the_process_that_looks_at_them() -> None:
    """That one is confined, and starts once for all files."""
    loaded = packages("import signer.cli.commands.verify.command")
    assert loaded.isdisjoint({"pyhanko", "aiohttp", "typst", "huey", "flask"})


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_commands_own_help_says(name: str) -> None:
    """Each summary is the first sentence of the help of the command it names."""
    command = main.commands[name]
    assert command.name == name
    assert COMMANDS[name].summary == command.get_short_help_str(limit=200)


@pytest.mark.parametrize(
    "arguments",
    [
        ["versions"],
        ["versions", "check"],
        ["release", "--help"],
        ["review", "--help"],
    ],
)
def test_the_base_install_releases_and_checks(
    arguments: list[str], tmp_path: Path
) -> None:
    """Neither the service's packages nor the site's are wanted for that."""
    said = without(SERVICE + SITE, *arguments, SIGNER_INSTANCE=str(tmp_path))
    assert said.startswith("0 ")


def test_a_draft_is_looked_at_without_a_database(tmp_path: Path) -> None:
    """How many parents there are is not known; the rest is."""
    draft = tmp_path / "draft.md"
    text = (REPOSITORY / "docs" / "code-of-conduct.md").read_text("utf-8")
    year = clock.now().year + 1
    text = text.replace("must not", "must never", 1)
    draft.write_text(text.replace("is August 2023.", f"is June {year}."), "utf-8")
    words = ["--summary", "A word changed.", "--review-by", f"{year}-06"]
    said = without(
        SERVICE + SITE,
        *("release", "--draft", str(draft), "--dry-run", *words),
        SIGNER_INSTANCE=str(tmp_path),
    )
    assert said.startswith("0 "), said
    assert "never" in said


@pytest.mark.parametrize("name", ["ask", "serve", "verify", "db", "status"])
def test_what_needs_the_service_says_so(name: str) -> None:
    """The extra that brings it is named."""
    said = without(SERVICE, name)
    assert said.startswith("1 ")
    assert "signer[service]" in said


def test_a_module_of_our_own_that_is_missing_is_a_fault() -> None:
    """It is not told as if a package were not installed."""
    with pytest.raises(ModuleNotFoundError):
        Lazy("signer.cli.commands.nowhere:command", "Nothing.").load()


def test_the_site_has_an_extra_of_its_own() -> None:
    """A package that only the site's builder needs is named with that."""
    told = missing(ModuleNotFoundError(name="mkdocs.config"))
    assert isinstance(told, click.ClickException)
    assert "signer[site]" in told.message
