"""signer record-paper, signer paper: declarations that parents sign by hand."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import click

from signer import clock, files
from signer.cli.context import opened_context, waking_context
from signer.cli.output import as_document, json_option, named, print_json
from signer.cli.param_types import (
    by_option,
    day_option,
    dry_run_option,
    name_option,
    read_day,
    yes_option,
)
from signer.cli.prompts import is_at_terminal, shown_first
from signer.cli.references import CommandAboutParent
from signer.policy.dates import date_in_words
from signer.store.columns import Status
from signer.workflows.context import AppContext
from signer.workflows.paper.form import paper_form
from signer.workflows.paper.record import (
    RecordedPaper,
    possible_papers,
)
from signer.workflows.paper.record import (
    record_paper as record,
)
from signer.workflows.paper.scan import MOST_SCAN_BYTES, Scan, read_scan
from signer.workflows.paper.undo import UndonePaper, undo_paper

_BEFORE = {
    None: "had not been asked for it",
    Status.PENDING: "had been asked and had not answered",
    Status.DECLINED: "had declined",
    Status.SUPERSEDED: "had not answered before a newer version came",
    Status.WITHDRAWN: "had left before answering",
}
_AFTER = {
    Status.PENDING: "It is outstanding again, and reminders continue.",
    Status.DECLINED: "They have declined it, as before.",
    Status.SUPERSEDED: "It stays unanswered: a newer version is in force.",
    Status.WITHDRAWN: "It stays unanswered: they had left.",
}


@click.command("record-paper", cls=CommandAboutParent)
@click.argument("who")
@name_option
@click.option(
    "--version", type=click.IntRange(min=1), help="The version that the paper names."
)
@click.option(
    "--dated",
    metavar="DATE",
    callback=day_option,
    help="The date on the paper, such as 2026-11-20.",
)
@click.option(
    "--scan",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A PDF, JPEG or PNG of it, which is kept.",
)
@by_option("Who does it")
@dry_run_option
@yes_option
@json_option
def record_paper(  # noqa: PLR0913 - one for each option
    who: str,
    *,
    name: str,
    version: int | None,
    dated: date | None,
    scan: Path | None,
    by: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Record a declaration that a parent signed by hand.

    WHO is an address in the register, the name of a parent without one, or the
    reference of a request. Shows what it will do, and asks you to confirm.
    """
    kept = _read(scan) if scan else None
    with opened_context() as context:
        if version is None:
            version = _ask_version(context, who, name)
        if dated is None:
            dated = _ask_date()
        do = partial(
            record,
            context,
            who,
            by=by,
            version=version,
            signed_on=dated,
            name=name,
            scan=kept,
        )
        recorded = shown_first(
            do,
            _tell_recorded,
            "Record it?",
            refusal="Nothing was recorded.",
            dry_run=dry_run,
            yes=yes,
        )
    if as_json:
        print_json(as_document(recorded))
    else:
        _tell_recorded(recorded)


@click.group()
def paper() -> None:
    """Declarations signed by hand: a form to print, undoing a record of one."""


@paper.command(cls=CommandAboutParent)
@click.argument("who")
@name_option
@click.option(
    "--version",
    type=click.IntRange(min=1),
    help="The version to be signed. [default: the version in force]",
)
@click.option(
    "--out",
    default="form.pdf",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, which must not exist yet.",
)
def form(who: str, name: str, version: int | None, out: Path) -> None:
    """Write a form to print, on which a parent signs by hand.

    It has the parent, the children, the statements and the whole text.
    """
    with opened_context() as context:
        content = paper_form(context, who, name=name, version=version)
    files.create(out, content, private=True)
    click.echo(f"{out}: print it. Record it once it is signed: signer record-paper.")


@paper.command(cls=CommandAboutParent)
@click.argument("who")
@name_option
@click.option(
    "--version",
    type=click.IntRange(min=1),
    help="The version that was recorded as signed, where there are several.",
)
@click.option("--reason", required=True, help="Why it is undone; this is kept.")
@by_option("Who does it")
@dry_run_option
@yes_option
@json_option
def undo(  # noqa: PLR0913 - one for each option
    who: str,
    *,
    name: str,
    version: int | None,
    reason: str,
    by: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Undo the record of a paper form, such as someone else's.

    The record, its scan and the reason are kept, and the log tells of both.
    """
    with waking_context() as context:
        do = partial(
            undo_paper, context, who, by=by, reason=reason, version=version, name=name
        )
        undone = shown_first(
            do,
            _tell_undone,
            "Undo it?",
            refusal="Nothing was undone.",
            dry_run=dry_run,
            yes=yes,
        )
    if as_json:
        print_json(as_document(undone))
    else:
        _tell_undone(undone)


def _read(path: Path) -> Scan:
    with path.open("rb") as file:
        # One byte more shows that it is too large, whatever its size.
        content = file.read(MOST_SCAN_BYTES + 1)
    return read_scan(content)


def _ask_version(context: AppContext, who: str, name: str) -> int:
    possible = possible_papers(context, who, name)
    numbers = ", ".join(str(number) for number, _ in possible)
    if not is_at_terminal():
        raise click.UsageError(
            f"Say with --version which version the paper names: {numbers or 'none'}."
        )
    for number, label in possible:
        click.echo(f"  {number}  {label}", err=True)
    asked: int = click.prompt("Which version does the paper name", type=int, err=True)
    return asked


def _ask_date() -> date:
    if not is_at_terminal():
        raise click.UsageError("Say with --dated what date is on the paper.")
    asked: date = click.prompt(
        "The date on the paper, such as 2026-11-20",
        value_proc=read_day,
        err=True,
    )
    return asked


def _tell_recorded(recorded: RecordedPaper, *, err: bool = False) -> None:
    verb = "To be recorded" if recorded.dry_run else "Recorded"
    scan = "kept" if recorded.scan else "none"
    lines = [
        f"{verb}: {named(recorded.name, recorded.email)} signed on paper",
        f"  Version:     {recorded.version} ({recorded.label})",
        f"  Dated:       {date_in_words(recorded.signed_on.isoformat())}",
        f"  Recorded by: {recorded.recorded_by}",
        f"  Scan:        {scan}",
        f"  Until now:   they {_BEFORE.get(recorded.before, '')}",
    ]
    if recorded.owes:
        lines.append(
            f"This is not the version in force: version {recorded.owes} is still to be "
            "signed by them."
        )
    click.echo("\n".join(lines), err=err)


def _tell_undone(undone: UndonePaper, *, err: bool = False) -> None:
    dated = f", dated {date_in_words(undone.signed_on)}" if undone.signed_on else ""
    after = _AFTER[undone.after]
    if undone.mailed:
        after = "They had not been asked for it, and are asked by email now."
    click.echo(
        f"{'To be undone' if undone.dry_run else 'Undone'}: the paper of "
        f"{named(undone.name, undone.email)}{dated}\n"
        f"  Version:     {undone.version} ({undone.label})\n"
        f"  Recorded by: {undone.recorded_by}, "
        f"{clock.in_school_time(undone.recorded_at)}\n"
        f"  Undone by:   {undone.undone_by}\n"
        f"  Reason:      {undone.reason}\n"
        f"{after}",
        err=err,
    )
