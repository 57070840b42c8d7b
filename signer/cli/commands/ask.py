"""signer ask: campaigns, from the office."""

from __future__ import annotations

from collections.abc import Sequence

import click

from signer import clock
from signer.cli.commands.plans import (
    PlanOptions,
    call_off_plan,
    make_plan,
    plan_ahead,
    plan_options,
)
from signer.cli.context import waking_context
from signer.cli.output import as_document, json_option, print_json, progress
from signer.cli.people import ListForm, document, people_options, show_people
from signer.cli.prompts import yes_to
from signer.errors import CampaignUnopened, NotPublished
from signer.i18n import counted
from signer.mail.transport import transport_for
from signer.policy.versions import Version, in_force
from signer.workflows.campaigns.ask import Asked, ask_parents, would_ask
from signer.workflows.campaigns.publication import (
    check_privacy_notice,
    check_publication,
)
from signer.workflows.campaigns.released_version import is_pinned
from signer.workflows.campaigns.selection import Selection
from signer.workflows.checklist.hold import check_first_ask
from signer.workflows.context import AppContext
from signer.workflows.mailing.sample import send_sample
from signer.workflows.register.list import Listed, list_waiting

NAMED = 20
"""How many of those to be asked are named before the question."""


@click.command()
@click.option("--dry-run", is_flag=True, help="Only list who would be asked.")
@click.option("--yes", is_flag=True, help="Ask them without a question.")
@click.option(
    "--test-to",
    metavar="EMAIL",
    help="Send one sample email to this address, and do not ask parents.",
)
@click.option(
    "--published",
    is_flag=True,
    help="You have checked that the new version is on the site. Do not check again.",
)
@click.option(
    "--although-notice-unconfirmed",
    is_flag=True,
    help="Ask although the privacy notice has parts marked “School to confirm”.",
)
@plan_options
@people_options
@json_option
def ask(  # noqa: PLR0913 - one for each option
    *,
    dry_run: bool,
    yes: bool,
    test_to: str | None,
    published: bool,
    although_notice_unconfirmed: bool,
    plan: PlanOptions,
    selection: Selection,
    form: ListForm,
    as_json: bool,
) -> None:
    """Ask every parent who has not signed the version in force.

    Shows how many there are and who they are, then asks before it sends email. Safe to
    repeat: no one is asked twice for one version. A new version must be on the public
    site first, and the school must have completed the privacy notice.
    """
    if test_to is not None and dry_run:
        raise click.UsageError("--test-to sends a mail; --dry-run does nothing.")
    listing = form.is_asked_for or form.as_csv
    if listing and not dry_run:
        raise click.UsageError("A list of whom would be asked needs --dry-run.")
    if plan.is_asked_for:
        _plan(
            plan,
            dry_run=dry_run,
            although_notice_unconfirmed=although_notice_unconfirmed,
            as_json=as_json,
        )
        return
    with waking_context() as context:
        if test_to is not None:
            _send_sample(context, test_to, as_json=as_json)
            return
        version = in_force(context.versions)
        _tell_planned(context)
        # A script that says --yes does not wait for a list that nobody reads.
        shown = dry_run or not yes
        waiting = list_waiting(context, selection) if shown else []
        if listing:
            show_people(waiting, form, as_json=False)
            return
        if dry_run:
            asked = would_ask(context, selection)
        else:
            _check_public(
                context,
                published=published,
                although_notice_unconfirmed=although_notice_unconfirmed,
            )
            check_first_ask(context)
            if not (selection.is_everybody or is_pinned(context, version.number)):
                # Before a question that could not be answered with a yes.
                raise CampaignUnopened(version.number)
            _check_wanted(version, waiting, yes=yes)
            with progress("Asking") as show:
                asked = ask_parents(
                    context, version, selection=selection, progress=show
                )
    if as_json:
        print_json(
            {
                "version": asked.version.number,
                "asked": asked.newly,
                "asked_before": asked.before,
                "mailed_again": asked.again,
                "without_email": as_document(asked.unmailed),
                "dry_run": dry_run,
                **({"parents": [*map(document, waiting)]} if dry_run else {}),
            }
        )
        return
    if dry_run and waiting:
        show_people(waiting, form, as_json=False)
        click.echo()
    _tell(asked, dry_run=dry_run)


def _tell(asked: Asked, *, dry_run: bool) -> None:
    """Say how many were asked, or would be."""
    verb = "would be asked" if dry_run else "asked now"
    click.echo(
        f"Version {asked.version.number} ({asked.version.label}): "
        f"{asked.newly} {verb}, {asked.before} had been asked before."
    )
    _tell_unmailed(asked)
    if asked.again:
        click.echo(
            f"{asked.again} of them are mailed again: the mail server had not accepted "
            "their mail."
        )


def _plan(
    plan: PlanOptions,
    *,
    dry_run: bool,
    although_notice_unconfirmed: bool,
    as_json: bool,
) -> None:
    """Plan the mail, or call it off: nobody is there to be asked when it goes out."""
    with waking_context() as context:
        if plan.call_off:
            call_off_plan(context, dry_run=dry_run, as_json=as_json)
            return
        if not (dry_run or although_notice_unconfirmed):
            _check_notice(context, in_force(context.versions))
        make_plan(context, plan, dry_run=dry_run, as_json=as_json)


def _tell_planned(context: AppContext) -> None:
    """Say that parents would be asked later, to whoever asks them now."""
    if planned := plan_ahead(context):
        click.echo(
            f"The mail for version {planned.version} is planned for "
            f"{clock.in_school_time(planned.send_at)}. Without --send-at, parents are "
            "asked now, and not then.",
            err=True,
        )


def _tell_unmailed(asked: Asked) -> None:
    """Name whom no mail can reach, and what is to be done for them."""
    if not asked.unmailed:
        return
    count = len(asked.unmailed)
    who = counted(count, "parent has", "parents have")
    sign = "signs" if count == 1 else "sign"
    click.echo(f"{who} no email address, and {sign} on paper:")
    for one in asked.unmailed:
        children = ", ".join(f"{name} ({year})" for name, year in one.children)
        click.echo(f"  {one.name}: {children or 'no child'}")


def _check_public(
    context: AppContext, *, published: bool, although_notice_unconfirmed: bool
) -> None:
    """Look at what parents can read: the version, and the privacy notice."""
    version = in_force(context.versions)
    if not published and not is_pinned(context, version.number):
        check_publication(context.settings, version)
    if not although_notice_unconfirmed:
        _check_notice(context, version)


def _check_notice(context: AppContext, version: Version) -> None:
    """Stop where the privacy notice is not the school's own yet."""
    try:
        check_privacy_notice(context.settings, version)
    except NotPublished as error:
        click.echo(
            f"The privacy notice could not be looked at ({error.address}: "
            f"{error.problem}). Make sure that parents can read it, and that the "
            "school has confirmed each part of it.",
            err=True,
        )


def _check_wanted(version: Version, waiting: Sequence[Listed], *, yes: bool) -> None:
    """Show who is asked, and ask whether that is meant."""
    waiting = [one for one in waiting if one.email]
    if yes or not waiting:
        return
    count = len(waiting)
    people = counted(count, "parent")
    click.echo(
        f"{people} will be sent an email that asks them to sign version "
        f"{version.number} ({version.label}):",
        err=True,
    )
    for one in waiting[:NAMED]:
        children = ", ".join(one.classes)
        click.echo(f"  {one.name} <{one.email}>: {children or 'no child'}", err=True)
    if count > NAMED:
        click.echo(
            f"  and {count - NAMED} more; `signer ask --dry-run` shows all of them",
            err=True,
        )
    if not yes_to(f"Send {'this email' if count == 1 else f'these {count} emails'}?"):
        raise click.ClickException("No one was asked.")


def _send_sample(context: AppContext, to_email: str, *, as_json: bool) -> None:
    version = send_sample(
        context, transport_for(context.settings.mail_address), to_email
    )
    if as_json:
        print_json({"version": version.number, "sample_to": to_email, "asked": 0})
        return
    click.echo(
        f"A sample of the mail for version {version.number} ({version.label}) went to "
        f"{to_email}. Its link does not open anything. No one was asked."
    )
