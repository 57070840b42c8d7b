"""signer ask --send-at, --call-off: the day and the hour of the mail to parents."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps

import click

from signer import clock
from signer.cli.output import as_document, print_json
from signer.cli.param_types import planned_moment
from signer.policy.dates import date_in_words
from signer.policy.versions import in_force
from signer.school_calendar import is_school_day, school_date, school_day_from
from signer.workflows.campaigns.plan_ask import (
    Plan,
    PlanState,
    call_off_ask,
    open_plans,
    plan_ask,
)
from signer.workflows.context import AppContext


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What was typed of a plan.

    Attributes:
        send_at: the moment; None where no mail is to be planned.
        number: of the version; None for the newest.
        any_day: whether it may be a day without school.
        call_off: whether what is planned is to be called off.
    """

    send_at: datetime | None
    number: int | None
    any_day: bool
    call_off: bool

    @property
    def is_asked_for(self) -> bool:
        """Whether this is about a plan, and nobody is asked now."""
        return self.call_off or self.send_at is not None


_OPTIONS = (
    click.option(
        "--send-at",
        metavar="WHEN",
        callback=planned_moment,
        help="Ask on that day (at 8am) or at that time, not now.",
    ),
    click.option(
        "--of-version",
        type=int,
        metavar="NUMBER",
        help="With --send-at: the version, if it has not been released yet.",
    ),
    click.option(
        "--any-day",
        is_flag=True,
        help="With --send-at: even if it is not a school day.",
    ),
    click.option("--call-off", is_flag=True, help="Cancel the email that is planned."),
)


def plan_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a plan, as its argument ``plan``."""

    @wraps(command)
    def with_plan(
        *,
        send_at: datetime | None,
        of_version: int | None,
        any_day: bool,
        call_off: bool,
        **others: object,
    ) -> None:
        if (of_version is not None or any_day) and send_at is None:
            raise click.UsageError("--of-version and --any-day go with --send-at.")
        if call_off and send_at is not None:
            raise click.UsageError("Choose one of --send-at and --call-off.")
        plan = PlanOptions(send_at, of_version, any_day=any_day, call_off=call_off)
        command(plan=plan, **others)

    for option in reversed(_OPTIONS):
        with_plan = option(with_plan)
    return with_plan


def make_plan(
    context: AppContext, planned: PlanOptions, *, dry_run: bool, as_json: bool
) -> None:
    """Plan the mail, if its day is a school day or any day will do."""
    if planned.send_at is None:
        return
    day = school_date(planned.send_at)
    holidays = context.settings.holidays
    if not (planned.any_day or is_school_day(day, holidays)):
        local = planned.send_at.astimezone(clock.SCHOOL_ZONE)
        proposed = []
        for _ in range(3):
            day = school_day_from(day + timedelta(days=1), holidays)
            proposed.append(f"--send-at {day}T{local:%H:%M}")
        words = f"{local:%A} {date_in_words(local.date().isoformat())}"
        raise click.ClickException(
            f"Nothing was planned: {words} is no school day. The next ones are:\n  "
            + "\n  ".join(proposed)
            + "\nTo send it on that day all the same, add --any-day."
        )
    if dry_run:
        if as_json:
            print_json({"send_at": clock.iso(planned.send_at), "dry_run": True})
        else:
            moment = clock.in_school_time(planned.send_at)
            click.echo(f"The mail would go out from {moment}. Nothing was planned.")
        return
    plan = plan_ask(
        context, planned.send_at, by=getpass.getuser(), number=planned.number
    )
    if as_json:
        print_json(as_document(plan))
        return
    click.echo(plan_sentence(plan))


def call_off_plan(context: AppContext, *, dry_run: bool, as_json: bool) -> None:
    """Call off the mail that is planned, and say which."""
    if dry_run:
        plans = [one for one in open_plans(context) if one.called_off_by is None]
        if as_json:
            print_json({"planned": as_document(plans), "dry_run": True})
            return
        for plan in plans:
            click.echo(plan_sentence(plan))
        click.echo("Nothing was called off: this was a dry run.")
        return
    called_off = call_off_ask(context, by=getpass.getuser())
    if as_json:
        print_json({"called_off": called_off and as_document(called_off)})
    elif called_off is None:
        click.echo("There is no planned mail to call off.")
    else:
        click.echo(plan_sentence(called_off))


def plan_ahead(context: AppContext) -> Plan | None:
    """Return the plan whose moment parents wait for; None where they wait for none."""
    newest = in_force(context.versions).number
    for plan in open_plans(context):
        if (plan.version, plan.state) == (newest, PlanState.WAITING):
            return plan
    return None


def plan_sentence(plan: Plan) -> str:
    """When the mail of a version goes out, for people."""
    moment = clock.in_school_time(plan.send_at)
    if plan.state is PlanState.CALLED_OFF:
        return (
            f"Version {plan.version}: the mail planned for {moment} was called off by "
            f"{plan.called_off_by}. The release does not ask anyone: ask with "
            "`signer ask`, or plan again with `signer ask --send-at`."
        )
    if plan.state is PlanState.DUE:
        return (
            f"Version {plan.version}: the mail was planned for {moment}, and goes out "
            "as soon as the worker runs and the site shows the version."
        )
    return (
        f"Version {plan.version}: the mail goes out from {moment} (planned by "
        f"{plan.planned_by}). Call it off with `signer ask --call-off`."
    )
