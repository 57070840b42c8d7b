"""signer retention: whose data is deleted when, and holding it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import click

from signer import clock
from signer.cli.context import opened_context
from signer.cli.output import json_option, print_json, print_table
from signer.cli.param_types import name_option
from signer.school_calendar import school_date
from signer.workflows.retention.due import Expiry, expiries
from signer.workflows.retention.hold import hold_data, release_data
from signer.workflows.retention.report import AHEAD, NOTICE, announced_until
from signer.workflows.retention.rules import DataKind, periods

NAMES = {
    DataKind.REPLIES: "replies of mail servers",
    DataKind.NOTES: "notes to the office",
    DataKind.UNSIGNED: "requests never signed",
    DataKind.DECLARATIONS: "signed declarations",
    DataKind.PARENTS: "name, address, children",
}


@click.group(invoke_without_command=True)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day to look ahead to, such as 2027-08-31; else 45 days.",
)
@json_option
@click.pass_context
def retention(ctx: click.Context, until: datetime | None, *, as_json: bool) -> None:
    """Show how long data is kept, and what the worker deletes next. Deletes nothing."""
    if ctx.invoked_subcommand is not None:
        return
    today = school_date(clock.now())
    last = until.date() if until else today + AHEAD
    with opened_context() as context:
        years = periods(context.settings)
        with context.sessions.reading() as session:
            announced = announced_until(context, session)
            due = [
                expiry
                for expiry in expiries(session, context.settings)
                if expiry.due_on <= last
            ]
    if as_json:
        print_json(_document(years, due, announced, today))
    else:
        _tell(years, due, announced, today, last)


@retention.command()
@click.argument("email")
@name_option
@click.option("--reason", required=True, help="Why, such as a complaint; this is kept.")
def hold(email: str, name: str, reason: str) -> None:
    """Put a parent's data on hold, so that it is not deleted or erased."""
    with opened_context() as context:
        hold_data(context, email, name=name, reason=reason)
    click.echo("Held: nothing of this parent is deleted until you end it.")


@retention.command()
@click.argument("email")
@name_option
def release(email: str, name: str) -> None:
    """End the hold on a parent's data: what is due is deleted the next morning."""
    with opened_context() as context:
        if not release_data(context, email, name=name):
            raise click.ClickException("The data of this parent was not held.")
    click.echo("No longer held: what is past its time is deleted next morning.")


def _state(expiry: Expiry, announced: date | None, today: date) -> str:
    """When or why not it is deleted."""
    if expiry.held:
        return "held"
    if expiry.due_on > today:
        return ""
    if announced is None or expiry.due_on > announced:
        return "waits for its announcement"
    return "next morning"


def _document(
    years: Mapping[DataKind, int],
    due: Sequence[Expiry],
    announced: date | None,
    today: date,
) -> dict[str, object]:
    return {
        "years": {kind.value: number for kind, number in years.items()},
        "due": [
            {
                "kind": one.kind.value,
                "name": one.name,
                "email": one.email,
                "records": one.records,
                "left_on": one.left_on.isoformat(),
                "due_on": one.due_on.isoformat(),
                "held": one.held,
                "announced": announced is not None and one.due_on <= announced,
                "past": one.due_on <= today,
            }
            for one in due
        ],
    }


def _tell(
    years: Mapping[DataKind, int],
    due: Sequence[Expiry],
    announced: date | None,
    today: date,
    last: date,
) -> None:
    print_table(
        ["Kept after the last child has left", "Years"],
        ((NAMES[kind], number) for kind, number in years.items()),
    )
    click.echo()
    if not due:
        click.echo(f"Nothing is due to be deleted up to {last}.")
        return
    print_table(
        ["To be deleted on", "What", "Records", "Parent", "Address", "Left", "Now"],
        (
            (
                one.due_on,
                NAMES[one.kind],
                one.records,
                one.name,
                one.email,
                one.left_on,
                _state(one, announced, today),
            )
            for one in due
        ),
    )
    click.echo(
        f"\nThe worker deletes each morning what is past its day, and was in a report "
        f"to the headteacher at least {NOTICE.days} days before. Keep something with "
        "signer retention hold."
    )
