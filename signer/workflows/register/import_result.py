"""What an import of the register did, or would do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from signer.register.matching import Question

UNCOUNTED_SHARE = 10
"""More than one in so many leave only where their number was said."""


@dataclass(frozen=True, slots=True)
class Correction:
    """That a parent of the register has another name or address in the file.

    Attributes:
        name: in the file.
        email: in the file.
        before: name and address in the register.
        why: the evidence that it is the same person, as a clause.
    """

    name: str
    email: str
    before: tuple[str, str]
    why: str


class Fate(StrEnum):
    """What becomes of a person of the file."""

    NEW = "new"
    BACK = "back"
    CORRECTED = "corrected"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one person of the file.

    Attributes:
        name: as it is to stand in the register.
        email: likewise; empty where they have none.
        fate: what becomes of them.
        why: the evidence for who they are, as a clause.
        before: name and address in the register; None for somebody new.
        changes: what is different of their children afterwards, a clause for each.
    """

    name: str
    email: str
    fate: Fate
    why: str
    before: tuple[str, str] | None
    changes: tuple[str, ...] = ()


@dataclass(slots=True)
class Imported:
    """What an import did, or would do: names and addresses of parents.

    Attributes:
        added: they are new.
        returned: they had left and are back, with the children that the file names.
        corrected: they are known by another name or address, which is kept.
        changed: their children or relationships differ from before.
        unchanged: how many stay as they are.
        missing: in the register, and not in the file.
        children_missing: parent and child, where the file names the parent without a
            child that the register has.
        address_missing: in the file without an address; the register's stays.
        questions: whom of the register they may be; the office has to say.
        on_hold: they have an address in dispute that somebody corrected had too: mail
            to it stays on hold.
        twice: name and address that somebody had before, and their name by now, where
            the file has both; they are one person.
        left: whether those missing have left by this.
        outcomes: what becomes of each person of the file, by name.
        parents: how many were in the register before.
        children: how many children they had, each parent's counted for themselves.
    """

    added: list[tuple[str, str]] = field(default_factory=list)
    returned: list[tuple[str, str]] = field(default_factory=list)
    corrected: list[Correction] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)
    address_missing: list[tuple[str, str]] = field(default_factory=list)
    children_missing: list[tuple[str, str]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    on_hold: list[tuple[str, str]] = field(default_factory=list)
    twice: list[tuple[str, str, str]] = field(default_factory=list)
    left: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    parents: int = 0
    children: int = 0

    @property
    def leaving(self) -> int:
        """How many parents and children the file does not name."""
        return len(self.missing) + len(self.children_missing)

    @property
    def too_many_leave(self) -> bool:
        """Whether so many are not named that the file may be a part of a list."""
        return (
            len(self.missing) * UNCOUNTED_SHARE > self.parents
            or len(self.children_missing) * UNCOUNTED_SHARE > self.children
        )
