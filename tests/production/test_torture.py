"""A short part of `make torture`: killed at random moments, nothing is lost."""

from __future__ import annotations

import random
from email.message import EmailMessage
from http.client import HTTPMessage
from typing import TYPE_CHECKING

import pytest

from tests.production.harness.crowd import Seen
from tests.production.harness.logs import faults_in_logs
from tests.production.harness.mail_server import Kept
from tests.production.harness.moods import copies
from tests.production.harness.outcome import Outcome
from tests.production.harness.visitor import Answer, Refused
from tests.production.torture import LEAST, tortured
from tests.web.browsing import Page

if TYPE_CHECKING:
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

KILLS = 10
SECONDS = 10


def check_accounts(outcome: Outcome) -> None:
    """Each request ended: signed, or replaced by one that was; parents saw theirs."""
    assert set(outcome.ends) <= {"signed", "superseded"}
    assert outcome.ends["signed"] > outcome.unseen
    assert outcome.receipts >= outcome.ends["signed"]


@pytest.mark.parametrize("system", ["sqlite", "postgresql"])
def test_killed_at_random_moments_nothing_is_lost(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    key_files_of_today: KeyFiles,
    system: str,
) -> None:
    """Web processes, workers and commands, while parents sign."""
    server = "" if system == "sqlite" else request.getfixturevalue("postgresql")
    keys = key_files_of_today.seal_key.parent
    chance = random.Random(20261128)
    with tortured(tmp_path / "school", server, keys, chance) as torture:
        outcome = torture.run(KILLS)
    assert outcome.problems == []
    assert outcome.kills.total() == KILLS
    check_accounts(outcome)


def test_three_of_each_and_one_of_each_killed_every_second(
    postgresql: str, tmp_path: Path, key_files_of_today: KeyFiles
) -> None:
    """Several services and workers share one PostgreSQL server."""
    keys = key_files_of_today.seal_key.parent
    chance = random.Random(20261128)
    options = {"ports": 3, "workers": 3}
    with tortured(tmp_path / "school", postgresql, keys, chance, **options) as torture:
        outcome = torture.run_for(SECONDS)
    assert outcome.problems == []
    assert torture.fewest() >= LEAST
    check_accounts(outcome)


def mail(name: str, sender: str, *, answered: bool = True) -> Kept:
    """A mail that was accepted."""
    message = EmailMessage()
    message["Message-ID"] = name
    return Kept(0, answered, sender, message)


def test_a_second_copy_is_excused_by_the_kill_of_its_sender_alone() -> None:
    """Not by that of another one, nor where it had gone on to another mail."""
    again = [mail("<1@x>", "first"), mail("<1@x>", "second")]
    assert copies(again, {"first"}).problems == []
    assert copies(again, {"first"}).killed == 1
    assert len(copies(again, {"second"}).problems) == 1
    gone_on = [mail("<1@x>", "first"), mail("<2@x>", "first"), mail("<1@x>", "second")]
    assert len(copies(gone_on, {"first"}).problems) == 1
    silent = [mail("<1@x>", "first", answered=False), *gone_on[1:]]
    assert copies(silent, set()).problems == []
    assert copies(silent, set()).unanswered == 1


def test_each_request_is_accounted_for_once() -> None:
    """A second receipt, a missing one, and a request left open are problems."""
    receipts = [
        receipt("D-1", "<1@x>"),
        receipt("D-1", "<1@x>"),
        receipt("D-2", "<2@x>"),
    ]
    requests = [("signed", "D-1"), ("signed", "D-2"), ("superseded", None)]
    well = Outcome()
    well.account(requests, ["D-1"], receipts)
    assert (well.problems, well.unseen) == ([], 1)
    assert well.ends == {"signed": 2, "superseded": 1}
    for wrong, seen, mails in (
        (requests, ["D-1"], receipts[:2]),
        (requests, ["D-1"], [*receipts, receipt("D-2", "<3@x>")]),
        (requests, ["D-1", "D-1"], receipts),
        (requests, ["D-3"], receipts),
        ([*requests, ("pending", None)], ["D-1"], receipts),
        ([*requests, ("signed", None)], ["D-1"], receipts),
        ([*requests, ("signed", "D-1")], ["D-1"], receipts),
    ):
        outcome = Outcome()
        outcome.account(wrong, seen, mails)
        assert len(outcome.problems) == 1, (wrong, seen)


def receipt(declaration: str, name: str) -> Kept:
    """A receipt as it arrived."""
    kept = mail(name, "worker")
    kept.message.add_attachment(
        b"%PDF", "application", "pdf", filename=f"{declaration}.pdf"
    )
    return kept


def test_a_parent_is_never_answered_500() -> None:
    """Nor 404 or 403, who stays; whoever has left may be, and never a 500."""
    seen = Seen()
    seen.leaving.add(2)
    for status in (200, 409, 410, 503):
        seen.refusal(1, refused(status))
    for status in (403, 404):
        seen.refusal(2, refused(status))
    assert seen.problems == []
    seen.refusal(1, refused(500))
    seen.refusal(2, refused(500))
    seen.refusal(1, refused(404))
    assert len(seen.problems) == 3
    assert "500 Something went wrong" in seen.problems[0]
    assert seen.refused[500] == 2


def refused(status: int) -> Refused:
    """An answer that is not the next page."""
    page = b"<h1>Something went wrong</h1>"
    return Refused(Page("/", Answer(status, HTTPMessage(), page)))


LOG = """\
2026-11-29T13:58:35.2Z ERROR gunicorn.error Worker (pid:17) was sent SIGKILL! Perhaps
2026-11-29T13:58:36.2Z ERROR signer.web Exception on /verify [POST] [29db]
Traceback (most recent call last):
  File "views.py", line 1, in verify
ZeroDivisionError: division by zero
2026-11-29T13:58:37.2Z WARNING gunicorn.error Worker (pid:18) was sent SIGSEGV! [29db]
2026-11-29T13:58:38.2Z INFO signer.access GET /verify 200 5ms [29db]
2026-11-29T13:58:39.2Z ERROR signer.workflows.reconciliation.reconcile the log: gone
"""


def test_what_no_kill_explains_is_found_in_the_logs(tmp_path: Path) -> None:
    """A traceback, a child that ended by itself, an alarm: each with its lines."""
    (tmp_path / "serve-0.log").write_text(LOG)
    (tmp_path / "office-1.err").write_text(LOG.splitlines()[2])
    office, traceback, ended, alarm = faults_in_logs(tmp_path, {17})
    assert office == "office-1.err: Traceback (most recent call last):"
    assert traceback == "serve-0.log: " + "\n".join(LOG.splitlines()[1:5])
    assert "SIGSEGV" in ended
    assert alarm.endswith("the log: gone")
    assert any("SIGKILL" in one for one in faults_in_logs(tmp_path, set()))
