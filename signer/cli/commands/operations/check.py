"""signer check: whether all that is kept agrees with itself."""

from __future__ import annotations

from contextlib import closing

import click

from signer import clock
from signer.cli.output import as_document, json_option, print_json, progress
from signer.cli.settings import read_settings
from signer.config.safe_start import check_secrets
from signer.i18n import counted
from signer.store.engine import connect
from signer.workflows.context import AppContext, check_ready
from signer.workflows.reconciliation.reconcile import Reconciled, reconcile


@click.command()
@json_option
@click.option(
    "--verify",
    "verify_seals",
    is_flag=True,
    help="Verify the seal of each PDF too, which takes longer.",
)
def check(*, as_json: bool, verify_seals: bool) -> None:
    """Compare requests, declarations, PDFs, log, mail and files with each other.

    Changes nothing, and can run while parents sign.
    """
    settings = read_settings()
    check_secrets(settings)
    # Not as other commands open it: what would stop them is what this tells of.
    context = AppContext(settings, sessions=connect(settings.database), versions=())
    with closing(context.sessions):
        check_ready(context)
        with progress("Comparing") as tell:
            result = reconcile(context, verify=verify_seals, progress=tell)
    if as_json:
        print_json(as_document(result))
    else:
        _print(result)
    if result.disagreements:
        raise click.exceptions.Exit(1)


def _print(result: Reconciled) -> None:
    click.echo(
        f"Compared at {clock.in_school_time(result.at)}: "
        f"{counted(result.requests, 'request')}, "
        f"{counted(result.declarations, 'declaration')}, their PDFs, the log, the "
        "mail and the released files."
    )
    for disagreement in result.disagreements:
        click.echo(
            f"\n{disagreement.subject} ({disagreement.between})\n"
            f"  {disagreement.problem}\n"
            f"  What to do: {disagreement.what_to_do}"
        )
    if not result.disagreements:
        click.echo("Everything agrees.")
        return
    count = len(result.disagreements)
    click.echo(f"\n{counted(count, 'disagreement')}.")
