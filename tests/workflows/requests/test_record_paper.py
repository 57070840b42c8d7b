"""A declaration signed by hand is recorded by the office, once, under its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import RequestClosed, RequestUnknown, TextRefused
from signer.register.rows import read_register
from signer.store.columns import NoteKind, SignedHow, Status
from signer.store.log.tables import Opening
from signer.store.tables import Declaration, Parent, Request
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import look_up_link
from signer.workflows.requests.record_paper import record_paper
from tests.conftest import MOMENT, PEOPLE
from tests.workflows.conftest import Post, sign, snapshot

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed


def request_of(app_context: AppContext, name: str) -> Request:
    with app_context.sessions.reading() as session:
        return session.scalars(
            select(Request).join(Parent).where(Parent.name == name)
        ).one()


def test_paper_closes_the_request_and_says_who_holds_it(
    app_context: AppContext, asked: Post
) -> None:
    """Signed, how, by whom recorded and when; no declaration, and a leaf."""
    assert (
        record_paper(app_context, "amira@example.org", by=" Mrs  Bell ") == "Amira Khan"
    )
    found = request_of(app_context, "Amira Khan")
    assert (found.status, found.signed_how) == (Status.SIGNED, SignedHow.PAPER)
    assert (found.recorded_by, found.closed_at) == ("Mrs Bell", MOMENT)
    with app_context.sessions.reading() as session:
        assert session.scalars(select(Declaration)).all() == []
        records = [one.record for one in session.scalars(select(Opening))]
    [leaf] = [one for one in records if b'"event":"declaration:paper"' in one]
    assert found.ref.encode() in leaf
    assert b"Khan" not in leaf
    assert b"Bell" not in leaf


def test_the_link_of_a_parent_who_signed_on_paper_says_so(
    app_context: AppContext, asked: Post
) -> None:
    """Nobody signs twice because the mail is still in the mailbox."""
    record_paper(app_context, "amira@example.org", by="Office")
    token = asked.token("Amira Khan")
    assert look_up_link(app_context, token).state is LinkState.SIGNED
    listed = {one.name: one.signed_how for one in list_register(app_context)}
    assert listed["Amira Khan"] is SignedHow.PAPER


@pytest.mark.parametrize("email", ["AMIRA@Example.org", "  amira@example.org "])
def test_an_address_is_found_however_it_is_typed(
    app_context: AppContext, asked: Post, email: str
) -> None:
    """Capitals and spaces around it do not count."""
    assert record_paper(app_context, email, by="Office") == "Amira Khan"


def test_two_at_one_address_need_a_name(app_context: AppContext, asked: Post) -> None:
    """Nobody's paper is put down to somebody else."""
    before = snapshot(app_context)
    with pytest.raises(RequestUnknown) as caught:
        record_paper(app_context, "family@example.org", by="Office")
    assert caught.value.found == 2
    assert snapshot(app_context) == before
    done = record_paper(
        app_context, "family@example.org", by="Office", name="NIAMH  o'brien"
    )
    assert done == "Niamh O'Brien"
    assert request_of(app_context, "Tom O'Brien").status is Status.PENDING


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("nobody@example.org", ""),
        ("", ""),
        ("amira@example.org", "Tom O'Brien"),
        ("%", ""),
    ],
)
def test_who_was_not_asked_is_unknown(
    app_context: AppContext, asked: Post, email: str, name: str
) -> None:
    """No request, nothing recorded."""
    before = snapshot(app_context)
    with pytest.raises(RequestUnknown) as caught:
        record_paper(app_context, email, by="Office", name=name)
    assert caught.value.found == 0
    assert snapshot(app_context) == before


def test_before_asking_there_is_nothing_to_record(app_context: AppContext) -> None:
    """A register alone is not a campaign."""
    with pytest.raises(RequestUnknown):
        record_paper(app_context, "amira@example.org", by="Office")


def test_a_leaver_is_unknown(app_context: AppContext, asked: Post) -> None:
    """Who has left owes nothing."""
    rest = [line for line in PEOPLE.splitlines() if not line.startswith("Amira")]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)
    with pytest.raises(RequestUnknown):
        record_paper(app_context, "amira@example.org", by="Office")


def test_paper_is_recorded_once(app_context: AppContext, asked: Post) -> None:
    """The second time says that it is signed, and keeps the first one's name."""
    record_paper(app_context, "amira@example.org", by="First")
    before = snapshot(app_context)
    with pytest.raises(RequestClosed) as caught:
        record_paper(app_context, "amira@example.org", by="Second")
    assert caught.value.status == "signed"
    assert snapshot(app_context) == before


def test_what_was_signed_by_link_is_not_recorded_as_paper(
    app_context: AppContext, amira: Followed
) -> None:
    """The two ways are never mixed."""
    sign(app_context, amira)
    with pytest.raises(RequestClosed):
        record_paper(app_context, "amira@example.org", by="Office")
    assert request_of(app_context, "Amira Khan").signed_how is SignedHow.LINK


def test_who_declined_may_sign_on_paper(
    app_context: AppContext, amira: Followed
) -> None:
    """Declining closes nothing for good."""
    assert amira.request_ref
    assert amira.link_fingerprint
    tell_office(
        app_context,
        amira.request_ref,
        NoteKind.DECLINE,
        link_fingerprint=amira.link_fingerprint,
        words="Not on a screen.",
    )
    record_paper(app_context, "amira@example.org", by="Office")
    assert request_of(app_context, "Amira Khan").signed_how is SignedHow.PAPER


@pytest.mark.parametrize("by", ["", "  ", "a\x00b", "x" * 201])
def test_a_record_names_who_made_it(
    app_context: AppContext, asked: Post, by: str
) -> None:
    """A paper that nobody holds is none."""
    before = snapshot(app_context)
    with pytest.raises(TextRefused):
        record_paper(app_context, "amira@example.org", by=by)
    assert snapshot(app_context) == before
