"""Choosing parents and listing them, as somebody types it."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.requests.follow_link import open_link
from tests.cli.invoking import signer
from tests.workflows.conftest import Post, ask_and_send, sign

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]


@pytest.fixture
def asked(app_context: AppContext, frozen: object) -> Post:
    """Everybody has been asked, on Sunday 22 November 2026."""
    ask_and_send(app_context)
    return Post(app_context)


@pytest.fixture
def school(app_context: AppContext, frozen: Advance, asked: Post) -> AppContext:
    """Amira signed on Monday; everybody else was reminded on Wednesday."""
    frozen(timedelta(days=1))
    sign(app_context, open_link(app_context, asked.token("Amira Khan")))
    frozen(timedelta(days=2))
    remind_parents(app_context)
    asked.send()
    return app_context


def shown(app_context: AppContext, *arguments: str) -> str:
    done = signer(app_context.settings, *arguments, COLUMNS="200")
    assert done.exit_code == 0, done.output
    return done.stdout


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


@pytest.mark.parametrize("command", [["register", "list"], ["status"]])
def test_lists_take_the_same_choices(school: AppContext, command: list[str]) -> None:
    """Whatever command lists them, the same parents come of it."""
    for choice, expected in (
        (["--state", "signed"], ["Amira Khan"]),
        (["--year", "10", "--never-opened"], ["Niamh O'Brien", "Tom O'Brien"]),
        (["--email", "WANG@example.org"], ["王小明"]),
    ):
        told = rows(shown(school, *command, *choice, "--csv"))
        assert [one["Name"] for one in told] == expected
        document = json.loads(shown(school, *command, *choice, "--json"))
        assert [one["name"] for one in document] == expected


def test_a_list_in_csv_has_what_the_office_needs(school: AppContext) -> None:
    """Each cell, in school time; no link of a parent stands in it."""
    text = shown(school, "register", "list", "--csv")
    told = {one["Name"]: one for one in rows(text)}
    assert told["Amira Khan"] == {
        "Name": "Amira Khan",
        "Address": "amira@example.org",
        "Children": "Leila Khan, Yusuf Khan",
        "Year groups": "Year 5, Year 8",
        "Tutor groups": "",
        "State": "signed",
        "Asked": "2026-11-22 14:10",
        "Sign by": "",
        "Opened": "2026-11-23 14:10",
        "Reminders": "0",
        "Last reminder": "",
        "Signed how": "link",
        "Signed": "2026-11-23 14:10",
        "Delivery": "accepted",
    }
    assert told["王小明"]["Last reminder"] == "2026-11-25 14:10"
    assert "/s/" not in text


def test_a_workbook_is_written_for_its_owner_alone(
    school: AppContext, tmp_path: Path
) -> None:
    """By year group, each parent once, at the youngest child's; never over another."""
    path = tmp_path / "calls.xlsx"
    shown(school, "status", "--by-year", "--xlsx", str(path))
    sheet = load_workbook(path).active
    assert sheet is not None
    lines = list(sheet.iter_rows(values_only=True))
    assert [line[:2] for line in lines] == [
        ("Year group", "Name"),
        ("Year 5", "Amira Khan"),
        ("Year 7", "王小明"),
        ("Year 10", "Niamh O'Brien"),
        ("Year 10", "Tom O'Brien"),
    ]
    assert path.stat().st_mode & 0o077 == 0
    before = path.read_bytes()
    assert b"/s/" not in before
    again = signer(school.settings, "status", "--by-year", "--xlsx", str(path))
    assert again.exit_code == 1
    assert path.read_bytes() == before


def test_a_table_says_it_in_words(school: AppContext) -> None:
    """For people at a terminal."""
    text = shown(school, "status", "--year", "8", "--year", "7")
    assert "signed by link 2026-11-23" in text
    assert "asked 2026-11-22; reminded once, last 2026-11-25" in text


def test_a_paper_is_listed_by_the_date_on_it(school: AppContext) -> None:
    """And not by the day on which the office came to record it."""
    paper = ("--version", "2", "--dated", "2026-11-23", "--yes")
    shown(school, "record-paper", "wang@example.org", *paper)
    chosen = ("register", "list", "--email", "wang@example.org")
    assert "signed on paper 2026-11-23" in shown(school, *chosen)
    [row] = rows(shown(school, *chosen, "--csv"))
    assert (row["Signed how"], row["Signed"]) == ("paper", "2026-11-23")
    [document] = json.loads(shown(school, *chosen, "--json"))
    assert document["dated"] == "2026-11-23"
    assert document["signed_at"] == "2026-11-25T14:10:13Z"


def test_remind_lists_whom_it_would_remind(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """On a school day on which they are due."""
    frozen(timedelta(days=3))
    told = rows(shown(app_context, "remind", "--dry-run", "--year", "10", "--csv"))
    assert [one["Name"] for one in told] == ["Niamh O'Brien", "Tom O'Brien"]
    words = shown(app_context, "remind", "--dry-run", "--year", "10")
    assert "Tom O'Brien" in words
    assert "2 would be reminded, of 2 who have not answered yet." in words
    document = json.loads(shown(app_context, "remind", "--dry-run", "--json"))
    assert len(document["parents"]) == document["reminded"] == 4
    assert signer(app_context.settings, "remind", "--csv").exit_code == 2


@pytest.mark.parametrize(
    "options",
    [
        ["register", "list", "--csv", "--json"],
        ["status", "--year", "7", "--at", "2026-11-22"],
        ["status", "--state", "asleep"],
    ],
)
def test_what_contradicts_itself_is_wrong_usage(
    app_context: AppContext, options: list[str]
) -> None:
    """With the exit code 2, and nothing is listed."""
    assert signer(app_context.settings, *options).exit_code == 2
