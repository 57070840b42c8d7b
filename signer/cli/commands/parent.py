"""signer parent: a new link for one parent, and what is kept of them."""

from __future__ import annotations

from pathlib import Path

import click

from signer import files
from signer.cli.context import opened_context
from signer.cli.output import as_document, json_option, print_json
from signer.cli.param_types import name_option
from signer.cli.prompts import yes_to
from signer.workflows.register.erase import Erased, erase_parent
from signer.workflows.register.export import export_parent
from signer.workflows.requests.reissue_link import reissue_links


@click.group()
def parent() -> None:
    """One parent: a new link, a copy of their data, or erasing it."""


@parent.command("new-link")
@click.argument("email")
def new_link(email: str) -> None:
    """Mail a parent a new link, and end the links that were mailed before.

    For a link that somebody else has. Two parents who share the address both get one.
    """
    with opened_context() as context:
        count = reissue_links(context, email)
    links = "A new link goes" if count == 1 else f"{count} new links go"
    click.echo(f"{links} out within a minute. Then those of before end.")


@parent.command()
@click.argument("email")
@name_option
@click.option(
    "--out",
    default="parent.zip",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; it must not be there yet.",
)
def export(email: str, name: str, out: Path) -> None:
    """Write all that is kept of a parent into one ZIP file, for them."""
    with opened_context() as context:
        content = export_parent(context, email, name=name)
    files.create(out, content, private=True)
    click.echo(f"{out}: all that is kept of this parent. Hand it to nobody else.")


@parent.command()
@click.argument("email")
@name_option
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@click.option("--yes", is_flag=True, help="Erase without another question.")
@json_option
def erase(email: str, name: str, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Erase a parent who has left, with all that they signed. Nothing brings it back.

    The public log stays as it is. It says which copies it does not reach.
    """
    with opened_context() as context:
        if not (dry_run or yes):
            _tell(erase_parent(context, email, name=name, dry_run=True), err=True)
            if not yes_to("Erase all of it, for ever?"):
                raise click.ClickException("Nothing was erased.")
        erased = erase_parent(context, email, name=name, dry_run=dry_run)
    if as_json:
        print_json(as_document(erased))
    else:
        _tell(erased)


def _tell(erased: Erased, *, err: bool = False) -> None:
    declarations = ", ".join(erased.declarations) or "none"
    click.echo(
        f"{'To be erased' if erased.dry_run else 'Erased'}: {erased.name}\n"
        f"  Requests: {erased.requests}\n"
        f"  Declarations, with their PDFs: {declarations}\n"
        f"  Entries of the log that nobody can open any more: {len(erased.entries)}\n"
        "This does not reach:\n"
        + "\n".join(f"  - {copies}" for copies in erased.out_of_reach),
        err=err,
    )
