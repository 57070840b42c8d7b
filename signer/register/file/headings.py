"""What a heading of a register file means, by the many names that programs give.

A column is named by the person and what is told of them: ``parent_email``,
``parent_2_name``, ``mother_email``, ``child_surname``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

IGNORED = "ignore"
"""What a column is named that is left out."""

HEADING_CHARACTERS = 200
"""The longest heading that is remembered."""

COLUMNS = ("parent_name", "parent_email", "relationship", "child_name", "year_group")
"""The columns that every register file has, by these names or others."""

OPTIONAL_COLUMNS = ("parent_id", "tutor_group")
"""Columns that a file may have: the identifier of the school's management system, and
the child's tutor group."""

PARENT = "parent"
"""Whose columns are those of the first, or only, parent of a row."""

ROLES = ("mother", "father")
"""Parents of a row whose relationship stands in the heading."""

MOST_PARENTS = 4
"""Of one row, by number."""

_PARENT_PARTS = ("name", "email", "relationship", "id", "title", "forename", "surname")
_CHILD_PARTS = ("name", "forename", "surname")
_GROUPS = ("year", "tutor")

# Two words for one thing, each made one; longer ones first.
_PHRASES = (
    (r"national curriculum year|nc year( group)?|school year|year group", "year"),
    (r"(tutor|form|reg|registration) (group|form|class)", "tutor"),
    (r"first name|given name|fore name|christian name", "forename"),
    (r"last name|family name|sur name", "surname"),
    (r"full name", "name"),
    (r"(e mail|mail|email) address|e mail", "email"),
    (r"relation(ship)? (to|with) (the )?(child|pupil|student)", "relationship"),
    (r"parent(al)?( or)? (carer|guardian)", "parent"),
)
_PEOPLE = {
    **dict.fromkeys(("parent", "parental", "carer", "guardian", "contact"), PARENT),
    **dict.fromkeys(("mother", "mum"), "mother"),
    **dict.fromkeys(("father", "dad"), "father"),
    **dict.fromkeys(("child", "pupil", "student", "learner"), "child"),
}
_PARTS = {
    **dict.fromkeys(("email", "mail"), "email"),
    **dict.fromkeys(("relationship", "relation"), "relationship"),
    **dict.fromkeys(("id", "identifier"), "id"),
    **dict.fromkeys(("title", "salutation"), "title"),
    **dict.fromkeys(("year", "yr"), "year"),
    **dict.fromkeys(("tutor", "form", "class"), "tutor"),
    **{word: word for word in ("name", "forename", "surname")},
}
_NUMBERS = {
    **{str(number): number for number in range(1, MOST_PARENTS + 1)},
    **dict.fromkeys(("first", "primary", "main"), 1),
    **dict.fromkeys(("second", "secondary", "other"), 2),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a column tells.

    Attributes:
        whom: ``child``, or which parent of the row: ``parent``, ``parent_2``,
            ``mother``.
        part: name, email, relationship, id, title, forename, surname, year or tutor.
    """

    whom: str
    part: str

    @property
    def column(self) -> str:
        """The column's name."""
        if self.whom == "child" and self.part in _GROUPS:
            return f"{self.part}_group"
        if (self.whom, self.part) == (PARENT, "relationship"):
            return "relationship"
        return f"{self.whom}_{self.part}"


def _all_columns() -> dict[str, Told]:
    numbered = [f"parent_{number}" for number in range(2, MOST_PARENTS + 1)]
    told = [
        Told(whom, part)
        for whom in (PARENT, *numbered, *ROLES)
        for part in _PARENT_PARTS
    ]
    told += [Told("child", part) for part in (*_CHILD_PARTS, *_GROUPS)]
    return {one.column: one for one in told}


KNOWN_COLUMNS: Mapping[str, Told] = _all_columns()
"""Every column that a file may have, by its name."""

_BY_LETTERS = {column.replace("_", ""): column for column in KNOWN_COLUMNS}


def folded(heading: str) -> str:
    """A heading as it is remembered: in small letters, with single spaces."""
    return " ".join(heading.casefold().split())


def column_of(heading: str, remembered: Mapping[str, str]) -> str:
    """The name of the column that a heading means; empty where nobody knows.

    Args:
        heading: as the file has it.
        remembered: what the school said of headings, by `folded`.
    """
    if column := remembered.get(folded(heading)):
        return column
    letters = "".join(c for c in heading.casefold() if c not in " _-.\t\r\n\u00a0")
    return _BY_LETTERS.get(letters) or _by_words(heading)


def _by_words(heading: str) -> str:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])", " ", heading)
    apart = re.sub("['\u2019]s?", "", apart).casefold()
    text = " ".join(re.findall(r"[^\W_]+", apart))
    text = re.sub(r"\b([12]) (?:st|nd)\b|\b(?:of|the)\b", r"\1", text)
    text = re.sub(
        r"\b(parent|carer|mother|father|guardian|contact|pupil|student)s\b", r"\1", text
    )
    for phrase, word in _PHRASES:
        text = re.sub(rf"\b(?:{phrase})\b", word, text)
    words = text.split()
    people = {_PEOPLE[word] for word in words if word in _PEOPLE}
    parts = [_PARTS[word] for word in words if word in _PARTS]
    numbers = [_NUMBERS[word] for word in words if word in _NUMBERS]
    known = len(parts) + len(numbers) + sum(word in _PEOPLE for word in words)
    if known != len(words) or len(parts) > 1 or len(people) > 1 or len(numbers) > 1:
        return ""
    person = next(iter(people), "")
    number = numbers[0] if numbers else 1
    return _meant(person, number, parts[0] if parts else "")


def _meant(person: str, number: int, part: str) -> str:
    if person in {"", "child"}:
        if number > 1 or (
            not person and part not in {"email", "relationship", *_GROUPS}
        ):
            return ""
        if part in {"email", "relationship"}:
            return "" if person else Told(PARENT, part).column
        # “Pupil” alone is a column of names.
        column = Told("child", part or "name").column
    else:
        whom = f"{person}_{number}" if number > 1 else person
        column = Told(whom, part).column
    return column if column in KNOWN_COLUMNS else ""
