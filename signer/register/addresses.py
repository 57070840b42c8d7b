"""Whether an email address can be one at all.

Only sending a mail shows that an address works. This finds what never can, and
what would break out of a mail's header; it accepts less than RFC 5321 §4.1.2
(no quoted local parts, no address literals), which no family uses.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from string import ascii_letters, digits

from signer.domain_names import ascii_domain

LONGEST_ADDRESS = 254
"""Bytes of a whole address: RFC 5321 §4.5.3.1.3, less the angle brackets."""

LONGEST_LOCAL = 64

_LETTERS_AND_DIGITS = frozenset(ascii_letters + digits)
_LOCAL = _LETTERS_AND_DIGITS | frozenset("!#$%&'*+-/=?^_`{|}~.")
_DOMAIN = _LETTERS_AND_DIGITS | frozenset("-.")

_DOMAINS_KEPT = 1024
"""Families have their addresses with a few providers."""


def fault_of(address: str) -> str:
    """What makes an address impossible, as a clause; empty where nothing does."""
    # Of the spaces, one alone counts as printable.
    if " " in address or not address.isprintable():
        return "there is a space, line end or hidden character in the address"
    if len(address.encode()) > LONGEST_ADDRESS:
        return f"the address is longer than {LONGEST_ADDRESS} characters"
    if address.count("@") != 1:
        return "an email address has one @"
    local, _, domain = address.partition("@")
    if not _local_is_possible(local):
        return "the part before the @ cannot be right"
    return "" if _domain_is_possible(domain) else "the part after the @ cannot be right"


def _local_is_possible(local: str) -> bool:
    return (
        len(local.encode()) <= LONGEST_LOCAL
        and all(map(_is_letter_or_digit, set(local) - _LOCAL))
        and all(local.split("."))
    )


@lru_cache(maxsize=_DOMAINS_KEPT)
def _domain_is_possible(domain: str) -> bool:
    labels = domain.split(".")
    # The last label of a domain is never a number: what looks so is an IP address.
    if len(labels) == 1 or labels[-1].isdigit():
        return False
    if not all(map(_is_letter_or_digit, set(domain) - _DOMAIN)):
        return False
    try:
        encoded = ascii_domain(domain)
    except ValueError:
        return False
    return all(label.strip("-") == label for label in encoded.split("."))


def _is_letter_or_digit(character: str) -> bool:
    # Marks belong to the letters of Devanagari and others; a mailbox may have them.
    return unicodedata.category(character)[0] in "LNM"
