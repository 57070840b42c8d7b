"""Choosing parents, and listing them: options and lists that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from signer import clock, files
from signer.cli.output import NO_EMAIL, print_json_list, print_table
from signer.school_calendar import school_date
from signer.workflows.campaigns.selection import Selection, State
from signer.workflows.lists.people import (
    delivery_in_words,
    people_as_csv,
    people_as_xlsx,
    youngest,
)
from signer.workflows.register.list import Listed

_STATES = {state.value.replace(" ", "-"): state for state in State}
_OPTIONS = [
    click.option(
        "--year",
        "years",
        multiple=True,
        metavar="GROUP",
        help="Who has a child in this year group, such as 7. Can be repeated.",
    ),
    click.option(
        "--state",
        "states",
        multiple=True,
        type=click.Choice([*_STATES]),
        help="Their state for the version in force. Can be repeated.",
    ),
    click.option("--overdue", is_flag=True, help="Whose deadline has passed."),
    click.option("--never-opened", is_flag=True, help="Who has not opened a link yet."),
    click.option(
        "--bounced", is_flag=True, help="Whose email came back, or was refused."
    ),
    click.option(
        "--email",
        "emails",
        multiple=True,
        metavar="EMAIL",
        help="Who has this address. Can be repeated.",
    ),
    click.option("--by-year", is_flag=True, help="List them by year group."),
    click.option("--csv", "as_csv", is_flag=True, help="CSV, for spreadsheets."),
    click.option(
        "--xlsx",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the list to this file, for Excel.",
    ),
]


@dataclass(frozen=True, slots=True)
class ListForm:
    """How a list is wanted.

    Attributes:
        as_csv: as CSV on standard output.
        xlsx: as a workbook in this file, which must not be there yet.
        by_year: the youngest child's year group first, and a column of it.
    """

    as_csv: bool
    xlsx: Path | None
    by_year: bool

    @property
    def is_asked_for(self) -> bool:
        """Whether anything was said that only a list of people has."""
        return self.by_year or self.xlsx is not None


def people_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that choose parents, and those of their list.

    It is called with ``selection`` and ``form`` in place of them.
    """

    @wraps(command)
    def with_selection(**given: Any) -> Any:  # noqa: ANN401 - click passes anything
        selection = Selection(
            year_groups=frozenset(given.pop("years")),
            states=frozenset(_STATES[one] for one in given.pop("states")),
            never_opened=given.pop("never_opened"),
            bounced=given.pop("bounced"),
            overdue=given.pop("overdue"),
            emails=frozenset(given.pop("emails")),
        )
        form = ListForm(
            given.pop("as_csv"), given.pop("xlsx"), by_year=given.pop("by_year")
        )
        if sum([form.as_csv, form.xlsx is not None, given["as_json"]]) > 1:
            raise click.UsageError("Choose one of --csv, --xlsx and --json.")
        return command(**given, selection=selection, form=form)

    wrapped: Callable[..., Any] = with_selection
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def show_people(people: Iterable[Listed], form: ListForm, *, as_json: bool) -> None:
    """Show parents in the form that is wanted: never with a link of theirs.

    They are shown as they come, where neither their order nor a workbook needs all.
    """
    if form.by_year:
        people = sorted(people, key=youngest)
    if as_json:
        print_json_list(map(document, people))
    elif form.as_csv:
        click.echo(people_as_csv(people, by_year=form.by_year), nl=False)
    elif form.xlsx is not None:
        people = list(people)
        content = people_as_xlsx(people, by_year=form.by_year)
        files.create(form.xlsx, content, private=True)
        click.echo(f"{len(people)} written to {form.xlsx}.")
    else:
        _print(people, by_year=form.by_year)


def document(one: Listed) -> dict[str, object]:
    """A parent of a list, for programs."""

    def moment(at: datetime | None) -> str | None:
        return None if at is None else clock.iso(at)

    return {
        "name": one.name,
        "email": one.email,
        "children": [
            {
                "name": name,
                "year_group": year,
                "tutor_group": tutor_group,
                "relationship": words,
            }
            for (name, year, words), tutor_group in zip(
                one.children, one.tutor_groups, strict=True
            )
        ],
        "state": one.state,
        "asked_at": moment(one.asked_at),
        "sign_by": one.sign_by.isoformat() if one.sign_by else None,
        "opened_at": moment(one.opened_at),
        "reminders": one.reminders,
        "reminded_at": moment(one.reminded_at),
        "signed_how": one.signed_how,
        "signed_at": moment(one.signed_at),
        "dated": one.dated.isoformat() if one.dated else None,
        "delivery": one.delivery,
    }


def _print(people: Iterable[Listed], *, by_year: bool) -> None:
    headings = ["Name", "Address", "Children", "State", "Mail"]
    rows = (
        [
            *([youngest(one)[1]] if by_year else []),
            one.name,
            one.email or NO_EMAIL,
            ", ".join(one.classes),
            _state(one),
            "; ".join(_mail(one)),
        ]
        for one in people
    )
    print_table(["Year group", *headings] if by_year else headings, rows)


def _state(one: Listed) -> str:
    if one.signed_how is None or one.signed_at is None:
        return one.state.value
    how = {"link": "by link", "paper": "on paper"}[one.signed_how.value]
    return f"signed {how} {one.dated or school_date(one.signed_at)}"


def _mail(one: Listed) -> list[str]:
    words = []
    if one.asked_at:
        by = f", to sign by {one.sign_by}" if one.sign_by else ""
        words.append(f"asked {school_date(one.asked_at)}{by}")
    if one.delivery not in {None, "sent"}:
        words.append(delivery_in_words(one))
    if one.opened_at:
        words.append(f"opened {school_date(one.opened_at)}")
    if one.reminded_at:
        count = "once" if one.reminders == 1 else f"{one.reminders} times"
        words.append(f"reminded {count}, last {school_date(one.reminded_at)}")
    return words
