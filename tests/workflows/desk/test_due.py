"""What is due stands on the first page until it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from signer import clock
from signer.policy.change_log import review_due
from signer.policy.reviews import read_reviews
from signer.register.rows import read_register
from signer.store.desk.roles import DeskRole
from signer.workflows.campaigns.status import Standing, count_status
from signer.workflows.desk.accounts import account_at, add_account
from signer.workflows.desk.due import DueKind, look_at_due
from signer.workflows.draft.review import approve, ask_for_review
from signer.workflows.draft.revisions import look_at_draft, save_draft
from signer.workflows.register.import_register import import_register
from signer.workflows.yearly.queue import queue_yearly_mail
from tests.conftest import PEOPLE
from tests.workflows.conftest import Post, ask_and_send

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext


def due(app_context: AppContext) -> dict[DueKind, str]:
    """What is due now, by its kind."""
    found = look_at_due(app_context, count_status(app_context))
    return {one.kind: one.words for one in found}


def test_a_review_is_due_in_the_last_month_and_after_it(
    app_context: AppContext,
) -> None:
    """In the words of the command line."""
    month = review_due(
        app_context.versions, read_reviews(app_context.settings.versions_dir)
    )
    first = clock.now().replace(
        year=int(month[:4]), month=int(month[5:]), day=15, hour=12
    )
    with clock.frozen(first - timedelta(days=60)):
        assert DueKind.REVIEW not in due(app_context)
    with clock.frozen(first):
        assert "A review is due within 30 days" in due(app_context)[DueKind.REVIEW]
    with clock.frozen(first + timedelta(days=30)):
        assert "The review is overdue" in due(app_context)[DueKind.REVIEW]


def test_a_deadline_that_passed_says_how_many_are_late(app_context: AppContext) -> None:
    """Nothing is said while it is to come."""
    ask_and_send(app_context)
    standing = count_status(app_context)
    late = replace(standing, overdue=2, sign_by=date(2020, 5, 4))
    words = {one.kind: one.words for one in look_at_due(app_context, late)}
    number = standing.campaigns[0].version
    assert words[DueKind.DEADLINE] == (
        f"The deadline of version {number} was 4 May 2020: 2 parents have not answered."
    )
    assert DueKind.DEADLINE not in due(app_context)


def test_a_draft_waits_until_it_is_approved(app_context: AppContext) -> None:
    """From the moment that somebody asks for a review."""
    ref = add_account(app_context, "head@school.example", DeskRole.HEAD, name="Helen")
    with app_context.sessions.reading() as session:
        account = account_at(session, "head@school.example").id
    assert ref
    assert DueKind.APPROVAL not in due(app_context)
    draft = look_at_draft(app_context)
    text = replace(
        draft.text,
        body=draft.text.body.replace("August 2023", "November 2027")
        + "\n\nCameras are on in lessons.\n",
        summary=("Cameras are on in lessons.",),
        review_by="2027-11",
    )
    save_draft(app_context, text, account_id=account, revision=draft.number)
    sha256 = look_at_draft(app_context).sha256
    ask_for_review(app_context, account_id=account, by="Helen", sha256=sha256)
    assert (
        "The draft waits for approval: Helen asked"
        in due(app_context)[DueKind.APPROVAL]
    )
    approve(app_context, account_id=account, by="Helen", sha256=sha256)
    assert DueKind.APPROVAL not in due(app_context)


def test_leavers_data_is_announced_before_it_is_deleted(
    app_context: AppContext, frozen: Callable[[timedelta], None]
) -> None:
    """By the day up to which the headteacher's report announces it."""
    ask_and_send(app_context)
    assert DueKind.RETENTION not in due(app_context)
    one = "\n".join(PEOPLE.splitlines()[:2]) + "\n"
    import_register(app_context, read_register(one.encode()), leavers=True, leaving=4)
    years = app_context.settings.retention_unsigned_years
    frozen(timedelta(days=years * 365 - 20))
    assert "will be deleted by" in due(app_context)[DueKind.RETENTION]


def test_nothing_is_due_before_anybody_was_asked(app_context: AppContext) -> None:
    """A release that nobody was asked for waits for a person, who knows."""
    found = look_at_due(app_context, Standing((), 0))
    assert DueKind.PUBLICATION not in {one.kind for one in found}


def test_the_yearly_mail_is_announced_and_counted(
    app_context: AppContext,
) -> None:
    """From 30 days before until two weeks after its day; and not where it is off."""
    ask_and_send(app_context)
    assert DueKind.YEARLY not in due(app_context)
    app_context.settings = replace(app_context.settings, yearly_mail="12-15")
    begins = datetime(2026, 12, 15, 8, tzinfo=UTC)
    what = "an email of what the school has recorded about them"
    with clock.frozen(begins - timedelta(days=31)) as advance:
        assert DueKind.YEARLY not in due(app_context)
        advance(timedelta(days=1))
        expected = f"On 15 December 4 parents will be sent {what}."
        assert due(app_context)[DueKind.YEARLY] == expected
        advance(timedelta(days=30))
        queue_yearly_mail(app_context)
        assert due(app_context)[DueKind.YEARLY] == (
            f"Since 15 December 0 parents have been sent {what}; 4 emails are still "
            "to go out."
        )
        Post(app_context).send()
        expected = f"Since 15 December 4 parents have been sent {what}."
        assert due(app_context)[DueKind.YEARLY] == expected
        advance(timedelta(days=14))
        assert DueKind.YEARLY not in due(app_context)
