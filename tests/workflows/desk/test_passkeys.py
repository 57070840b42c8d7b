"""Passkeys: what signs in is the key that was added, to a new question, once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from signer import clock
from signer.errors import PasskeyRefused, SignInRefused
from signer.store.desk.roles import DeskRole
from signer.workflows.context import open_context
from signer.workflows.desk.accounts import add_account, remove_account
from signer.workflows.desk.ceremonies import passkeys_possible, sign_in_options
from signer.workflows.desk.passkeys import (
    MOST,
    add_passkey,
    ask_for_passkey,
    list_passkeys,
    remove_passkey,
    sign_in_by_passkey,
)
from signer.workflows.desk.sessions import who_is_signed_in
from tests.web.desk.entrance.soft_passkey import SoftPasskey, challenge_of
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signer.config import Settings
    from signer.workflows.context import AppContext

SITE = "https://school.example"


@pytest.fixture
def school(settings: Settings, app_context: AppContext) -> Iterator[AppContext]:
    """A school at a public address."""
    del app_context
    context = open_context(replace(settings, base_url=SITE))
    yield context
    context.sessions.close()


@pytest.fixture
def head(school: AppContext) -> str:
    """The headteacher's account."""
    return add_account(school, "head@school.example", DeskRole.HEAD, name="Helen")


def enrol(school: AppContext, ref: str, name: str = "Laptop") -> SoftPasskey:
    """Add a passkey to an account."""
    passkey = SoftPasskey(SITE)
    add_passkey(school, ref, passkey.make(ask_for_passkey(school, ref)), name=name)
    return passkey


def refused(school: AppContext, answer: str) -> str:
    """Why an answer signs nobody in; nothing has changed then."""
    before = snapshot(school)
    with pytest.raises(SignInRefused) as why:
        sign_in_by_passkey(school, answer)
    assert snapshot(school) == before
    return why.value.reason


def test_a_passkey_signs_in(school: AppContext, head: str) -> None:
    """As often as it is asked anew."""
    passkey = enrol(school, head)
    for _ in range(2):
        answer = passkey.sign(sign_in_options(school.settings))
        who = who_is_signed_in(school, sign_in_by_passkey(school, answer))
        assert who is not None
        assert who.ref == head
    [listed] = list_passkeys(school, head)
    assert (listed.name, listed.used_at) == ("Laptop", clock.now())


def test_an_answer_signs_in_once(school: AppContext, head: str) -> None:
    """Who has overheard one cannot use it, in any process."""
    passkey = enrol(school, head)
    answer = passkey.sign(sign_in_options(school.settings))

    def sign_in() -> str:
        try:
            sign_in_by_passkey(school, answer)
        except SignInRefused as why:
            return why.reason
        return "signed in"

    with ThreadPoolExecutor(4) as pool:
        outcomes = [pool.submit(sign_in) for _ in range(4)]
    told = sorted(one.result() for one in outcomes)
    assert told == ["signed in", "used", "used", "used"]
    assert refused(school, answer) == "used"


def test_a_question_is_answered_within_ten_minutes(
    school: AppContext, head: str
) -> None:
    """A page that was left open asks again."""
    passkey = enrol(school, head)
    with clock.frozen(clock.now()) as advance:
        options = sign_in_options(school.settings)
        making = ask_for_passkey(school, head)
        advance(timedelta(minutes=10, seconds=1))
        assert refused(school, passkey.sign(options)) == "passkey"
        with pytest.raises(PasskeyRefused):
            add_passkey(school, head, SoftPasskey(SITE).make(making), name="Late")


def test_what_another_site_was_told_is_not_taken(school: AppContext, head: str) -> None:
    """Nor what an authenticator says that has not looked who holds it, nor a copy's."""
    passkey = enrol(school, head)
    passkey.origin = "https://school.example.evil.example"
    assert refused(school, passkey.sign(sign_in_options(school.settings))) == "passkey"
    passkey.origin, passkey.verified = SITE, False
    assert refused(school, passkey.sign(sign_in_options(school.settings))) == "passkey"
    passkey.verified, passkey.count = True, 7
    sign_in_by_passkey(school, passkey.sign(sign_in_options(school.settings)))
    passkey.count = 6
    assert refused(school, passkey.sign(sign_in_options(school.settings))) == "passkey"


def test_a_question_of_another_kind_is_not_answered(
    school: AppContext, head: str
) -> None:
    """A key made for one account is kept in no other, and that is no sign-in."""
    other = add_account(school, "office@school.example", DeskRole.OFFICE)
    made = SoftPasskey(SITE).make(ask_for_passkey(school, head))
    with pytest.raises(PasskeyRefused):
        add_passkey(school, other, made, name="Stolen")
    assert list_passkeys(school, other) == ()
    assert refused(school, made) == "passkey"
    passkey = enrol(school, head)
    options = json.loads(sign_in_options(school.settings))
    making = json.loads(ask_for_passkey(school, head))
    options["challenge"] = making["challenge"]
    assert refused(school, passkey.sign(json.dumps(options))) == "passkey"


def test_a_passkey_belongs_to_one_account(school: AppContext, head: str) -> None:
    """It is kept once, and nobody else removes it."""
    other = add_account(school, "office@school.example", DeskRole.OFFICE)
    passkey = enrol(school, head)
    with pytest.raises(PasskeyRefused):
        add_passkey(
            school, other, passkey.make(ask_for_passkey(school, other)), name="Same"
        )
    [listed] = list_passkeys(school, head)
    assert not remove_passkey(school, other, listed.passkey_id)
    assert remove_passkey(school, head, listed.passkey_id)
    assert refused(school, passkey.sign(sign_in_options(school.settings))) == "passkey"


def test_who_is_removed_has_no_passkey(school: AppContext, head: str) -> None:
    """Not even once they may come in again: who knows where the key is by then."""
    add_account(school, "other@school.example", DeskRole.HEAD)
    passkey = enrol(school, head)
    remove_account(school, head)
    assert refused(school, passkey.sign(sign_in_options(school.settings))) == "passkey"
    assert add_account(school, "head@school.example", DeskRole.HEAD) == head
    assert refused(school, passkey.sign(sign_in_options(school.settings))) == "passkey"


@pytest.mark.parametrize("name", ["", " \t", "x" * 101, "a\u202eb", "a\x00b"])
def test_a_passkey_has_a_name_that_can_be_shown(
    school: AppContext, head: str, name: str
) -> None:
    """Of one line, without hidden characters."""
    with pytest.raises(PasskeyRefused) as why:
        enrol(school, head, name)
    assert why.value.reason == "name"


def test_an_account_has_so_many(school: AppContext, head: str) -> None:
    """A script that went wild fills no table."""
    for number in range(MOST):
        enrol(school, head, f"Key {number}")
    with pytest.raises(PasskeyRefused) as why:
        enrol(school, head)
    assert why.value.reason == "many"
    asked = json.loads(ask_for_passkey(school, head))
    assert len(asked["excludeCredentials"]) == MOST


def test_the_way_in_asks_everybody_the_same(school: AppContext, head: str) -> None:
    """Whether somebody has an account, or a passkey, cannot be told."""
    asked = [json.loads(sign_in_options(school.settings))]
    enrol(school, head)
    asked.append(json.loads(sign_in_options(school.settings)))
    challenges = {one.pop("challenge") for one in asked}
    assert len(challenges) == 2
    assert asked[0] == asked[1]
    assert asked[0]["allowCredentials"] == []
    assert asked[0]["userVerification"] == "required"


def json_like() -> st.SearchStrategy[Any]:
    """What a stranger may send in place of an answer."""
    words = st.sampled_from(["", "AA", "e30", "*", "é", "public-key", "eyJ0eXBlIjoxfQ"])
    leaf = st.none() | st.booleans() | st.integers() | words | st.text(max_size=8)
    keys = st.sampled_from(
        ["id", "rawId", "type", "response", "clientDataJSON", "authenticatorData"]
    )
    return st.recursive(
        leaf, lambda part: st.lists(part, max_size=3) | st.dictionaries(keys, part)
    )


@given(said=json_like(), field=st.sampled_from(["response", "id", "rawId", "type"]))
@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_nonsense_is_no_answer(school: AppContext, said: object, field: str) -> None:
    """Whatever stands in it, in whichever place."""
    answer = json.loads(SoftPasskey(SITE).sign(sign_in_options(school.settings)))
    for sent in (json.dumps(said), json.dumps({**answer, field: said}), str(said)):
        with pytest.raises(SignInRefused):
            sign_in_by_passkey(school, sent)
        with pytest.raises(PasskeyRefused):
            add_passkey(school, "unknown", sent, name="x")


def test_browsers_have_passkeys_for_names(settings: Settings) -> None:
    """Over HTTPS, or on the person's own machine."""
    for address in ("https://school.example", "http://localhost:8000"):
        assert passkeys_possible(replace(settings, base_url=address))
    for address in (
        *("http://school.example", "http://127.0.0.1:8000", "https://[::1]"),
    ):
        assert not passkeys_possible(replace(settings, base_url=address))


def test_a_challenge_is_long_enough(school: AppContext) -> None:
    """Sixteen random bytes at least (Web Authentication §13.4.3)."""
    assert len(challenge_of(sign_in_options(school.settings))) >= 22
