"""signer ask, signer record-paper: campaigns, from the office."""

from __future__ import annotations

import getpass

import click

from signer.cli.output import json_option, print_json, progress
from signer.config import load
from signer.jobs import Jobs
from signer.workflows.ask_parents import ask_parents, would_ask
from signer.workflows.house import open_house
from signer.workflows.record_paper import record_paper as record


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how many would be asked.")
@json_option
def ask(*, dry_run: bool, as_json: bool) -> None:
    """Ask every parent who owes the version in force a signature.

    Safe to repeat: nobody is asked twice for one version.
    """
    settings = load()
    house = open_house(settings, wake_worker=Jobs(settings).ring)
    if dry_run:
        asked = would_ask(house)
    else:
        with progress("Asking") as show:
            asked = ask_parents(house, progress=show)
    if as_json:
        print_json(
            {
                "version": asked.version.number,
                "asked": asked.newly,
                "asked_before": asked.before,
                "dry_run": dry_run,
            }
        )
        return
    verb = "would be asked" if dry_run else "asked now"
    click.echo(
        f"Version {asked.version.number} ({asked.version.label}): "
        f"{asked.newly} {verb}, {asked.before} had been asked before."
    )


@click.command("record-paper")
@click.argument("email")
@click.option("--name", default="", help="Which parent, where two share the address.")
@click.option("--by", default=getpass.getuser, help="Who holds the paper; you.")
def record_paper(email: str, name: str, by: str) -> None:
    """Record a declaration that a parent signed by hand."""
    parent = record(open_house(load()), email, by=by, name=name)
    click.echo(f"Recorded: {parent} signed on paper (recorded by {by}).")
