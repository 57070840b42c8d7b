"""signer ask, signer record-paper: campaigns, from the office."""

from __future__ import annotations

import getpass

import click

from signer.cli.context import opened_context, waking_context
from signer.cli.output import json_option, print_json, progress
from signer.cli.param_types import name_option
from signer.mail.transport import transport_for
from signer.policy.versions import in_force
from signer.workflows.campaigns.ask import Asked, ask_parents, would_ask
from signer.workflows.campaigns.publication import check_publication
from signer.workflows.campaigns.released_version import is_pinned
from signer.workflows.context import AppContext
from signer.workflows.mailing.sample import send_sample
from signer.workflows.requests.record_paper import record_paper as record


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how many would be asked.")
@click.option(
    "--test-to",
    metavar="EMAIL",
    help="Send one sample of the mail to this address, and ask nobody.",
)
@click.option(
    "--published",
    is_flag=True,
    help="You have looked: the new version stands on the site. Do not check.",
)
@json_option
def ask(*, dry_run: bool, test_to: str | None, published: bool, as_json: bool) -> None:
    """Ask every parent who owes the version in force a signature.

    Safe to repeat: nobody is asked twice for one version. A new version must stand
    on the public site first.
    """
    if test_to is not None and dry_run:
        raise click.UsageError("--test-to sends a mail; --dry-run does nothing.")
    with waking_context() as context:
        if test_to is not None:
            _send_sample(context, test_to, as_json=as_json)
            return
        asked = would_ask(context) if dry_run else _ask(context, published=published)
    if as_json:
        print_json(
            {
                "version": asked.version.number,
                "asked": asked.newly,
                "asked_before": asked.before,
                "mailed_again": asked.again,
                "dry_run": dry_run,
            }
        )
        return
    verb = "would be asked" if dry_run else "asked now"
    click.echo(
        f"Version {asked.version.number} ({asked.version.label}): "
        f"{asked.newly} {verb}, {asked.before} had been asked before."
    )
    if asked.again:
        click.echo(
            f"{asked.again} of them are mailed again: the mail server had not accepted "
            "their mail."
        )


def _ask(context: AppContext, *, published: bool) -> Asked:
    version = in_force(context.versions)
    if not published and not is_pinned(context, version.number):
        check_publication(context.settings, version)
    with progress("Asking") as show:
        return ask_parents(context, version, progress=show)


def _send_sample(context: AppContext, to_email: str, *, as_json: bool) -> None:
    version = send_sample(
        context, transport_for(context.settings.mail_address), to_email
    )
    if as_json:
        print_json({"version": version.number, "sample_to": to_email, "asked": 0})
        return
    click.echo(
        f"A sample of the mail for version {version.number} ({version.label}) went to "
        f"{to_email}. Its link opens nothing. Nobody was asked."
    )


@click.command("record-paper")
@click.argument("email")
@name_option
@click.option("--by", default=getpass.getuser, help="Who holds the paper; you.")
def record_paper(email: str, name: str, by: str) -> None:
    """Record a declaration that a parent signed by hand."""
    with opened_context() as context:
        parent = record(context, email, by=by, name=name)
    click.echo(f"Recorded: {parent} signed on paper (recorded by {by}).")
