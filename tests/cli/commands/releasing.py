"""Commands of a release, as a person types them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from signer.cli import main
from signer.policy.versions import read_versions

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def draft_of(project: Path) -> Path:
    return project / "docs" / "code-of-conduct.md"


def signer(*arguments: str, answer: str = "", **environment: str) -> Result:
    return CliRunner(env=environment).invoke(main, arguments, input=answer)


def numbers(project: Path) -> list[int]:
    return [one.number for one in read_versions(project / "versions")]
