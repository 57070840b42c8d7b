"""A school year, typed on the command line: 300 families in the long form."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.cli.output import as_document
from signer.store.columns import NoteKind
from signer.workflows.register.history import parent_history
from tests.sharing.long_form import LONG
from tests.year.families import (
    as_another_program,
    as_kept,
    as_typed_in_capitals,
)
from tests.year.office import AT_FIRST, Year

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.config import Settings

    Advance = Callable[[timedelta], None]

DAY = timedelta(days=1)
RIGHT = "found@example.org"
SIGNING = 4 if LONG else 12
"""Every which parent signs by link, each with a PDF that is typeset and sealed."""


@pytest.fixture
def year(settings: Settings, tmp_path: Path, frozen: Advance) -> Iterator[Year]:
    """A school with nobody in its register yet; three weeks to answer."""
    year = Year(replace(settings, deadline_days=21), tmp_path, frozen)
    yield year
    year.context.sessions.close()


def test_a_school_year(year: Year) -> None:
    """At each step everybody's history is true, and nobody is asked twice or missed."""
    first_campaign(year)
    answers_by_link(year)
    answers_on_paper(year)
    another_program(year)
    one_year_group(year)
    corrections(year)
    leavers(year)
    new_version(year)
    paper_of_the_older_version(year)
    deadline(year)
    returners(year)
    for who in year.truth:
        year.compare(
            who, as_document(parent_history(year.context, who.email or who.name))
        )


def first_campaign(year: Year) -> None:
    """The first import, and the first mails."""
    adults = year.school.adults
    found = year.import_(as_kept(adults))
    year.came(adults)
    assert len(found["added"]) == len(adults)
    assert year.ask() == len(adults)
    year.check()
    assert year.ask() == 0


def answers_by_link(year: Year) -> None:
    """Some sign, some decline, one link reaches a stranger, and one need not sign."""
    year.advance(2 * DAY)
    mailed = [who for who in year.school.adults if who.email]
    mailed_to = Counter(who.email for who in mailed)
    for who in mailed[::SIGNING]:
        year.sign(who)
    for who in mailed[1::60]:
        year.tell(who, NoteKind.DECLINE)
    # Nobody shares the mailbox: mail to somebody else would wait as well.
    stranger = next(who for who in mailed[6::4] if mailed_to[who.email] == 1)
    year.tell(stranger, NoteKind.NOT_ME)
    year.disputed.add(stranger)
    year.office(
        *("exempt", "add", mailed[7].email, "--reason", "Teaches here"),
        *("--by", "Jo Bloggs", "--yes"),
    )
    year.exempt.add(mailed[7])
    year.check()


def answers_on_paper(year: Year) -> None:
    """Those who have no address sign with a pen."""
    unmailed = [who for who in year.school.adults if not who.email]
    for who in unmailed[:6]:
        year.record_paper(who, who.number, 2, "2026-11-23")
    year.check()


def another_program(year: Year) -> None:
    """The same people by other headings and spellings, and a family that is new."""
    year.advance(7 * DAY)
    joined = year.school.join(AT_FIRST + 1)
    found = year.import_(as_another_program(year.school.adults))
    year.came(joined)
    assert len(found["added"]) == len(joined)
    assert (found["corrected"], found["missing"]) == ([], [])
    assert year.ask() == len(joined)
    year.check()


def one_year_group(year: Year) -> None:
    """A part of the list, in capitals: nobody leaves, and nobody is asked again."""
    adults = year.school.adults
    part = [who for who in adults if any(pupil.year == 7 for pupil in who.pupils)]
    found = year.import_(as_typed_in_capitals(part))
    assert (found["added"], found["corrected"]) == ([], [])
    assert len(found["missing"]) == len(adults) - len(part)
    assert year.ask() == 0
    year.check()
    reminded = year.document("remind")["reminded"]
    assert reminded == sum(
        who.email != ""
        and who not in year.exempt | year.disputed
        and year.truth[who].states[2] == "pending"
        # A family that is new was asked today.
        and year.truth[who].stays[0][0] != clock.iso(clock.now())
        for who in adults
    )
    year.send()


def corrections(year: Year) -> None:
    """A right address in the place of a stranger's, and a marriage."""
    (wrong,) = year.disputed
    year.office("parent", "correct", wrong.email, "--email", RIGHT, "--yes")
    year.disputed.clear()
    year.truth[wrong].former.append((wrong.name, wrong.email))
    year.truth[wrong].asks[2] += 1
    wrong.email = RIGHT
    year.send()
    year.check()
    bride = year.school.adults[20]
    year.truth[bride].former.append((bride.name, bride.email))
    bride.surname = "Llewellyn-Jones"
    found = year.import_(as_kept(year.school.adults))
    assert [one["name"] for one in found["corrected"]] == [bride.name]
    year.check()


def leavers(year: Year) -> None:
    """Twenty leave, each with whatever they had answered."""
    year.advance(30 * DAY)
    adults = year.school.adults
    year.gone, adults[40:60] = adults[40:60], []
    so_many = ("--leaving", str(len(year.gone)))
    found = year.import_(as_kept(adults), "--leavers", *so_many, "--yes")
    assert len(found["missing"]) == len(year.gone)
    year.left(year.gone)
    year.check()


def new_version(year: Year) -> None:
    """Whoever is here is asked once, whatever they had answered before."""
    year.advance(30 * DAY)
    year.release()
    assert year.ask() == len(year.school.adults) - len(year.exempt)
    assert year.ask() == 0
    year.check()


def paper_of_the_older_version(year: Year) -> None:
    """It comes late, and counts for what it says; the newest is still to be signed."""
    late = next(
        who for who in year.truth if year.truth[who].states.get(2) == "superseded"
    )
    year.record_paper(late, late.email, 2, "2026-12-01")
    year.check()
    year.advance(DAY)
    for who in [who for who in year.school.adults if who.email][1::SIGNING]:
        if who not in year.exempt:
            year.sign(who)
    year.check()


def deadline(year: Year) -> None:
    """The list for telephone calls has whoever has not answered, and nobody else."""
    year.advance(40 * DAY)
    overdue = year.document("status", "--overdue", "--by-year")
    assert sorted((one["name"], one["email"].lower()) for one in overdue) == sorted(
        (who.name, who.email)
        for who in year.school.adults
        if year.truth[who].states.get(3) == "pending"
    )


def returners(year: Year) -> None:
    """Some who had left are back: their history goes on, and they are asked."""
    back = year.gone[:4]
    year.school.adults += back
    found = year.import_(as_another_program(year.school.adults))
    assert len(found["returned"]) == len(back)
    year.came(back)
    assert year.ask() == len(back)
    year.check()
