"""signer review: the text was looked at and stays, or its draft is to be approved."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import click

from signer import clock
from signer.cli.commands.redline import show_redline
from signer.cli.output import json_option, print_json
from signer.cli.param_types import by_option
from signer.cli.prompts import yes_to
from signer.cli.settings import read_settings
from signer.config import Settings
from signer.policy.approvals import (
    ApprovalState,
    ApprovalStep,
    approval_by_settings,
    approve_draft,
    request_approval,
)
from signer.policy.dates import date_in_words, month_in_words
from signer.policy.release.draft import DRAFT, read_draft
from signer.policy.release.prepare import examine
from signer.policy.reviews import Review, record_review
from signer.policy.versions import APPROVALS, REVIEWS, Version, in_force, read_versions
from signer.redline.text import redline_summary

_DRAFT_OPTION = click.option(
    "--draft",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=Path(DRAFT),
    show_default=True,
    help="The text to be released.",
)


@click.group(invoke_without_command=True)
@click.option(
    "--next", "next_", metavar="YYYY-MM", help="The month of the next review."
)
@click.option("--by", help='Who reviewed it, such as "Executive Headteacher".')
@json_option
@click.pass_context
def review(
    ctx: click.Context, *, next_: str | None, by: str | None, as_json: bool
) -> None:
    """Record a review that did not change the text. No one is asked to sign again.

    The change log shows it, and the date of the next review moves. The commands below
    are for approving a draft before it is released.
    """
    if ctx.invoked_subcommand:
        if next_ or by:
            raise click.UsageError(
                "--next and --by are of a review that left the text as it is. Write "
                f"the options of {ctx.invoked_subcommand} behind it."
            )
        return
    if not next_ or not by:
        raise click.UsageError("A review needs --next and --by.")
    folder = read_settings().versions_dir
    version = in_force(read_versions(folder))
    today = _today()
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


@review.command()
@_DRAFT_OPTION
@by_option("Who asks")
@json_option
def request(*, draft: Path, by: str, as_json: bool) -> None:
    """Ask for approval of the draft as it is now. No email is sent.

    If the draft is changed afterwards, you have to ask again.
    """
    settings = read_settings()
    folder = settings.versions_dir
    versions = read_versions(folder)
    sha256 = _examined(draft, versions, quiet=as_json)
    request_approval(folder, sha256, by=by, on=_today())
    state = approval_of(settings, versions, sha256)
    if as_json:
        print_json(_document(state))
        return
    show_approval(state)
    click.echo(
        "Commit the draft and the record to git and pass them on: "
        f"{draft} and {folder / APPROVALS}. Who approves types:\n"
        f'  signer review approve --by "NAME" --sha256 {sha256}'
    )


@review.command()
@_DRAFT_OPTION
@click.option("--by", required=True, help="Who approves, by name.")
@click.option(
    "--sha256",
    "expected",
    help="The SHA-256 that you were given; any other is refused.",
)
@click.option("--yes", is_flag=True, help="Approve without a question.")
@json_option
def approve(
    *, draft: Path, by: str, expected: str | None, yes: bool, as_json: bool
) -> None:
    """Approve the draft, by its SHA-256, as one of the approvers.

    Shows the changes, then asks. The record is as trustworthy as the people who can
    write to the project: its history in git shows who added what.
    """
    if as_json and not yes:
        raise click.UsageError("--json asks nothing: add --yes.")
    settings = read_settings()
    folder = settings.versions_dir
    versions = read_versions(folder)
    sha256 = _examined(draft, versions, quiet=as_json)
    if expected and expected.strip().lower() != sha256:
        raise click.ClickException(
            f"Nothing was recorded: the draft here has the SHA-256 {sha256}, which is "
            "not the one that you were given. It may have been changed since."
        )
    if not (yes or yes_to(f"Approve this draft as {by}?")):
        click.echo("Nothing was recorded.", err=True)
        raise click.exceptions.Exit(1)
    given = approve_draft(
        folder, sha256, by=by, on=_today(), approvers=settings.approvers
    )
    state = approval_of(settings, versions, sha256)
    if as_json:
        print_json(_document(state))
        return
    click.echo(f"Recorded: {given.by} approved it on {date_in_words(given.on)}.")
    show_approval(state)
    click.echo(f"Commit {folder / APPROVALS} to git.")


def approval_of(
    settings: Settings, versions: Sequence[Version], draft_sha256: str
) -> ApprovalState:
    """How far the approval of a draft has come, by the settings.

    Raises:
        VersionFileError: the record cannot be read.
        SettingsError: more approvals are needed than there are people to give them.
    """
    return approval_by_settings(
        settings, versions, draft_sha256, at_desk=_steps_at_desk(settings)
    )


def _steps_at_desk(settings: Settings) -> Sequence[ApprovalStep]:
    """What was asked for and approved at the desk, where its database is at hand."""
    try:
        from signer.workflows.draft.approvals import (  # noqa: PLC0415 - see below
            steps_at_desk,
        )
    except ModuleNotFoundError:
        # A headteacher's own computer needs no database to release a version.
        return ()
    return steps_at_desk(settings)


def show_approval(state: ApprovalState) -> None:
    """Show how far the approval of a draft has come, where there is anything to say."""
    if not (state.needed or state.requested or state.approvals):
        return
    click.echo(f"Approvals of the draft ({state.needed} needed):")
    click.echo(f"  SHA-256 of the draft: {state.draft_sha256}")
    if state.requested:
        day = date_in_words(state.requested.on)
        click.echo(f"  Asked for by {state.requested.by} on {day}")
    for approval in state.approvals:
        click.echo(f"  Approved by {approval.by} on {date_in_words(approval.on)}")
    for name in state.voided:
        click.echo(f"  {name} approved an earlier draft: that does not count here")
    if state.missing and state.may_approve:
        click.echo(f"  Not yet approved by {', '.join(state.may_approve)}")
    if state.missing:
        click.echo(f"  {state.missing} still missing for a release")


def _examined(draft: Path, versions: Sequence[Version], *, quiet: bool) -> str:
    """The SHA-256 (hex) of a draft that could be released, which is shown first."""
    source = draft.read_bytes()
    try:
        text = read_draft(source.decode(), path=str(draft))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{draft} is not UTF-8: save it so.") from error
    changes = examine(text, versions).redline
    if changes is not None and not quiet:
        click.echo(
            f"Against version {in_force(versions).number}: {redline_summary(changes)}."
            "\n"
        )
        show_redline(changes)
        click.echo()
    return hashlib.sha256(source).hexdigest()


def _document(state: ApprovalState) -> dict[str, object]:
    requested = state.requested
    return {
        "draft_sha256": state.draft_sha256,
        "needed": state.needed,
        "missing": state.missing,
        "requested": None if requested is None else requested._asdict(),
        "approvals": [one._asdict() for one in state.approvals],
        "may_approve": list(state.may_approve),
        "voided": list(state.voided),
    }


def _today() -> str:
    return clock.now().astimezone(clock.SCHOOL_ZONE).date().isoformat()
