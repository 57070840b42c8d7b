"""The statement: the same words are always the same bytes, and nothing else is read."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.declaration.statement import (
    MOST_BYTES,
    Child,
    Statement,
    from_json,
    new_declaration_id,
    statement_sha256,
    to_json,
)
from signer.errors import StatementError

EXAMPLE = Statement(
    declaration_id="D-7K3M-9QXF-2B4T",
    school="My Online Schooling",
    policy_title="Code of Conduct",
    policy_version=2,
    policy_label="August 2022",
    policy_sha256="ab" * 32,
    policy_address="https://policy.example/versions/2/",
    parent_name="Siân O'Brien",
    parent_email="sian@example.org",
    typed_name="Sian O'Brien",
    capacity="parent",
    children=(
        Child(name="Ioan O'Brien", year_group="Year 8"),
        Child(name="محمد", year_group="Year 4"),
    ),
    statements=("I have read it.", "I agree to follow it."),
    invited_at=datetime(2022, 9, 1, 8, 0, 0, tzinfo=UTC),
    opened_at=datetime(2022, 9, 2, 18, 0, 0, tzinfo=UTC),
    confirmed_at=datetime(2022, 9, 2, 18, 10, 11, tzinfo=UTC),
    reached_by="emailed link",
    replaces=None,
    template="1",
    typst="0.15.2",
)
CANONICAL = (
    '{"capacity":"parent","children":[{"name":"Ioan O\'Brien","year_group":"Year 8"},'
    '{"name":"محمد","year_group":"Year 4"}],"confirmed_at":"2022-09-02T18:10:11Z",'
    '"declaration_id":"D-7K3M-9QXF-2B4T","format":"mos-declaration/1",'
    '"invited_at":"2022-09-01T08:00:00Z","opened_at":"2022-09-02T18:00:00Z",'
    '"parent_email":"sian@example.org","parent_name":"Siân O\'Brien",'
    '"policy_address":"https://policy.example/versions/2/",'
    '"policy_label":"August 2022","policy_sha256":"' + "ab" * 32 + '",'
    '"policy_title":"Code of Conduct","policy_version":2,'
    '"reached_by":"emailed link","replaces":null,"school":"My Online Schooling",'
    '"statements":["I have read it.","I agree to follow it."],"template":"1",'
    '"typed_name":"Sian O\'Brien","typst":"0.15.2"}'
).encode()

TEXTS = [field.name for field in fields(Statement) if field.type == "str"]
TEXTS = sorted(set(TEXTS) - {"declaration_id", "policy_sha256"})

OPTIONAL = {"another_way", "fonts"}
REQUIRED = sorted({field.name for field in fields(Statement)} - OPTIONAL)

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)
moments = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(9000, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))
identifiers = st.builds(new_declaration_id)
statements = st.builds(
    Statement,
    declaration_id=identifiers,
    policy_version=st.integers(1, 2**53 - 1),
    policy_sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
    children=st.lists(st.builds(Child, name=texts, year_group=texts)).map(tuple),
    statements=st.lists(texts).map(tuple),
    invited_at=moments,
    opened_at=moments,
    confirmed_at=moments,
    replaces=st.none() | identifiers,
    another_way=st.booleans(),
    fonts=st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex),
    **dict.fromkeys(TEXTS, texts),
)


def altered(**changes: Any) -> bytes:
    """The example as canonical JSON of other content."""
    content = json.loads(CANONICAL) | changes
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def test_a_statement_is_canonical_json() -> None:
    """Keys are sorted, nothing is spaced or escaped, and times are UTC in seconds."""
    assert to_json(EXAMPLE) == CANONICAL


@given(statements)
def test_what_is_written_is_read_again(statement: Statement) -> None:
    """Any statement comes back equal, from one spelling alone."""
    raw = to_json(statement)
    assert from_json(raw) == statement
    assert to_json(from_json(raw)) == raw


def test_a_moment_in_another_zone_is_written_in_utc() -> None:
    """The same moment is the same bytes, whatever zone it was given in."""
    zone = timezone(timedelta(hours=1))
    moved = replace(EXAMPLE, confirmed_at=EXAMPLE.confirmed_at.astimezone(zone))
    assert to_json(moved) == CANONICAL


def test_a_name_written_another_way_is_told_where_it_is_so() -> None:
    """Nothing else changes; where it is not so, nothing stands there."""
    raw = to_json(replace(EXAMPLE, another_way=True))
    assert raw == altered(another_way=True)
    assert from_json(raw).another_way
    with pytest.raises(StatementError, match="is not true"):
        from_json(altered(another_way=False))


def test_the_fonts_are_named_from_the_day_they_could_be() -> None:
    """Nothing else changes, and what came before keeps its bytes."""
    raw = to_json(replace(EXAMPLE, fonts="ab" * 32))
    assert raw == altered(fonts="ab" * 32)
    assert from_json(raw).fonts == "ab" * 32
    assert from_json(CANONICAL).fonts is None
    for value in (None, "", "AB" * 32, "ab" * 31):
        with pytest.raises(StatementError, match="fonts"):
            from_json(altered(fonts=value))


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_key_is_refused(name: str) -> None:
    """No key of a statement may be left out."""
    content = json.loads(CANONICAL)
    del content[name]
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    with pytest.raises(StatementError, match=name):
        from_json(raw)


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [1.5, True, [1], {"a": 1}, [[]], [None], ""])
def test_a_value_of_another_kind_is_refused(name: str, value: object) -> None:
    """Every value is of its own kind; none is converted."""
    with pytest.raises(StatementError):
        from_json(altered(**{name: value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"another": "key"},
        {"format": "mos-declaration/2"},
        {"policy_version": 0},
        {"policy_version": 2**53},
        {"policy_sha256": "AB" * 32},
        {"policy_sha256": "ab" * 31},
        {"declaration_id": "D-7K3M-9QXF-2B4I"},
        {"declaration_id": "D-7K3M-9QXF-2B4T\n"},
        {"replaces": "D-7K3M"},
        {"confirmed_at": "2022-09-02T18:10:11+00:00"},
        {"confirmed_at": "2022-09-02T18:10:11.5Z"},
        {"confirmed_at": "2022-9-2T18:10:11Z"},
        {"confirmed_at": "2022-02-30T18:10:11Z"},
        {"parent_name": "a\x1b[2Jb"},
        {"children": [{"name": "Ioan"}]},
        {"children": [{"name": "Ioan", "year_group": "Year 8", "born": "2010"}]},
        {"children": [["Ioan", "Year 8"]]},
        {"statements": ["I agree.", ""]},
    ],
)
def test_content_that_no_statement_has_is_refused(changes: dict[str, object]) -> None:
    """Unknown keys, formats and forms of a value are refused."""
    with pytest.raises(StatementError):
        from_json(altered(**changes))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"NaN",
        CANONICAL[:-1],
        CANONICAL + b"\n",
        b" " + CANONICAL,
        b"\xef\xbb\xbf" + CANONICAL,
        CANONICAL.decode().encode("utf-16"),
        CANONICAL.replace(b'"template":"1"', b'"template":"2","template":"1"'),
        CANONICAL.replace(b'"name":"Ioan', b'"name":"Eve","name":"Ioan'),
        CANONICAL.replace(b'"policy_version":2', b'"policy_version":2.0'),
        CANONICAL.replace(b'"policy_version":2', b'"policy_version":' + b"9" * 5000),
        CANONICAL.replace("â".encode(), rb"\u00e2"),
        CANONICAL.replace("â".encode(), rb"\ud800"),
        CANONICAL.replace(b"https://", rb"https:\/\/"),
        CANONICAL.replace(b":null", b": null"),
        json.dumps(json.loads(CANONICAL), indent=1).encode(),
        b"[" * 100_000,
        b" " * (MOST_BYTES + 1),
    ],
    ids=range(21),
)
def test_any_other_spelling_is_refused(raw: bytes) -> None:
    """Doubled keys, white space, escapes, other encodings and cut files are refused."""
    with pytest.raises(StatementError):
        from_json(raw)


@pytest.mark.parametrize(
    "changes",
    [
        {"confirmed_at": datetime(2022, 9, 2, 18, 10, 11, 5, tzinfo=UTC)},
        {"confirmed_at": datetime(2022, 9, 2, 18, 10, 11)},  # noqa: DTZ001 - the point
        {"confirmed_at": datetime(999, 9, 2, tzinfo=UTC)},
        {"parent_name": "\ud800"},
        {"parent_name": ""},
        {"typed_name": "two\nlines"},
        {"policy_version": 2**53},
        {"policy_sha256": "unknown"},
        {"children": [Child(name="Ioan", year_group="Year 8")]},
        {"template": object()},
    ],
    ids=range(10),
)
def test_nothing_is_written_that_could_not_be_read(changes: dict[str, Any]) -> None:
    """A fraction of a second, a naive time or an empty name never reaches a hash."""
    with pytest.raises(StatementError):
        to_json(replace(EXAMPLE, **changes))


def test_a_statement_is_named_by_its_sha256() -> None:
    """The digest is that of the bytes, as ``sha256sum`` prints it."""
    assert statement_sha256(b"abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_references_are_unguessable_and_readable() -> None:
    """A reference holds 60 random bits, and no letter that is taken for a digit."""
    references = {new_declaration_id() for _ in range(1000)}
    assert len(references) == 1000
    letters = set("".join(references).replace("D-", "")) - {"-"}
    assert letters == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert {len(reference) for reference in references} == {len("D-7K3M-9QXF-2B4T")}
