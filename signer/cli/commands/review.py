"""signer review: the text was looked at, and stays as it is."""

from __future__ import annotations

import click

from signer import clock
from signer.cli.output import json_option, print_json
from signer.cli.settings import read_settings
from signer.policy.dates import month_in_words
from signer.policy.reviews import Review, record_review
from signer.policy.versions import REVIEWS, in_force, read_versions


@click.command()
@click.option(
    "--next",
    "next_",
    required=True,
    metavar="YYYY-MM",
    help="The month of the next review.",
)
@click.option(
    "--by", required=True, help='Who reviewed it, such as "Executive Headteacher".'
)
@json_option
def review(*, next_: str, by: str, as_json: bool) -> None:
    """Record a review that left the text as it is. Nobody is asked to sign again.

    It stands in the change log, and the date of the next review moves.
    """
    folder = read_settings().versions_dir
    version = in_force(read_versions(folder))
    today = clock.now().astimezone(clock.SCHOOL_ZONE).date().isoformat()
    record_review(folder, Review(today, version.number, by, next_))
    if as_json:
        print_json(
            {
                "version": version.number,
                "reviewed": today,
                "by": by,
                "next": next_,
                "sha256": version.sha256,
            }
        )
        return
    click.echo(
        f"Recorded: version {version.number} ({version.label}) was reviewed by {by} "
        f"and stays as it is. Next review by {month_in_words(next_)}."
    )
    click.echo(f"Commit {folder / REVIEWS} to git and publish it.")
