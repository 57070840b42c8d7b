"""A paper that was recorded in error is undone: both are kept, and both in the log."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from signer.errors import PaperRefused, TextRefused
from signer.register.rows import read_register
from signer.store.columns import NoteKind, Status
from signer.store.log.tables import Opening
from signer.store.paper.tables import Paper
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.paper.record import record_paper
from signer.workflows.paper.undo import undo_paper
from signer.workflows.reconciliation.reconcile import reconcile
from signer.workflows.register.history import parent_history
from signer.workflows.register.import_register import import_register
from signer.workflows.register.merge_parents import merge_parents
from signer.workflows.requests.contact_office import tell_office
from tests.conftest import MOMENT, PEOPLE
from tests.web.releases import release
from tests.workflows.conftest import Post, link_in, sign, snapshot
from tests.workflows.paper.test_record import request_of, requests

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

AMIRA = "amira@example.org"
WRONG = "It was her sister's"


def events(app_context: AppContext) -> list[str]:
    with app_context.sessions.reading() as session:
        records = session.scalars(select(Opening.record).order_by(Opening.position))
        return [json.loads(record)["event"] for record in records]


def test_both_are_kept_and_the_parent_may_sign(
    app_context: AppContext, amira: Followed
) -> None:
    """The record, who undid it and why; two leaves; the link works again."""
    record_paper(app_context, AMIRA, by="Mr Hasty")
    undone = undo_paper(app_context, AMIRA, by="Mrs Bell", reason=WRONG)
    assert (undone.recorded_by, undone.after) == ("Mr Hasty", Status.PENDING)
    assert not undone.mailed
    assert [event for event in events(app_context) if "paper" in event] == [
        "declaration:paper",
        "paper:undone",
    ]
    [told] = parent_history(app_context, AMIRA)
    [paper] = told.requests[0].papers
    assert (paper.recorded_by, paper.recorded_at) == ("Mr Hasty", MOMENT)
    assert (paper.undone_by, paper.undone_reason) == ("Mrs Bell", WRONG)
    assert not sign(app_context, amira).already


def test_the_log_and_the_record_agree_however_often(
    app_context: AppContext, asked: Post
) -> None:
    """Recorded, undone and recorded again: three leaves, and nothing to complain of."""
    record_paper(app_context, AMIRA, by="Office")
    undo_paper(app_context, AMIRA, by="Office", reason=WRONG)
    assert reconcile(app_context).disagreements == ()
    record_paper(app_context, AMIRA, by="Office")
    assert reconcile(app_context).disagreements == ()
    with app_context.sessions.writing() as session:
        session.execute(delete(Paper).where(Paper.undone_at.is_not(None)))
    problems = [one.problem for one in reconcile(app_context).disagreements]
    assert len(problems) == 2
    assert "2 times that it was signed on paper" in problems[0]
    assert "1 time that it had its paper undone, and the record 0" in problems[1]


def test_who_had_declined_has_declined_again(
    app_context: AppContext, amira: Followed, frozen: Callable[[timedelta], None]
) -> None:
    """With the day on which they had."""
    assert amira.request_ref
    assert amira.link_fingerprint
    tell_office(
        app_context,
        amira.request_ref,
        NoteKind.DECLINE,
        link_fingerprint=amira.link_fingerprint,
        words="No.",
    )
    declined_at = request_of(app_context, "Amira Khan").closed_at
    record_paper(app_context, AMIRA, by="Office")
    undone = undo_paper(app_context, AMIRA, by="Office", reason=WRONG)
    assert undone.after is Status.DECLINED
    assert request_of(app_context, "Amira Khan").closed_at == declined_at


def test_who_had_not_been_asked_is_asked(
    app_context: AppContext, asked: Post, post: Post
) -> None:
    """By a mail with a link, for the first time."""
    row = "Ann Lee,ann@example.org,mother,Bo Lee,Year 1\n"
    import_register(app_context, read_register((PEOPLE + row).encode()))
    record_paper(app_context, "ann@example.org", by="Office")
    planned = undo_paper(
        app_context, "ann@example.org", by="Office", reason=WRONG, dry_run=True
    )
    undone = undo_paper(app_context, "ann@example.org", by="Office", reason=WRONG)
    assert replace(planned, dry_run=False) == undone
    assert undone.mailed
    post.send()
    [mail] = post.to("Ann Lee")
    assert link_in(mail)
    assert ask_parents(app_context).newly == 0


def test_an_older_version_is_unanswered(app_context: AppContext, asked: Post) -> None:
    """The newer request is not touched."""
    record_paper(app_context, AMIRA, by="Office")
    release(app_context.settings.versions_dir)
    ask_parents(app_context)
    undone = undo_paper(app_context, AMIRA, by="Office", reason=WRONG)
    assert undone.after is Status.SUPERSEDED
    expected = {2: Status.SUPERSEDED, 3: Status.PENDING}
    assert requests(app_context, "Amira Khan") == expected


def test_of_several_papers_one_has_to_be_named(
    app_context: AppContext, asked: Post
) -> None:
    """A guess might undo the right one."""
    record_paper(app_context, AMIRA, by="Office")
    release(app_context.settings.versions_dir)
    ask_parents(app_context)
    record_paper(app_context, AMIRA, by="Office")
    before = snapshot(app_context)
    with pytest.raises(PaperRefused, match="--version"):
        undo_paper(app_context, AMIRA, by="Office", reason=WRONG)
    assert snapshot(app_context) == before
    undo_paper(app_context, AMIRA, by="Office", reason=WRONG, version=3)
    expected = {2: Status.SIGNED, 3: Status.PENDING}
    assert requests(app_context, "Amira Khan") == expected


def test_a_record_of_a_release_before_can_be_undone(
    app_context: AppContext, asked: Post
) -> None:
    """It has no row of its own until then; what was kept of it stays."""
    record_paper(app_context, AMIRA, by="Mr Hasty")
    with app_context.sessions.writing() as session:
        session.execute(delete(Paper))
    undone = undo_paper(app_context, AMIRA, by="Office", reason=WRONG)
    assert (undone.recorded_by, undone.signed_on) == ("Mr Hasty", None)
    assert request_of(app_context, "Amira Khan").status is Status.PENDING
    assert reconcile(app_context).disagreements == ()


def test_what_was_signed_by_link_is_not_undone(
    app_context: AppContext, amira: Followed
) -> None:
    """It is the parent's own act."""
    sign(app_context, amira)
    before = snapshot(app_context)
    with pytest.raises(PaperRefused):
        undo_paper(app_context, AMIRA, by="Office", reason=WRONG)
    assert snapshot(app_context) == before


def test_a_reason_is_needed(app_context: AppContext, asked: Post) -> None:
    """Nothing is undone in silence."""
    record_paper(app_context, AMIRA, by="Office")
    with pytest.raises(TextRefused):
        undo_paper(app_context, AMIRA, by="Office", reason=" ")


def test_an_undone_paper_stays_with_a_merged_record(
    app_context: AppContext, asked: Post
) -> None:
    """The request that it was recorded for is a part of another one by then."""
    row = "Amira Khan,old@example.org,aunt,Di Khan,Year 1\n"
    import_register(app_context, read_register((PEOPLE + row).encode()))
    ask_parents(app_context)
    record_paper(app_context, "old@example.org", by="Mr Hasty")
    undo_paper(app_context, "old@example.org", by="Office", reason=WRONG)
    merge_parents(app_context, AMIRA, "old@example.org")
    [told] = parent_history(app_context, AMIRA)
    [paper] = told.requests[0].papers
    assert paper.recorded_by == "Mr Hasty"
    assert reconcile(app_context).disagreements == ()
