"""What is past its time is deleted by itself, after it was announced."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from signer.mail.kinds import Kind, Rank
from signer.store.columns import NoteKind, Status
from signer.store.log.append import append_leaf
from signer.store.log.tables import Opening
from signer.store.retention import RetentionDeletion
from signer.store.tables import Declaration, Outbox, Parent, PinnedVersion, Request
from signer.workflows.context import AppContext
from signer.workflows.log.check import check_log
from signer.workflows.reconciliation.reconcile import reconcile
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import Followed
from signer.workflows.retention.delete import delete_expired
from signer.workflows.retention.due import expiries
from signer.workflows.retention.hold import hold_data, release_data
from signer.workflows.retention.report import NOTICE, report_retention
from signer.workflows.retention.rules import DataKind
from tests.workflows.conftest import Post, sign, snapshot, words
from tests.workflows.retention.leaving import YEAR, leave

Advance = Callable[[timedelta], None]

AMIRA = "amira@example.org"


@pytest.fixture
def signed(app_context: AppContext, amira: Followed, asked: Post) -> AppContext:
    """Amira wrote to the office, signed, and got her receipt; nobody else did."""
    assert amira.request_ref
    assert amira.link_fingerprint
    tell_office(
        app_context,
        amira.request_ref,
        NoteKind.QUESTION,
        link_fingerprint=amira.link_fingerprint,
        words="Why are we asked?",
    )
    sign(app_context, amira)
    asked.send()
    return app_context


def announce(app_context: AppContext, post: Post, frozen: Advance) -> None:
    """Send the month's report, and let the time pass that it gives."""
    report_retention(app_context)
    post.send()
    frozen(NOTICE)


def kept(app_context: AppContext, name: str) -> set[DataKind]:
    with app_context.sessions.reading() as session:
        due = expiries(session, app_context.settings)
    return {it.kind for it in due if it.name.startswith(name)}


def test_each_kind_goes_when_its_time_is_over(
    signed: AppContext, post: Post, frozen: Advance
) -> None:
    """After one year replies and notes; after six the declaration and the parent."""
    leave(signed, "Amira", "王")
    frozen(YEAR)
    announce(signed, post, frozen)
    assert kept(signed, "Amira") == {*DataKind} - {DataKind.UNSIGNED}
    deleted = delete_expired(signed)
    assert kept(signed, "Amira") == {DataKind.DECLARATIONS, DataKind.PARENTS}
    assert "why are we asked" not in repr(snapshot(signed)).casefold()
    # Wang never signed: nothing of him is left.
    assert kept(signed, "王") == set()
    assert "wang@example.org" not in repr(snapshot(signed))
    assert deleted[DataKind.UNSIGNED] == deleted[DataKind.PARENTS] == 1
    frozen(5 * YEAR)
    announce(signed, post, frozen)
    delete_expired(signed)
    assert "amira" not in repr(snapshot(signed)).casefold()
    assert "niamh" in repr(snapshot(signed)).casefold()


def test_a_parent_of_whom_everything_goes_is_told(
    signed: AppContext, post: Post, frozen: Advance
) -> None:
    """Without the name, for the mailbox may be another's, and after most mail."""
    leave(signed, "Amira", "王")
    with signed.sessions.writing() as session:
        wang = session.scalars(select(Parent).where(Parent.name.contains("王"))).one()
        wang.email = ""
        [reference] = session.scalars(select(Declaration.id))
    frozen(6 * YEAR)
    announce(signed, post, frozen)
    before = len(post.mails())
    delete_expired(signed)
    with signed.sessions.reading() as session:
        [row] = session.scalars(select(Outbox).where(Outbox.kind == Kind.ERASURE))
        assert row.rank == Rank.REMINDERS
    post.send()
    [mail] = post.mails()[before:]
    assert mail["To"].addresses[0].addr_spec == AMIRA
    assert "Amira" not in str(mail["To"])
    body = " ".join(words(mail).split())
    assert reference in body
    assert "your family left on 22 November 2026, and it deletes what it no" in body
    assert "Amira Khan" not in body
    assert "If you asked for this" not in body
    assert snapshot(signed)["erasure_notice"] == []


def test_nothing_of_who_is_there_goes(
    signed: AppContext, post: Post, frozen: Advance
) -> None:
    """However old a declaration is: its time begins when the last child leaves."""
    frozen(20 * YEAR)
    announce(signed, post, frozen)
    before = snapshot(signed)
    assert delete_expired(signed) == {}
    assert snapshot(signed) == before


def test_the_time_begins_when_the_child_has_left_and_not_one_parent(
    signed: AppContext, post: Post, frozen: Advance
) -> None:
    """Tom left the register; his child is there still, with Niamh."""
    leave(signed, "Tom")
    frozen(3 * YEAR)
    assert kept(signed, "Tom") == set()
    leave(signed, "Tom", "Niamh")
    assert DataKind.UNSIGNED in kept(signed, "Tom")
    announce(signed, post, frozen)
    assert delete_expired(signed) == {}
    assert DataKind.UNSIGNED in kept(signed, "Tom")


def test_nothing_goes_that_was_not_announced_two_weeks_ago(
    signed: AppContext, post: Post, frozen: Advance
) -> None:
    """Neither without a mail, nor while it is young, nor while it was not accepted."""
    leave(signed, "王")
    frozen(2 * YEAR)
    assert delete_expired(signed) == {}
    report_retention(signed)
    frozen(NOTICE)
    assert delete_expired(signed) == {}
    post.send()
    frozen(NOTICE - timedelta(days=1))
    assert delete_expired(signed) == {}
    frozen(timedelta(days=1))
    assert delete_expired(signed)


def test_a_shorter_period_is_announced_anew(
    signed: AppContext, post: Post, frozen: Advance
) -> None:
    """What a changed setting makes due at once waits for its two weeks too."""
    leave(signed, "Amira", "王")
    frozen(YEAR)
    announce(signed, post, frozen)
    signed.settings = replace(signed.settings, retention_years=1)
    delete_expired(signed)
    assert DataKind.DECLARATIONS in kept(signed, "Amira")
    announce(signed, post, frozen)
    delete_expired(signed)
    assert kept(signed, "Amira") == set()


def test_what_is_held_stays(signed: AppContext, post: Post, frozen: Advance) -> None:
    """Until somebody ends the hold; then it goes."""
    leave(signed, "王", "Tom", "Niamh")
    hold_data(signed, "wang@example.org", reason="A complaint is not decided yet.")
    frozen(2 * YEAR)
    announce(signed, post, frozen)
    delete_expired(signed)
    assert DataKind.UNSIGNED in kept(signed, "王")
    assert kept(signed, "Tom") == kept(signed, "Niamh") == set()
    assert release_data(signed, "wang@example.org")
    assert not release_data(signed, "wang@example.org")
    delete_expired(signed)
    assert kept(signed, "王") == set()


def test_log_and_record_add_up_afterwards(
    signed: AppContext, post: Post, frozen: Advance
) -> None:
    """The log says which entries nobody can open any more; nothing is missed."""
    leave(signed, "Amira", "王")
    frozen(YEAR)
    announce(signed, post, frozen)
    delete_expired(signed)
    frozen(5 * YEAR)
    announce(signed, post, frozen)
    delete_expired(signed)
    assert check_log(signed).problems == ()
    with signed.sessions.reading() as session:
        records = [json.loads(one.record) for one in session.scalars(select(Opening))]
    assert [one["event"] for one in records].count("parent:erased") == 2
    found = [one.problem for one in reconcile(signed).disagreements]
    assert not any("gone" in problem for problem in found), found


def test_a_request_that_was_never_signed_goes_before_the_declaration(
    signed: AppContext, post: Post, frozen: Advance
) -> None:
    """The parent stays, and the log says that only records of a kind went."""
    with signed.sessions.writing() as session:
        parent = session.scalars(select(Parent).where(Parent.email == AMIRA)).one()
        now = parent.added_at
        session.add(
            PinnedVersion(
                number=1, sha256="0" * 64, title="T", label="L", pinned_at=now
            )
        )
        session.flush()
        session.add(
            Request(
                ref="of-version-1",
                parent_id=parent.id,
                version_number=1,
                version_sha256="0" * 64,
                status=Status.SUPERSEDED,
                asked_at=now,
            )
        )
        place = append_leaf(session, "request:declined", request="of-version-1")
    leave(signed, "Amira")
    frozen(YEAR)
    announce(signed, post, frozen)
    deleted = delete_expired(signed)
    assert deleted[DataKind.UNSIGNED] == 1
    assert kept(signed, "Amira") == {DataKind.DECLARATIONS, DataKind.PARENTS}
    with signed.sessions.reading() as session:
        *_, last = session.scalars(select(Opening).order_by(Opening.position))
    assert json.loads(last.record) == {
        "event": "parent:erased",
        "entries": str(place),
        "records": "unsigned",
    }


def test_what_was_deleted_is_counted_and_told_with_the_next_report(
    signed: AppContext, post: Post, frozen: Advance
) -> None:
    """The headteacher reads what will go, and a month later what went."""
    leave(signed, "Amira", "王")
    frozen(YEAR)
    announce(signed, post, frozen)
    [first] = post.to("head@")
    assert "WHAT WILL BE DELETED" in words(first)
    assert "requests that were never signed: 1" in " ".join(words(first).split())
    assert "Amira" not in str(first)
    delete_expired(signed)
    with signed.sessions.reading() as session:
        rows = session.scalars(select(RetentionDeletion)).all()
    counted: Mapping[str, int] = {row.kind: row.records for row in rows}
    assert counted[DataKind.PARENTS] == 1
    assert report_retention(signed)
    post.send()
    *_, second = post.to("head@")
    assert "DELETED SINCE THE LAST REPORT" in words(second)
    assert "WHAT WILL BE DELETED" not in words(second)
    frozen(timedelta(days=31))
    assert not report_retention(signed)
