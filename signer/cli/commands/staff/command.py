"""signer staff: teachers, who are told of each release and sign nothing."""

from __future__ import annotations

from pathlib import Path

import click

from signer import clock
from signer.cli.context import opened_context, waking_context
from signer.cli.leavers import agreed_leavers, leavers_options
from signer.cli.output import as_document, json_option, print_json, print_table
from signer.cli.prompts import yes_to
from signer.errors import StaffLeaversUncounted
from signer.register.staff.read import read_staff
from signer.store.columns import Delivery
from signer.workflows.staff.data import erase_teacher, export_teacher
from signer.workflows.staff.staff_list import (
    ListedTeacher,
    StaffImported,
    import_staff,
    list_staff,
    remove_teacher,
)
from signer.workflows.staff.tell import Telling, tell_staff

_FATES = {
    Delivery.QUEUED: "waiting",
    Delivery.SENT: "accepted",
    Delivery.REFUSED: "refused",
    Delivery.DROPPED: "not sent",
}


@click.group()
def staff() -> None:
    """Teachers, who are told of each release and sign nothing."""


@staff.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@leavers_options("Remove those who are not in the file from the list.")
@json_option
def import_(  # noqa: PLR0913 - one for each option
    file: Path,
    *,
    dry_run: bool,
    leavers: bool,
    leaving: int | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Update the list of teachers from a CSV file with names and addresses.

    This does not send email. Everyone on the list is told when parents are first asked
    to sign a new version.
    """
    reading = read_staff(file.read_bytes())
    with opened_context() as context:
        if leavers and not dry_run:
            planned = import_staff(context, reading, dry_run=True)
            leaving = _check_leavers(planned, leaving, yes=yes)
        result = import_staff(
            context, reading, leavers=leavers, leaving=leaving, dry_run=dry_run
        )
    if as_json:
        print_json({**as_document(result), "dry_run": dry_run})
        return
    _show_import(result, dry_run=dry_run)


@staff.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """Show every teacher on the list, and whether their newest email was delivered."""
    with opened_context() as context:
        teachers = list_staff(context)
    if as_json:
        print_json(as_document(teachers))
        return
    if not teachers:
        click.echo("Nobody is on the list. Bring one in with `signer staff import`.")
        return
    print_table(
        ["Name", "Address", "Told of", "Mail", "When", "Reply"],
        (
            (
                one.name,
                one.email,
                f"version {one.version}" if one.version else "nothing yet",
                _fate(one),
                clock.in_school_time(one.at) if one.at else "",
                one.reply,
            )
            for one in teachers
        ),
    )


@staff.command()
@click.option("--dry-run", is_flag=True, help="Only show who would be told.")
@click.option("--yes", is_flag=True, help="Tell them without asking.")
@json_option
def tell(*, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Tell those on the list who have not been told about the newest release.

    Everyone on the list at a release is told automatically. This is for those who
    joined later. No one is told about a release twice.
    """
    if as_json and not (yes or dry_run):
        raise click.UsageError("--json asks nothing: add --yes or --dry-run.")
    with waking_context() as context:
        telling = tell_staff(context, dry_run=True)
        if telling and not as_json:
            _show_telling(telling)
        if telling and telling.newly and not dry_run:
            if not (yes or yes_to(f"Send {_mails(len(telling.newly))}?")):
                click.echo("No one was told.", err=True)
                raise click.exceptions.Exit(1)
            telling = tell_staff(context)
    if as_json:
        print_json({"dry_run": dry_run, "told": as_document(telling)})
    elif telling is None:
        click.echo(
            "No one was told: parents have not been asked to sign any version yet. "
            "Everyone on the list at that time will be told with them."
        )
    elif telling.newly and not dry_run:
        click.echo(f"{_mails(len(telling.newly))} will go out now.")


@staff.command()
@click.argument("email")
def remove(email: str) -> None:
    """Take a teacher off the list: they will not be told any more."""
    with opened_context() as context:
        name = remove_teacher(context, email)
    click.echo(f"{name} is off the list, and will not be told any more.")


@staff.command()
@click.argument("email")
def export(email: str) -> None:
    """Print everything kept about a teacher, as JSON, for them."""
    with opened_context() as context:
        print_json(as_document(export_teacher(context, email)))


@staff.command()
@click.argument("email")
@click.option("--yes", is_flag=True, help="Erase without asking.")
def erase(email: str, *, yes: bool) -> None:
    """Erase a teacher's name and address, from the list too."""
    with opened_context() as context:
        data = export_teacher(context, email)
        if not (yes or yes_to(f"Erase {data.name} ({data.email})?")):
            click.echo("Nothing was erased.", err=True)
            raise click.exceptions.Exit(1)
        name = erase_teacher(context, email)
    click.echo(
        f"Erased: {name}. Backups made before this, mailboxes and the mail server's "
        "logs are not reached."
    )


def _check_leavers(
    planned: StaffImported, leaving: int | None, *, yes: bool
) -> int | None:
    count = len(planned.missing)
    return agreed_leavers(
        count,
        leaving=leaving,
        yes=yes,
        too_many=planned.too_many_leave,
        whole="the list",
        question="Have they left?",
        show=lambda: _show_people(
            "On the list, and not in the file:", planned.missing, err=True
        ),
        uncounted=StaffLeaversUncounted(count, None),
    )


def _show_import(result: StaffImported, *, dry_run: bool) -> None:
    _show_people("New:", result.added)
    _show_people("Back on the list:", result.returned)
    if result.renamed:
        click.echo("Name corrected:")
        for name, email, before in result.renamed:
            click.echo(f"  {name} <{email}>, before: {before}")
    if result.left:
        _show_people("Off the list:", result.missing)
    else:
        _show_people("On the list, and not in the file (they stay):", result.missing)
    click.echo(f"{result.unchanged} unchanged.")
    if dry_run:
        click.echo("Nothing was imported: this was a dry run.")


def _show_telling(telling: Telling) -> None:
    if telling.newly:
        _show_people(f"Not told of version {telling.version} yet:", telling.newly)
    before = telling.before
    click.echo(f"{before} on the list had been told of version {telling.version}.")


def _show_people(
    heading: str, people: tuple[tuple[str, str], ...], *, err: bool = False
) -> None:
    if people:
        click.echo(heading, err=err)
        for name, email in people:
            click.echo(f"  {name} <{email}>", err=err)


def _mails(number: int) -> str:
    return "1 email" if number == 1 else f"{number} emails"


def _fate(teacher: ListedTeacher) -> str:
    if teacher.delivery is None:
        return ""
    return "came back" if teacher.bounced else _FATES[teacher.delivery]
