"""Several workers that do the same chore at the same moment double nothing."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from signer.store.columns import Status
from signer.store.log.tables import SignedCheckpoint
from signer.store.tables import (
    Outbox,
    PinnedVersion,
    Request,
)
from signer.store.transient import Reconciliation
from signer.workflows.campaigns.start_on_release import follow_releases
from signer.workflows.context import open_context
from signer.workflows.log.sign_when_due import sign_log_whole
from signer.workflows.log.witnesses import mail_witnesses
from signer.workflows.mailing.alarms import remind_of_keys
from signer.workflows.reconciliation.reconcile import reconcile_nightly
from tests.web.releases import release_edit
from tests.workflows.test_locks import at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post

WORKERS = 3
WITNESSES = ("first@witness.example", "second@witness.example")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The service is the site, and two witnesses get the head of the log."""
    (tmp_path / "site" / "versions").mkdir(parents=True)
    return replace(settings, site_dir=tmp_path / "site", witnesses=WITNESSES)


@pytest.fixture
def workers(
    settings: Settings, asked: Post, frozen: object
) -> Iterator[list[AppContext]]:
    """Workers with connections of their own, after everybody was asked."""
    with ExitStack() as stack:
        contexts = [open_context(settings) for _ in range(WORKERS)]
        for app_context in contexts:
            stack.enter_context(closing(app_context.sessions))
        yield contexts


def do(workers: list[AppContext], chore: Callable[[AppContext], object]) -> None:
    """Each worker does it at the same moment, and none of them fails."""
    works = [
        lambda app_context=app_context: chore(app_context) for app_context in workers
    ]
    assert at_once(*works) == []


def mails(app_context: AppContext, beginning: str) -> list[str]:
    """The occasions of mails that begin so."""
    with app_context.sessions.reading() as session:
        return sorted(
            session.scalars(
                select(Outbox.occasion).where(Outbox.occasion.startswith(beginning))
            )
        )


def test_a_release_opens_one_campaign(workers: list[AppContext]) -> None:
    """Each parent has one request for it and one mail, and it is pinned once."""
    app_context = workers[0]
    with app_context.sessions.reading() as session:
        before = session.scalar(select(func.count()).select_from(Outbox)) or 0
        parents = session.scalar(select(func.count()).select_from(Request)) or 0
    folder = app_context.settings.versions_dir
    number = release_edit(folder, "must not take", "must never take", "A word changed.")
    assert app_context.settings.site_dir
    published = app_context.settings.site_dir / "versions" / f"{number}.md"
    published.write_bytes((folder / f"{number}.md").read_bytes())
    do(workers, follow_releases)
    with app_context.sessions.reading() as session:
        requests = session.execute(
            select(Request.parent_id, Request.status, Request.version_number)
        ).all()
        pinned = session.scalars(select(PinnedVersion.number)).all()
        after = session.scalar(select(func.count()).select_from(Outbox)) or 0
    by_version = Counter((one.version_number, one.status) for one in requests)
    assert by_version == {
        (2, Status.SUPERSEDED): parents,
        (number, Status.PENDING): parents,
    }
    assert Counter(pinned)[number] == 1
    assert after - before == parents


def test_a_site_that_shows_another_text_is_told_of_once(
    workers: list[AppContext],
) -> None:
    """One alarm a day for the headteacher, whoever saw it."""
    app_context = workers[0]
    folder = app_context.settings.versions_dir
    number = release_edit(folder, "must not take", "must never take", "A word changed.")
    assert app_context.settings.site_dir
    (app_context.settings.site_dir / "versions" / f"{number}.md").write_text(
        "Another text."
    )
    do(workers, follow_releases)
    assert len(mails(app_context, "alarm:")) == 1


def test_a_key_that_ends_is_told_of_once(
    workers: list[AppContext], tmp_path: Path
) -> None:
    """One mail a week."""
    for app_context in workers:
        app_context.settings = replace(
            app_context.settings, log_key_file=tmp_path / "none"
        )
    do(workers, remind_of_keys)
    assert len(mails(workers[0], "alarm:keys:")) == 1


def test_each_witness_has_one_mail_and_the_log_one_head(
    workers: list[AppContext],
) -> None:
    """The head is signed by whoever comes first, in the same moment as well."""
    do(workers, sign_log_whole)
    do(workers, mail_witnesses)
    assert len(mails(workers[0], "witness:")) == len(WITNESSES)
    with workers[0].sessions.reading() as session:
        sizes = session.scalars(select(SignedCheckpoint.size)).all()
    assert len(sizes) == len(set(sizes)) == 1


def test_the_nightly_check_is_kept_once_and_told_of_once(
    workers: list[AppContext],
) -> None:
    """A request is for another text than the one that was pinned."""
    app_context = workers[0]
    with app_context.sessions.writing() as session:
        one = session.scalars(select(Request.id)).first()
        session.execute(
            update(Request).where(Request.id == one).values(version_sha256="other")
        )
    do(workers, reconcile_nightly)
    assert len(mails(app_context, "alarm:record:")) == 1
    with app_context.sessions.reading() as session:
        (kept,) = session.scalars(select(Reconciliation))
    assert kept.disagreements > 0
