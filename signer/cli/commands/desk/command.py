"""signer desk: who may sign in at the desk."""

from __future__ import annotations

from datetime import timedelta

import click

from signer import clock
from signer.cli.context import opened_context
from signer.cli.output import as_document, json_option, print_json, print_table
from signer.store.desk.roles import DeskRole
from signer.workflows.desk.accounts import (
    add_account,
    find_account,
    list_accounts,
    remove_account,
)
from signer.workflows.desk.sessions import end_sessions
from signer.workflows.desk.sign_in import make_sign_in_link

LONGEST_HOURS = 24


@click.group()
def desk() -> None:
    """Who may sign in at the desk, where staff do their work in the browser."""


@desk.command(name="list")
@json_option
def list_(*, as_json: bool) -> None:
    """Show who may sign in, and when they last did."""
    with opened_context() as context:
        found = list_accounts(context)
    if as_json:
        print_json(as_document(found))
    elif not found:
        click.echo("Nobody may sign in yet. Add the headteacher: signer desk add")
    else:
        print_table(
            ["Name", "Address", "Role", "Last signed in"],
            (
                (
                    one.name,
                    one.email,
                    one.role.value,
                    clock.in_school_time(one.signed_in_at) if one.signed_in_at else "",
                )
                for one in found
            ),
        )


@desk.command()
@click.argument("email")
@click.option(
    "--role",
    type=click.Choice([role.value for role in DeskRole]),
    required=True,
    help="What they may do.",
)
@click.option("--name", default="", help="Theirs; the part before the @ by default.")
def add(email: str, *, role: str, name: str) -> None:
    """Let somebody sign in. This does not send email."""
    with opened_context() as context:
        add_account(context, email, DeskRole(role), name=name)
        address = context.settings.base_url
    click.echo(f"{email} may sign in at {address}/desk/")


@desk.command()
@click.argument("email")
def remove(email: str) -> None:
    """Let somebody sign in no more, and end their sessions."""
    with opened_context() as context:
        name = remove_account(context, find_account(context, email))
    click.echo(f"{name} is signed out, and cannot sign in again.")


@desk.command()
@click.argument("email")
@click.option(
    "--hours",
    type=click.IntRange(1, LONGEST_HOURS),
    default=1,
    show_default=True,
    help="How long it can be used.",
)
def link(email: str, *, hours: int) -> None:
    """Print a link that signs somebody in once, where no mail reaches them.

    Anyone who has the link signs in as them: hand it to nobody else.
    """
    with opened_context() as context:
        ref = find_account(context, email)
        address = make_sign_in_link(context, ref, lives=timedelta(hours=hours))
    click.echo(address)


@desk.command("end-sessions")
@click.argument("email", required=False)
def end_sessions_(email: str | None) -> None:
    """End every session of one person, or of everybody."""
    with opened_context() as context:
        ref = find_account(context, email) if email else None
        count = end_sessions(context, ref)
    click.echo(f"Sessions ended: {count}.")
