"""signer release: the draft becomes the next version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import click

from signer import clock
from signer.cli.commands.redline import show_redline
from signer.cli.commands.review import approval_of, show_approval
from signer.cli.output import json_option, print_json
from signer.cli.prompts import GitWish, yes_to
from signer.cli.settings import read_settings
from signer.config import Settings
from signer.errors import DoubtKind, DraftRefused, DraftUnchanged, MarkdownError
from signer.policy.dates import date_in_words, month_in_words
from signer.policy.release.check import default_label
from signer.policy.release.draft import DRAFT
from signer.policy.release.finish import finish_release
from signer.policy.release.git import checkout_of
from signer.policy.release.prepare import Prepared, prepare_release, write_release
from signer.policy.versions import Version, in_force, read_versions
from signer.redline.text import redline_summary, redline_text
from signer.school_calendar import Holiday, school_day_from, why_no_school

_ALTHOUGH = {
    DoubtKind.LOOKS_THE_SAME: ("--although-it-looks-the-same", "it looks the same"),
    DoubtKind.MAY_CONTRADICT: (
        "--although-it-may-contradict",
        "it may contradict the release",
    ),
}
"""The option that answers each kind of doubt beforehand, and the words of asking."""


@click.command()
@click.option(
    "--summary",
    required=True,
    multiple=True,
    help="What changed, in words for parents. Repeat it for each point.",
)
@click.option(
    "--review-by",
    required=True,
    metavar="YYYY-MM",
    help="The month of the next review.",
)
@click.option(
    "--in-force-from",
    default="",
    metavar="YYYY-MM-DD",
    help="The future date from which it is in force. [default: at once]",
)
@click.option(
    "--sign-by",
    default="",
    metavar="YYYY-MM-DD",
    help="The deadline for parents' answers, shown in emails and lists.",
)
@click.option("--label", help="What people call it. [default: its month]")
@click.option(
    "--draft",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(DRAFT),
    show_default=True,
    help="The text to release.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be released.")
@click.option("--yes", is_flag=True, help="Release and commit without asking.")
@click.option(
    "--although-it-looks-the-same",
    "looks_the_same",
    is_flag=True,
    help="Release even if only spaces, or signs that look alike, have changed.",
)
@click.option(
    "--although-it-may-contradict",
    "may_contradict",
    is_flag=True,
    help="Release even if the text may contradict the review, title, label or number.",
)
@click.option(
    "--commit/--no-commit",
    default=None,
    help="Whether to commit it to git, without asking.",
)
@json_option
def release(  # noqa: PLR0913 - the options
    *,
    summary: tuple[str, ...],
    review_by: str,
    in_force_from: str,
    sign_by: str,
    label: str | None,
    draft: Path,
    dry_run: bool,
    yes: bool,
    looks_the_same: bool,
    may_contradict: bool,
    commit: bool | None,
    as_json: bool,
) -> None:
    """Make the draft the next version of the text.

    Shows what has changed and how many parents will be asked, then asks you. This does
    not send email: parents are asked when the new version is published.
    """
    if as_json and not (yes or dry_run):
        raise click.UsageError("--json asks nothing: add --yes or --dry-run.")
    settings = read_settings()
    folder = settings.versions_dir
    git = GitWish(checkout_of(folder), folder, draft, yes=yes, wanted=commit)
    finished = not dry_run and _finish(git)
    versions = read_versions(folder)
    today = clock.now().astimezone(clock.SCHOOL_ZONE).date().isoformat()
    try:
        text, draft_sha256 = _text_of(draft)
        approval = approval_of(settings, versions, draft_sha256)
        prepared = prepare_release(
            text,
            versions,
            summary=summary,
            label=label or default_label(today, versions),
            released=today,
            review_by=review_by,
            in_force_from=in_force_from,
            approvals=approval.approvals,
            draft_sha256=draft_sha256,
            sign_by=sign_by,
            path=str(draft),
        )
    except DraftUnchanged:
        if not finished:
            raise
        if as_json:
            print_json(_facts(in_force(versions)) | {"finished": True})
        return
    parents = _count_parents(settings)
    no_school = _no_school_on(prepared.version.sign_by, settings.holidays)
    if not as_json:
        _show(prepared, parents, settings.holidays)
        show_approval(approval)
    committed = None
    if not dry_run:
        approval.check()
        answered = {
            DoubtKind.LOOKS_THE_SAME: looks_the_same,
            DoubtKind.MAY_CONTRADICT: may_contradict,
        }
        _ask_about_doubts(prepared, answered, yes=yes)
        committed = _release(git, prepared, yes=yes)
    if as_json:
        print_json(
            _facts(prepared.version)
            | _changes(prepared)
            | {"sign_by_no_school": no_school}
            | {"doubts": [one.sentence for one in prepared.doubts]}
            | {"approvals_missing": approval.missing}
            | {"parents": parents, "commit": committed, "dry_run": dry_run}
        )
    elif dry_run:
        click.echo("Nothing was released: this was a dry run.")
    else:
        _tell(folder / prepared.version.filename, prepared.version, committed)


def _count_parents(settings: Settings) -> int | None:
    """Return how many parents would be asked; None where no records are at hand."""
    try:
        from signer.workflows.register.count_parents import (  # noqa: PLC0415 - see below
            count_parents,
        )
    except ModuleNotFoundError:
        # A headteacher's own computer needs no database to release a version.
        return None
    return count_parents(settings)


def _finish(git: GitWish) -> bool:
    """Finish the last release, if it was stopped; gives whether it was."""
    finished = finish_release(git.folder, git.draft)
    versions = read_versions(git.folder)
    if not versions:
        return False
    newest = in_force(versions)
    if git.is_behind(newest) and git.wants(newest):
        finished = git.record(newest) is not None or finished
    if finished:
        click.echo(
            f"Version {newest.number} had been released, but not to the end. "
            "It is finished now.",
            err=True,
        )
    return finished


def _ask_about_doubts(
    prepared: Prepared, answered: Mapping[DoubtKind, bool], *, yes: bool
) -> None:
    """Ask once more about what parents might have to sign again for, for nothing."""
    doubts = [one for one in prepared.doubts if not answered[one.kind]]
    kinds = [kind for kind in DoubtKind if any(one.kind is kind for one in doubts)]
    if not kinds:
        return
    if yes:
        listed = "\n".join(f"  {one.sentence}" for one in doubts)
        options = " and ".join(_ALTHOUGH[kind][0] for kind in kinds)
        raise click.ClickException(
            f"Nothing was released.\n{listed}\n"
            f"To release it all the same, add {options}."
        )
    clauses = " and ".join(_ALTHOUGH[kind][1] for kind in kinds)
    if not yes_to(f"Release it although {clauses}?"):
        click.echo("Nothing was released.", err=True)
        raise click.exceptions.Exit(1)


def _release(git: GitWish, prepared: Prepared, *, yes: bool) -> str | None:
    """Ask, release, and commit if wanted; gives the commit's id (hex)."""
    version = prepared.version
    if not (yes or yes_to(f"Release version {version.number}?")):
        click.echo("Nothing was released.", err=True)
        raise click.exceptions.Exit(1)
    commit = git.wants(version)
    write_release(git.folder, prepared)
    finish_release(git.folder, git.draft)
    return git.record(version) if commit else None


def _text_of(draft: Path) -> tuple[str, str]:
    """The draft, and the SHA-256 (hex) of its file."""
    try:
        source = draft.read_bytes()
        return source.decode(), hashlib.sha256(source).hexdigest()
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem = MarkdownError(line, "letters not in UTF-8", "save the file as UTF-8")
        raise DraftRefused(str(draft), (problem,)) from error
    except OSError as error:
        raise click.ClickException(
            f"The draft {draft} cannot be read: {error.strerror}. Run this in the "
            "project's folder, or name the draft with --draft."
        ) from error


def _no_school_on(sign_by: str, holidays: Sequence[Holiday]) -> str | None:
    """Return why the day of a deadline is not a school day; None for any other."""
    if not sign_by:
        return None
    try:
        return why_no_school(date.fromisoformat(sign_by), holidays)
    except ModuleNotFoundError:
        # A headteacher's own computer knows no bank holidays.
        return None


def _show_deadline(sign_by: str, holidays: Sequence[Holiday]) -> None:
    """Show it, and point out a day on which nobody is at school to answer."""
    click.echo(f"  Sign by     {date_in_words(sign_by)}")
    reason = _no_school_on(sign_by, holidays)
    if not reason:
        return
    click.echo(f"              This is not a school day: it is {reason}.")
    with suppress(ModuleNotFoundError):
        following = school_day_from(date.fromisoformat(sign_by), holidays).isoformat()
        click.echo(f"              The next school day is {date_in_words(following)}.")


def _show(prepared: Prepared, parents: int | None, holidays: Sequence[Holiday]) -> None:
    version, previous = prepared.version, prepared.previous
    click.echo(f"Version {version.number} ({version.label})")
    click.echo(f"  Released    {date_in_words(version.released)}")
    if version.in_force_from:
        click.echo(f"  In force    from {date_in_words(version.in_force_from)}")
    click.echo(f"  Review by   {month_in_words(version.review_by)}")
    if version.sign_by:
        _show_deadline(version.sign_by, holidays)
    if previous:
        click.echo(f"  Replaces    version {previous.number} ({previous.label})")
    click.echo("  Summary, as parents will read it:")
    for sentence in version.summary:
        click.echo(f"    - {sentence}")
    if previous and (changes := prepared.redline):
        click.echo(
            f"\nAgainst version {previous.number}: {redline_summary(changes)}.\n"
        )
        show_redline(changes)
        click.echo()
    if prepared.doubts:
        click.echo("Look at this again before you release it:")
        for doubt in prepared.doubts:
            click.echo(f"  - {doubt.sentence}")
        click.echo()
    if parents is None:
        click.echo(
            "How many parents will be asked is not known here: there is no database. "
            "Ask on the server, with `signer register list`."
        )
    else:
        click.echo(f"Parents who will be asked to sign it: {parents}.")


def _facts(version: Version) -> dict[str, object]:
    return {
        "version": version.number,
        "label": version.label,
        "released": version.released,
        "review_by": version.review_by,
        "in_force_from": version.in_force_from or None,
        "approved_by": [one._asdict() for one in version.approvals],
        "sign_by": version.sign_by or None,
        "summary": list(version.summary),
        "sha256": version.sha256,
        "previous_sha256": version.previous_sha256,
    }


def _changes(prepared: Prepared) -> dict[str, object]:
    changes = prepared.redline
    if changes is None:
        return {"changes": None, "redline": None, "looks_the_same": False}
    return {
        "changes": redline_summary(changes),
        "redline": redline_text(changes),
        "looks_the_same": changes.looks_the_same,
    }


def _tell(path: Path, version: Version, commit: str | None) -> None:
    click.echo(f"Released: {path}")
    click.echo(f"SHA-256:  {version.sha256}")
    click.echo(f"Commit:   {commit or 'none; commit it to git yourself'}")
    click.echo(
        "No one has been asked yet. Publish it, for example with `git push`: parents "
        "are asked when the new version is at its public address."
    )
