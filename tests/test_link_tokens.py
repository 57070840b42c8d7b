"""A token proves that this service made it, and when; nothing else stands in it."""

from __future__ import annotations

import hashlib
import string
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode

from signer import clock
from signer.errors import LinkExpired, LinkMalformed
from signer.link_tokens import (
    LINK_ID_BYTES,
    ClockSigner,
    LinkTokens,
    find_token,
    fingerprint,
)
from tests.conftest import MOMENT

if TYPE_CHECKING:
    from collections.abc import Callable

    Advance = Callable[[timedelta], None]

pytestmark = pytest.mark.usefixtures("frozen")

OLD = "the secret of last year, which is long enough"
NEW = "the secret of this year, which is long enough"
DAYS = 90
ALPHABET = string.ascii_letters + string.digits + "-_."


def tokens(*keys: str, days: int = DAYS, purpose: str = "sign") -> LinkTokens:
    return LinkTokens(keys or (NEW,), days=days, purpose=purpose)


def test_a_token_gives_its_id_back() -> None:
    """128 random bits, another 128 each time."""
    made = [tokens().mint() for _ in range(100)]
    assert [tokens().read(token) for token, _ in made] == [one for _, one in made]
    assert {len(one) for _, one in made} == {LINK_ID_BYTES}
    assert len({one for _, one in made}) == 100


def test_a_token_is_short_and_stands_in_an_address_as_it_is() -> None:
    """Mail programs break long links; under 120 characters with address and all."""
    token, _ = tokens().mint()
    assert set(token) <= set(ALPHABET) - {"."}
    base_url = "https://policies.my-online-schooling.example/"[:-1].ljust(45, "x")
    assert len(f"{base_url}/s/{token}") < 120


def test_a_token_of_before_goes_on_opening() -> None:
    """It was longer, had full stops in it, and stands in mails for months."""
    link_id = bytes(range(LINK_ID_BYTES))
    older = URLSafeTimedSerializer([NEW], salt="signer link: sign", signer=ClockSigner)
    token = str(older.dumps(base64_encode(link_id).decode()))
    assert tokens().read(token) == link_id
    assert find_token(f"{token}.") == token
    for length in range(len(token)):
        with pytest.raises(LinkMalformed):
            tokens().read(token[:length])


def test_a_link_is_found_whatever_is_pasted_with_it() -> None:
    """Both forms; what is none is left to be refused."""
    token, link_id = tokens().mint()
    for pasted in (
        token,
        f"{token}.",
        f"{token}_",
        f" {token[:9]}=\r\n{token[9:]}) and so on",
    ):
        assert tokens().read(find_token(pasted)) == link_id
    for foreign in ("", "nonsense", "." * 200, "é" * 100, token[:-1], "a.b.c"):
        assert find_token(foreign) == foreign
        with pytest.raises(LinkMalformed):
            tokens().read(find_token(foreign))


def test_the_database_keeps_a_fingerprint_alone() -> None:
    """It is the SHA-256 of the id, and the token does not hold it."""
    token, link_id = tokens().mint()
    assert fingerprint(link_id) == hashlib.sha256(link_id).hexdigest()
    assert fingerprint(link_id) not in token


def test_a_new_secret_breaks_no_link_already_sent() -> None:
    """The last secret signs, each one verifies, and one taken away does not."""
    before, link_id = tokens(OLD).mint()
    after, _ = tokens(OLD, NEW).mint()
    assert tokens(OLD, NEW).read(before) == link_id
    tokens(NEW).read(after)
    with pytest.raises(LinkMalformed):
        tokens(NEW).read(before)
    with pytest.raises(LinkMalformed):
        tokens(OLD).read(after)


def test_a_token_of_one_purpose_is_foreign_to_every_other() -> None:
    """The same secret makes them, and none does the other's work."""
    token, _ = tokens(purpose="sign").mint()
    with pytest.raises(LinkMalformed):
        tokens(purpose="staff").read(token)


def test_a_token_ends_after_its_days(frozen: Advance) -> None:
    """It opens until the last second; later it still tells its id."""
    token, link_id = tokens().mint()
    frozen(timedelta(days=DAYS))
    assert tokens().read(token) == link_id
    frozen(timedelta(seconds=1))
    with pytest.raises(LinkExpired) as caught:
        tokens().read(token)
    assert caught.value.link_id == link_id


@pytest.mark.parametrize(
    "ahead", [timedelta(seconds=1), timedelta(hours=1), timedelta(days=2)]
)
def test_a_token_from_a_clock_that_was_ahead_opens(
    frozen: Advance, ahead: timedelta
) -> None:
    """Two machines never agree to the second; a link is not dead for it."""
    frozen(ahead)
    token, link_id = tokens().mint()
    frozen(-ahead)
    assert tokens().read(token) == link_id


def test_a_token_dated_further_ahead_than_it_lives_is_refused(frozen: Advance) -> None:
    """A clock that was years ahead gives no link that opens for years."""
    frozen(timedelta(days=DAYS, seconds=1))
    token, _ = tokens().mint()
    frozen(-timedelta(days=DAYS, seconds=1))
    with pytest.raises(LinkExpired):
        tokens().read(token)


def test_a_token_cut_short_is_none() -> None:
    """A link that a mail program broke off opens nothing, wherever it broke."""
    token, _ = tokens().mint()
    for length in range(len(token)):
        with pytest.raises(LinkMalformed):
            tokens().read(token[:length])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 200), character=st.sampled_from(ALPHABET))
def test_an_altered_token_opens_nothing_else(place: int, character: str) -> None:
    """Any one character changed: refused; never another id, never a longer life."""
    token, _ = tokens().mint()
    place %= len(token)
    if token[place] != character:
        with pytest.raises(LinkMalformed):
            tokens().read(token[:place] + character + token[place + 1 :])


def test_the_last_character_counts() -> None:
    """Its unused bits too, though they carry nothing: a link has one spelling."""
    token, link_id = tokens().mint()
    read = []
    for character in ALPHABET:
        with suppress(LinkMalformed):
            read.append((character, tokens().read(token[:-1] + character)))
    assert read == [(token[-1], link_id)]


@pytest.mark.parametrize("extra", [".", ")", ">", "=", " ", "\n", "%20", "!"])
def test_what_hangs_on_a_token_spoils_it(extra: str) -> None:
    """A bracket from the sentence around it is not a part of the link."""
    token, _ = tokens().mint()
    with pytest.raises(LinkMalformed):
        tokens().read(token + extra)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made_up=st.text(st.characters(), max_size=300))
def test_whatever_is_made_up_is_refused_as_such(made_up: str) -> None:
    """Any text, however odd, is no token of ours and no other error."""
    with pytest.raises(LinkMalformed):
        tokens().read(made_up)


@pytest.mark.parametrize("made_up", ["\ud800", "..", "a.b.c", "." * 5000, "\0"])
def test_odd_bytes_are_refused_as_such(made_up: str) -> None:
    """What no address could hold is refused like the rest."""
    with pytest.raises(LinkMalformed):
        tokens().read(made_up)


def test_the_moment_of_minting_is_that_of_the_clock() -> None:
    """A link made years ago is an expired one today."""
    with clock.frozen(MOMENT.replace(year=2020)):
        token, _ = tokens().mint()
    with pytest.raises(LinkExpired):
        tokens().read(token)
