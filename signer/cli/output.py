"""Tables and progress for people, one JSON document for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from textwrap import indent
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from signer import clock
from signer.cli.table_layout import GAP, laid_out, longest_word
from signer.workflows.lists.spreadsheets import csv_of

json_option = click.option(
    "--json", "as_json", is_flag=True, help="One JSON document, for programs."
)


def print_json(document: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def print_json_list(documents: Iterable[object]) -> None:
    """One JSON document on standard output: a list, shown as its items come."""
    before = "[\n"
    for one in documents:
        text = json.dumps(one, ensure_ascii=False, indent=2)
        click.echo(before + indent(text, "  "), nl=False)
        before = ",\n"
    click.echo("[]" if before == "[\n" else "\n]")


NO_EMAIL = "no email address"
"""In place of an address that somebody does not have."""


def as_document(value: object) -> Any:  # noqa: ANN401 - whatever JSON has
    """A value as JSON takes it: fields by their names, moments as RFC 3339 in UTC."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: as_document(getattr(value, one.name)) for one in fields(value)
        }
    if isinstance(value, tuple | list):
        return [as_document(one) for one in value]
    if isinstance(value, datetime):
        return clock.iso(value)
    return value.isoformat() if isinstance(value, date) else value


def named(name: str, email: str) -> str:
    """A person with their address, such as ``Ann Lee <ann@example.org>``."""
    return f"{name} <{email}>" if email else f"{name} ({NO_EMAIL})"


def facts(names: Sequence[str], things: Iterable[object]) -> Iterator[list[Any]]:
    """The named attributes of each thing: a row of a table."""
    return ([getattr(thing, name) for name in names] for thing in things)


def print_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """CSV on standard output, as spreadsheets take it: see `csv_of`."""
    click.echo(csv_of(headings, rows), nl=False)


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on standard output; cells are text, never markup.

    A terminal too narrow for the words of its head gets a block for each row. Rows are
    shown as they come, so that a long table takes no more memory than a short one.
    """
    console = Console(highlight=False)
    texts = ([str(cell) for cell in row] for row in rows)
    if sum(map(longest_word, headings)) + GAP * (len(headings) - 1) > console.width:
        for row in texts:
            _print_block(console, headings, row)
        return
    lines = laid_out(headings, texts, console.width)
    console.print(Text(next(lines), style="bold"), no_wrap=True, crop=False)
    for line in lines:
        click.echo(line)


def _print_block(
    console: Console, headings: Sequence[str], cells: Sequence[str]
) -> None:
    """A row of a table as lines: the first cell, and below it each other by name."""
    console.print(Text(f"{headings[0]} {cells[0]}", style="bold"))
    lines = Table(box=None, pad_edge=False, show_header=False)
    lines.add_column(overflow="fold")
    lines.add_column(overflow="fold")
    for heading, cell in zip(headings[1:], cells[1:], strict=True):
        lines.add_row(Text(f"  {heading}"), Text(cell))
    console.print(lines)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error; gives a function that takes done and all."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
