"""Netlify's signature: what is taken, and what is not."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.web.proxies.signature import Signature, check_signature
from tests.production.harness.proxy import signing

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "a secret of the proxy that is long enough to be one"
HOST = "policies.school.example"


def signed(secret: str = SECRET, **changed: object) -> str:
    """A header as Netlify makes it, with claims that differ."""
    return signing(secret, **changed)(HOST)["X-Nf-Sign"]


def unsecured() -> str:
    """A header that claims to need no signature."""
    claims = {"iss": "netlify", "exp": int(time.time()) + 300}
    return jwt.encode(claims, "", algorithm="none")


def nested() -> str:
    """A header of JSON that is nested deeper than a parser follows."""
    deep = base64.urlsafe_b64encode(b"[" * 2900).decode().rstrip("=")
    return f"{deep}.e30.x"


# Made as they are tried: a signature lives for minutes, and the tests for longer.
HEADERS: dict[str, tuple[Callable[[], str], Signature]] = {
    "fresh": (signed, Signature.VALID),
    "of netlify dev": (lambda: signed(deploy_context="dev"), Signature.VALID),
    # Either clock may be wrong by a little.
    "just ended": (lambda: signed(exp=int(time.time()) - 5), Signature.VALID),
    "made ahead": (lambda: signed(iat=int(time.time()) + 30), Signature.VALID),
    "none": (lambda: "", Signature.MISSING),
    "ended": (lambda: signed(exp=int(time.time()) - 600), Signature.EXPIRED),
    "preview": (lambda: signed(deploy_context="deploy-preview"), Signature.PREVIEW),
    "branch": (lambda: signed(deploy_context="branch-deploy"), Signature.PREVIEW),
    "another issuer": (lambda: signed(iss="somebody"), Signature.WRONG),
    "an end in words": (lambda: signed(exp="soon"), Signature.WRONG),
    "another secret": (lambda: signed(SECRET[::-1]), Signature.WRONG),
    "altered": (lambda: signed()[:-3] + "AAA", Signature.WRONG),
    "too long": (lambda: signed() + "A" * 5000, Signature.WRONG),
    "without an end": (
        lambda: jwt.encode({"iss": "netlify"}, SECRET, algorithm="HS256"),
        Signature.WRONG,
    ),
    "unsecured": (unsecured, Signature.WRONG),
    "nested": (nested, Signature.WRONG),
    "a letter": (lambda: "x", Signature.WRONG),
    "three letters": (lambda: "a.b.c", Signature.WRONG),
    "no ASCII": (lambda: "\xff.\xff.\xff", Signature.WRONG),
}


@pytest.mark.parametrize(("header", "found"), HEADERS.values(), ids=HEADERS)
def test_only_a_fresh_signature_of_the_site_itself_holds(
    header: Callable[[], str], found: Signature
) -> None:
    """Signed with the shared secret, by Netlify, for the site that parents see."""
    assert check_signature(header(), SECRET) is found


def test_without_a_secret_none_is_asked_for() -> None:
    """Whatever the header says."""
    for header in ("", "x", signed()):
        assert check_signature(header, "") is Signature.NOT_ASKED


def test_another_algorithm_is_not_taken() -> None:
    """Though the secret is right."""
    claims = {"iss": "netlify", "exp": int(time.time()) + 300}
    header = jwt.encode(claims, SECRET + SECRET, algorithm="HS512")
    assert check_signature(header, SECRET + SECRET) is Signature.WRONG


@given(
    st.one_of(
        st.text(max_size=200),
        st.lists(st.binary(max_size=60), min_size=3, max_size=3).map(
            lambda parts: ".".join(
                base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts
            )
        ),
        st.dictionaries(
            st.sampled_from(["alg", "typ", "kid", "crit", "b64"]),
            st.one_of(st.none(), st.integers(), st.text(), st.lists(st.text())),
        ).map(
            lambda head: (
                base64.urlsafe_b64encode(json.dumps(head).encode()).decode().rstrip("=")
                + ".e30.eA"
            )
        ),
    )
)
def test_nothing_that_a_stranger_sends_is_more_than_wrong(header: str) -> None:
    """No header makes an error page."""
    assert check_signature(header, SECRET) in {Signature.WRONG, Signature.MISSING}
