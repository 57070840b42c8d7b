"""The yearly mail is queued once a school year for each parent who is to have it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer import clock
from signer.mail.bounces.reports import Finality
from signer.register.rows import read_register
from signer.school_calendar import read_holiday
from signer.store.columns import NoteKind
from signer.store.register.tables import YearlyMail
from signer.store.tables import Bounce, Outbox, Parent
from signer.workflows.context import open_context
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.disputes import settle_disputes
from signer.workflows.yearly import queue
from signer.workflows.yearly.days import next_day, open_day
from signer.workflows.yearly.queue import queue_yearly_mail
from tests.conftest import PEOPLE
from tests.workflows.register.test_erase import leave
from tests.workflows.test_locks import at_once

if TYPE_CHECKING:
    from signer.config import Settings
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

MORNING = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
"""Of the day named: a Tuesday, some days after the tests' moment."""
NEW = "Ola Nowak,ola@example.org,mother,Jan Nowak,Year 1\n"
ALL = 4
"""How many of `PEOPLE` have an address: each of them."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The yearly mail goes out on 1 December."""
    return replace(settings, yearly_mail="12-01")


def queued(context: AppContext) -> int:
    """How many yearly mails there are, each with its row of the year."""
    with context.sessions.reading() as session:
        kinds = select(func.count()).where(Outbox.kind == "yearly")
        mails = session.scalar(kinds.select_from(Outbox)) or 0
        rows = session.scalar(select(func.count()).select_from(YearlyMail))
        assert mails == rows
        return mails


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_each_parent_has_one_a_school_year(app_context: AppContext) -> None:
    """From that morning on, however often the worker looks; and again a year later."""
    with clock.frozen(MORNING - timedelta(seconds=1)) as advance:
        assert queue_yearly_mail(app_context) == 0
        advance(timedelta(seconds=1))
        assert queue_yearly_mail(app_context) == ALL
        assert queue_yearly_mail(app_context) == 0
        advance(timedelta(days=200))
        assert queue_yearly_mail(app_context) == 0
        advance(timedelta(days=165))
        assert queue_yearly_mail(app_context) == ALL
    assert queued(app_context) == 2 * ALL


@pytest.mark.usefixtures("asked")
def test_several_workers_queue_one_each(
    app_context: AppContext, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They take turns, batch by batch."""
    monkeypatch.setattr(queue, "BATCH", 1)
    others = [open_context(settings) for _ in range(3)]
    with clock.frozen(MORNING):
        assert at_once(*(partial(queue_yearly_mail, one) for one in others)) == []
    for one in others:
        one.sessions.close()
    assert queued(app_context) == ALL


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_that_is_stopped_between_batches_goes_on(
    app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was queued stays, and what was not is queued by the next worker."""
    monkeypatch.setattr(queue, "BATCH", 1)
    with clock.frozen(MORNING):
        app_context.stopping = Event()
        app_context.wake_worker = app_context.stopping.set
        assert queue_yearly_mail(app_context) == 1
        app_context.stopping = Event()
        app_context.wake_worker = _killed
        with pytest.raises(KeyboardInterrupt):
            queue_yearly_mail(app_context)
        assert queued(app_context) == 2
        app_context.wake_worker = lambda: None
        assert queue_yearly_mail(app_context) == ALL - 2
    assert queued(app_context) == ALL


def _killed() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_school_that_has_asked_nobody_writes_to_nobody(
    app_context: AppContext,
) -> None:
    """The first email that a parent gets is the one that asks them."""
    with clock.frozen(MORNING):
        assert queue_yearly_mail(app_context) == 0


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_gets_one_unless_a_day_is_named(app_context: AppContext) -> None:
    """No upgrade has a school write to all of its parents."""
    app_context.settings = replace(app_context.settings, yearly_mail="")
    with clock.frozen(MORNING):
        assert queue_yearly_mail(app_context) == 0
        assert next_day(app_context.settings, clock.now()) is None


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_day_that_is_long_over_is_not_made_up_for(app_context: AppContext) -> None:
    """One who turns it on in spring writes to nobody until next December."""
    with clock.frozen(MORNING + timedelta(days=14)):
        assert queue_yearly_mail(app_context) == 0
    with clock.frozen(MORNING + timedelta(days=13)):
        assert queue_yearly_mail(app_context) == ALL


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_has_left_has_joined_since_or_has_no_address_gets_none(
    app_context: AppContext,
) -> None:
    """And who joined before the day, and has yet to be asked, gets one."""
    leave(app_context, "Amira")
    rest = [line for line in PEOPLE.splitlines() if not line.startswith("Amira")]
    people = "\n".join(rest) + "\n" + NEW
    import_register(app_context, read_register(people.encode()))
    with clock.frozen(MORNING + timedelta(hours=1)):
        late = people + NEW.replace("Ola", "Eva").replace("ola@", "eva@")
        import_register(app_context, read_register(late.encode()))
        with app_context.sessions.writing() as session:
            [wang] = session.scalars(select(Parent).where(Parent.name == "王小明"))
            wang.email = wang.email_key = ""
        assert queue_yearly_mail(app_context) == 3
    with app_context.sessions.reading() as session:
        names = session.scalars(select(Parent.name).join(YearlyMail))
        assert set(names) == {"Tom O'Brien", "Niamh O'Brien", "Ola Nowak"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_address_that_is_dead_or_in_dispute_waits(
    app_context: AppContext, amira: Followed
) -> None:
    """Once the office has put it right, within two weeks, the mail is queued."""
    assert amira.request_ref
    assert amira.link_fingerprint
    tell_office(
        app_context,
        amira.request_ref,
        NoteKind.NOT_ME,
        link_fingerprint=amira.link_fingerprint,
        words="",
    )
    with app_context.sessions.writing() as session:
        [mail] = session.scalars(select(Outbox).limit(1))
        bounce = Bounce(
            outbox_id=mail.id,
            event_sha256="0" * 64,
            email_key="wang@example.org",
            finality=Finality.PERMANENT,
            status="5.1.1",
            diagnostic="",
            told_at=clock.now(),
        )
        session.add(bounce)
    with clock.frozen(MORNING) as advance:
        assert queue_yearly_mail(app_context) == 2
        advance(timedelta(days=2))
        settle_disputes(app_context, "amira@example.org", by="Sam")
        assert queue_yearly_mail(app_context) == 1
        with app_context.sessions.writing() as session:
            [bounce] = session.scalars(select(Bounce))
            bounce.lifted_at = clock.now()
        assert queue_yearly_mail(app_context) == 1
    assert queued(app_context) == ALL


def test_a_day_without_school_moves_to_the_next_with_school(settings: Settings) -> None:
    """In its own school year, even where the holidays move it into the next."""
    summer = replace(settings, yearly_mail="08-30")
    holiday = read_holiday("2027-07-20..2027-09-02")
    assert holiday
    moved = next_day(replace(summer, holidays=(holiday,)), MORNING)
    assert moved
    assert (moved.day.isoformat(), moved.school_year) == ("2027-09-03", 2026)
    sunday = replace(settings, yearly_mail="11-22")
    monday = open_day(sunday, datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert monday
    assert monday.in_words == "23 November"
