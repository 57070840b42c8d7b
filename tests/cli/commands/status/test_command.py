"""signer status and signer remind, as people and programs read them."""

from __future__ import annotations

import codecs
import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import delete

from signer import clock
from signer.cli import main
from signer.config import environment
from signer.policy.reviews import Review, record_review
from signer.store.log.tables import Opening
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.paper.record import record_paper
from signer.workflows.reconciliation.reconcile import reconcile_nightly
from signer.workflows.requests.follow_link import open_link
from tests.conftest import MOMENT
from tests.web.releases import release
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]

DAY = timedelta(days=1)


@pytest.fixture
def history(app_context: AppContext, frozen: Advance) -> AppContext:
    """Asked on Sunday; signed by link on Monday, on paper on Tuesday; 3 on Friday."""
    post = Post(app_context)
    ask_parents(app_context)
    post.send()
    frozen(DAY)
    amira = open_link(app_context, post.token("Amira Khan"))
    sign(app_context, amira)
    frozen(DAY)
    record_paper(app_context, "wang@example.org", by="Jo Bloggs")
    frozen(DAY)
    remind_parents(app_context)
    post.send()
    frozen(2 * DAY)
    release(app_context.settings.versions_dir)
    ask_parents(app_context)
    post.send()
    frozen(DAY)
    return app_context


def signer(app_context: AppContext, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, arguments, env={**environment(app_context.settings), "COLUMNS": "80"}
    )


def shown(app_context: AppContext, *arguments: str) -> str:
    done = signer(app_context, *arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_what_the_log_tells_of_and_the_record_lacks_is_told(
    app_context: AppContext,
) -> None:
    """Below the campaigns, as the last comparison found it."""
    ask_parents(app_context)
    with app_context.sessions.writing() as session:
        session.execute(delete(Opening))
    assert "WARNING" not in shown(app_context, "status")
    reconcile_nightly(app_context)
    assert "WARNING: The record does not match the public log" in shown(
        app_context, "status"
    )


def test_the_first_line_says_that_a_review_is_overdue(history: AppContext) -> None:
    """Due within 30 days, overdue, or far away."""
    folder = history.settings.versions_dir
    lines = []
    for due in ("2026-10", "2026-11", "2027-08"):
        record_review(folder, Review("2026-09-01", 3, "Head", due))
        lines.append(shown(history, "status").splitlines()[0])
    assert lines == [
        "The review is overdue: it was due by the end of October 2026.",
        "A review is due within 30 days: by the end of November 2026.",
        "Next review: by the end of August 2027.",
    ]


def test_the_table_counts_each_version(history: AppContext) -> None:
    """Versions stand newest first, and nothing is broken at 80 columns."""
    lines = shown(history, "status").splitlines()
    assert max(map(len, lines)) <= 80
    cells = [line.split() for line in lines]
    assert ["3", "4", "0", "0", "0", "0", "4", "0.0", "%"] in cells
    assert ["2", "4", "1", "1", "0", "0", "0", "50.0", "%"] in cells
    assert ["2", "4", "0", "0", "0", "0", "2", "0"] in cells


def test_programs_get_the_same_counts(history: AppContext) -> None:
    """JSON and CSV agree, and hold nothing but the counts on standard output."""
    document = json.loads(shown(history, "status", "--json"))
    assert document["not_asked"] == 0
    assert document["review"] == {"month": "2027-11", "soon": False, "overdue": False}
    told = rows(shown(history, "status", "--csv"))
    assert [one["version"] for one in told] == ["3", "2"]
    for one, row in zip(document["versions"], told, strict=True):
        assert {key: str(one[key]) for key in row} == row
    assert document["versions"][1]["levels"] == {"B-B": 1}


@pytest.mark.parametrize(
    "options",
    [[], ["--at", "2026-11-28"], ["--parent", "wang@example.org"]],
    ids=["campaigns", "a day", "a parent"],
)
def test_excel_opens_csv_with_every_letter(
    history: AppContext, options: list[str]
) -> None:
    """It reads UTF-8 where a byte order mark says so, and Windows-1252 elsewhere."""
    done = signer(history, "status", *options, "--csv")
    assert done.stdout_bytes.startswith(codecs.BOM_UTF8)
    assert done.stdout_bytes.count(codecs.BOM_UTF8) == 1


def test_nobody_asked_yet(app_context: AppContext) -> None:
    """The command says what to do."""
    assert "Ask with `signer ask`" in shown(app_context, "status")
    assert json.loads(shown(app_context, "status", "--json"))["versions"] == []
    assert rows(shown(app_context, "status", "--csv")) == []


@pytest.mark.parametrize(
    ("at", "covered"),
    [
        ("2026-11-21", None),
        ("2026-11-22", {}),
        ("2026-11-23", {"Amira Khan": "2"}),
        # A minute before and the second in which she signed, in three spellings.
        ("2026-11-23T14:09", {}),
        ("2026-11-23T14:10:13", {"Amira Khan": "2"}),
        ("2026-11-23T14:10:13Z", {"Amira Khan": "2"}),
        ("2026-11-23T15:10:12+01:00", {}),
        ("2026-11-24", {"Amira Khan": "2", "王小明": "2"}),
        ("2026-11-28", {"Amira Khan": "2", "王小明": "2"}),
    ],
)
def test_who_was_covered_on_a_day(
    history: AppContext, at: str, covered: dict[str, str] | None
) -> None:
    """A day means its end; a moment means itself, in school time where no zone is."""
    told = rows(shown(history, "status", "--at", at, "--csv"))
    assert len(told) == (0 if covered is None else 4)
    assert {one["name"]: one["version"] for one in told if one["version"]} == (
        covered or {}
    )
    document = json.loads(shown(history, "status", "--at", at, "--json"))
    assert {
        one["name"]: str(one["version"])
        for one in document["parents"]
        if one["version"]
    } == (covered or {})


def test_coverage_for_people_says_how_and_when(history: AppContext) -> None:
    """A sentence with the numbers, and a line for each parent."""
    text = " ".join(shown(history, "status", "--at", "2026-11-24").split())
    assert "4 in the register, 2 covered, 2 by version 2." in text
    assert "nothing" in text
    today = " ".join(shown(history, "status", "--at", "2026-11-28").split())
    assert "4 in the register, 2 covered, 0 by version 3." in today


def test_a_moment_that_is_still_to_come_covers_nobody(history: AppContext) -> None:
    """Tomorrow is refused; the rest of today is told as far as it has come."""
    today = json.loads(shown(history, "status", "--at", "2026-11-28", "--json"))
    assert today["at"] == clock.iso(clock.now())
    refused = signer(history, "status", "--at", "2026-11-29")
    assert refused.exit_code == 2
    assert "still to come" in refused.output


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("yesterday", "is neither a day"),
        ("2026-02-30", "is neither a day"),
        ("2026-10-25T01:30", "comes twice or never"),
        ("2026-03-29T01:30", "comes twice or never"),
        ("9999-12-31", "is neither a day"),
    ],
)
def test_what_is_no_moment_is_refused(history: AppContext, at: str, words: str) -> None:
    """Wrong usage says what to write."""
    refused = signer(history, "status", "--at", at)
    assert refused.exit_code == 2
    assert words in " ".join(refused.output.split())


def test_the_history_of_a_parent_names_each_step(history: AppContext) -> None:
    """Asked, mailed, opened, signed, sealed, asked again: in order, without a token."""
    told = rows(shown(history, "status", "--parent", "AMIRA@example.org", "--csv"))
    assert [(one["version"], one["event"]) for one in told] == [
        ("", "joined the register"),
        ("2", "asked"),
        ("2", "mail (ask) accepted"),
        ("2", "opened a link"),
        ("2", "signed by link"),
        ("2", "sealed at level B-B (B-B asked)"),
        ("2", "mail (receipt) accepted"),
        ("3", "asked"),
        ("3", "mail (ask) accepted"),
    ]
    assert told[0]["at"] == clock.iso(MOMENT)
    (sealed,) = [one for one in told if one["event"].startswith("sealed")]
    assert len(sealed["details"].removeprefix("PDF SHA-256 ")) == 64


def test_a_history_tells_paper_and_superseded_requests(history: AppContext) -> None:
    """Who recorded the paper; what was never answered."""
    wang = rows(shown(history, "status", "--parent", "wang@example.org", "--csv"))
    (paper,) = [one for one in wang if one["event"] == "signed on paper"]
    assert paper["details"] == "dated 24 November 2026, recorded by Jo Bloggs"
    family = rows(shown(history, "status", "--parent", "family@example.org", "--csv"))
    assert {one["name"] for one in family} == {"Tom O'Brien", "Niamh O'Brien"}
    events = [one["event"] for one in family if one["name"] == "Tom O'Brien"]
    assert "superseded" in events
    assert "mail (remind) accepted" in events


def test_a_history_as_json_holds_every_fact(history: AppContext) -> None:
    """Links are counted, and no token stands anywhere."""
    text = shown(history, "status", "--parent", "family@example.org", "--json")
    tom = next(one for one in json.loads(text) if one["name"] == "Tom O'Brien")
    older, newest = tom["requests"]
    assert (older["version"], older["status"], older["links"]) == (2, "superseded", 2)
    assert (newest["version"], newest["status"], newest["links"]) == (3, "pending", 1)
    assert tom["memberships"] == [{"joined_at": clock.iso(MOMENT), "left_at": None}]
    tokens = [one.split("/s/")[1].split()[0] for one in mailed_links(history)]
    assert tokens
    assert not any(token in text for token in tokens)


def mailed_links(app_context: AppContext) -> list[str]:
    found = []
    for message in Post(app_context).mails():
        body = message.get_body(("plain",))
        assert body is not None
        found += [line for line in body.get_content().splitlines() if "/s/" in line]
    return found


def test_a_history_for_people_stands_in_a_table(history: AppContext) -> None:
    """Each parent under a line with name and address."""
    text = shown(history, "status", "--parent", "family@example.org")
    assert "Tom O'Brien <family@example.org>" in text
    assert "Niamh O'Brien <family@example.org>" in text


def test_an_address_that_nobody_has_is_a_no(history: AppContext) -> None:
    """The exit code is 1, and the sentence says where to look."""
    refused = signer(history, "status", "--parent", "nobody@example.org")
    assert refused.exit_code == 1
    assert "signer register list" in refused.output


@pytest.mark.parametrize(
    "arguments",
    [("--json", "--csv"), ("--at", "2026-11-22", "--parent", "amira@example.org")],
)
def test_questions_that_exclude_each_other_are_wrong_usage(
    history: AppContext, arguments: tuple[str, ...]
) -> None:
    """The exit code is 2."""
    assert signer(history, "status", *arguments).exit_code == 2


def test_remind_says_whom_it_reminded(app_context: AppContext, frozen: Advance) -> None:
    """A dry run first, then the reminders, then none; on Saturday the next day."""
    post = Post(app_context)
    ask_parents(app_context)
    post.send()
    frozen(3 * DAY)
    assert "4 would be reminded, of 4" in shown(app_context, "remind", "--dry-run")
    assert "4 reminded now, of 4" in shown(app_context, "remind")
    assert json.loads(shown(app_context, "remind", "--json")) == {
        "reminded": 0,
        "outstanding": 4,
        "school_day": True,
        "next_school_day": "2026-11-25",
        "dry_run": False,
    }
    frozen(3 * DAY)
    assert "Monday, 30 November 2026" in shown(app_context, "remind")
