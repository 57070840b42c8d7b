"""References that begin with a dash, as arguments."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from signer.cli.references import CommandAboutParent

DASHED = "-Lk2_bW9xQ0a"


@click.command(cls=CommandAboutParent)
@click.argument("who")
@click.option("--yes", is_flag=True)
@click.option("--settled-by", default="")
def settle(*, who: str, yes: bool, settled_by: str) -> None:
    """Print what it was given."""
    click.echo(f"{who} {yes} {settled_by}")


@pytest.mark.parametrize("who", [DASHED, "--k2_bW9xQ0a", "-----------z"])
def test_a_reference_may_begin_with_a_dash(who: str) -> None:
    """It is the argument, wherever the options are."""
    for line in ([who, "--yes"], ["--yes", who]):
        assert CliRunner().invoke(settle, line).output == f"{who} True \n"


def test_an_option_of_that_length_is_still_one() -> None:
    """``--settled-by`` is as long as a reference."""
    done = CliRunner().invoke(settle, ["tom@families.example", "--settled-by", "Ann"])
    assert done.output == "tom@families.example False Ann\n"


def test_an_option_that_is_not_there_is_still_refused() -> None:
    """A slip of the keys is no argument."""
    done = CliRunner().invoke(settle, ["tom@families.example", "--yse"])
    assert done.exit_code == 2
    assert "No such option" in done.output
