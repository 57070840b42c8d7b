"""Named staff hear once whom to telephone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer.workflows.campaigns import escalation
from signer.workflows.campaigns.escalation import escalate
from signer.workflows.paper.record import record_paper
from tests.workflows.conftest import Post, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.config import Settings
    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

DAY = timedelta(days=1)
STAFF = ("jo@school.example", "sam@school.example")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Asked on Sunday 22 November 2026, to be answered by Friday the 27th."""
    return replace(settings, deadline_days=5, escalation_emails=STAFF)


def told(post: Post) -> list[str]:
    """What went to staff, by address."""
    post.send()
    return sorted(
        str(one["To"]) for one in post.mails() if "@school." in str(one["To"])
    )


def test_each_is_told_once_after_the_deadline(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """On the first school day after it, however often the chore is done."""
    record_paper(app_context, "wang@example.org", by="Office")
    frozen(5 * DAY)
    assert escalate(app_context) == 0
    frozen(DAY)
    # A Saturday.
    assert escalate(app_context) == 0
    frozen(2 * DAY)
    assert escalate(app_context) == 2
    assert escalate(app_context) == 0
    assert told(asked) == [*STAFF]
    frozen(30 * DAY)
    assert escalate(app_context) == 0


def test_it_names_whom_to_telephone_and_nothing_more(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """Names by year group; no address of a parent, and no link that opens anything."""
    record_paper(app_context, "wang@example.org", by="Office")
    frozen(8 * DAY)
    escalate(app_context)
    asked.send()
    (mail,) = asked.to("jo@school.example")
    text = "\n".join(words(mail).splitlines())
    html = mail.get_body(("html",))
    assert html is not None
    both = text + html.get_content()
    assert "The deadline for signing was 27 November 2026. 3 parents have" in text
    assert "Year 5: 1\n- Amira Khan (Leila Khan, Yusuf Khan)" in text
    assert "Year 10: 2\n- Niamh O'Brien (Maeve O'Brien)\n- Tom O'Brien" in text
    assert "王小明" not in both
    assert "example.org" not in both
    assert "/s/" not in both


def test_too_many_are_counted_and_not_named(
    app_context: AppContext,
    asked: Post,
    frozen: Advance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The office has the list."""
    monkeypatch.setattr(escalation, "NAMED", 3)
    frozen(8 * DAY)
    escalate(app_context)
    asked.send()
    (mail,) = asked.to("jo@school.example")
    assert "Year 10: 2" in words(mail)
    assert "Amira" not in words(mail)
    assert "signer status --overdue --by-year" in words(mail)


def test_nobody_is_told_where_everybody_answered_meanwhile(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """The mail is looked at once more as it goes out."""
    frozen(8 * DAY)
    assert escalate(app_context) == 2
    for email, name in (
        ("amira@example.org", ""),
        ("wang@example.org", ""),
        ("family@example.org", "Tom O'Brien"),
        ("family@example.org", "Niamh O'Brien"),
    ):
        record_paper(app_context, email, by="Office", name=name)
    assert told(asked) == []


def test_without_a_deadline_or_staff_nobody_is_told(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """Both are settings of the school."""
    frozen(8 * DAY)
    for changed in ({"deadline_days": 0}, {"escalation_emails": ()}):
        app_context.settings = replace(app_context.settings, **changed)
        assert escalate(app_context) == 0
        app_context.settings = replace(
            app_context.settings, deadline_days=5, escalation_emails=STAFF
        )
