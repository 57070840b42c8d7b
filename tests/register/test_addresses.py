"""Addresses that can and cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.register.addresses import fault_of


@pytest.mark.parametrize(
    "address",
    [
        "a@b.uk",
        "o'brien+school@mail.example.co.uk",
        "first.last_1@sub-domain.example",
        "jürgen@bücher.example",
        "अनिता@डाक.भारत",
        "x" * 64 + "@" + ".".join(["y" * 61] * 3) + ".eu",
    ],
)
def test_an_address_that_can_be_is_taken(address: str) -> None:
    """What families really have is accepted, other scripts included."""
    assert fault_of(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "anna",
        "@families.example",
        "anna@",
        "anna@localhost",
        "anna@families",
        "anna@@families.example",
        "anna@b@families.example",
        "anna..b@families.example",
        ".anna@families.example",
        "anna.@families.example",
        "anna@.example",
        "anna@families..example",
        "anna@families.example.",
        "anna@-families.example",
        "anna@192.168.0.1",
        "anna@[192.168.0.1]",
        "anna@fam_ilies.example",
        "Anna <anna@families.example>",
        "anna@families.example, b@families.example",
        "anna@families.example;b@families.example",
        "mailto:anna@families.example",
        "anna @families.example",
        "anna@families.example\nBcc: x@y.example",
        "anna@families.example\r\nBcc:x@y.example",
        "anna\u200b@families.example",
        "anna\u202e@families.example",
        "anna\udce9@families.example",
        '"anna"@families.example',
        "x" * 65 + "@families.example",
        "x@" + ".".join(["y" * 61] * 4) + ".example",
        "x@" + "y" * 64 + ".example",
    ],
)
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    """Slips of the hand, lists, names, and what would break out of a header."""
    assert fault_of(address)


@given(st.text(max_size=40))
def test_a_taken_address_never_breaks_out_of_a_header(text: str) -> None:
    """Whatever is accepted holds no white space, control or list character."""
    for address in (text, f"{text}@families.example", f"anna@{text}.example"):
        if not fault_of(address):
            assert address.isprintable()
            assert not set(address) & set(' ,;:<>()[]"\\\r\n')
            assert len(address.encode()) <= 254
