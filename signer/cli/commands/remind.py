"""signer remind: reminding parents now, in place of waiting for the worker."""

from __future__ import annotations

import click

from signer.cli.context import waking_context
from signer.cli.output import json_option, print_json, progress
from signer.policy.dates import date_in_words
from signer.workflows.campaigns.remind import remind_parents


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how many would be reminded.")
@json_option
def remind(*, dry_run: bool, as_json: bool) -> None:
    """Remind every parent who is due for it and has not answered.

    The worker does so by itself each school day. Safe to repeat: nobody is reminded
    twice on one day, and nobody outside the plan of the settings.
    """
    with waking_context() as context, progress("Reminding") as show:
        done = remind_parents(context, dry_run=dry_run, progress=show)
    school_day = done.today == done.next_day
    if as_json:
        print_json(
            {
                "reminded": done.reminded,
                "outstanding": done.outstanding,
                "school_day": school_day,
                "next_school_day": done.next_day.isoformat(),
                "dry_run": dry_run,
            }
        )
        return
    if not school_day:
        click.echo(
            "There is no school today, so nobody is reminded. The next school day is "
            f"{done.next_day:%A}, {date_in_words(done.next_day.isoformat())}."
        )
        return
    verb = "would be reminded" if dry_run else "reminded now"
    click.echo(
        f"{done.reminded} {verb}, of {done.outstanding} who have not answered yet."
    )
