"""Parents, carers and their children, as the register knows them."""

from __future__ import annotations

from dataclasses import dataclass

from signer.user_text import same_name


@dataclass(frozen=True, slots=True)
class Child:
    """A child at the school, as one parent's rows name it.

    Attributes:
        name: as written.
        year_group: as `usual_year_group` writes it.
        tutor_group: such as 7B, where the file has one.
        written_year_group: as the file has it, where that is another way.
    """

    name: str
    year_group: str
    tutor_group: str = ""
    written_year_group: str = ""


@dataclass(frozen=True, slots=True)
class Parent:
    """One adult with one address or none, and the children they answer for.

    Attributes:
        name: as written in the register.
        email: the address that links are sent to, as written; empty where they have
            none.
        children: each child with the adult's relationship to it, by child's name.
        identifier: of the school's management system, where the file has one.
    """

    name: str
    email: str
    children: tuple[tuple[Child, str], ...]
    identifier: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells this adult from every other: name and address together.

        Two adults may share a mailbox, and one adult's name may be written in
        capitals on one row and not on the next. Of those without an address, the
        identifier tells two of one name apart; no address begins with a line end.
        """
        return same_name(self.name), self.email.lower() or f"\n{self.identifier}"


@dataclass(frozen=True, slots=True)
class Known:
    """A parent whom the register knows, those who left among them.

    Attributes:
        id: of the record.
        person: as the register says it.
        active: whether they are in it now.
        former: the addresses that they had before, in small letters.
        former_keys: name and address together that they had before, as `Parent.key`.
    """

    id: int
    person: Parent
    active: bool = True
    former: frozenset[str] = frozenset()
    former_keys: frozenset[tuple[str, str]] = frozenset()
