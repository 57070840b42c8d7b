"""signer register: parents, carers and children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import click

from signer import files
from signer.cli.commands.plans import plan_ahead
from signer.cli.commands.register.outcome import (
    document,
    tell,
    tell_missing,
    tell_question,
    waiting_sentence,
)
from signer.cli.context import opened_context
from signer.cli.leavers import agreed_leavers, leavers_options
from signer.cli.output import json_option, print_json, print_table, progress
from signer.cli.people import ListForm, people_options, show_people
from signer.cli.prompts import is_at_terminal, yes_to
from signer.errors import LeaversUncounted, RegisterUnsure
from signer.i18n import counted
from signer.register.file.headings import (
    HEADING_CHARACTERS,
    IGNORED,
    KNOWN_COLUMNS,
    folded,
)
from signer.register.file.template import empty_register, empty_workbook
from signer.register.matching import Answers, Question
from signer.register.rows import read_register
from signer.workflows.campaigns.ask import would_ask
from signer.workflows.campaigns.selection import Selection
from signer.workflows.register.columns import forget_columns, remembered_columns
from signer.workflows.register.import_register import import_register
from signer.workflows.register.import_result import Imported
from signer.workflows.register.list import walk_register
from signer.workflows.requests.unasked import asks_new_parents


def _columns(
    _ctx: click.Context, _param: click.Parameter, values: Sequence[str]
) -> Mapping[str, str]:
    """What was said of headings, by heading, folded."""
    columns = {}
    for value in values:
        heading, equals, column = value.rpartition("=")
        column = column.strip()
        is_heading = 0 < len(folded(heading)) <= HEADING_CHARACTERS
        if not (equals and is_heading and column in {IGNORED, *KNOWN_COLUMNS}):
            raise click.BadParameter(
                f"{value!r} does not say which column a heading is. Write "
                f"HEADING=COLUMN, with “{IGNORED}” or one of these as the column: "
                f"{', '.join(KNOWN_COLUMNS)}."
            )
        columns[folded(heading)] = column
    return columns


@click.group()
def register() -> None:
    """Parents, carers and their children."""


@register.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="HEADING=COLUMN",
    callback=_columns,
    help="What a heading of this file means, now and later; “ignore” leaves it out.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option(
    "--same",
    multiple=True,
    metavar="CODE",
    help="Answer a question: they are one person. Can be repeated.",
)
@click.option(
    "--new",
    multiple=True,
    metavar="CODE",
    help="Answer a question: they are two people. Can be repeated.",
)
@leavers_options("Parents and children not in the file have left.")
@json_option
def import_(  # noqa: PLR0913 - one for each option
    file: Path,
    *,
    columns: Mapping[str, str],
    dry_run: bool,
    same: tuple[str, ...],
    new: tuple[str, ...],
    leavers: bool,
    leaving: int | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Update the register from a CSV file or a workbook (.xlsx).

    A row is a child with one parent or two. Many column names are known. If one is not,
    say what it is with --column, which is remembered.

    Nothing is imported unless all of it can be. If someone may already be in the
    register, the command asks, with a code for the answer.
    """
    answers = Answers(frozenset(same), frozenset(new))
    with opened_context() as context:
        known = {**remembered_columns(context), **columns}
        with progress("Reading") as show:
            reading = read_register(file.read_bytes(), columns=known, progress=show)
        for warning in reading.warnings:
            click.echo(f"Worth a look: {warning.sentence()}", err=True)
        if leavers and not dry_run:
            planned = import_register(context, reading, answers=answers, dry_run=True)
            answers = _answer(planned.questions, answers)
            planned = import_register(context, reading, answers=answers, dry_run=True)
            leaving = _check_leavers(planned, leaving, yes=yes)

        def imported(answers: Answers) -> Imported:
            return import_register(
                context,
                reading,
                answers=answers,
                leavers=leavers,
                leaving=leaving,
                columns=columns,
                dry_run=dry_run,
            )

        try:
            result = imported(answers)
        except RegisterUnsure:
            if leavers:
                raise
            planned = import_register(context, reading, answers=answers, dry_run=True)
            result = imported(_answer(planned.questions, answers))
        waiting = 0 if dry_run else would_ask(context).newly
        by_itself = asks_new_parents(context)
        plan = plan_ahead(context)
    for question in result.questions:
        tell_question(question)
    if as_json:
        print_json({**document(result, dry_run=dry_run), "waiting": waiting})
        return
    tell(result, dry_run=dry_run, leavers=leavers)
    if waiting:
        send_at = plan.send_at if plan else None
        click.echo(waiting_sentence(waiting, by_itself=by_itself, planned=send_at))


@register.command("columns")
@click.option("--forget", is_flag=True, help="Forget all that was said.")
@json_option
def columns_(*, forget: bool, as_json: bool) -> None:
    """What headings of your files mean, as you said it with --column."""
    with opened_context() as context:
        if forget:
            click.echo(f"Headings forgotten: {forget_columns(context)}")
            return
        known = remembered_columns(context)
    if as_json:
        print_json(known)
    else:
        print_table(["Heading", "Column"], known.items())


@register.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def template(file: Path) -> None:
    """Write an empty register to fill in: a workbook (.xlsx), or a CSV file."""
    suffix = file.suffix.lower()
    if suffix not in {".xlsx", ".csv"}:
        raise click.BadParameter(
            f"{file.name} ends neither in .xlsx nor in .csv: give it one of them.",
            param_hint="FILE",
        )
    is_workbook = suffix == ".xlsx"
    files.create(
        file, empty_workbook() if is_workbook else empty_register(), private=True
    )
    click.echo(f"{file}: a row for each child, with one parent or two.")


@register.command("list")
@people_options
@json_option
def list_(*, selection: Selection, form: ListForm, as_json: bool) -> None:
    """List active parents, with their children and their state."""
    with opened_context() as context:
        show_people(walk_register(context, selection), form, as_json=as_json)


def _answer(questions: Sequence[Question], answers: Answers) -> Answers:
    """Ask who is whom, at a terminal; elsewhere show what there is to answer."""
    same, new = set(answers.same), set(answers.new)
    settled: set[tuple[str, str]] = set()
    for question in questions:
        if question.person.key in settled:
            continue
        tell_question(question)
        if not is_at_terminal():
            continue
        if yes_to("Are they one person?"):
            same.add(question.code)
            settled.add(question.person.key)
        else:
            new.add(question.code)
    return Answers(frozenset(same), frozenset(new))


def _check_leavers(planned: Imported, leaving: int | None, *, yes: bool) -> int | None:
    count = planned.leaving
    people = counted(count, "of them is", "of them are")
    return agreed_leavers(
        count,
        leaving=leaving,
        yes=yes,
        too_many=planned.too_many_leave,
        whole="the register",
        question=f"{people} not in the file. Have they left the school?",
        show=partial(tell_missing, planned, err=True),
        uncounted=LeaversUncounted(count, None),
    )
