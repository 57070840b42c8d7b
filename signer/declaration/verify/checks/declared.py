"""What a declaration says, held against all that is known of it.

A seal shows who sealed a statement, and not that it is true: whoever holds the
school's key could seal any. What the service never writes is no declaration of the
school.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from urllib.parse import urlsplit

from cryptography.x509 import Certificate

from signer import clock
from signer.config.addresses import DEFAULT_PORTS, LIST_PATH, LOOPBACK
from signer.declaration.statement import Statement
from signer.declaration.verify.checks.seal_time import AHEAD
from signer.declaration.verify.checks.signature import Signed
from signer.errors import CheckFailed, InDoubt
from signer.markdown.front_matter import Entry, split
from signer.pki.certificates import list_addresses, organisation, organisation_of
from signer.user_text import has_blanks, unseen

_ODD = re.compile(r"[\s\\]")
"""What browsers drop from an address, or take for something else."""


def check_names(statement: Statement) -> None:
    """Refuse names that do not read as they are written.

    Raises:
        CheckFailed: one turns its direction around, or holds what nobody sees.
    """
    children = [child.name for child in statement.children]
    names = (statement.school, statement.parent_name, statement.typed_name, *children)
    if any(map(unseen, names)):
        raise CheckFailed(
            "A name in the declaration holds characters that nobody sees, so that it "
            "may read as another name. The school's service accepts none."
        )


def check_seen(statement: Statement) -> None:
    """Doubt words of the register that do not read as they are written.

    What is the version's own is compared with the version. A register that was kept by
    an earlier release may hold such a character beside a name, so that this is a doubt,
    which the school's record or its log settles.

    Raises:
        InDoubt: one turns its direction around, or holds what nobody sees.
    """
    names = (statement.school, statement.parent_name, statement.typed_name)
    words = {
        "name of a person or of the school": names,
        "name of a child": tuple(child.name for child in statement.children),
        "email address": (statement.parent_email,),
        "role": (statement.capacity,),
        "way of reaching the parent": (statement.reached_by,),
        "year group": tuple(child.year_group for child in statement.children),
    }
    for what, texts in words.items():
        if any(unseen(text) or has_blanks(text) for text in texts):
            raise InDoubt(
                f"The {what} in the declaration holds characters that nobody sees, so "
                "that it may read as another. Ask the school about it."
            )


def check_order(statement: Statement, signed: Signed) -> None:
    """Doubt times that are out of order, by more than clocks may differ.

    The clock of the school's computer may have been wrong for a day, so that this is a
    doubt, which the school's record or its log settles.

    Raises:
        InDoubt: invited, opened, confirmed and sealed do not follow each other.
    """
    times = {
        "invited": statement.invited_at,
        "opened": statement.opened_at,
        "confirmed": statement.confirmed_at,
        "sealed": signed.stated,
    }
    for (first, earlier), (second, later) in pairwise(times.items()):
        if earlier > later + AHEAD:
            raise InDoubt(
                f"The times are out of order: {second} on "
                f"{clock.in_school_time(later)}, but {first} on "
                f"{clock.in_school_time(earlier)}. Ask the school about it."
            )


def check_text(statement: Statement, source: bytes) -> None:
    """Compare what was confirmed with the version's own list, and its names with it.

    Args:
        statement: what is declared.
        source: the whole file of the version, as it was released.

    Raises:
        CheckFailed: they differ.
    """
    number = statement.policy_version
    entries = _front_matter(number, source)
    if statement.statements != entries["declaration"].value:
        raise CheckFailed(
            f"The statements are not those of version {number}, word for word and all "
            "of them."
        )
    if (statement.policy_title, statement.policy_label) != (
        entries["title"].value,
        entries["label"].value,
    ):
        raise CheckFailed(
            "The declaration gives the text another title or date than the text itself."
        )
    if not statement.policy_address.endswith(f"/versions/{number}/") or not _site(
        statement.policy_address
    ):
        raise CheckFailed(
            f"The address in the declaration is not that of version {number}."
        )


@lru_cache(maxsize=8)
def _front_matter(number: int, source: bytes) -> Mapping[str, Entry]:
    """The front matter of a version, read once: declarations share it."""
    return split(f"{number}.md", source.decode()).entries


def check_school(statement: Statement, certificate: Certificate) -> None:
    """Compare the school's name with the one in the seal's certificate.

    A school may have been given another name since its key was made, so that this is
    a doubt, which the school's record or its log settles.

    Raises:
        InDoubt: they differ.
    """
    sealing = organisation_of(certificate)
    if sealing is not None and organisation(statement.school) != sealing:
        raise InDoubt(
            f"The declaration is one to “{statement.school}”, but the seal's "
            f"certificate names “{sealing}”. Ask that school about it."
        )


def check_site(statement: Statement, certificate: Certificate) -> str:
    """Compare the site of the version's address with that in the seal's certificate.

    Where anybody can check the file is derived from it, on the first page and in its
    QR code. The school may have moved since its key was made, so that this is a doubt,
    which the school's record or its log settles. A certificate from before, one that
    was bought or one that was made on the school's own machine names no site.

    Returns:
        The site: its host, and whatever else the address has before the version's.

    Raises:
        InDoubt: they differ.
    """
    named = _base(statement.policy_address, f"/versions/{statement.policy_version}/")
    ours = [one for one in list_addresses(certificate) if one.endswith(LIST_PATH)]
    sites = {_base(one, LIST_PATH) for one in ours}
    known = sorted(site for site in sites if site and not _is_this_machine(site))
    plain = statement.policy_address.startswith("http:")
    worse = plain and any(one.startswith("https:") for one in ours)
    other = named not in known or worse
    if organisation_of(certificate) is not None and known and other:
        raise InDoubt(
            f"The declaration gives {'http://' if worse else ''}{named} as the "
            "school's site, but the seal's certificate gives "
            f"{'https://' if worse else ''}{' and '.join(known)}. Do not follow the "
            "addresses or the QR code in it, and ask the school about it."
        )
    return named


def _base(address: str, path: str) -> str:
    """An address without its scheme, the scheme's own port and what is behind it."""
    site = _site(address)
    if site is None:
        return ""
    parts = urlsplit(address)
    usual = parts.port in {None, DEFAULT_PORTS[parts.scheme]}
    shown = site if usual else f"{site}:{parts.port}"
    return f"{shown}{parts.path.removesuffix(path)}"


def _is_this_machine(site: str) -> bool:
    return any(site == one or site.startswith(f"{one}:") for one in LOOPBACK)


def _site(address: str) -> str | None:
    """The host of an address that readers may open; None for any other."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    plain = parts.scheme in DEFAULT_PORTS and "@" not in parts.netloc and port != 0
    odd = parts.query or parts.fragment or _ODD.search(address) or unseen(address)
    return parts.hostname if plain and not odd else None
