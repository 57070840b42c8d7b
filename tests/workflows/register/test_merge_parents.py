"""Two records of one person become one, and nothing of either is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer import clock
from signer.errors import MergeRefused, ParentUnknown
from signer.register.matching import Answers
from signer.register.rows import read_register
from signer.store.columns import NoteKind, Status
from signer.store.log.tables import Leaf
from signer.store.retention import RetentionHold
from signer.store.tables import Base, Declaration, Parent
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.coverage import covered_at
from signer.workflows.paper.record import record_paper
from signer.workflows.reconciliation.reconcile import reconcile
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.history import parent_history
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from signer.workflows.register.merge_parents import (
    OF_PARENTS,
    OF_REQUESTS,
    Merged,
    merge_parents,
)
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import look_up_link, open_link
from signer.workflows.requests.view_request import view_request
from signer.workflows.retention.hold import hold_data
from tests.conftest import PEOPLE
from tests.workflows.conftest import Post, sign, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]

AMIRA = "amira@example.org"
KAHN = "a.kahn@example.org"
OTHER = f"Amira Kahn,{KAHN},mother,Zara Khan,Year 2\n"


def add(context: AppContext, rows: str = OTHER) -> None:
    """Import the example people and others."""
    import_register(context, read_register((PEOPLE + rows).encode()))


def ask(context: AppContext, post: Post) -> None:
    ask_parents(context)
    post.send()


def leaves(context: AppContext) -> list[bytes]:
    with context.sessions.reading() as session:
        query = select(Leaf.commitment).order_by(Leaf.position)
        return list(session.scalars(query))


def statements(context: AppContext) -> list[bytes]:
    with context.sessions.reading() as session:
        return list(session.scalars(select(Declaration.statement)))


def tell(context: AppContext, post: Post, kind: NoteKind) -> None:
    followed = open_link(context, post.token("Amira Kahn"))
    assert followed.request_ref
    assert followed.link_fingerprint
    tell_office(
        context,
        followed.request_ref,
        kind,
        link_fingerprint=followed.link_fingerprint,
        words="No",
    )


def refused(context: AppContext, why: str) -> None:
    before = snapshot(context)
    with pytest.raises(MergeRefused) as caught:
        merge_parents(context, AMIRA, KAHN)
    assert why in " ".join(caught.value.reasons)
    assert snapshot(context) == before


def everybody_new(context: AppContext, rows: str) -> Answers:
    reading = read_register((PEOPLE + rows).encode())
    questions = import_register(context, reading, dry_run=True).questions
    return Answers(new=frozenset(question.code for question in questions))


def test_what_the_other_signed_is_the_parents(
    app_context: AppContext, post: Post
) -> None:
    """It was asked under both, and signed under the other: nobody asks again."""
    add(app_context)
    ask(app_context, post)
    own, other = post.token("Amira Khan"), post.token("Amira Kahn")
    open_link(app_context, own)
    sign(app_context, open_link(app_context, other))
    log, signed = leaves(app_context), statements(app_context)
    merged = merge_parents(app_context, AMIRA, KAHN)
    assert merged == Merged(
        kept=("Amira Khan", AMIRA),
        gone=("Amira Kahn", KAHN),
        identifiers=(),
        children=("Zara Khan",),
        returns=False,
        requests=((2, Status.SIGNED),),
        links_ended=1,
        mailed_again=0,
        dry_run=False,
    )
    assert look_up_link(app_context, own).state is LinkState.SIGNED
    assert look_up_link(app_context, other).state is LinkState.REVOKED
    assert (leaves(app_context), statements(app_context)) == (log, signed)
    [history] = parent_history(app_context, AMIRA)
    assert parent_history(app_context, KAHN) == (history,)
    assert [(one.name, one.email) for one in history.before] == [("Amira Kahn", KAHN)]
    [request] = history.requests
    assert (request.status, request.links, len(request.earlier)) == (
        *(Status.SIGNED, 2, 1),
    )
    assert request.earlier[0].opened_at is not None
    assert [mail.kind for mail in request.mails].count("ask") == 2
    assert request.declaration is not None
    assert len(history.memberships) == 1
    [amira] = [it for it in list_register(app_context) if it.name.startswith("Amira")]
    assert [name for name, _, _ in amira.children] == [
        *("Leila Khan", "Yusuf Khan", "Zara Khan")
    ]
    assert ask_parents(app_context).newly == 0
    # The receipt goes to the address that is kept, and the record agrees with itself.
    post.send()
    assert str(post.mails()[-1]["To"]).endswith(f"<{AMIRA}>")
    assert reconcile(app_context).disagreements == ()
    with app_context.sessions.reading() as session:
        assert session.scalar(select(func.count(Parent.id))) == 4


def test_the_link_that_was_kept_leads_to_what_the_other_answered(
    app_context: AppContext, post: Post
) -> None:
    """A signature on paper, which has no receipt by mail that would bring a new one."""
    add(app_context)
    ask(app_context, post)
    own, other = post.token("Amira Khan"), post.token("Amira Kahn")
    record_paper(app_context, KAHN, by="Office")
    merged = merge_parents(app_context, AMIRA, KAHN)
    assert (merged.links_ended, merged.mailed_again) == (1, 0)
    assert look_up_link(app_context, other).state is LinkState.REVOKED
    followed = open_link(app_context, own)
    assert followed.state is LinkState.SIGNED
    assert followed.request_ref
    assert followed.link_fingerprint
    seen = view_request(app_context, followed.request_ref, followed.link_fingerprint)
    assert seen
    assert (seen.parent_email, seen.signed_how) == (AMIRA, "paper")
    assert reconcile(app_context).disagreements == ()


def test_no_mail_of_a_request_that_became_a_part_is_sent(
    app_context: AppContext, post: Post
) -> None:
    """Its link would ask for what the other has answered."""
    add(app_context, OTHER)
    ask_parents(app_context)
    record_paper(app_context, KAHN, by="Office")
    merge_parents(app_context, AMIRA, KAHN)
    post.send()
    assert post.to("Amira Khan") == []


def test_a_request_still_open_goes_on_at_the_address_that_is_kept(
    app_context: AppContext, post: Post
) -> None:
    """It is mailed again there, its old link ends, and the answer is one."""
    ask(app_context, post)
    old = post.token("Amira Khan")
    add(app_context)
    merged = merge_parents(app_context, KAHN, AMIRA)
    assert (merged.links_ended, merged.mailed_again) == (1, 1)
    assert look_up_link(app_context, old).state is LinkState.REVOKED
    assert ask_parents(app_context).newly == 0
    post.send()
    [mail] = post.to("Amira Kahn")
    assert str(mail["To"]).endswith(f"<{KAHN}>")
    sign(app_context, open_link(app_context, post.token("Amira Kahn")))
    [history] = parent_history(app_context, KAHN)
    assert [one.status for one in history.requests] == [Status.SIGNED]
    assert reconcile(app_context).disagreements == ()


def test_at_one_address_the_link_goes_on(app_context: AppContext, post: Post) -> None:
    """Nothing is mailed a second time to a mailbox that has the link already."""
    ask(app_context, post)
    token = post.token("Amira Khan")
    merged = merge_at_one_address(app_context)
    assert (merged.links_ended, merged.mailed_again) == (0, 0)
    assert look_up_link(app_context, token).state is LinkState.OPEN
    assert ask_parents(app_context).newly == 0


def test_at_one_address_the_link_of_what_was_signed_goes_on(
    app_context: AppContext, post: Post
) -> None:
    """It is the way to the receipt, in the mailbox that is kept."""
    ask(app_context, post)
    token = post.token("Amira Khan")
    sign(app_context, open_link(app_context, token))
    assert merge_at_one_address(app_context).links_ended == 0
    assert look_up_link(app_context, token).state is LinkState.SIGNED


def merge_at_one_address(context: AppContext) -> Merged:
    """Import Amira under another spelling, and make her record a part of that one."""
    rows = f"Mira Khan,{AMIRA},mother,Z Khan,Year 2\n"
    import_register(
        context,
        read_register((PEOPLE + rows).encode()),
        answers=everybody_new(context, rows),
    )
    return merge_parents(
        context, AMIRA, AMIRA, known_as="Mira Khan", other_known_as="Amira Khan"
    )


def test_an_export_that_has_both_still_makes_nobody_two(
    app_context: AppContext, post: Post
) -> None:
    """The next import takes both rows as one, says so, and nobody is asked again."""
    add(app_context)
    ask(app_context, post)
    merge_parents(app_context, AMIRA, KAHN)
    before = snapshot(app_context)
    result = import_register(app_context, read_register((PEOPLE + OTHER).encode()))
    assert result.twice == [("Amira Kahn", KAHN, "Amira Khan")]
    assert (result.added, result.changed, result.questions) == ([], [], [])
    assert (result.missing, result.children_missing) == ([], [])
    assert snapshot(app_context) == before
    assert ask_parents(app_context).newly == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestOneDatabase:
    """What does not depend on the database."""

    def test_a_dry_run_says_the_same_and_changes_nothing(
        self, app_context: AppContext, post: Post
    ) -> None:
        """What the office is shown is what is done."""
        add(app_context)
        ask(app_context, post)
        before = snapshot(app_context)
        planned = merge_parents(app_context, AMIRA, KAHN, dry_run=True)
        assert snapshot(app_context) == before
        done = merge_parents(app_context, AMIRA, KAHN)
        assert (planned.requests, planned.links_ended, planned.children) == (
            *(done.requests, done.links_ended, done.children),
        )

    def test_whoever_is_here_under_the_other_is_here(
        self, app_context: AppContext, frozen: Advance
    ) -> None:
        """They had left under the one, and joined under the other: one stay of each."""
        rest = PEOPLE.replace("Amira Khan", "Amira Kahn").replace(AMIRA, KAHN)
        rest = rest.replace("Leila", "Zara").replace("Yusuf", "Bilal")
        frozen(timedelta(days=10))
        import_register(app_context, read_register(rest.encode()), leavers=True)
        merged = merge_parents(app_context, AMIRA, KAHN)
        assert merged.returns
        [history] = parent_history(app_context, AMIRA)
        assert [stay.left_at for stay in history.memberships] == [None]
        covered = covered_at(app_context, clock.now()).parents
        assert [one.name for one in covered].count("Amira Khan") == 1
        assert len(covered) == 4

    def test_a_hold_and_the_log_follow(
        self, app_context: AppContext, post: Post, frozen: Advance
    ) -> None:
        """What was held stays held, and an erasure reaches what was declined."""
        add(app_context)
        ask(app_context, post)
        followed = open_link(app_context, post.token("Amira Khan"))
        assert followed.request_ref
        assert followed.link_fingerprint
        tell_office(
            app_context,
            followed.request_ref,
            NoteKind.DECLINE,
            link_fingerprint=followed.link_fingerprint,
            words="No",
        )
        frozen(timedelta(hours=1))
        sign(app_context, open_link(app_context, post.token("Amira Kahn")))
        hold_data(app_context, KAHN, reason="Complaint")
        merge_parents(app_context, AMIRA, KAHN)
        [history] = parent_history(app_context, followed.request_ref)
        assert [note.kind for note in history.requests[0].notes] == [NoteKind.DECLINE]
        with app_context.sessions.writing() as session:
            [hold] = session.scalars(select(RetentionHold))
            assert hold.reason == "Complaint"
            session.delete(hold)
        rest = "".join(
            it for it in PEOPLE.splitlines(keepends=True) if "Amira" not in it
        )
        import_register(app_context, read_register(rest.encode()), leavers=True)
        # Declined, signed and sealed.
        assert len(erase_parent(app_context, AMIRA).entries) == 3
        assert "amira" not in repr(snapshot(app_context)).casefold()

    def test_two_signatures_for_one_version_are_refused(
        self, app_context: AppContext, post: Post
    ) -> None:
        """Each has a record of its own; neither is hidden."""
        add(app_context)
        ask(app_context, post)
        for name in ("Amira Khan", "Amira Kahn"):
            sign(app_context, open_link(app_context, post.token(name)))
        refused(app_context, "Both have signed version 2")

    def test_a_decline_after_the_signature_is_refused(
        self, app_context: AppContext, post: Post, frozen: Advance
    ) -> None:
        """Which holds is for the family to say."""
        add(app_context)
        ask(app_context, post)
        sign(app_context, open_link(app_context, post.token("Amira Khan")))
        frozen(timedelta(hours=1))
        tell(app_context, post, NoteKind.DECLINE)
        refused(app_context, "declined later as Amira Kahn")

    def test_a_dispute_is_refused(self, app_context: AppContext, post: Post) -> None:
        """A link that reached somebody else is looked at first."""
        add(app_context)
        ask(app_context, post)
        tell(app_context, post, NoteKind.NOT_ME)
        refused(app_context, "reached the wrong person")

    def test_a_woman_and_a_man_are_refused(self, app_context: AppContext) -> None:
        """A mother is no father."""
        add(app_context, OTHER.replace("mother", "father"))
        refused(app_context, "woman and a man")

    def test_one_record_is_refused(self, app_context: AppContext) -> None:
        """Nobody is merged with themselves, or with nobody."""
        with pytest.raises(MergeRefused):
            merge_parents(app_context, AMIRA, AMIRA)
        with pytest.raises(ParentUnknown):
            merge_parents(app_context, AMIRA, "nobody@example.org")


def test_every_table_of_a_parent_is_carried_over() -> None:
    """A new table that refers to a parent or a request is forgotten by no merge."""

    def referring(table: str) -> set[str]:
        return {
            one.name
            for one in Base.metadata.tables.values()
            if any(key.column.table.name == table for key in one.foreign_keys)
        }

    assert referring("parent") == {table.__tablename__ for table in OF_PARENTS}
    assert referring("request") == {table.__tablename__ for table in OF_REQUESTS}
