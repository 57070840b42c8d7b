"""signer ask --send-at: a school day is proposed, and the clocks are minded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.invoking import signer
from tests.conftest import PEOPLE

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

pytestmark = pytest.mark.usefixtures("frozen")
"""The day is Sunday 22 November 2026."""


def test_a_day_means_its_morning_at_the_school(app_context: AppContext) -> None:
    """Planned, shown by status, and called off; nobody is asked by it."""
    settings = app_context.settings
    done = signer(settings, "ask", "--send-at", "2026-11-24")
    assert done.exit_code == 0, done.output
    assert "Version 2: the mail goes out from 24 November 2026, 08:00 GMT" in (
        done.stdout
    )
    words = " ".join(signer(settings, "status").stdout.split())
    assert "the mail goes out from 24 November 2026, 08:00 GMT" in words
    status = json.loads(signer(settings, "status", "--json").stdout)
    assert (status["not_asked"], len(status["planned"])) == (4, 1)
    assert "was called off by" in signer(settings, "ask", "--call-off").stdout
    assert "no planned mail" in signer(settings, "ask", "--call-off").stdout


def test_what_is_planned_is_said_wherever_somebody_would_ask_at_once(
    app_context: AppContext, tmp_path: Path
) -> None:
    """An import and `signer ask` say the moment, and not that parents are to be asked.

    Asking at once is still to be had, by whoever has been told.
    """
    settings = app_context.settings
    signer(settings, "ask", "--send-at", "2026-11-24")
    file = tmp_path / "parents.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    imported = signer(settings, "register", "import", str(file)).stdout
    assert (
        "4 parents are waiting to be asked to sign: "
        "the mail goes out from 24 November 2026, "
        "08:00 GMT."
    ) in imported
    assert "`signer ask`" not in imported
    words = "is planned for 24 November 2026, 08:00 GMT"
    sure = ("ask", "--published", "--although-notice-unconfirmed")
    done = signer(settings, *sure, answer="n\n")
    assert (done.exit_code, words in done.stderr) == (1, True)
    assert words in signer(settings, "ask", "--dry-run").stderr
    assert "4 asked now" in signer(settings, *sure, "--yes").stdout
    assert words not in signer(settings, "ask", "--dry-run").stderr


@pytest.mark.parametrize(
    ("day", "named", "proposed"),
    [
        ("2026-11-28", "Saturday 28 November 2026", "--send-at 2026-11-30T08:00"),
        ("2026-12-25", "Friday 25 December 2026", "--send-at 2026-12-29T08:00"),
        ("2027-03-29", "Monday 29 March 2027", "--send-at 2027-03-30T08:00"),
        ("2027-05-03T16:30", "Monday 3 May 2027", "--send-at 2027-05-04T16:30"),
    ],
)
def test_school_days_are_proposed(
    app_context: AppContext, day: str, named: str, proposed: str
) -> None:
    """Neither weekends nor bank holidays in England; any day where that is meant."""
    settings = app_context.settings
    done = signer(settings, "ask", "--send-at", day)
    assert done.exit_code == 1
    assert f"{named} is no school day" in done.stderr
    assert proposed in done.stderr
    done = signer(settings, "ask", "--send-at", day, "--any-day", "--json")
    assert json.loads(done.stdout)["state"] == "waiting"


def test_summer_time_is_the_schools(app_context: AppContext) -> None:
    """Eight in the morning is seven in UTC."""
    done = signer(
        app_context.settings, "ask", "--send-at", "2027-07-01", "--dry-run", "--json"
    )
    assert json.loads(done.stdout)["send_at"] == "2027-07-01T07:00:00Z"


@pytest.mark.parametrize("moment", ["2027-03-28T01:30", "2027-10-31T01:30"])
def test_an_hour_that_is_not_one_is_refused(
    app_context: AppContext, moment: str
) -> None:
    """It comes never, or twice, on the night when the clocks change."""
    done = signer(app_context.settings, "ask", "--send-at", moment, "--any-day")
    assert (done.exit_code, "when the clocks change" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--send-at", "tomorrow"), "neither a day such as"),
        (("--send-at", "2026-11-20"), "has passed"),
        (("--send-at", "2026-11-24", "--of-version", "7"), "the newest version is 2"),
        (("--send-at", "2026-11-24", "--call-off"), "Choose one"),
        (("--any-day",), "go with --send-at"),
    ],
)
def test_what_cannot_be_planned_is_told(
    app_context: AppContext, arguments: tuple[str, ...], words: str
) -> None:
    """And nothing is planned."""
    done = signer(app_context.settings, "ask", *arguments)
    assert done.exit_code != 0
    assert words in done.stderr
    status = json.loads(signer(app_context.settings, "status", "--json").stdout)
    assert status["planned"] == []
