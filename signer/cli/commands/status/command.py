"""signer status: who has signed which version, now and at any past moment."""

from __future__ import annotations

from datetime import date, datetime

import click

from signer import clock
from signer.cli.commands.plans import plan_ahead, plan_sentence
from signer.cli.commands.register.outcome import waiting_sentence
from signer.cli.commands.staff.outcome import told_sentence
from signer.cli.commands.status.rows import CAMPAIGN, EVENT, event_rows
from signer.cli.commands.status.witnesses import witness_sentence
from signer.cli.context import opened_context
from signer.cli.output import (
    as_document,
    facts,
    json_option,
    named,
    print_csv,
    print_json,
    print_table,
)
from signer.cli.param_types import moment_option
from signer.cli.people import ListForm, people_options, show_people
from signer.policy.dates import date_in_words
from signer.policy.versions import in_force
from signer.school_calendar import school_date
from signer.workflows.campaigns.coverage import Coverage, covered_at
from signer.workflows.campaigns.deadlines import deadline_words
from signer.workflows.campaigns.plan_ask import open_plans
from signer.workflows.campaigns.review_date import review_date, review_words
from signer.workflows.campaigns.selection import Selection
from signer.workflows.campaigns.status import Campaign, Standing, count_status
from signer.workflows.context import AppContext
from signer.workflows.log.cosigning.standing import witness_standings
from signer.workflows.operations.findings import FindingKind
from signer.workflows.operations.log_findings import log_findings
from signer.workflows.register.history import parent_history
from signer.workflows.register.list import walk_register
from signer.workflows.requests.unasked import asks_new_parents

_ANSWERS = {
    "Version": "version",
    "Asked": "asked",
    "Signed by link": "signed_by_link",
    "Signed on paper": "signed_on_paper",
    "Declined": "declined",
    "Need not sign": "need_not_sign",
    "Outstanding": "outstanding",
}
_MAILS = {
    "Version": "version",
    "Mail accepted": "mail_accepted",
    "Mail bounced": "mail_bounced",
    "Mail refused": "mail_refused",
    "Mail waiting": "mail_waiting",
    "No mail": "mail_none",
    "Superseded": "superseded",
    "Withdrawn": "withdrawn",
}
_COVERED = [
    "name",
    "email",
    "version",
    "label",
    "how",
    "signed_at",
    "declaration_id",
    "dated",
]


@click.command()
@json_option
@people_options
@click.option(
    "--at",
    metavar="DATE",
    callback=moment_option,
    help="Who was covered by which text at the end of this day, or at this moment.",
)
@click.option(
    "--parent",
    metavar="WHO",
    help="The history of one current or old address, or of a reference.",
)
def status(
    *,
    as_json: bool,
    selection: Selection,
    form: ListForm,
    at: datetime | None,
    parent: str | None,
) -> None:
    """Show who has been asked to sign which version, and what they answered.

    Options that choose parents, `--by-year` and `--xlsx` list those parents instead.
    """
    if at and parent is not None:
        raise click.UsageError("Choose one of --at and --parent.")
    listing = form.is_asked_for or not selection.is_everybody
    if listing and (at or parent is not None):
        raise click.UsageError(
            "--at and --parent cannot be used with options that choose parents."
        )
    with opened_context() as context:
        if listing:
            show_people(walk_register(context, selection), form, as_json=as_json)
            return
        shape = "json" if as_json else "csv" if form.as_csv else "table"
        if at:
            _show_covered(context, at, shape)
        elif parent is not None:
            _show_history(context, parent, shape)
        else:
            _show_campaigns(context, shape)


def _show_campaigns(context: AppContext, form: str) -> None:
    standing, review = count_status(context), review_date(context)
    plan = plan_ahead(context)
    if form == "json":
        print_json(
            {
                "review": as_document(review),
                "not_asked": standing.not_asked,
                "planned": as_document(open_plans(context)),
                "staff_told": as_document(standing.staff_told),
                "sign_by": standing.sign_by.isoformat() if standing.sign_by else None,
                "overdue": standing.overdue,
                "need_not_sign": standing.need_not_sign,
                "witnesses": as_document(witness_standings(context)),
                "versions": [
                    {**as_document(one), "covered": one.covered}
                    for one in standing.campaigns
                ],
            }
        )
        return
    # A program that reads CSV from standard output is not to meet a sentence there.
    click.echo(review_words(review), err=form == "csv")
    if form == "csv":
        print_csv(CAMPAIGN, facts(CAMPAIGN, standing.campaigns))
        return
    newest = in_force(context.versions)
    if newest.begins > school_date(clock.now()).isoformat():
        click.echo(
            f"\nVersion {newest.number} is in force from "
            f"{date_in_words(newest.begins)}; until then the version before it is."
        )
    for made in open_plans(context):
        click.echo(f"\n{plan_sentence(made)}")
    click.echo()
    if not standing.campaigns:
        click.echo("No one has been asked yet. Ask with `signer ask`.")
        return
    _print_campaigns(standing.campaigns)
    _print_what_else(context, standing, plan.send_at if plan else None)


def _print_what_else(
    context: AppContext, standing: Standing, planned: datetime | None
) -> None:
    for told in standing.staff_told:
        click.echo(f"\n{told_sentence(told)}")
    if standing.sign_by:
        click.echo(f"\n{_deadline_words(standing, standing.sign_by)}")
    if standing.need_not_sign:
        click.echo(
            f"\n{standing.need_not_sign} in the register need not sign: see "
            "`signer exempt list`."
        )
    for finding in log_findings(context):
        if finding.kind in {FindingKind.CHECKPOINT, FindingKind.RECORD}:
            click.echo(f"\nWARNING: {finding.problem} {finding.what_to_do}")
    for one in witness_standings(context):
        click.echo(f"\n{witness_sentence(one)}")
    if standing.not_asked:
        words = waiting_sentence(
            standing.not_asked, by_itself=asks_new_parents(context), planned=planned
        )
        click.echo(f"\n{words}")
        click.echo("See who they are with `signer status --state not-asked`.")


def _print_campaigns(campaigns: tuple[Campaign, ...]) -> None:
    answers = facts([*_ANSWERS.values()], campaigns)
    shares = ("" if one.covered is None else f"{one.covered} %" for one in campaigns)
    print_table(
        [*_ANSWERS, "Covered"],
        ((*row, share) for row, share in zip(answers, shares, strict=True)),
    )
    click.echo()
    print_table([*_MAILS], facts([*_MAILS.values()], campaigns))
    for one in campaigns:
        if one.disputed:
            click.echo(
                f"\nVersion {one.version}: {one.disputed} disputed. Someone says that "
                "the mail reached the wrong person, and no mail goes there until you "
                "have looked: see `signer disputes list`."
            )
        if one.without_email:
            have, sign = (
                ("has", "signs") if one.without_email == 1 else ("have", "sign")
            )
            click.echo(
                f"\nVersion {one.version}: {one.without_email} of the outstanding "
                f"{have} no email address, and {sign} on paper. `signer ask --dry-run` "
                "lists them."
            )
        if one.unsealed:
            click.echo(
                f"\nVersion {one.version}: {one.unsealed} signed by link have no seal "
                "yet. The worker keeps trying."
            )


def _deadline_words(standing: Standing, sign_by: date) -> str:
    version = standing.campaigns[0].version
    words = deadline_words(version, sign_by, standing.overdue)
    if not standing.overdue or sign_by >= school_date(clock.now()):
        return words
    return f"{words}\nList them for telephone calls: signer status --overdue --by-year"


def _show_covered(context: AppContext, at: datetime, form: str) -> None:
    covered = covered_at(context, at)
    if form == "json":
        print_json(as_document(covered))
        return
    if form == "csv":
        print_csv(_COVERED, facts(_COVERED, covered.parents))
        return
    count = len(covered.parents)
    signed = sum(one.version is not None for one in covered.parents)
    newest = covered.covered
    click.echo(
        f"At {clock.in_school_time(at)}: {count} in the register, {signed} covered"
        + (f", {newest} by version {covered.version}." if covered.version else ".")
    )
    click.echo()
    print_table(
        ["Name", "Address", "Covered by version", "How", "Signed"],
        (
            (
                one.name,
                one.email,
                f"{one.version} ({one.label})" if one.version else "nothing",
                one.how or "",
                _signed_when(one),
            )
            for one in covered.parents
        ),
    )


def _signed_when(covered: Coverage) -> str:
    if covered.dated:
        return date_in_words(covered.dated)
    return clock.in_school_time(covered.signed_at) if covered.signed_at else ""


def _show_history(context: AppContext, email: str, form: str) -> None:
    histories = parent_history(context, email)
    if form == "json":
        print_json(as_document(histories))
        return
    if form == "csv":
        print_csv(
            ["name", "email", *EVENT],
            (
                (history.name, history.email, *row)
                for history in histories
                for row in event_rows(history)
            ),
        )
        return
    for place, history in enumerate(histories):
        if place:
            click.echo()
        click.echo(named(history.name, history.email))
        click.echo()
        print_table(
            ["When", "Version", "What", "Details"],
            (
                (clock.in_school_time(at), version or "", what, details)
                for at, version, what, details in event_rows(history)
            ),
        )
