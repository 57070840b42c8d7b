"""References of requests as arguments: some that are kept begin with a dash."""

from __future__ import annotations

import re

import click

_DASHED = re.compile(r"-[A-Za-z0-9_-]{11}")


class CommandAboutParent(click.Command):
    """A command one of whose arguments may be the reference of a request.

    References that were given out before they were kept from beginning with a dash are
    taken as arguments, unless the command has an option of that very name.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words behind the command's name, as click does."""
        options = {name for param in self.params for name in param.opts}
        if any(_DASHED.fullmatch(arg) and arg not in options for arg in args):
            ctx.ignore_unknown_options = True
        return super().parse_args(ctx, args)
