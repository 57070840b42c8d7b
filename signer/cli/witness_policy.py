"""The options that say which witnesses have to have cosigned the log, and how many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from signer.cli.log_key_files import read_witness_keys
from signer.ledger.cosignatures import WitnessKey

_Command = TypeVar("_Command", bound=Callable[..., None])

Policy = tuple[tuple[WitnessKey, ...], int]
"""The keys of the witnesses that count, and how many of them must have cosigned."""


def witness_options(command: _Command) -> _Command:
    """Give a command the options that `read_policy` reads."""
    for option in (
        click.option(
            "--quorum",
            metavar="N",
            type=click.IntRange(min=0),
            help="How many witnesses must have cosigned the log. [default: all of "
            "those in --witness-key]",
        ),
        click.option(
            "--witness-key",
            metavar="FILE",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="The keys of witnesses that you trust, a line each.",
        ),
    ):
        command = option(command)
    return command


def read_policy(
    witness_key: Path | None, quorum: int | None, default: Policy = ((), 0)
) -> Policy:
    """The policy that the options name.

    Args:
        witness_key: a file of keys.
        quorum: how many are needed; where it is not said, all of those in the file.
        default: what holds where no file is named, such as that of the settings.

    Raises:
        click.UsageError: the file holds no keys, or fewer than are needed.
    """
    witnesses, needed = default
    if witness_key:
        witnesses = read_witness_keys(witness_key)
        needed = len({one.key for one in witnesses})
    needed = needed if quorum is None else quorum
    if needed > len({one.key for one in witnesses}):
        raise click.UsageError(
            f"--quorum asks for {needed} witnesses, and {len(witnesses)} are known: "
            "name their keys with --witness-key."
        )
    return witnesses, needed
