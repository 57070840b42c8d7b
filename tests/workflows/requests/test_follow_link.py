"""A link opens its own request, and looking at it changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from signer import clock
from signer.link_tokens import LinkTokens
from signer.store.columns import Status
from signer.store.tables import PinnedVersion, Request
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import look_up_link, open_link
from signer.workflows.requests.view_request import view_request
from tests.workflows.conftest import Post, sign, snapshot

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed


def test_looking_at_a_link_changes_nothing(
    app_context: AppContext, asked: Post
) -> None:
    """Fifty looks leave every row of every table as it was."""
    token = asked.token("Amira Khan")
    before = snapshot(app_context)
    for _ in range(50):
        assert look_up_link(app_context, token).state is LinkState.OPEN
    assert snapshot(app_context) == before


def test_opening_records_the_first_time_and_never_uses_the_link_up(
    app_context: AppContext, asked: Post
) -> None:
    """Opened on a second device, a link leads to the same request."""
    token = asked.token("Amira Khan")
    first = open_link(app_context, token)
    with clock.frozen(clock.now() + timedelta(days=3)):
        assert open_link(app_context, token) == first
    with app_context.sessions.reading() as session:
        request = session.scalars(
            select(Request).where(Request.ref == first.request_ref)
        ).one()
        assert request.opened_at is not None
        assert clock.now() - request.opened_at < timedelta(minutes=5)


def test_an_old_link_says_that_it_has_expired(
    app_context: AppContext, asked: Post
) -> None:
    """After 90 days it opens nothing, and is still known as ours."""
    token = asked.token("Amira Khan")
    with clock.frozen(clock.now()) as advance:
        advance(timedelta(days=89))
        assert look_up_link(app_context, token).state is LinkState.OPEN
        advance(timedelta(days=2))
        assert look_up_link(app_context, token).state is LinkState.EXPIRED


@pytest.mark.parametrize("foreign", ["", "x", "a.b.c", "é" * 50, "\x00", "=" * 5000])
def test_what_is_no_token_is_unknown(app_context: AppContext, foreign: str) -> None:
    """Whatever stands in the address, the answer is the same."""
    assert look_up_link(app_context, foreign).state is LinkState.UNKNOWN


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 80), character=st.characters(codec="ascii"))
def test_an_altered_token_opens_no_other_request(
    app_context: AppContext, asked: Post, place: int, character: str
) -> None:
    """One changed character never leads to somebody else's request."""
    token = asked.token("Amira Khan")
    altered = token[:place] + character + token[place + 1 :]
    followed = look_up_link(app_context, altered)
    own = look_up_link(app_context, token)
    assert followed.state is LinkState.UNKNOWN or followed == own


def test_a_token_of_another_service_is_unknown(
    app_context: AppContext, asked: Post
) -> None:
    """Another secret, or another purpose, makes a foreign token."""
    key = app_context.settings.secret_keys
    others = [
        LinkTokens(("another secret, just as long as it should be",), days=90),
        LinkTokens(key, days=90, purpose="another"),
    ]
    for tokens in others:
        assert look_up_link(app_context, tokens.mint()[0]).state is LinkState.UNKNOWN


def test_links_survive_a_new_secret(app_context: AppContext, asked: Post) -> None:
    """With the old secret kept first in the list, old links still open."""
    token = asked.token("Amira Khan")
    keys = (
        *app_context.settings.secret_keys,
        "a new secret, put at the end of the list",
    )
    app_context.tokens = LinkTokens(keys, days=90)
    assert look_up_link(app_context, token).state is LinkState.OPEN


def test_one_parents_link_does_not_admit_to_anothers_request(
    app_context: AppContext, asked: Post
) -> None:
    """Not even within one family, with one mailbox."""
    tom = open_link(app_context, asked.token("Tom O'Brien"))
    niamh = open_link(app_context, asked.token("Niamh O'Brien"))
    assert tom.request_ref != niamh.request_ref
    assert tom.link_fingerprint
    assert niamh.request_ref
    assert view_request(app_context, niamh.request_ref, tom.link_fingerprint) is None


def test_an_entry_shows_what_the_register_holds(
    app_context: AppContext, amira: Followed
) -> None:
    """Name, children and version, as they will be printed."""
    assert amira.request_ref
    assert amira.link_fingerprint
    entry = view_request(app_context, amira.request_ref, amira.link_fingerprint)
    assert entry is not None
    assert (entry.parent_name, entry.children, entry.version.number) == (
        "Amira Khan",
        (("Leila Khan", "Year 5", "mother"), ("Yusuf Khan", "Year 8", "mother")),
        2,
    )


def test_a_superseded_request_leads_to_the_newest(
    app_context: AppContext, asked: Post
) -> None:
    """The old link opens the same parent's request for the newer version."""
    token = asked.token("Amira Khan")
    newest = _supersede(app_context, token)
    followed = look_up_link(app_context, token)
    assert (followed.state, followed.newest_ref) == (LinkState.SUPERSEDED, newest)
    opened = open_link(app_context, token)
    assert opened.link_fingerprint
    entry = view_request(app_context, newest, opened.link_fingerprint)
    assert entry is not None
    assert (entry.state, entry.opened_at) == (LinkState.OPEN, clock.now())


def test_a_signed_link_leads_to_the_receipt(
    app_context: AppContext, amira: Followed
) -> None:
    """After signing, the request says so, with the declaration's reference."""
    signed = sign(app_context, amira)
    assert amira.request_ref
    assert amira.link_fingerprint
    entry = view_request(app_context, amira.request_ref, amira.link_fingerprint)
    assert entry is not None
    assert (entry.state, entry.declaration_id, entry.sealed) == (
        LinkState.SIGNED,
        signed.declaration_id,
        True,
    )


def _supersede(app_context: AppContext, token: str) -> str:
    """Release a version 3 as far as the database knows; the newest request's ref."""
    now = clock.now()
    own = look_up_link(app_context, token)
    app_context.versions = (
        *app_context.versions,
        replace(app_context.versions[-1], number=3, sha256="3" * 64),
    )
    with app_context.sessions.writing() as session:
        session.add(
            PinnedVersion(number=3, sha256="3" * 64, title="", label="", pinned_at=now)
        )
        session.flush()
        old = session.scalars(
            select(Request).where(Request.ref == own.request_ref)
        ).one()
        old.status = Status.SUPERSEDED
        session.add(
            Request(
                ref="newest",
                parent_id=old.parent_id,
                version_number=3,
                version_sha256="3" * 64,
                asked_at=now,
            )
        )
    return "newest"
