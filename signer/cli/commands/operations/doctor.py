"""signer doctor: all that an operator can have wrong, in one table."""

from __future__ import annotations

import re

import click

from signer.cli.output import as_document, json_option, print_json, print_table
from signer.cli.settings import read_settings
from signer.workflows.operations.doctor.examination import examine_all
from signer.workflows.operations.doctor.outcomes import Outcome

_ADDRESS = re.compile(r"[^\s@,;:<>()\"]+@[^\s@,;:<>()\"]+")


@click.command()
@click.option(
    "--mail-to",
    metavar="EMAIL",
    help="Send a test email to this address. [default: none is sent]",
)
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, mail_to: str | None, as_json: bool) -> None:
    """Check settings, public address, mail, keys and records.

    Requests the public address from outside, and changes nothing. The exit code is 1 if
    there is a problem.
    """
    if mail_to is not None and not _ADDRESS.fullmatch(mail_to):
        raise click.BadParameter("one address, such as head@school.example")
    checks = tuple(examine_all(read_settings(), mail_to))
    problems = [one for one in checks if one.outcome is Outcome.PROBLEM]
    if as_json:
        print_json({"problems": len(problems), "checks": as_document(checks)})
    else:
        print_table(
            ["Check", "Outcome", "Found"],
            (
                (one.about, one.outcome, f"{one.found} {one.what_to_do}".strip())
                for one in checks
            ),
        )
    if problems:
        ctx.exit(1)
