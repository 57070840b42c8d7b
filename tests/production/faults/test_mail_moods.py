"""The mail server is silent, slow, full, cut off or a stranger; parents sign on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.production.harness.launching import until
from tests.production.harness.moods import copies
from tests.production.harness.rehearsal import Rehearsal, address_of

if TYPE_CHECKING:
    from tests.production.harness.visitor import Signature

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    # A minute and a half of it is waiting.
    pytest.mark.timeout(600),
]

ASKED_FIRST, ALL = range(4), range(40)
SLOW = ("silent mail", "silent data", "dribble rcpt", "silent end")
"""One for each worker: what holds a mail for its whole minute and a half."""

QUICK = (
    "untrusted TLS",
    "reply greeting 421 4.3.2 Closing",
    "drop mail",
    "drop data",
    "drop end",
    "reply end 452 4.3.1 Out of storage",
    "reply mail 452 4.3.1 Out of storage",
    "reply rcpt 451 4.7.1 Try again later",
)
"""Those first that put off the fewest mails: each needs one that is due."""


def given_up(school: Rehearsal) -> int:
    """How many mails the workers have told to be late."""
    logs = [school.log_of(name) for name in school.running if "worker" in name]
    return sum(log.read_text("utf-8").count("did not answer in time") for log in logs)


def resumed_and_met(school: Rehearsal, trouble: str) -> bool:
    """End the pause; gives whether a worker has met a trouble by now."""
    school.well("mail", "resume")
    return trouble in school.mail.met()


def test_signatures_and_mails_survive_each_mood(school: Rehearsal) -> None:
    """Who signs does not notice, and each mail arrives in the end, once if it can."""
    mail = school.mail
    school.import_register(ASKED_FIRST)
    school.open(workers=len(SLOW), processes=1)
    school.well("ask", "--yes")
    for number in ASKED_FIRST:
        school.link(number)
    mail.behave(*SLOW)
    school.import_register(ALL)
    school.well("ask", "--yes")
    until(lambda: set(SLOW) <= set(mail.met()), what="a trouble for each worker")
    signed: list[Signature] = [school.sign(number) for number in ASKED_FIRST]
    assert all(signature.pdf for signature in signed)
    assert given_up(school) == 0, "they signed while every way out was held"
    until(lambda: given_up(school) >= len(SLOW), what="the end of each mail's time")
    for number in range(1, len(SLOW)):
        assert school.stop(f"worker-{number}") == 0
    for trouble in QUICK:
        mail.behave(trouble)
        until(partial(resumed_and_met, school, trouble), what=trouble)
    assert school.stop("worker-0") == 0
    school.let_time_pass()
    mail.behave()
    school.well("mail", "resume")
    school.work()
    references = {signature.reference for signature in signed}
    until(lambda: references <= {one.declaration for one in mail.kept()})
    until(lambda: {address_of(number) for number in ALL} <= set(mail.links()))
    school.stop("worker-0")
    why = copies(mail.kept(), killed=set())
    assert why.problems == []
    assert why.unanswered == sum(not one.answered for one in mail.kept())
    assert school.problems(sorted(references), quiet=True) == []
