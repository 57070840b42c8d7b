"""What the comparison of a file with the register found, as text to be kept."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from typing import Any

from signer.register.file.heading_cells import Heading
from signer.register.matching import Question
from signer.register.people import Child, Known, Parent
from signer.register.problems import Problem
from signer.register.rows import Reading
from signer.workflows.register.import_result import (
    Correction,
    Fate,
    Imported,
    Outcome,
)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file comes to.

    Attributes:
        headings: of the file, each with the column that it means, or empty.
        rows: how many rows were read.
        problems: what must be mended before it can be taken.
        warnings: what may be wrong.
        result: what its import would do; None where it has problems.
    """

    headings: tuple[tuple[Heading, str], ...]
    rows: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    result: Imported | None

    @property
    def wants_columns(self) -> bool:
        """Whether nothing of it was read, so that its headings may be the reason."""
        return bool(self.problems) and not self.rows


def examined_of(
    headings: tuple[tuple[Heading, str], ...],
    reading: Reading,
    result: Imported | None,
) -> Examined:
    """What a file comes to that was read, and compared."""
    return Examined(headings, reading.rows, reading.problems, reading.warnings, result)


def write_examined(examined: Examined) -> str:
    """Write it as JSON; `read_examined` gives it back."""
    result = examined.result
    told = {
        "headings": [
            (one.words, one.examples, meaning) for one, meaning in examined.headings
        ],
        "rows": examined.rows,
        "problems": [astuple(one) for one in examined.problems],
        "warnings": [astuple(one) for one in examined.warnings],
        "result": None if result is None else _written(result),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def read_examined(text: str) -> Examined:
    """Read what `write_examined` wrote."""
    told = json.loads(text)
    return Examined(
        tuple(
            (Heading(words, tuple(examples)), meaning)
            for words, examples, meaning in told["headings"]
        ),
        told["rows"],
        tuple(Problem(*one) for one in told["problems"]),
        tuple(Problem(*one) for one in told["warnings"]),
        None if told["result"] is None else _result(told["result"]),
    )


_PAIRS = (
    "added",
    "returned",
    "changed",
    "missing",
    "address_missing",
    "children_missing",
    "on_hold",
    "twice",
)
_PLAIN = ("unchanged", "left", "parents", "children")


def _written(result: Imported) -> dict[str, Any]:
    return {
        **{name: getattr(result, name) for name in (*_PAIRS, *_PLAIN)},
        "corrected": [
            (one.name, one.email, one.before, one.why) for one in result.corrected
        ],
        "questions": [
            (_person(one.person), _known(one.known), one.why)
            for one in result.questions
        ],
        "outcomes": [
            (one.name, one.email, one.fate.value, one.why, one.before, one.changes)
            for one in result.outcomes
        ],
    }


def _result(told: dict[str, Any]) -> Imported:
    fates = {fate.value: fate for fate in Fate}
    fields: dict[str, Any] = {name: list(map(tuple, told[name])) for name in _PAIRS}
    return Imported(
        **fields,
        **{name: told[name] for name in _PLAIN},
        corrected=[
            Correction(name, email, tuple(before), why)
            for name, email, before, why in told["corrected"]
        ],
        questions=[
            Question(_parent(person), _read_known(known), why)
            for person, known, why in told["questions"]
        ],
        outcomes=[
            Outcome(name, email, fates[fate], why, before and (*before,), (*changes,))
            for name, email, fate, why, before, changes in told["outcomes"]
        ],
    )


def _person(person: Parent) -> tuple[Any, ...]:
    children = [(astuple(child), role) for child, role in person.children]
    return person.name, person.email, children, person.identifier


def _parent(told: list[Any]) -> Parent:
    name, email, children, identifier = told
    found = tuple((Child(*child), role) for child, role in children)
    return Parent(name, email, found, identifier)


def _known(known: Known) -> tuple[Any, ...]:
    former = sorted(known.former), sorted(known.former_keys)
    return known.id, _person(known.person), known.active, *former


def _read_known(told: list[Any]) -> Known:
    number, person, active, former, keys = told
    former_keys = frozenset((name, email) for name, email in keys)
    return Known(number, _parent(person), active, frozenset(former), former_keys)
