"""signer disputes: mails that are said to have reached the wrong person."""

from __future__ import annotations

import click

from signer import clock
from signer.cli.context import opened_context, waking_context
from signer.cli.output import as_document, json_option, print_json, print_table
from signer.cli.param_types import by_option
from signer.workflows.requests.disputes import list_disputes, settle_disputes


@click.group()
def disputes() -> None:
    """Mails that are said to have reached the wrong person."""


@disputes.command(name="list")
@json_option
def list_(*, as_json: bool) -> None:
    """Show what is in dispute, and what was, newest first."""
    with opened_context() as context:
        found = list_disputes(context)
    if as_json:
        print_json(as_document(found))
    elif not found:
        click.echo("No one has said that an email reached the wrong person.")
    else:
        print_table(
            ["When", "Meant for", "Address", "Version", "Now"],
            (
                (
                    clock.in_school_time(one.raised_at),
                    one.parent,
                    one.email,
                    one.version,
                    f"settled by {one.settled_by}" if one.settled_at else "on hold",
                )
                for one in found
            ),
        )


@disputes.command()
@click.argument("email")
@click.option("--name", default="", help="The parent, if several share the address.")
@by_option("Who looked into it")
@json_option
def settle(email: str, *, name: str, by: str, as_json: bool) -> None:
    """Send mail to an address again, because it is the parent's."""
    with waking_context() as context:
        names = settle_disputes(context, email, by=by, name=name)
    if as_json:
        print_json({"settled": list(names)})
        return
    for one in names:
        click.echo(f"Settled for {one}: the links work again, and emails are sent.")
