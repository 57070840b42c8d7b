"""Everyone is asked, once, whatever happens meanwhile."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from signer.store.columns import Delivery
from signer.store.log.tables import Leaf, Opening
from signer.store.tables import Outbox, Request
from signer.workflows.campaigns.ask import Asked, ask_parents, would_ask
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import look_up_link
from tests.workflows.conftest import Post, link_in, sign, snapshot, words

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed


def count(app_context: AppContext, table: type) -> int:
    with app_context.sessions.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_each_parent_gets_one_request_and_one_mail(
    app_context: AppContext, post: Post
) -> None:
    """Four parents, four requests, four mails; each with a link of its own."""
    asked = ask_parents(app_context)
    assert (asked.newly, asked.before) == (4, 0)
    assert post.send() == 4
    tokens = {found[1] for mail in post.mails() if (found := link_in(mail))}
    assert len(tokens) == 4
    assert {look_up_link(app_context, token).state for token in tokens} == {
        LinkState.OPEN
    }


def test_asking_again_asks_nobody(app_context: AppContext, asked: Post) -> None:
    """A second run changes nothing in any table."""
    before = snapshot(app_context)
    assert ask_parents(app_context) == Asked(
        app_context.versions[-1], newly=0, before=4
    )
    assert snapshot(app_context) == before


def test_two_runs_at_once_ask_each_parent_once(app_context: AppContext) -> None:
    """Requests and mails are not doubled by a second operator."""
    runs = [threading.Thread(target=ask_parents, args=(app_context,)) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert (count(app_context, Request), count(app_context, Outbox)) == (4, 4)


def test_a_dry_run_counts_and_changes_nothing(app_context: AppContext) -> None:
    """How many would be asked is how many then are."""
    before = snapshot(app_context)
    assert would_ask(app_context).newly == 4
    assert snapshot(app_context) == before


def test_pinning_the_version_leaves_a_leaf(app_context: AppContext) -> None:
    """The log commits to the version's hash when parents are first asked."""
    ask_parents(app_context)
    with app_context.sessions.reading() as session:
        records = [one.record.decode() for one in session.scalars(select(Opening))]
    assert len(records) == count(app_context, Leaf) == len(app_context.versions)
    assert app_context.versions[-1].sha256 in records[-1]


def test_mail_names_the_policy_and_nobody_in_its_subject(
    app_context: AppContext, asked: Post
) -> None:
    """Subjects hold no name and no address; bodies say what, how long and how."""
    for mail in asked.mails():
        assert app_context.versions[-1].title in mail["Subject"]
        assert not re.search("Khan|O'Brien|王|@", mail["Subject"])
    body = words(asked.to("Amira Khan")[0])
    assert "minutes" in body
    assert app_context.settings.office_email in body


def test_the_outbox_holds_no_token_and_no_address(
    app_context: AppContext, asked: Post
) -> None:
    """Neither the queue of mail nor the links table could be used to sign."""
    token = asked.token("Amira Khan")
    kept = repr(snapshot(app_context)["outbox"]) + repr(snapshot(app_context)["link"])
    assert token not in kept
    assert "amira@example.org" not in kept


def test_no_mail_goes_to_who_has_signed_meanwhile(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """A mail still waiting when its parent signs is dropped, not sent."""
    with app_context.sessions.writing() as session:
        row = session.scalars(
            select(Outbox)
            .join(Request, Outbox.request_id == Request.id)
            .where(Request.ref == amira.request_ref)
        ).one()
        row.delivery = Delivery.QUEUED
    sign(app_context, amira)
    asked.send()
    subjects = [str(one["Subject"]) for one in asked.to("Amira Khan")]
    assert len(subjects) == 2, "the first mail, and the receipt"
