"""Alarms to the staff: once a school day, and none with the words of another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer import clock
from signer.mail.kinds import Kind
from signer.store.columns import Delivery
from signer.store.tables import Outbox
from signer.workflows.campaigns.start_on_release import follow_releases
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.declarations.seal_version import seal_versions
from signer.workflows.mailing.outbox import new_mail
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

SUMMER_NIGHT = datetime(2027, 7, 1, 23, 30, tzinfo=UTC)
"""Half an hour after midnight at the school."""


def occasions(app_context: AppContext) -> list[str]:
    with app_context.sessions.reading() as session:
        alarms = select(Outbox.occasion).where(Outbox.kind == Kind.HEAD_ALARM.value)
        return list(session.scalars(alarms.order_by(Outbox.id)))


@pytest.mark.parametrize(
    ("look", "about"),
    [
        (seal_outstanding, "unsealed"),
        (seal_versions, "version-pdf"),
        (follow_releases, "versions"),
    ],
)
def test_once_a_day_is_the_day_at_the_school(
    app_context: AppContext,
    amira: Followed,
    look: Callable[[AppContext], object],
    about: str,
) -> None:
    """In summer the day at the school begins an hour before midnight in UTC."""
    missing = app_context.settings.instance_path / "no" / "seal.p12"
    app_context.settings = replace(app_context.settings, seal_file=missing)
    sign(app_context, amira)
    (app_context.settings.versions_dir / "2.md").write_bytes(b"\xff")
    with clock.frozen(SUMMER_NIGHT):
        look(app_context)
        look(app_context)
    assert occasions(app_context) == [f"alarm:{about}:2027-07-02"]


@pytest.mark.parametrize("occasion", ["alarm:unheard-of:2026-11-22", "alarm:1"])
def test_an_unknown_alarm_is_an_error(
    app_context: AppContext,
    post: Post,
    occasion: str,
) -> None:
    """It waits for a release that knows it; nobody hears of something else."""
    with app_context.sessions.writing() as session:
        session.add(new_mail(Kind.HEAD_ALARM, occasion))
    assert post.send() == 0
    with app_context.sessions.reading() as session:
        row = session.scalars(select(Outbox)).one()
        assert row.delivery is Delivery.QUEUED
        assert row.reply == "this mail cannot be written (MailError)"
