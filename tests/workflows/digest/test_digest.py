"""The weekly digest: once a week to each who wants it, by the school's clock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer import clock
from signer.config import load
from signer.errors import SettingsError
from signer.store.columns import NoteKind
from signer.store.desk.roles import DeskRole
from signer.store.tables import Outbox
from signer.workflows.desk.accounts import add_account, change_account, remove_account
from signer.workflows.digest.digest import (
    choose_digest,
    newest_moment,
    queue_digest,
    wants_digest,
)
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from tests.workflows.conftest import words

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""The first after the tests' moment, at the hour of the setting."""
WEEK = timedelta(days=7)


@pytest.fixture
def staff(app_context: AppContext) -> dict[DeskRole, str]:
    """One of each role."""
    return {
        role: add_account(
            app_context, f"{role}@school.example", role, name="O'Brien 王"
        )
        for role in DeskRole
    }


def queued(context: AppContext) -> list[str]:
    """The occasions of the digests."""
    with context.sessions.reading() as session:
        digests = select(Outbox.occasion).where(Outbox.occasion.startswith("digest:"))
        return list(session.scalars(digests.order_by(Outbox.id)))


@pytest.mark.usefixtures("asked", "staff")
def test_head_and_office_get_one_a_week_whatever_runs_when(
    app_context: AppContext,
) -> None:
    """Two workers at once, each minute, one that was killed, and one that was late."""
    with clock.frozen(MONDAY - timedelta(seconds=1)):
        assert queue_digest(app_context) == 0
    with clock.frozen(MONDAY) as advance:
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(queue_digest, [app_context] * 4))
        assert sum(done) == 2
        advance(timedelta(hours=30))
        assert queue_digest(app_context) == 0
        advance(WEEK - timedelta(hours=30))
        assert queue_digest(app_context) == 2
        # Down for the whole of a Monday and Tuesday: the next one is a week later.
        advance(WEEK + timedelta(days=2, seconds=1))
        assert queue_digest(app_context) == 0
    assert len(set(queued(app_context))) == 4


@pytest.mark.usefixtures("staff")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_school_that_has_asked_nobody_gets_none(app_context: AppContext) -> None:
    """There is nothing to tell."""
    with clock.frozen(MONDAY):
        assert queue_digest(app_context) == 0


def test_it_tells_numbers_what_waits_and_where_it_is_done(
    app_context: AppContext, asked: Post, staff: dict[DeskRole, str]
) -> None:
    """In text and HTML, without a name of a parent and without a token."""
    followed = open_link(app_context, asked.token("Amira Khan"))
    assert followed.request_ref
    assert followed.link_fingerprint
    tell_office(
        app_context,
        followed.request_ref,
        NoteKind.QUESTION,
        link_fingerprint=followed.link_fingerprint,
        words="May I?",
    )
    with clock.frozen(MONDAY):
        queue_digest(app_context)
        asked.send()
    assert staff
    mails = [one for one in asked.mails() if "This week" in str(one["Subject"])]
    assert [str(one["To"]).split("<")[1] for one in mails] == [
        "head@school.example>",
        "office@school.example>",
    ]
    text = words(mails[0])
    assert "- Asked to sign: 4" in text
    assert "- Outstanding: 4" in text
    assert "1 question to answer" in text
    assert "/desk/inbox" in text
    html = mails[0].get_body(("html",))
    assert html is not None
    for told in (text, str(html.get_content())):
        assert "Khan" not in told
        assert "/s/" not in told
        assert "/desk/in/" not in told


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_wants_none_or_may_not_come_in_gets_none(
    app_context: AppContext, asked: Post, staff: dict[DeskRole, str]
) -> None:
    """Not even one that waits already."""
    head, office = staff[DeskRole.HEAD], staff[DeskRole.OFFICE]
    add_account(app_context, "second@school.example", DeskRole.HEAD)
    for _ in range(2):
        choose_digest(app_context, office, wanted=False)
    assert not wants_digest(app_context, office)
    with clock.frozen(MONDAY) as advance:
        assert queue_digest(app_context) == 2
        before = len(asked.mails())
        remove_account(app_context, head)
        asked.send()
        assert len(asked.mails()) == before + 1
        choose_digest(app_context, office, wanted=True)
        advance(WEEK)
        assert queue_digest(app_context) == 2
        choose_digest(app_context, office, wanted=False)
        asked.send()
    assert len(asked.mails()) == before + 2


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_gets_one_for_an_hour_before_they_had_an_account(
    app_context: AppContext, staff: dict[DeskRole, str]
) -> None:
    """And a Head of School gets one once they work in the office."""
    with clock.frozen(MONDAY + timedelta(hours=1)):
        add_account(app_context, "late@school.example", DeskRole.HEAD)
        change_account(
            app_context, staff[DeskRole.REVIEWER], name="Tom", role=DeskRole.OFFICE
        )
        assert queue_digest(app_context) == 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("digest", "now", "expected"),
    [
        ("monday 08:00", "2027-03-29T06:59", "2027-03-22T08:00"),
        ("monday 08:00", "2027-03-29T07:00", "2027-03-29T07:00"),
        # Half past one is left out on one Sunday, and is there twice on another.
        ("Sunday 01:30", "2027-03-28T01:30", "2027-03-28T01:30"),
        ("sunday 01:30", "2027-10-31T00:30", "2027-10-31T00:30"),
        ("sunday 01:30", "2027-10-31T01:30", "2027-10-31T00:30"),
        # It is Monday in London already.
        ("monday 00:15", "2027-07-04T23:15", "2027-07-04T23:15"),
        ("never", "2027-07-04T23:15", None),
    ],
)
def test_the_hour_is_that_of_the_schools_clock(
    app_context: AppContext, digest: str, now: str, expected: str | None
) -> None:
    """Whatever the clocks do; each week has one such moment."""
    settings = replace(app_context.settings, digest=digest)
    found = newest_moment(settings, datetime.fromisoformat(f"{now}:00+00:00"))
    assert found == (
        None if expected is None else datetime.fromisoformat(f"{expected}:00+00:00")
    )


@pytest.mark.parametrize("given", ["monday", "monday 24:00", "lunes 08:00", "8:00"])
def test_what_is_no_weekday_and_time_is_refused(given: str) -> None:
    """When the service starts, and not on the day."""
    with pytest.raises(SettingsError, match="SIGNER_DIGEST"):
        load({"SIGNER_DIGEST": given})
