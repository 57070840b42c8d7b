"""The program, as somebody types it in a folder with settings of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from signer.cli import main
from signer.config import environment

if TYPE_CHECKING:
    from click.testing import Result

    from signer.config import Settings


def signer(
    settings: Settings, *arguments: str, answer: str | None = None, **changed: str
) -> Result:
    """What a command prints and how it ends; no traceback ever reaches a person.

    Args:
        settings: those of the folder it is typed in.
        arguments: what is typed.
        answer: what is typed when it asks.
        changed: variables that differ from the settings.
    """
    runner = CliRunner(env={**environment(settings), **changed})
    done = runner.invoke(main, list(arguments), input=answer)
    assert done.exception is None or isinstance(done.exception, SystemExit), (
        done.exception
    )
    return done
