"""Options and questions of commands that let whoever a list does not name leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from signer.cli.prompts import is_at_terminal, yes_to

_Command = TypeVar("_Command", bound=Callable[..., Any])


def leavers_options(meaning: str) -> Callable[[_Command], _Command]:
    """Add ``--leavers``, ``--leaving`` and ``--yes``.

    Args:
        meaning: what ``--leavers`` says of those whom the file does not name.
    """
    options = (
        click.option("--leavers", is_flag=True, help=meaning),
        click.option(
            "--leaving",
            type=click.IntRange(min=0),
            metavar="NUMBER",
            help="How many leave; needed if it is more than a tenth.",
        ),
        click.option("--yes", is_flag=True, help="Let them leave without a question."),
    )

    def add(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def agreed_leavers(  # noqa: PLR0913 - what is asked, each by its name
    count: int,
    *,
    leaving: int | None,
    yes: bool,
    too_many: bool,
    whole: str,
    question: str,
    show: Callable[[], None],
    uncounted: Exception,
) -> int | None:
    """Ask before anybody leaves: a file that was cut short names too few.

    Args:
        count: how many would leave.
        leaving: how many were said to leave; None where nothing was said.
        yes: whether a few may leave without a question.
        too_many: whether they are so many that their number has to be said.
        whole: what they would leave, such as "the list".
        question: what is asked where they are few.
        show: names them on standard error, before a question or a refusal.
        uncounted: raised where a number is needed and nobody is there to type it.

    Returns:
        How many are said to leave, where that was said.
    """
    if not count or leaving == count:
        return leaving
    if yes and leaving is None and not too_many:
        return count
    show()
    if leaving is not None:
        return leaving
    if too_many:
        if not is_at_terminal():
            raise uncounted
        typed: int = click.prompt(
            f"That is more than a tenth of {whole}. If all of these have left, type "
            "how many they are",
            type=int,
            err=True,
        )
        return typed
    if not yes_to(question):
        raise click.ClickException(
            "Nothing was imported. Give a complete file, or leave out --leavers."
        )
    return count
