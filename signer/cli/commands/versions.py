"""signer versions: the released texts."""

from __future__ import annotations

from collections.abc import Sequence

import click

from signer.cli.output import json_option, print_json, print_table
from signer.cli.settings import read_settings
from signer.config import Settings
from signer.policy.change_log import change_log
from signer.policy.release.immutability import check_immutable
from signer.policy.reviews import read_reviews
from signer.policy.versions import Version, read_versions


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def versions(ctx: click.Context, *, as_json: bool) -> None:
    """The released versions, oldest first."""
    if ctx.invoked_subcommand:
        return
    found = read_versions(read_settings().versions_dir)
    if as_json:
        print_json(
            [
                {
                    "version": one.number,
                    "title": one.title,
                    "label": one.label,
                    "released": one.released,
                    "review_by": one.review_by,
                    "sha256": one.sha256,
                }
                for one in found
            ]
        )
        return
    print_table(
        ["Version", "Label", "Review by", "SHA-256"],
        ((one.number, one.label, one.review_by, one.sha256) for one in found),
    )


@versions.command()
@json_option
def check(*, as_json: bool) -> None:
    """Check that no released version was ever changed, renamed or removed.

    Compares them with the chain of hashes, the list of releases, every commit of the
    git history, and what parents were asked to sign, where these are available.
    """
    settings = read_settings()
    checked = check_immutable(settings.versions_dir)
    found = read_versions(settings.versions_dir)
    change_log(found, read_reviews(settings.versions_dir))
    pinned = _compare_with_database(settings, found)
    if as_json:
        print_json(
            {
                "released": checked.releases,
                "commits": checked.commits,
                "compared_with_database": pinned,
            }
        )
        return
    click.echo(
        f"{checked.releases} released; each follows from the one before, and is what "
        "the list of releases says."
    )
    click.echo(
        f"In {checked.commits} commits none was changed, renamed or removed."
        if checked.commits
        else "There is no git history of them here: whether they were changed before "
        "this copy was made was not checked."
    )
    click.echo(
        "They are those that parents were asked to sign."
        if pinned
        else "There is no database here: whether they are those that parents were "
        "asked to sign was not checked."
    )


def _compare_with_database(settings: Settings, released: Sequence[Version]) -> bool:
    """Compare what was released with what parents were asked to sign.

    Returns:
        False where no database is at hand.

    Raises:
        VersionTampered: a file is not what they were asked to sign.
    """
    try:
        from signer.store.engine import connect  # noqa: PLC0415 - see below
        from signer.workflows.context import (  # noqa: PLC0415 - see below
            AppContext,
            check_pinned,
        )
        from signer.workflows.register.count_parents import (  # noqa: PLC0415 - see below
            has_database,
        )
    except ModuleNotFoundError:
        # A headteacher's own computer needs no database to check the files.
        return False
    if not settings.names_database:
        return False
    sessions = connect(settings.database)
    pinned = has_database(sessions)
    if pinned:
        check_pinned(AppContext(settings, sessions=sessions, versions=tuple(released)))
    return pinned
