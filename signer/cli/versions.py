"""signer versions: the released texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy import inspect

from signer.cli.output import json_option, print_json, print_table
from signer.config import load
from signer.policy.versions import read_versions
from signer.store.engine import connect
from signer.workflows.house import House, check_pinned

if TYPE_CHECKING:
    from signer.store.engine import Sessions


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def versions(ctx: click.Context, *, as_json: bool) -> None:
    """The released versions, oldest first."""
    if ctx.invoked_subcommand:
        return
    found = read_versions(load().versions_dir)
    if as_json:
        print_json(
            [
                {
                    "version": one.number,
                    "title": one.title,
                    "label": one.label,
                    "released": one.released,
                    "review_by": one.review_by,
                    "sha256": one.sha256,
                }
                for one in found
            ]
        )
        return
    print_table(
        ["Version", "Label", "Review by", "SHA-256"],
        ((one.number, one.label, one.review_by, one.sha256) for one in found),
    )


@versions.command()
def check() -> None:
    """Check the chain of hashes, and the files against what was signed."""
    settings = load()
    found = read_versions(settings.versions_dir)
    sessions = connect(settings.database)
    pinned = "there is no database here to compare with"
    if _is_there(sessions):
        check_pinned(House(settings, sessions=sessions, versions=found))
        pinned = "they are those that parents were asked to sign"
    click.echo(f"{len(found)} released; each follows from the one before; {pinned}.")


def _is_there(sessions: Sessions) -> bool:
    file = sessions.engine.url.database
    if sessions.engine.dialect.name == "sqlite" and not Path(file or "").exists():
        # Asking would make it.
        return False
    return inspect(sessions.engine).has_table("version")
