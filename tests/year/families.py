"""A made-up school of 300 families, and the exports of its management system.

No two exports are alike: headings, spellings, columns and completeness change, as they
do where the programs and the people who press "export" change.
"""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

FAMILIES = 300

QUOTE = "\N{RIGHT SINGLE QUOTATION MARK}"
FORENAMES = (
    *("Zoë", "José", "Siân", "Amira", "Daniel", "Grace", "Oluwaseun", "Ciara"),
    *("Márton", "Leïla", "Tom", "Priya", "Wei", "Anna", "Noor", "Björn", "Eilidh"),
    *("Kofi", "Maja", "Renée"),
)
CHILDREN = (
    *("Mia", "Oscar", "Isla", "Yusuf", "Freya", "Théo", "Ada", "Rhys", "Nia", "Max"),
    *("Leo", "Ivy", "Sami", "Una"),
)
SURNAMES = (
    *("Khan", f"O{QUOTE}Brien", "Bell-Hughes", "Núñez", "Macdonald", "Okafor", "Wang"),
    *(f"D{QUOTE}Souza", "Lewis", "Yusuf", "Reid", "Nguyễn", "Ó Murchú", "Szabó"),
    "van der Berg",
)


@dataclass(frozen=True, slots=True)
class Pupil:
    """A child at the school.

    Attributes:
        name: forename and surname.
        year: the year group's number.
    """

    name: str
    year: int


@dataclass(slots=True, eq=False)
class Adult:
    """A parent or carer, whoever the register takes them for.

    Attributes:
        number: the management system's identifier.
        forename: as the person writes it.
        surname: as the person writes it.
        email: the address; empty for none.
        relationship: to each of the children.
        pupils: the children.
    """

    number: str
    forename: str
    surname: str
    email: str
    relationship: str
    pupils: list[Pupil] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As the person writes it."""
        return f"{self.forename} {self.surname}"


class School:
    """Families with all that a real register has; the same at each call.

    Args:
        families: how many.

    Attributes:
        adults: every parent who is at the school.
    """

    def __init__(self, families: int = FAMILIES) -> None:
        self._chance = random.Random(2026)
        self._names = [(one, two) for two in SURNAMES for one in FORENAMES]
        self._more = 0
        self._chance.shuffle(self._names)
        self.adults: list[Adult] = []
        for number in range(families):
            self.join(number)

    def join(self, number: int) -> list[Adult]:
        """Let a family join; every kind of one comes in its turn."""
        shared_mailbox = number % 25 == 3
        separated = number % 10 == 7
        without_email = number % 30 == 11
        first = self._adult("mother")
        family = [first]
        if number % 3 or separated or shared_mailbox:
            second = self._adult("father")
            if not separated:
                second.surname = first.surname
            if shared_mailbox:
                second.email = first.email
            family.append(second)
        if without_email:
            first.email = ""
        pupils = [
            Pupil(f"{self._chance.choice(CHILDREN)} {first.surname}", year)
            for year in self._chance.sample(range(1, 14), 1 + number % 2)
        ]
        # Two of one name in a family would be one child to anybody.
        pupils = list({pupil.name: pupil for pupil in pupils}.values())
        for adult in family:
            adult.pupils = pupils
        self.adults += family
        return family

    def _adult(self, relationship: str) -> Adult:
        self._more += 1
        forename, surname = self._names[self._more % len(self._names)]
        # As often as the list of names begins anew, there is a middle name more.
        forename += " Mary" * (self._more // len(self._names))
        number = f"P{self._more:05}"
        return Adult(
            number, forename, surname, f"{number.lower()}@example.org", relationship
        )


def rows_of(adults: Iterable[Adult]) -> Iterator[tuple[Adult, Pupil]]:
    """A row for each parent and child."""
    for adult in adults:
        for pupil in adult.pupils:
            yield adult, pupil


def as_kept(adults: Iterable[Adult]) -> str:
    """The export as the product's guide shows it, with identifiers."""
    return _csv(
        "parent_id,parent_name,parent_email,relationship,child_name,year_group",
        rows_of(adults),
        lambda adult, pupil: (
            adult.number, adult.name, adult.email, adult.relationship, pupil.name,
            f"Year {pupil.year}",
        ),
    )  # fmt: skip


def as_another_program(adults: Iterable[Adult]) -> str:
    """Other headings and year groups, surnames first, addresses in capitals."""
    return _csv(
        "Guardian ID,Guardian name,Guardian email,Relationship to pupil,"
        "Pupil forename,Pupil surname,NC year,Tutor group",
        rows_of(adults),
        lambda adult, pupil: (
            adult.number,
            f"{adult.surname}, {adult.forename}".replace(
                "\N{RIGHT SINGLE QUOTATION MARK}", "'"
            ),
            adult.email.upper(),
            adult.relationship,
            *pupil.name.split(" ", 1),
            f"Yr {pupil.year}",
            f"{pupil.year}B",
        ),
    )


def as_typed_in_capitals(adults: Iterable[Adult]) -> str:
    """No identifiers, capitals, and no accents: what an old program keeps."""
    plain = str.maketrans("ëéâáïöúñÓéễó", "eeaaiounOeeo")
    return _csv(
        "Parent name,Email,Relationship,Child name,Year",
        rows_of(adults),
        lambda adult, pupil: (
            adult.name.translate(plain).upper(),
            adult.email,
            adult.relationship.capitalize(),
            pupil.name,
            str(pupil.year),
        ),
    )


def _csv(
    header: str,
    rows: Iterable[tuple[Adult, Pupil]],
    cells: Callable[[Adult, Pupil], Sequence[str]],
) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header.split(","))
    writer.writerows(cells(adult, pupil) for adult, pupil in rows)
    return out.getvalue()
