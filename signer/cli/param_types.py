"""Options that several commands have, and moments of the past as people type them."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import click

from signer import clock
from signer.policy.dates import is_day
from signer.school_calendar import end_of, morning_of, school_date

_Command = TypeVar("_Command", bound=Callable[..., Any])

name_option = click.option(
    "--name", default="", help="Which parent, if two share the address."
)

dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Only say what it would do."
)
yes_option = click.option("--yes", is_flag=True, help="Do it without asking.")


def by_option(deed: str) -> Callable[[_Command], _Command]:
    """Add ``--by``, for the name that is kept with what is done.

    Args:
        deed: what that person does, such as "Who records it".
    """
    return click.option("--by", default=getpass.getuser, help=f"{deed}; you.")


crl_url_option = click.option(
    "--crl-url",
    metavar="URL",
    help="Where the revocation list is published. [default: keys/ca.crl of the site]",
)


def moment_option(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> datetime | None:
    """A day, which means its end, or a moment; in school time where no zone is.

    Raises:
        click.BadParameter: it is neither, or is still to come.
    """
    if value is None:
        return None
    try:
        moment = _moment(value)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"{value!r} is neither a day such as 2026-11-22 nor a moment such as "
            "2026-11-22T14:10."
        ) from error
    if moment is None:
        raise click.BadParameter(
            f"{value!r} comes twice or never on the night when the clocks change. "
            "Add Z for UTC, or +01:00 for summer time."
        )
    now = clock.now()
    if school_date(moment) > school_date(now):
        raise click.BadParameter(f"{value!r} is still to come.")
    return min(moment, now)


def planned_moment(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> datetime | None:
    """A day, which means its morning, or a moment; in school time where no zone is.

    Raises:
        click.BadParameter: it is neither.
    """
    if value is None:
        return None
    try:
        return morning_of(date.fromisoformat(value))
    except (ValueError, OverflowError):
        pass
    try:
        moment = _moment(value)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"{value!r} is neither a day such as 2027-01-05, which means eight in the "
            "morning, nor a moment such as 2027-01-05T16:30."
        ) from error
    if moment is None:
        raise click.BadParameter(
            f"{value!r} comes twice or never on the night when the clocks change. "
            "Choose another time."
        )
    return moment


def day_option(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> date | None:
    """A day of the calendar; see `read_day`."""
    return None if value is None else read_day(value)


def read_day(text: str) -> date:
    """A day of the calendar, such as ``2026-11-20``.

    Raises:
        click.BadParameter: it is none.
    """
    if not is_day(text.strip()):
        raise click.BadParameter(f"{text!r} is not a day such as 2026-11-20.")
    return date.fromisoformat(text.strip())


def _moment(text: str) -> datetime | None:
    """The moment; None for a local time that comes twice a year, or never."""
    try:
        return end_of(date.fromisoformat(text))
    except ValueError:
        moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        local = moment.replace(tzinfo=clock.SCHOOL_ZONE)
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            return None
        moment = local
    return moment.astimezone(UTC)
