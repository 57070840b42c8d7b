"""Reminders go to whoever has not answered, on the days of the plan, and stop."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import MailDeferred
from signer.mail.kinds import Kind
from signer.register.rows import read_register
from signer.school_calendar import Holiday
from signer.store.columns import Delivery, NoteKind
from signer.store.tables import Outbox, Request
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.context import open_context
from signer.workflows.mailing.send import send_mail
from signer.workflows.paper.record import record_paper
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import look_up_link
from tests.conftest import PEOPLE
from tests.web.releases import release
from tests.workflows.conftest import Post, sign, snapshot, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

    Advance = Callable[[timedelta], None]

# Parents are asked on Sunday 22 November 2026; three days later it is a Wednesday.
THREE_DAYS = timedelta(days=3)
DAY = timedelta(days=1)


def reminders(app_context: AppContext) -> list[Outbox]:
    with app_context.sessions.reading() as session:
        query = select(Outbox).where(Outbox.kind == Kind.REMIND.value)
        return list(session.scalars(query.order_by(Outbox.id)))


def test_each_parent_who_has_not_answered_gets_one_mail(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """It names what is outstanding and since when."""
    frozen(THREE_DAYS)
    done = remind_parents(app_context)
    assert (done.reminded, done.outstanding) == (4, 4)
    assert asked.send() == 4
    mail = asked.to("Amira Khan")[-1]
    assert "Reminder to sign" in str(mail["Subject"])
    assert "On 22 November 2026 we asked you" in words(mail)
    assert app_context.versions[-1].title in words(mail)


def test_a_reminder_brings_a_fresh_link_and_the_older_one_works(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """Both lead to the same request."""
    first = asked.token("Amira Khan")
    frozen(THREE_DAYS)
    remind_parents(app_context)
    asked.send()
    second = asked.token("Amira Khan")
    assert first != second
    found = [look_up_link(app_context, token) for token in (first, second)]
    assert {one.state for one in found} == {LinkState.OPEN}
    assert len({one.request_ref for one in found}) == 1


def test_reminding_again_on_one_day_reminds_nobody(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """A second run changes nothing in any table, before and after the mail is out."""
    frozen(THREE_DAYS)
    remind_parents(app_context)
    for _ in range(2):
        before = snapshot(app_context)
        assert remind_parents(app_context).reminded == 0
        assert snapshot(app_context) == before
        asked.send()


def test_the_office_reminds_before_it_is_due(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """Not yesterday's and today's again, and no more often than the settings say."""
    assert remind_parents(app_context, by_hand=True).reminded == 0
    frozen(DAY)
    assert remind_parents(app_context, by_hand=True).reminded == 0
    frozen(DAY)
    assert remind_parents(app_context).reminded == 0
    assert remind_parents(app_context, by_hand=True).reminded == 4
    assert remind_parents(app_context, by_hand=True).reminded == 0
    assert asked.send() == 4
    frozen(DAY)
    assert remind_parents(app_context, by_hand=True).reminded == 0
    by_setting = open_context(replace(app_context.settings, remind_most=1))
    frozen(DAY)
    assert remind_parents(by_setting, by_hand=True).reminded == 0
    by_setting.sessions.close()
    assert remind_parents(app_context, by_hand=True).reminded == 4


def test_workers_that_remind_at_once_remind_each_parent_once(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """Two workers and an operator leave one reminder for each request."""
    frozen(THREE_DAYS)
    runs = [
        threading.Thread(target=remind_parents, args=(app_context,)) for _ in range(4)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(reminders(app_context)) == len(
        {one.request_id for one in reminders(app_context)}
    )
    assert len(reminders(app_context)) == 4


def test_a_dry_run_counts_and_changes_nothing(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """How many would be reminded is how many then are."""
    frozen(THREE_DAYS)
    before = snapshot(app_context)
    assert remind_parents(app_context, dry_run=True).reminded == 4
    assert snapshot(app_context) == before
    assert remind_parents(app_context).reminded == 4


def test_who_signed_declined_or_signed_on_paper_is_left_alone(
    app_context: AppContext, amira: Followed, asked: Post, frozen: Advance
) -> None:
    """Only those who owe an answer are reminded."""
    sign(app_context, amira)
    record_paper(app_context, "wang@example.org", by="Jo Bloggs")
    tom = look_up_link(app_context, asked.token("Tom O'Brien"))
    assert tom.request_ref
    assert tom.link_fingerprint
    tell_office(
        app_context,
        tom.request_ref,
        NoteKind.DECLINE,
        link_fingerprint=tom.link_fingerprint,
        words="I do not agree.",
    )
    asked.send()
    before = len(asked.mails())
    frozen(THREE_DAYS)
    assert remind_parents(app_context).reminded == 1
    asked.send()
    assert [one["To"].addresses[0].display_name for one in asked.mails()[before:]] == [
        "Niamh O'Brien"
    ]


def test_leavers_are_left_alone(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """Whoever is no longer in the register hears no more."""
    only_amira = "".join(PEOPLE.splitlines(keepends=True)[:3])
    import_register(app_context, read_register(only_amira.encode()), leavers=True)
    frozen(THREE_DAYS)
    assert remind_parents(app_context).reminded == 1


def test_a_superseded_request_is_left_alone(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """A new version begins a plan of its own."""
    frozen(timedelta(days=2))
    release(app_context.settings.versions_dir)
    ask_parents(app_context)
    asked.send()
    frozen(DAY)
    assert remind_parents(app_context).reminded == 0
    frozen(timedelta(days=2))
    # Three days after Tuesday 24 November is a Friday.
    assert remind_parents(app_context).reminded == 4
    asked.send()
    assert "version 3" in words(asked.to("Amira Khan")[-1])


@pytest.mark.parametrize("change", ["signed", "left", "superseded"])
def test_a_reminder_on_its_way_is_dropped_when_nobody_owes_it(
    app_context: AppContext, amira: Followed, asked: Post, frozen: Advance, change: str
) -> None:
    """It is looked at once more as it is sent."""
    frozen(THREE_DAYS)
    assert remind_parents(app_context).reminded == 4
    if change == "signed":
        sign(app_context, amira)
    if change == "left":
        rest = PEOPLE.splitlines(keepends=True)
        some = "".join([rest[0], *rest[3:]])
        import_register(app_context, read_register(some.encode()), leavers=True)
    if change == "superseded":
        release(app_context.settings.versions_dir)
        ask_parents(app_context)
    asked.send()
    subjects = [str(one["Subject"]) for one in asked.to("Amira Khan")]
    assert not any("Reminder to sign" in one for one in subjects)
    with app_context.sessions.reading() as session:
        query = select(Outbox.delivery).join(Request, Outbox.request_id == Request.id)
        (dropped,) = session.scalars(
            query.where(
                Outbox.kind == Kind.REMIND.value, Request.ref == amira.request_ref
            )
        )
    assert dropped is Delivery.DROPPED


def test_none_goes_out_at_a_weekend_or_in_the_holidays(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """The next school day is named, and brings what was due."""
    holiday = Holiday(date(2026, 11, 25), date(2026, 11, 27))
    app_context = open_context(replace(app_context.settings, holidays=(holiday,)))
    for days in (3, 1, 1, 1, 1):
        frozen(timedelta(days=days))
        done = remind_parents(app_context)
        assert done.reminded == 0
        assert done.next_day == date(2026, 11, 30)
    frozen(DAY)
    assert remind_parents(app_context).reminded == 4
    app_context.sessions.close()


class Deaf:
    """A mail server that takes nothing now."""

    def send(self, _message: EmailMessage) -> str:
        """Refuse for now."""
        raise MailDeferred("421 later")


def test_a_reminder_that_is_late_waits_for_the_next_school_day(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """Queued on a Friday, deferred by the server, not sent on Saturday."""
    frozen(timedelta(days=5))
    assert remind_parents(app_context).reminded == 4
    assert send_mail(app_context, Deaf()) == 0
    for _ in range(2):
        frozen(DAY)
        assert asked.send() == 0
    # Monday at five past eight.
    frozen(DAY - timedelta(hours=6, minutes=5))
    assert asked.send() == 4


def test_a_mail_that_still_waits_is_not_followed_by_another(
    app_context: AppContext, frozen: Advance
) -> None:
    """Whose first mail has not gone out yet is not reminded of it."""
    ask_parents(app_context)
    frozen(THREE_DAYS)
    assert remind_parents(app_context).reminded == 0
    post = Post(app_context)
    assert post.send() == 4
    assert remind_parents(app_context).reminded == 0, "they have only just been asked"
    frozen(THREE_DAYS + DAY * 2)
    assert remind_parents(app_context).reminded == 4


def test_a_worker_that_stood_still_for_a_month_reminds_once(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """What was missed is one mail, and the plan goes on."""
    frozen(timedelta(days=32))
    total = 0
    for _ in range(4):
        total += remind_parents(app_context).reminded
        asked.send()
        frozen(DAY)
    assert total == 4


def test_the_last_reminder_is_the_eighth(
    app_context: AppContext, amira: Followed, asked: Post, frozen: Advance
) -> None:
    """Somebody looks every day for months; each gets eight, and then none."""
    days = []
    for number in range(1, 100):
        frozen(DAY)
        if remind_parents(app_context).reminded:
            days.append(number)
        asked.send()
    # Sunday's plan falls on Sundays: the Mondays after them. Of 28 December, a bank
    # holiday, it is the Tuesday.
    assert days == [3, 8, 15, 22, 29, 37, 43, 50]
    counted = Counter(one.request_id for one in reminders(app_context))
    assert list(counted.values()) == [8] * 4
    assert {one.delivery for one in reminders(app_context)} == {Delivery.SENT}


def test_who_left_and_came_back_is_reminded_anew(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """Their plan begins when they are asked again, with its full number."""
    frozen(THREE_DAYS)
    remind_parents(app_context)
    asked.send()
    rest = PEOPLE.splitlines(keepends=True)
    without_amira = "".join([rest[0], *rest[3:]])
    import_register(app_context, read_register(without_amira.encode()), leavers=True)
    frozen(timedelta(days=2))
    import_register(app_context, read_register(PEOPLE.encode()))
    ask_parents(app_context)
    asked.send()
    # Friday; three days after it comes Monday.
    frozen(THREE_DAYS)
    remind_parents(app_context)
    asked.send()
    assert "On 27 November 2026 we asked you" in words(asked.to("Amira Khan")[-1])
