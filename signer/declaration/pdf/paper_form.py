"""A declaration form to print: one parent and one version, for a pen.

Nothing of it is sealed or kept. What the parent signs is the paper.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from signer.declaration.pdf.qr_code import qr_code
from signer.declaration.pdf.template_data import printed_policy, printed_text
from signer.declaration.pdf.typst_compiler import Spelling, as_json, compile_pdf

SIGNED_BY_HAND = "My signature below is my own."
"""In place of a statement that speaks of a name that is typed."""

_TYPED = re.compile(r"\b(?:typed|typing|type (?:my|your|the|in))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormText:
    """What a form says, besides the text of the version."""

    school: str
    motto: str
    title: str
    number: int
    label: str
    address: str
    """The permanent address of the version."""
    sha256: str
    """SHA-256 (hex) of the version's whole file."""
    statements: tuple[str, ...]
    """What is to be ticked, in order: see `statements_for_pen`."""
    parent_name: str
    """As in the register."""
    children: tuple[tuple[str, str], ...]
    """Name and year group of each."""
    desk_address: str
    """Where the office records it once it is signed, for those who may."""
    printed: date
    """The day on which it is made."""


def statements_for_pen(statements: tuple[str, ...]) -> tuple[str, ...]:
    """Return a version's statements as somebody can make them who signs by hand.

    They are the version's own, verbatim, but for those that speak of a name that is
    typed: in their place stands one that speaks of the signature.
    """
    worded = (
        SIGNED_BY_HAND if _TYPED.search(statement) else statement
        for statement in statements
    )
    return tuple(dict.fromkeys(worded))


def typeset_form(form: FormText, policy_blocks: list[dict[str, Any]]) -> bytes:
    """Return the PDF of a form, with the whole text behind it.

    Args:
        form: what it says.
        policy_blocks: the rendered policy as a tree of blocks.

    Raises:
        TypesetError: Typst failed.
    """

    def pages(spelling: Spelling) -> dict[str, bytes]:
        policy = printed_policy(policy_blocks, spelling)
        values = _values(form, spelling)
        return {
            "form.json": as_json(values | {"spelt_out": spelling.changed}),
            "policy.json": as_json(policy),
            "desk.svg": qr_code(form.desk_address),
        }

    day = datetime(*form.printed.timetuple()[:3], tzinfo=UTC)
    return compile_pdf("form", pages, int(day.timestamp()))


def _values(form: FormText, spelling: Spelling) -> dict[str, Any]:
    """The values that the pages show: nothing here is markup."""

    def said(words: str) -> dict[str, Any]:
        return printed_text(spelling(words))

    return {
        "school": said(form.school),
        "motto": said(form.motto),
        "title": said(form.title),
        "number": form.number,
        "edition": spelling(f"Version {form.number}, {form.label}"),
        "address": spelling(form.address),
        "sha256": form.sha256,
        "desk_address": form.desk_address,
        "statements": [said(statement) for statement in form.statements],
        "parent_name": said(form.parent_name),
        "children": [
            {"name": said(name), "year_group": said(year_group)}
            for name, year_group in form.children
        ],
    }
