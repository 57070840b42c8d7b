"""signer register: parents, carers and children."""

from __future__ import annotations

from pathlib import Path

import click

from signer.cli.context import opened_context
from signer.cli.output import json_option, print_json, print_table, progress
from signer.cli.prompts import yes_to
from signer.register.rows import read_register
from signer.workflows.register.import_register import Imported, import_register
from signer.workflows.register.list import list_register


@click.group()
def register() -> None:
    """Parents, carers and their children."""


@register.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--leavers", is_flag=True, help="Parents not in the file have left.")
@click.option("--yes", is_flag=True, help="Let them leave without another question.")
@json_option
def import_(
    file: Path, *, dry_run: bool, leavers: bool, yes: bool, as_json: bool
) -> None:
    """Bring the register to what a CSV file says: a row for each parent and child.

    Nothing is imported unless all of it can be.
    """
    with progress("Reading") as show:
        reading = read_register(file.read_bytes(), progress=show)
    for warning in reading.warnings:
        click.echo(f"Worth a look: {warning.sentence()}", err=True)
    with opened_context() as context:
        if leavers and not (yes or dry_run):
            _check_leavers(import_register(context, reading, dry_run=True))
        result = import_register(context, reading, leavers=leavers, dry_run=dry_run)
    if as_json:
        print_json(_document(result, dry_run=dry_run))
    else:
        _tell(result, dry_run=dry_run)


@register.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """Every active parent, with children and where they stand."""
    with opened_context() as context:
        listed = list_register(context)
    if as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "email": one.email,
                    "status": one.status,
                    "children": [
                        {"name": name, "year_group": year, "relationship": words}
                        for name, year, words in one.children
                    ],
                }
                for one in listed
            ]
        )
        return
    print_table(
        ["Name", "Address", "Children", "Version in force"],
        (
            (
                one.name,
                one.email,
                ", ".join(f"{name} ({year})" for name, year, _ in one.children),
                one.status or "not asked",
            )
            for one in listed
        ),
    )


def _check_leavers(result: Imported) -> None:
    """Ask before anybody leaves: a file that was cut short names too few."""
    count = len(result.missing)
    if not count:
        return
    for name, email in result.missing:
        click.echo(f"Not in the file: {name} <{email}>", err=True)
    people = "1 parent is" if count == 1 else f"{count} parents are"
    if not yes_to(f"{people} not in the file. Have they left the school?"):
        raise click.ClickException(
            "Nothing was imported. Give a complete file, or leave out --leavers."
        )


def _document(result: Imported, *, dry_run: bool) -> dict[str, object]:
    people = {
        kind: [{"name": name, "email": email} for name, email in found]
        for kind, found in (
            ("added", result.added),
            ("changed", result.changed),
            ("missing", result.missing),
        )
    }
    return {
        **people,
        "unchanged": result.unchanged,
        "left": result.left,
        "dry_run": dry_run,
    }


def _tell(result: Imported, *, dry_run: bool) -> None:
    for name, email in result.missing:
        click.echo(f"Not in the file: {name} <{email}>")
    would = "would be " if dry_run else ""
    click.echo(
        f"{len(result.added)} {would}added, {len(result.changed)} {would}changed, "
        f"{result.unchanged} unchanged, {len(result.missing)} not in the file."
    )
    if result.left:
        click.echo("Those not in the file have left; what they signed is kept.")
    elif result.missing:
        click.echo("They stay in the register until you import with --leavers.")
