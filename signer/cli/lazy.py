"""Commands that are loaded when they are called, so that help comes at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

import click

SITE_MODULES = frozenset({"mkdocs", "material"})
"""What the extra ``site`` brings; everything else that may be missing, ``service``."""


@dataclass(frozen=True, slots=True)
class Lazy:
    """A command that is not loaded yet.

    Attributes:
        path: its module and its name there, such as ``signer.cli.commands.ask:ask``.
        summary: its line in the list of commands, as its own help begins.
    """

    path: str
    summary: str

    def load(self) -> click.Command:
        """Load the command.

        Raises:
            click.ClickException: a package that it needs is not installed.
        """
        module, _, name = self.path.partition(":")
        try:
            with _no_garbage():
                command = getattr(import_module(module), name)
        except ModuleNotFoundError as error:
            raise missing(error) from error
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.path} is no command")
        return command


@contextmanager
def _no_garbage() -> Iterator[None]:
    # What modules are made of stays: to look for garbage among it takes a fifth of
    # the time that a command needs to begin.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def missing(error: ModuleNotFoundError) -> Exception:
    """Return what to tell of a package that is not installed.

    A module of our own that is missing is a fault, and stays one.
    """
    package = (error.name or "").partition(".")[0]
    if package in {"", "signer"}:
        return error
    extra = "site" if package in SITE_MODULES else "service"
    return click.ClickException(
        f"This command needs the package {package}, which is not installed. The extra "
        f"“{extra}” of this project brings it: install requirements/{extra}.txt, or "
        f"signer[{extra}]."
    )


class LazyCommands(MutableMapping[str, click.Command]):
    """The commands of a group by name, each loaded when it is first asked for."""

    def __init__(self, commands: Mapping[str, Lazy]) -> None:
        self._lazy = dict(commands)
        self._loaded: dict[str, click.Command] = {}

    def summary(self, name: str) -> str:
        """Return the line that the list of commands has for it."""
        return self._lazy[name].summary

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            self._loaded[name] = self._lazy[name].load()
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._lazy[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lazy)

    def __len__(self) -> int:
        return len(self._lazy)


class LazyGroup(click.Group):
    """A group whose list of commands loads none of them."""

    commands: MutableMapping[str, click.Command]

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the list of commands."""
        names = self.list_commands(ctx)
        if not isinstance(self.commands, LazyCommands):
            super().format_commands(ctx, formatter)
            return
        rows = [(name, self.commands.summary(name)) for name in names]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
