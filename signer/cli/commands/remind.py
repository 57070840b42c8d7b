"""signer remind: reminding parents now, in place of waiting for the worker."""

from __future__ import annotations

import click

from signer.cli.context import waking_context
from signer.cli.output import json_option, print_json, progress
from signer.cli.people import ListForm, document, people_options, show_people
from signer.policy.dates import date_in_words
from signer.workflows.campaigns.remind import Reminded, remind_parents
from signer.workflows.campaigns.selection import Selection
from signer.workflows.context import AppContext
from signer.workflows.register.list import Listed, list_register


@click.command()
@click.option("--dry-run", is_flag=True, help="Only list who would be reminded.")
@click.option(
    "--now", is_flag=True, help="Also those who are not due yet, as at the desk."
)
@people_options
@json_option
def remind(
    *, dry_run: bool, now: bool, selection: Selection, form: ListForm, as_json: bool
) -> None:
    """Remind every parent who is due for it and has not answered.

    The worker does so automatically each school day. Safe to repeat: no one is reminded
    twice on one day, or more often than the settings say. With --now, those too who are
    not due by the settings, unless they had an email yesterday or today.
    """
    listing = form.is_asked_for or form.as_csv
    if listing and not dry_run:
        raise click.UsageError("A list of who would be reminded needs --dry-run.")
    with waking_context() as context:
        with progress("Reminding") as show:
            done = remind_parents(
                context,
                selection=selection,
                by_hand=now,
                dry_run=dry_run,
                progress=show,
            )
        people = _listed(context, selection, done) if dry_run else []
    if listing:
        show_people(people, form, as_json=False)
        return
    school_day = done.today == done.next_day
    if as_json:
        print_json(
            {
                "reminded": done.reminded,
                "outstanding": done.outstanding,
                "school_day": school_day,
                "next_school_day": done.next_day.isoformat(),
                "dry_run": dry_run,
                **({"parents": [*map(document, people)]} if dry_run else {}),
            }
        )
        return
    if not school_day:
        click.echo(
            "There is no school today, so no one is reminded. The next school day is "
            f"{done.next_day:%A}, {date_in_words(done.next_day.isoformat())}."
        )
        return
    if people:
        show_people(people, form, as_json=False)
        click.echo()
    verb = "would be reminded" if dry_run else "reminded now"
    click.echo(
        f"{done.reminded} {verb}, of {done.outstanding} who have not answered yet."
    )


def _listed(context: AppContext, selection: Selection, done: Reminded) -> list[Listed]:
    due = frozenset(done.parents)
    return [one for one in list_register(context, selection) if one.parent_id in due]
