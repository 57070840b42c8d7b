"""signer archive: the archive copies of declarations, made and renewed now."""

from __future__ import annotations

import click

from signer.cli.context import waking_context
from signer.cli.output import json_option, print_json, progress
from signer.errors import SettingsError
from signer.i18n import counted
from signer.policy.dates import date_in_words
from signer.school_calendar import school_date
from signer.workflows.declarations.archive import Archived, archive_declarations
from signer.workflows.declarations.archive_state import (
    RENEW_BEFORE,
    ArchiveState,
    archive_state,
)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count what there is to do.")
@json_option
def archive(*, dry_run: bool, as_json: bool) -> None:
    """Make and renew the archive copies of declarations (PAdES B-LTA).

    The worker does so automatically. An archive copy is the sealed file, unchanged,
    with validation data and a document timestamp behind it. It is renewed 90 days
    before the certificate of its newest timestamp ends.

    The exit code is 1 where a copy could not be made.
    """
    done = Archived()
    with waking_context() as context:
        if not context.settings.tsa_url:
            raise SettingsError(
                "SIGNER_TSA_URL",
                "names no timestamp authority, so no archive copies are made; the "
                "operator's guide says how to set one",
            )
        if not dry_run:
            with progress("Archiving") as show:
                done = archive_declarations(context, progress=show)
            # An alarm may wait in the outbox.
            context.wake_worker()
        with context.sessions.reading() as session:
            state = archive_state(session)
    if as_json:
        print_json(_document(done, state, dry_run=dry_run))
    else:
        _print(done, state, dry_run=dry_run)
    if done.failed:
        raise click.exceptions.Exit(1)


def _document(
    done: Archived, state: ArchiveState, *, dry_run: bool
) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "made": done.made,
        "renewed": done.renewed,
        "failed": done.failed,
        "waiting_for_authority": done.waiting,
        "kept": state.kept,
        "due": state.due,
        "late": state.late,
        "first_ends": state.first_ends and state.first_ends.isoformat(),
        "problem": state.problem,
    }


def _print(done: Archived, state: ArchiveState, *, dry_run: bool) -> None:
    if dry_run:
        click.echo(f"{counted(state.due, 'archive copy', 'archive copies')} to make.")
    else:
        click.echo(f"{done.made} made, {done.renewed} renewed.")
    if done.waiting:
        click.echo(
            f"{done.waiting} not renewed yet: the timestamp authority still uses the "
            "certificate in them, and has no newer one."
        )
    if done.failed:
        click.echo("Not all could be made; each is tried again.")
    if state.problem:
        click.echo(f"The last problem: {state.problem}")
    if state.first_ends is not None:
        ends = date_in_words(school_date(state.first_ends).isoformat())
        renewed = school_date(state.first_ends - RENEW_BEFORE).isoformat()
        click.echo(
            f"{counted(state.kept, 'archive copy', 'archive copies')} kept. The first "
            f"certificate behind them ends on {ends}; the copy is renewed from "
            f"{date_in_words(renewed)}."
        )
