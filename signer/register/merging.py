"""Rows made into people: one parent for all rows of one name at one address.

What comes out does not depend on the order of the rows. Where rows of one person
disagree, a rule that looks at all of them decides, and `doubts` tells of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from signer.register.file.cells import Row
from signer.register.people import Child, Parent
from signer.register.problems import Problem, shown
from signer.register.spelling import (
    same_signature,
    shortened_alike,
    signature_keys,
    spelled_alike,
)
from signer.register.year_groups import year_number
from signer.user_text import same_name

MOST_NAMES_COMPARED = 12
"""More names than this at one address are no family, and are not compared."""


def merge(rows: Sequence[Row]) -> tuple[Parent, ...]:
    """The parents that rows name, by name and address, children by name."""
    parents = [_parent(of_one) for of_one in _by_parent(rows).values()]
    return tuple(sorted(parents, key=lambda parent: parent.key))


def doubts(rows: Sequence[Row]) -> tuple[Problem, ...]:
    """What an office should look at before it imports these rows, by line."""
    found: list[Problem] = []
    for of_one in _by_parent(rows).values():
        found += _two_spellings(of_one)
        found += _repeated(of_one)
    found += _two_addresses(rows)
    found += _without_address(rows)
    at_address = defaultdict(list)
    for row in rows:
        if row.parent_email:
            at_address[row.parent_email.lower()].append(row)
    for sharing in at_address.values():
        found += _two_year_groups(sharing)
        found += _alike(sharing, "parent_name")
        found += _alike(sharing, "child_name")
    found += _children_spelled_otherwise(rows)
    return tuple(sorted(found, key=lambda p: (p.line, p.column, p.what)))


def _by_parent(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    groups = defaultdict(list)
    for row in rows:
        groups[_key(row)].append(row)
    return groups


def _by_child(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups = defaultdict(list)
    for row in rows:
        groups[same_name(row.child_name)].append(row)
    return groups


def _parent(rows: Sequence[Row]) -> Parent:
    children = []
    for name, of_child in sorted(_by_child(rows).items()):
        newest = max(of_child, key=_year_order)
        child = Child(
            _usual(row.child_name for row in of_child),
            newest.year_group,
            max(row.tutor_group for row in of_child if _same_year(row, newest)),
            newest.written_year_group,
        )
        children.append((name, child, _usual(row.relationship for row in of_child)))
    return Parent(
        _usual(row.parent_name for row in rows),
        _usual(row.parent_email for row in rows),
        tuple((child, relationship) for _, child, relationship in children),
        max(row.parent_id for row in rows),
    )


def _usual(written: Iterable[str]) -> str:
    """The most frequent way to write something; Anna Bell rather than ANNA BELL."""
    counts = Counter(written)
    if len(counts) == 1:
        return next(iter(counts))

    def order(counted: tuple[str, int]) -> tuple[int, bool, str]:
        word, count = counted
        return count, not (word.isupper() or word.islower()), word

    return max(counts.items(), key=order)[0]


def _year_order(row: Row) -> tuple[int, str, str]:
    """Children move up: of two year groups the higher is the newer."""
    number = year_number(row.year_group)
    before_all = -2
    return (
        before_all if number is None else number,
        row.year_group,
        row.written_year_group,
    )


def _same_year(one: Row, other: Row) -> bool:
    return one.year_group == other.year_group


def _two_spellings(rows: Sequence[Row]) -> Iterator[Problem]:
    kept = _usual(row.parent_name for row in rows)
    for row in rows:
        if row.parent_name != kept:
            yield row.problem(
                "parent_name",
                f"{shown(row.parent_name)} is written {shown(kept)} elsewhere; "
                "both are taken as one person",
                f"{shown(kept)} will appear on the declaration; correct it if wrong",
            )
            return


def _repeated(rows: Sequence[Row]) -> Iterator[Problem]:
    for of_child in _by_child(rows).values():
        for row in of_child[1:]:
            yield row.problem(
                "child_name",
                f"line {of_child[0].line} has the same parent and child",
                "Remove one of the two lines; they are taken as one",
            )


def _two_year_groups(rows: Sequence[Row]) -> Iterator[Problem]:
    for of_child in _by_child(rows).values():
        first = of_child[0]
        for row in of_child[1:]:
            if same_name(row.year_group) != same_name(first.year_group):
                yield row.problem(
                    "year_group",
                    f"{shown(row.child_name)} is in {shown(row.year_group)} here and "
                    f"in {shown(first.year_group)} on line {first.line}",
                    "Correct the wrong one, unless they are two children",
                )


def _may_be_one(one: str, other: str) -> bool:
    return (
        spelled_alike(one, other)
        or same_signature(one, other)
        or shortened_alike(one, other)
    )


def _two_addresses(rows: Sequence[Row]) -> Iterator[Problem]:
    """One name at two addresses, with one child: a parent who would be asked twice."""
    for of_child in _by_child(rows).values():
        first_rows: dict[str, Row] = {}
        for row in of_child:
            if row.parent_email:
                first_rows.setdefault(row.parent_email.lower(), row)
        if len(first_rows) > MOST_NAMES_COMPARED:
            continue
        for earlier, later in combinations(first_rows.values(), 2):
            if same_signature(earlier.parent_name, later.parent_name):
                yield later.problem(
                    "parent_email",
                    f"{shown(later.parent_name)}, {later.relationship} of "
                    f"{shown(later.child_name)}, has another address on line "
                    f"{earlier.line}",
                    "Keep one address if they are one person; they are taken as two",
                )


def _without_address(rows: Sequence[Row]) -> Iterator[Problem]:
    """Parents to whom no mail can go, and who may have an address on another row."""
    addressed: dict[str, Row] = {}
    for row in rows:
        if row.parent_email:
            for key in signature_keys(row.parent_name):
                addressed.setdefault(key, row)
    for row, *_ in _by_parent(rows).values():
        if row.parent_email:
            continue
        keys = signature_keys(row.parent_name)
        other = next((addressed[key] for key in keys if key in addressed), None)
        name = shown(row.parent_name)
        if other is None:
            what = f"{name} has no address: no mail can go out, and they sign on paper"
            remedy = "Fill it in if they have one"
        else:
            what = f"{name} has no address here, and one on line {other.line}"
            remedy = "Fill it in if they are one person; they are taken as two"
        yield Problem(row.line, "parent_email", what, remedy)


def _children_spelled_otherwise(rows: Sequence[Row]) -> Iterator[Problem]:
    """A child of one name and year group whom two parents' rows spell in two ways."""
    first_rows: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = same_name(row.child_name), same_name(row.year_group)
        first = first_rows.setdefault(key, row)
        if row.child_name != first.child_name and _is_other_parent(row, first):
            yield row.problem(
                "child_name",
                f"{shown(row.child_name)} is written {shown(first.child_name)} on "
                f"line {first.line}, for another parent; each parent keeps the "
                "spelling of their own row",
                "Write them alike if they are one child",
            )


def _is_other_parent(one: Row, other: Row) -> bool:
    return _key(one) != _key(other)


def shared_identifiers(rows: Sequence[Row]) -> tuple[Problem, ...]:
    """Rows that give one identifier to two parents, or two to one."""
    problems = []
    owners: dict[str, Row] = {}
    given: dict[tuple[str, str], Row] = {}
    for row in rows:
        if not row.parent_id:
            continue
        owner = owners.setdefault(row.parent_id, row)
        first = given.setdefault(_key(row), row)
        if _is_other_parent(row, owner) and _is_half_addressed(row, owner):
            what = (
                f"line {owner.line} and this one: only one of them can have an address"
            )
            problems.append(Problem(row.line, "parent_email", what, "Write it on both"))
            continue
        if _is_other_parent(row, owner):
            what = f"{shown(row.parent_id)} is another parent's on line {owner.line}"
        elif first.parent_id != row.parent_id:
            what = f"this parent has {shown(first.parent_id)} on line {first.line}"
        else:
            continue
        remedy = "Give each parent one identifier of their own, written in one way"
        problems.append(row.problem("parent_id", what, remedy))
    return tuple(problems)


def _is_half_addressed(one: Row, other: Row) -> bool:
    """Whether two rows of one name have an address on one of them alone."""
    return bool(one.parent_email) != bool(other.parent_email) and same_signature(
        one.parent_name, other.parent_name
    )


def _key(row: Row) -> tuple[str, str]:
    """As `Parent.key`."""
    address = row.parent_email.lower() or f"\n{row.parent_id}"
    return same_name(row.parent_name), address


def _alike(rows: Sequence[Row], column: str) -> Iterator[Problem]:
    """Names at one address that may be one name."""
    first_rows: dict[str, Row] = {}
    for row in rows:
        first_rows.setdefault(same_name(getattr(row, column)), row)
    if len(first_rows) > MOST_NAMES_COMPARED:
        if column == "parent_name":
            last = max(first_rows.values(), key=lambda row: row.line)
            yield last.problem(
                "parent_email",
                f"{len(first_rows)} parents have this address",
                "Make sure that it is really theirs; each gets a mail there",
            )
        return
    for earlier, later in combinations(first_rows.values(), 2):
        one, other = getattr(earlier, column), getattr(later, column)
        if _may_be_one(one, other):
            yield later.problem(
                column,
                f"{shown(other)} and {shown(one)} (line {earlier.line}) at one "
                "address differ only in spelling",
                "Write them alike if they are one person; they are taken as two",
            )
