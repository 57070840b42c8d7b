"""The calendar that programs subscribe to: sound iCalendar, at a secret address."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from signer.store.desk.roles import DeskRole
from signer.workflows.calendar.addresses import (
    calendar_at,
    calendar_made_at,
    make_calendar_address,
    revoke_calendar_address,
)
from signer.workflows.desk.accounts import add_account, remove_account
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def ref(app_context: AppContext) -> str:
    """Somebody who may come in, beside another head."""
    add_account(app_context, "other@school.example", DeskRole.HEAD)
    return add_account(app_context, "head@school.example", DeskRole.HEAD)


def token_of(address: str) -> str:
    """The secret in an address."""
    return address.rpartition("/")[2].removesuffix(".ics")


def events_of(calendar: bytes) -> list[dict[str, str]]:
    """Its events, unfolded, after checking each line's end and length."""
    assert calendar.endswith(b"END:VCALENDAR\r\n")
    lines = calendar.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    for octets in lines:
        octets.decode()
    found: list[dict[str, str]] = []
    for line in calendar.replace(b"\r\n ", b"").decode().split("\r\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found:
            found[-1][name] = value
    return found


@pytest.mark.usefixtures("asked")
def test_it_has_the_review_and_the_last_day_for_parents(
    app_context: AppContext, ref: str, frozen: Callable[[timedelta], None]
) -> None:
    """As whole days, with the same UID and the same bytes whenever it is asked for."""
    app_context.settings = replace(app_context.settings, deadline_days=21)
    token = token_of(make_calendar_address(app_context, ref))
    before = snapshot(app_context)
    calendar = calendar_at(app_context, token)
    assert calendar is not None
    assert snapshot(app_context) == before
    review, deadline = events_of(calendar)
    assert review["UID"] == "review-2023-08@127.0.0.1"
    assert review["DTSTART;VALUE=DATE"] == "20230831"
    assert review["DTEND;VALUE=DATE"] == "20230901"
    assert review["DTSTAMP"] == "20220801T000000Z"
    day = date.fromisoformat(deadline["DTSTART;VALUE=DATE"])
    assert day == date(2026, 12, 14)
    assert deadline["SUMMARY"].startswith("Last day for parents to sign")
    frozen(timedelta(days=5))
    assert calendar_at(app_context, token) == calendar


def test_long_and_strange_words_are_folded_and_escaped(
    app_context: AppContext, ref: str
) -> None:
    """Between letters, never within one."""
    name = "Schule; „Müller, Söhne\\“ 王小明 " + "é" * 90
    app_context.settings = replace(app_context.settings, school_name=name)
    calendar = calendar_at(
        app_context, token_of(make_calendar_address(app_context, ref))
    )
    assert calendar is not None
    events_of(calendar)
    whole = calendar.replace(b"\r\n ", b"").decode()
    escaped = name.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert f"X-WR-CALNAME:{escaped}\r\n" in whole


def test_an_address_shows_nothing_once_it_is_ended(
    app_context: AppContext, ref: str
) -> None:
    """By its owner, by another one in its place, or with the account."""
    first = token_of(make_calendar_address(app_context, ref))
    second = token_of(make_calendar_address(app_context, ref))
    assert calendar_at(app_context, first) is None
    assert calendar_at(app_context, second) is not None
    assert calendar_made_at(app_context, ref) is not None
    revoke_calendar_address(app_context, ref)
    assert calendar_at(app_context, second) is None
    assert calendar_made_at(app_context, ref) is None
    third = token_of(make_calendar_address(app_context, ref))
    remove_account(app_context, ref)
    assert calendar_at(app_context, third) is None
    assert calendar_at(app_context, "") is None
