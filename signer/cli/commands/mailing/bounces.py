"""signer bounces: mails that came back after the mail server had accepted them."""

from __future__ import annotations

import click

from signer import clock
from signer.cli.commands.status.rows import BOUNCES
from signer.cli.context import opened_context, waking_context
from signer.cli.output import (
    as_document,
    facts,
    json_option,
    print_csv,
    print_json,
    print_table,
)
from signer.errors import SettingsError
from signer.mail.bounces.sources import KEY, source_for
from signer.workflows.mailing.bounces.dead_addresses import list_bounces, try_again
from signer.workflows.mailing.bounces.read import read_mailbox

_COLUMNS = [
    "told_at",
    "parent",
    "email",
    "version",
    "mail",
    "finality",
    "status",
    "diagnostic",
    "lifted_at",
]


@click.group()
def bounces() -> None:
    """Mails that came back after the mail server had accepted them."""


@bounces.command(name="list")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="CSV, for spreadsheets.")
def list_(*, as_json: bool, as_csv: bool) -> None:
    """Show every mail that came back, newest first."""
    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    with opened_context() as context:
        returned = list_bounces(context)
    if as_json:
        print_json(as_document(returned))
    elif as_csv:
        print_csv(_COLUMNS, facts(_COLUMNS, returned))
    elif not returned:
        click.echo("No mail has come back.")
    else:
        print_table(
            ["When", "Parent", "Address", "Mail", "What", "The mail server said"],
            (
                (
                    clock.in_school_time(one.told_at),
                    one.parent,
                    one.email,
                    one.mail.replace("_", " "),
                    BOUNCES[one.finality] + (" (tried again)" if one.lifted_at else ""),
                    f"{one.status} {one.diagnostic}".strip(),
                )
                for one in returned
            ),
        )


@bounces.command()
@json_option
def read(*, as_json: bool) -> None:
    """Read the mailbox of bounces now, instead of waiting for the worker."""
    with waking_context() as context:
        address = context.settings.bounce_url
        if not address:
            raise SettingsError(KEY, "names no mailbox: see the operator's guide")
        done = read_mailbox(context, source_for(address))
    if as_json:
        print_json(as_document(done))
        return
    click.echo(
        f"{done.recorded} came back, {done.known} were known to have, "
        f"{done.no_failure} tell of a delay, {done.unmatched} are about no mail of "
        "ours and were left as they are."
    )


@bounces.command(name="try-again")
@click.argument("email")
@json_option
def try_again_(email: str, *, as_json: bool) -> None:
    """Send emails that came back from an address again, and resume its reminders."""
    with waking_context() as context:
        queued = try_again(context, email)
    if as_json:
        print_json({"queued": queued})
    elif queued:
        click.echo(f"Mails that go out again: {queued}.")
    else:
        click.echo("No email to this address came back as undeliverable.")
