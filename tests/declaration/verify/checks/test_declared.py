"""What a declaration says, held against its seal's certificate, and how it reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from signer.declaration.statement import Child
from signer.declaration.verify.checks.declared import check_seen, check_site
from signer.errors import InDoubt
from signer.pki.certificates import authority_certificate, seal_certificate
from tests.conftest import MOMENT
from tests.declaration.forgery import STATEMENT

if TYPE_CHECKING:
    from typing import Any

    from cryptography.x509 import Certificate

SCHOOL = STATEMENT.school
KEY = ec.generate_private_key(ec.SECP256R1())
AUTHORITY = authority_certificate(KEY, school=SCHOOL, at=MOMENT)


def certificate(crl_url: str | None) -> Certificate:
    return seal_certificate(
        KEY,
        authority=AUTHORITY,
        authority_key=KEY,
        school=SCHOOL,
        at=MOMENT,
        crl_url=crl_url,
    )


@pytest.mark.parametrize(
    "crl_url",
    [
        None,
        "https://policies.example/keys/ca.crl",
        "http://POLICIES.example:80/keys/ca.crl",
        # Made before the school had its address, or published by others.
        "http://127.0.0.1:8000/keys/ca.crl",
        "https://lists.example/school.crl",
    ],
)
def test_the_site_is_told_and_no_certificate_need_name_it(crl_url: str | None) -> None:
    """Only a site that the school's own certificate names is held against it."""
    assert check_site(STATEMENT, certificate(crl_url)) == "policies.example"


def test_another_site_than_the_certificate_s_is_doubted() -> None:
    """The code on the first page leads there: both are named."""
    with pytest.raises(InDoubt) as found:
        check_site(STATEMENT, certificate("https://school.example/keys/ca.crl"))
    assert "policies.example" in found.value.sentence
    assert "school.example" in found.value.sentence


@pytest.mark.parametrize(
    "address",
    [
        "https://policies.example:8443/versions/2/",
        "https://policies.example/another/versions/2/",
        "https://policies.example/another/../versions/2/",
        "http://policies.example/versions/2/",
    ],
)
def test_another_place_on_the_same_host_is_doubted(address: str) -> None:
    """Another service may be there, or another's site; or nothing keeps it the same."""
    named = certificate("https://policies.example/keys/ca.crl")
    with pytest.raises(InDoubt, match="Do not follow the addresses"):
        check_site(replace(STATEMENT, policy_address=address), named)
    told = check_site(replace(STATEMENT, policy_address=address), certificate(None))
    assert address.endswith(f"//{told}/versions/2/")


@pytest.mark.parametrize("blank", ["\u3164", "\uffa0", "\u2800", "\u2028"])
def test_a_name_with_a_letter_that_shows_nothing_is_doubted(blank: str) -> None:
    """It may read as two names, or as another."""
    check_seen(replace(STATEMENT, parent_name="\u1112\u1161\u11ab\u115f\u1161"))
    for field in ("parent_name", "typed_name", "school"):
        other: dict[str, Any] = {field: f"Amira{blank}Khan"}
        with pytest.raises(InDoubt, match="nobody sees"):
            check_seen(replace(STATEMENT, **other))
    child = Child(name=f"Yusuf{blank}", year_group="Year 8")
    with pytest.raises(InDoubt, match="name of a child"):
        check_seen(replace(STATEMENT, children=(child,)))


@pytest.mark.parametrize("odd", ["\u202e", "\u2066", "\u200b", "\U000e0041"])
@pytest.mark.parametrize(
    "field", ["parent_email", "capacity", "reached_by", "year_group"]
)
def test_words_that_read_as_others_are_doubted(field: str, odd: str) -> None:
    """In whatever the version's own text is not compared with."""
    other: dict[str, Any] = {field: f"Year {odd}8"}
    if field == "year_group":
        other = {"children": (*STATEMENT.children, Child(name="Ioan", **other))}
    check_seen(STATEMENT)
    with pytest.raises(InDoubt, match="nobody sees"):
        check_seen(replace(STATEMENT, **other))
