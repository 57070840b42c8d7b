"""What a statement says, as values for the template: nothing here is markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from signer import clock
from signer.declaration.statement import Statement, statement_sha256

DEEPEST_HEADING = 6


def printed_statement(
    statement: Statement, raw: bytes, spelling: Callable[[str], str]
) -> dict[str, Any]:
    """The values that the pages show.

    Args:
        statement: what is declared.
        raw: its canonical JSON, whose SHA-256 is printed.
        spelling: how a text from outside is spelt so that it can be printed.
    """

    def said(text: str) -> dict[str, Any]:
        return printed_text(spelling(text))

    return {
        "reference": statement.declaration_id,
        "replaces": statement.replaces,
        "school": said(statement.school),
        "policy_title": said(statement.policy_title),
        "verify_address": spelling(verify_address(statement)),
        "edition": spelling(
            f"Version {statement.policy_version}, {statement.policy_label}"
        ),
        "policy_sha256": statement.policy_sha256,
        "policy_address": spelling(statement.policy_address),
        "statement_sha256": statement_sha256(raw),
        "parent_name": said(statement.parent_name),
        "parent_email": said(statement.parent_email),
        "typed_name": said(statement.typed_name),
        "another_way": statement.another_way,
        "capacity": said(statement.capacity),
        "reached_by": said(statement.reached_by),
        "children": [
            {"name": said(child.name), "year_group": said(child.year_group)}
            for child in statement.children
        ],
        "statements": [said(text) for text in statement.statements],
        "invited": _times(statement.invited_at),
        "opened": _times(statement.opened_at),
        "confirmed": _times(statement.confirmed_at),
    }


def verify_address(statement: Statement) -> str:
    """Where anybody can check the file: the service's page, on the version's site."""
    path = f"/versions/{statement.policy_version}/"
    return statement.policy_address.removesuffix(path) + "/verify"


def printed_policy(
    blocks: list[dict[str, Any]], spelling: Callable[[str], str]
) -> list[dict[str, Any]]:
    """The policy's blocks with headings below the policy's own title, none skipped.

    PDF/UA-1 (ISO 14289-1, 7.4.2) allows no heading level to be left out.
    """
    levels = [block["level"] for block in _headings(blocks)]
    # The policy's title is a heading of level 1; the text begins below it.
    shift = 2 - min(levels, default=2)
    above = 1

    def copied(value: object) -> object:
        nonlocal above
        if isinstance(value, list):
            return [copied(item) for item in value]
        if not isinstance(value, dict):
            return value
        copy = {
            key: spelling(item) if key == "text" else copied(item)
            for key, item in value.items()
        }
        if copy.get("kind") == "heading":
            above = min(value["level"] + shift, above + 1, DEEPEST_HEADING)
            copy["level"] = above
        return copy

    return [copy for copy in map(copied, blocks) if isinstance(copy, dict)]


def printed_text(text: str) -> dict[str, Any]:
    """A text from outside for the template, with its runs of one reading direction.

    Typst tags words that are read from the right in the order in which they stand on
    the page, and readers of the structure would hear them reversed. So the template
    places each of them by itself, in the order of the text.
    """
    rtl = reads_from_the_right(text)
    runs: list[dict[str, Any]] = []
    for word in text.split(" "):
        turned = reads_from_the_right(word)
        # A sign or a number alone belongs to what stands before it.
        if runs and (turned == runs[-1]["rtl"] or not _has_direction(word)):
            runs[-1]["words"].append(word)
        else:
            runs.append({"words": [word], "rtl": turned})
    return {"text": text, "rtl": rtl, "runs": runs}


def _has_direction(text: str) -> bool:
    return any(unicodedata.bidirectional(one) in {"L", "R", "AL"} for one in text)


def reads_from_the_right(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left.

    Unicode Standard Annex 9, rules P2 and P3.
    """
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


def _times(moment: datetime) -> dict[str, str]:
    # To the second in both, since that is what is hashed.
    local = moment.astimezone(clock.SCHOOL_ZONE)
    return {
        "local": f"{local.day} {local:%B %Y, %H:%M:%S %Z}",
        "utc": clock.iso(moment),
    }


def _headings(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _headings(item)
    elif isinstance(value, dict):
        if value.get("kind") == "heading":
            yield value
        for item in value.values():
            yield from _headings(item)
