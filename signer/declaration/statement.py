"""What a parent agreed: the statement, as canonical JSON (RFC 8785).

The same statement is always the same bytes, so its SHA-256 names it, and whatever
is printed from it is what was hashed.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

import rfc8785

from signer import clock
from signer.errors import StatementError

FORMAT = "mos-declaration/1"
"""Names these keys and their meaning; another set of keys is another format."""

MOST_BYTES = 1_000_000
"""Longer than any statement: what is longer is not read at all."""

# Crockford's base 32: no I, L, O or U, so that it can be read out on the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP_CHARACTERS = 3, 4
_IDENTIFIER = re.compile(
    rf"D(?:-[{_ALPHABET}]{{{_GROUP_CHARACTERS}}}){{{_GROUPS}}}", re.ASCII
)
_OPTIONAL = frozenset({"another_way", "fonts"})
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
# Unicode's categories Cc and Cs, which get no further characters.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A child for whom the declaration is made, as in the register."""

    name: str
    year_group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One parent's declaration on one version of the policy.

    Moments are aware and in whole seconds; every text is one line and not empty.
    """

    declaration_id: str
    """From `new_declaration_id`: the reference that people quote."""
    school: str
    policy_title: str
    policy_version: int
    policy_label: str
    policy_sha256: str
    """SHA-256 (hex) of the version's whole file."""
    policy_address: str
    """The permanent address of the version."""
    parent_name: str
    """As in the register."""
    parent_email: str
    """The address that the link was sent to."""
    typed_name: str
    """The typed signature."""
    capacity: str
    """In what capacity they sign, in the words shown, such as ``parent``."""
    children: tuple[Child, ...]
    statements: tuple[str, ...]
    """What was confirmed, verbatim, in the version's order."""
    invited_at: datetime
    opened_at: datetime
    confirmed_at: datetime
    reached_by: str
    """How the parent was reached, such as ``emailed link``."""
    replaces: str | None
    """The declaration that this one replaces."""
    template: str
    """The version of the template that typesets it."""
    typst: str
    """The version of Typst that typesets it."""
    another_way: bool = False
    """Whether the parent said that they write their name another way than the register.

    It stands in the JSON where it is true alone: without it, nothing of the kind was
    said, and a statement from before has the bytes that it always had."""
    fonts: str | None = None
    """SHA-256 (hex) of the list of fonts that typeset it, ``SHA256SUMS`` beside them.

    A statement from before names none: it was set with the first of these lists."""


def to_json(statement: Statement) -> bytes:
    """The statement in canonical JSON, UTF-8.

    Raises:
        StatementError: a value is not as `Statement` says.
    """
    content = asdict(statement)
    for key in _OPTIONAL:
        if not content[key]:
            del content[key]
    for key, value in content.items():
        if isinstance(value, datetime):
            if value.tzinfo is None or value.microsecond:
                raise StatementError(f"{key} is not an aware moment in whole seconds")
            content[key] = clock.iso(value)
    try:
        raw = rfc8785.dumps({"format": FORMAT, **content})
    except (rfc8785.CanonicalizationError, TypeError) as error:
        raise StatementError(f"no canonical JSON: {error}") from error
    # Whoever can write a statement must be able to read it again.
    if _read(raw) != statement:
        raise StatementError("the statement does not survive being written")
    return raw


def from_json(raw: bytes) -> Statement:
    """The statement that `to_json` wrote; its times are in UTC.

    Raises:
        StatementError: not canonical, not complete, or of an unknown format.
    """
    statement = _read(raw)
    if to_json(statement) != raw:
        raise StatementError("the JSON is not canonical")
    return statement


def statement_sha256(raw: bytes) -> str:
    """SHA-256 (hex) of a statement's canonical JSON."""
    return hashlib.sha256(raw).hexdigest()


def new_declaration_id() -> str:
    """A new reference, such as ``D-7K3M-9QXF-2B4T``: 60 random bits."""
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARACTERS))
        for _ in range(_GROUPS)
    )
    return "-".join(("D", *groups))


def _read(raw: bytes) -> Statement:
    if len(raw) > MOST_BYTES:
        raise StatementError(f"longer than {MOST_BYTES} bytes")
    try:
        content = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise StatementError(f"not JSON in UTF-8: {error}") from error
    keys = {"format", *(f.name for f in fields(Statement))}
    content = _mapping(content, keys, optional=_OPTIONAL)
    if content.pop("format") != FORMAT:
        raise StatementError("an unknown format")
    for key, value in content.items():
        content[key] = _READERS.get(key, _text)(key, value)
    return Statement(**content)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise StatementError("a key appears twice")
    return content


def _mapping(
    value: object, keys: set[str], *, optional: frozenset[str] = frozenset()
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise StatementError("not an object")
    if not keys - optional <= value.keys() <= keys:
        missing = sorted(keys - optional - value.keys())
        unknown = sorted(value.keys() - keys)
        raise StatementError(f"missing keys {missing}, unknown keys {unknown}")
    return value


def _version_number(key: str, value: object) -> int:
    # True is an int in Python, and not a number in JSON.
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise StatementError(f"{key} is not a whole number from 1")
    return value


def _said(key: str, value: object) -> bool:
    if value is not True:
        raise StatementError(f"{key} is not true: it is left out instead")
    return True


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise StatementError(f"{key} is not a text")
    if _CONTROL.search(value):
        raise StatementError(f"{key} holds a control character")
    return value


def _matching(key: str, value: object, pattern: re.Pattern[str]) -> str:
    text = _text(key, value)
    if not pattern.fullmatch(text):
        raise StatementError(f"{key} is not of the form {pattern.pattern}")
    return text


def _identifier(key: str, value: object) -> str:
    return _matching(key, value, _IDENTIFIER)


def _sha256(key: str, value: object) -> str:
    return _matching(key, value, _SHA256)


def _moment(key: str, value: object) -> datetime:
    try:
        return clock.parse(_text(key, value)).astimezone(UTC)
    except ValueError as error:
        raise StatementError(f"{key} is not a moment in UTC") from error


def _replaced(key: str, value: object) -> str | None:
    return None if value is None else _identifier(key, value)


def _list(key: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise StatementError(f"{key} is not a list")
    return value


def _texts(key: str, value: object) -> tuple[str, ...]:
    return tuple(_text(key, item) for item in _list(key, value))


def _children(key: str, value: object) -> tuple[Child, ...]:
    members = {field.name for field in fields(Child)}
    return tuple(
        Child(**{name: _text(name, text) for name, text in content.items()})
        for content in (_mapping(item, members) for item in _list(key, value))
    )


# What is not named here is a text.
_READERS: dict[str, Callable[[str, object], object]] = {
    "declaration_id": _identifier,
    "policy_version": _version_number,
    "policy_sha256": _sha256,
    "children": _children,
    "statements": _texts,
    "invited_at": _moment,
    "opened_at": _moment,
    "confirmed_at": _moment,
    "replaces": _replaced,
    "another_way": _said,
    "fonts": _sha256,
}
