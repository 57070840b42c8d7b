"""A parent without an email address is asked and counted, and never mailed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import ParentAmbiguous, RegisterUnsure
from signer.register.rows import read_register
from signer.store.columns import Status
from signer.store.tables import Outbox, Parent, Request
from signer.workflows.campaigns.ask import ask_parents, would_ask
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.campaigns.selection import State
from signer.workflows.campaigns.status import count_status
from signer.workflows.paper.record import record_paper
from signer.workflows.paper.unmailed import Unmailed
from signer.workflows.reconciliation.reconcile import reconcile
from signer.workflows.register.export import export_parent
from signer.workflows.register.find_parent import parents_known_by
from signer.workflows.register.history import parent_history
from signer.workflows.register.identity import correct_parent
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from signer.workflows.register.search import search_parents
from signer.workflows.requests.reissue_link import reissue_links
from tests.conftest import PEOPLE
from tests.workflows.conftest import Post, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from signer.workflows.register.import_result import Imported

HEADER = PEOPLE.splitlines()[0]
ANN = "Ann Lee,,mother,Bo Lee,Year 1"


def imported(app_context: AppContext, *rows: str, header: str = HEADER) -> Imported:
    reading = read_register("\n".join([header, *rows]).encode())
    return import_register(app_context, reading)


@pytest.fixture
def with_ann(app_context: AppContext) -> AppContext:
    """Ann Lee, who has no address, is in the register beside the others."""
    imported(app_context, ANN)
    return app_context


def mails_to(app_context: AppContext, name: str) -> list[str]:
    with app_context.sessions.reading() as session:
        query = select(Outbox.kind).join(Request, Request.id == Outbox.request_id)
        named = query.join(Parent, Parent.id == Request.parent_id)
        return list(session.scalars(named.where(Parent.name == name)))


def test_who_cannot_be_mailed_is_asked_and_counted(
    with_ann: AppContext, post: Post, frozen: Callable[[timedelta], None]
) -> None:
    """Named by the campaign, outstanding in the count, and in no mail or reminder."""
    [planned] = would_ask(with_ann).unmailed
    assert planned == Unmailed("Ann Lee", (("Bo Lee", "Year 1"),))
    asked = ask_parents(with_ann)
    assert (asked.newly, asked.unmailed) == (5, (planned,))
    assert ask_parents(with_ann).unmailed == (planned,)
    assert post.send() == 4
    for _ in range(3):
        frozen(timedelta(days=7))
        remind_parents(with_ann)
        post.send()
    assert mails_to(with_ann, "Ann Lee") == []
    [campaign] = count_status(with_ann).campaigns
    assert (campaign.outstanding, campaign.without_email) == (5, 1)
    listed = {one.name: (one.email, one.state) for one in list_register(with_ann)}
    assert listed["Ann Lee"] == ("", State.OUTSTANDING)
    assert list(reconcile(with_ann).disagreements) == []


def test_they_sign_on_paper_by_their_name(with_ann: AppContext) -> None:
    """Then nobody has to be chased any more."""
    ask_parents(with_ann)
    assert record_paper(with_ann, "ann  LEE", by="Office").before is Status.PENDING
    assert would_ask(with_ann).unmailed == ()
    [campaign] = count_status(with_ann).campaigns
    assert (campaign.signed_on_paper, campaign.without_email) == (1, 0)
    [told] = parent_history(with_ann, "Ann Lee")
    assert told.requests[0].papers
    assert export_parent(with_ann, "Ann Lee")


def test_the_same_file_twice_changes_nothing(with_ann: AppContext) -> None:
    """A name with initials too: who it is stands in the children."""
    initials = "A Khan,,father,Zed Khan,Year 2"
    imported(with_ann, ANN, initials)
    before = snapshot(with_ann)
    again = imported(with_ann, ANN, initials)
    assert (again.unchanged, again.added, again.corrected) == (2, [], [])
    assert snapshot(with_ann) == before


def test_two_of_one_name_are_two(with_ann: AppContext) -> None:
    """Another child may be another family: it is asked, and never put together."""
    with pytest.raises(RegisterUnsure):
        imported(with_ann, "Ann Lee,,mother,Cy Lee,Year 9")
    header = f"{HEADER},parent_id"
    other = ("Jo Fox,,mother,Al Fox,Year 2,P1", "Jo Fox,,mother,Di Fox,Year 3,P2")
    assert len(imported(with_ann, *other, header=header).added) == 2
    ask_parents(with_ann)
    with pytest.raises(ParentAmbiguous):
        record_paper(with_ann, "Jo Fox", by="Office")
    assert record_paper(with_ann, "P2", by="Office").name == "Jo Fox"
    again = imported(with_ann, *reversed(other), header=header)
    assert (again.unchanged, again.added) == (2, [])


def test_an_address_that_comes_later_is_theirs(
    with_ann: AppContext, post: Post
) -> None:
    """The same person, whose open request is mailed now."""
    ask_parents(with_ann)
    done = imported(with_ann, ANN.replace(",,", ",ann@example.org,"))
    [corrected] = done.corrected
    assert corrected.before == ("Ann Lee", "")
    post.send()
    assert len(post.to("Ann Lee")) == 1
    [told] = parent_history(with_ann, "ann@example.org")
    assert len(told.requests) == 1


def test_an_empty_cell_takes_no_address_away(app_context: AppContext) -> None:
    """An export without addresses would else leave nobody to mail; it is said."""
    row = "Amira Khan,,mother,Yusuf Khan,Year 8"
    done = imported(app_context, row)
    assert done.address_missing == [("Amira Khan", "amira@example.org")]
    assert (done.added, done.corrected, done.unchanged) == ([], [], 1)
    listed = {one.name: one.email for one in list_register(app_context)}
    assert listed["Amira Khan"] == "amira@example.org"


def test_an_address_is_taken_away_by_hand(app_context: AppContext, asked: Post) -> None:
    """Links to it end, what waits is not sent, and nothing more goes there."""
    reissue_links(app_context, "amira@example.org")
    correct_parent(app_context, "amira@example.org", no_email=True)
    before = len(asked.mails())
    asked.send()
    assert len(asked.mails()) == before
    [told] = parent_history(app_context, "Amira Khan")
    assert told.requests[0].links_revoked == 1
    assert [one.email for one in told.before] == ["amira@example.org"]
    [planned] = would_ask(app_context).unmailed
    assert planned.name == "Amira Khan"


def test_nothing_that_is_typed_is_their_address(with_ann: AppContext) -> None:
    """What stands in place of one is found by no search and no form."""
    with with_ann.sessions.reading() as session:
        query = select(Parent.email_key).where(Parent.name == "Ann Lee")
        key = session.scalars(query).one()
        for typed in ("", " ", key.strip(), key):
            assert parents_known_by(session, typed) == []
    for typed in ("", key.strip(), key):
        assert search_parents(with_ann, typed) == ()
