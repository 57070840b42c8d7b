"""What is found wrong, from the figures of the record and from the machine."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from signer.worker_queue import QUEUE_FILE
from signer.workflows.operations import disks, readiness
from signer.workflows.operations.figures import count_totals, take_figures
from signer.workflows.operations.findings import Severity, Status, status_of
from signer.workflows.operations.heartbeat import Heart
from signer.workflows.operations.readiness import examine, findings_of
from tests.conftest import MOMENT
from tests.workflows.conftest import sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from signer.workflows.operations.figures import Figures
    from signer.workflows.requests.follow_link import Followed
    from tests.workflows.conftest import Post

BROKEN, ATTENTION = Severity.BROKEN, Severity.ATTENTION


def ago(minutes: float) -> object:
    return MOMENT - timedelta(minutes=minutes)


@pytest.fixture
def figures(app_context: AppContext, asked: Post) -> Figures:
    """Those of a context in which everything is well."""
    Heart(app_context).beat("mail")
    return take_figures(app_context)


def told(figures: Figures, **changed: Any) -> dict[str, Severity]:
    findings = findings_of(replace(figures, **changed))
    return {finding.kind.value: finding.severity for finding in findings}


def test_figures_count_the_record(
    app_context: AppContext,
    asked: Post,
    amira: Followed,
    frozen: Callable[[timedelta], None],
) -> None:
    """Requests, mails, declarations, the log; on both databases."""
    sign(app_context, amira)
    Heart(app_context).beat("mail")
    figures = take_figures(app_context)
    totals = count_totals(app_context)
    assert {(n, s.value): c for (n, s), c in totals.requests.items()} == {
        (2, "pending"): 3,
        (2, "signed"): 1,
    }
    assert {(k, d.value): c for (k, d), c in totals.mails.items()} == {
        ("ask", "sent"): 4,
        ("receipt", "queued"): 1,
    }
    assert (totals.declarations, figures.unsealed) == (1, 0)
    assert figures.untried == 1
    assert figures.untried_since == figures.last_sent == MOMENT
    assert figures.uncovered_since == MOMENT
    assert figures.log_size > figures.covered == 0
    assert figures.heartbeats == {"mail": MOMENT}
    assert figures.newest_time == MOMENT


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {}),
        ({"heartbeats": {}}, {"worker": BROKEN}),
        ({"heartbeats": {"mail": ago(6), "seal": ago(0)}}, {"worker": BROKEN}),
        ({"heartbeats": {"mail": ago(5), "seal": ago(-60)}}, {}),
        ({"heartbeats": {"mail": ago(0), "chores": ago(6)}}, {"worker": ATTENTION}),
        ({"heartbeats": {"mail": ago(0), "chores": ago(61)}}, {"worker": BROKEN}),
        ({"heartbeats": {"mail": ago(6), "chores": ago(6)}}, {"worker": BROKEN}),
        ({"heartbeats": {"chores": ago(6)}}, {"worker": BROKEN}),
        # Due and never tried: nobody sends.
        ({"untried": 1, "untried_since": ago(16), "last_sent": None}, {"mail": BROKEN}),
        ({"untried": 1, "untried_since": ago(14), "last_sent": None}, {}),
        # A campaign that goes out at its pace.
        ({"untried": 9000, "untried_since": ago(90), "last_sent": ago(0)}, {}),
        # One full mailbox, and a server that takes nothing.
        ({"deferred": (ago(16),), "last_sent": ago(60)}, {"mail": ATTENTION}),
        ({"deferred": (ago(16),) * 3, "last_sent": ago(60)}, {"mail": BROKEN}),
        ({"deferred": (ago(16),) * 3, "last_sent": ago(1)}, {"mail": ATTENTION}),
        ({"deferred": (ago(90),) * 3, "last_sent": ago(60)}, {"mail": ATTENTION}),
        ({"deferred": (ago(90),) * 20, "last_sent": ago(60)}, {"mail": BROKEN}),
        ({"deferred": (ago(14),) * 3, "last_sent": None}, {}),
        ({"unsealed": 2, "unsealed_since": ago(11)}, {"seal": BROKEN}),
        ({"unsealed": 2, "unsealed_since": ago(10)}, {}),
        ({"uncovered_since": ago(31)}, {"checkpoint": ATTENTION}),
        ({"uncovered_since": ago(29)}, {}),
        ({"newest_time": ago(-6)}, {"clock": ATTENTION}),
        ({"newest_time": ago(-4)}, {}),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_figures_that_are_wrong_are_found(
    figures: Figures, changed: dict[str, object], expected: dict[str, Severity]
) -> None:
    """Each by its limit, and nothing else with it."""
    assert told(figures, **changed) == expected


def test_a_worker_that_stops_in_good_order_leaves_no_heartbeat(
    app_context: AppContext,
) -> None:
    """And one that died a day ago is forgotten."""
    heart = Heart(app_context)
    heart.beat("mail")
    heart.beat("seal")
    assert set(take_figures(app_context).heartbeats) == {"mail", "seal"}
    heart.stop()
    assert take_figures(app_context).heartbeats == {}


def test_heartbeats_are_pruned_and_never_too_many(
    app_context: AppContext, frozen: Callable[[timedelta], None]
) -> None:
    """A second one within 15 seconds writes nothing."""
    Heart(app_context).beat("mail")
    frozen(timedelta(days=1, seconds=1))
    heart = Heart(app_context)
    heart.beat("mail")
    frozen(timedelta(seconds=5))
    heart.beat("mail")
    figures = take_figures(app_context)
    assert figures.heartbeats == {"mail": figures.at - timedelta(seconds=5)}


def test_a_heartbeat_that_cannot_be_written_stops_nothing(
    app_context: AppContext, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, by the name of the error alone."""
    with app_context.sessions.writing() as session:
        session.connection().exec_driver_sql("DROP TABLE heartbeat")
    heart = Heart(app_context)
    heart.beat("mail")
    heart.stop()
    assert "a heartbeat was not written" in caplog.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_damaged_queue_is_found(app_context: AppContext) -> None:
    """Where it is missing or good, nothing is."""
    assert readiness.QUEUE_FILE == QUEUE_FILE
    Heart(app_context).beat("mail")
    assert examine(app_context) == ()
    file = app_context.settings.instance_path / QUEUE_FILE
    file.write_bytes(b"this is no database at all" * 100)
    (finding,) = examine(app_context)
    assert (finding.kind.value, finding.severity) == ("queue", ATTENTION)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_version_that_was_changed_is_found(
    app_context: AppContext, asked: Post
) -> None:
    """The running process goes on; its next start would not."""
    Heart(app_context).beat("mail")
    path = app_context.settings.versions_dir / "2.md"
    path.write_text(path.read_text().replace("respect", "contempt"))
    (finding,) = examine(app_context)
    assert (finding.kind.value, finding.severity) == ("versions", ATTENTION)
    assert status_of((finding,)) is Status.ATTENTION


@pytest.mark.parametrize(
    ("free", "expected"),
    [(10, BROKEN), (100, ATTENTION), (1000, ATTENTION), (3000, None)],
)
def test_a_disk_that_runs_full_is_found(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    free: int,
    expected: Severity | None,
) -> None:
    """By megabytes, or by its share of a disk of 100 GB."""
    real = os.statvfs(tmp_path)
    blocks = {"f_frsize": 4096, "f_blocks": 100 * 2**30 // 4096}
    values = {name: getattr(real, name) for name in dir(real) if name.startswith("f_")}
    values |= {**blocks, "f_bavail": free * 2**20 // 4096}
    monkeypatch.setattr(os, "statvfs", lambda _: type("Disk", (), values))
    finding = disks.check_folder("instance", tmp_path)
    assert (finding and finding.severity) == expected
    if finding:
        assert f"{free} MB" in finding.problem
        assert str(tmp_path) not in finding.problem


def test_a_folder_that_is_gone_is_found(tmp_path: Path) -> None:
    """So is a disk that is mounted for reading only."""
    finding = disks.check_folder("instance", tmp_path / "gone")
    assert finding is not None
    assert finding.severity is BROKEN
    read_only = disks.check_folder("instance", Path("/proc"))
    assert read_only is not None


def test_spans_are_told_in_words() -> None:
    """In the largest unit of which there are two."""
    words = [
        readiness.span_in_words(timedelta(minutes=minutes))
        for minutes in (0, 0.9, 1, 1.9, 2, 16, 119, 120, 47 * 60, 48 * 60)
    ]
    assert words == [
        "less than a minute",
        "less than a minute",
        "1 minute",
        "1 minute",
        "2 minutes",
        "16 minutes",
        "119 minutes",
        "2 hours",
        "47 hours",
        "2 days",
    ]
