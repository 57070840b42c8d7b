"""What titles, relationships and year groups say of who an adult is."""

from __future__ import annotations

import re

from signer.register.people import Parent
from signer.register.year_groups import usual_year_group, year_number

_WORD = re.compile(r"[^\W\d_]+")
_FEMALE_TITLES = frozenset({"mrs", "ms", "miss", "madam", "dame"})
_MALE_TITLES = frozenset({"mr", "mister", "sir"})
_FEMALE_ENDINGS = ("mother", "aunt", "sister", "wife")
_MALE_ENDINGS = ("father", "uncle", "brother", "husband")

# Words for one relationship, as schools write them.
_USUAL = {
    **dict.fromkeys(("mum", "mom", "mam", "mummy", "mommy", "mama"), "mother"),
    **dict.fromkeys(("dad", "daddy", "papa"), "father"),
    **dict.fromkeys(("stepmum", "stepmom"), "stepmother"),
    **dict.fromkeys(("gran", "granny", "grandma", "nan", "nana"), "grandmother"),
    **dict.fromkeys(("grandad", "granddad", "grandpa"), "grandfather"),
    "stepdad": "stepfather",
    "auntie": "aunt",
}


def same_role(one: str, other: str) -> bool:
    """Whether two relationships are one: Mum and mother, Step-dad and stepfather."""
    return "".join(_role(one)) == "".join(_role(other))


def opposed(one: Parent, other: Parent) -> bool:
    """Whether title and relationship make two adults a woman and a man.

    One name's title against the other's, one relationship against the other, and what
    is known of either where only the one or the other is.
    """
    titles = _sexes_by_title(one.name), _sexes_by_title(other.name)
    roles = _sexes_by_role(one), _sexes_by_role(other)
    either = (titles[0] | roles[0], titles[1] | roles[1])
    return any(a and b and a.isdisjoint(b) for a, b in (titles, roles, either))


def equally_telling(one: Parent, other: Parent) -> bool:
    """Whether titles and relationships say as much of the one adult as of the other."""
    a, b = (_sexes_by_title(it.name) | _sexes_by_role(it) for it in (one, other))
    return a == b


def moved_up(before: str, after: str) -> bool:
    """Whether a child of one year group may be in the other by now: it, or the next."""
    if usual_year_group(before).casefold() == usual_year_group(after).casefold():
        return True
    a, b = year_number(before), year_number(after)
    return a is not None and b is not None and b - a in {0, 1}


def _role(words: str) -> list[str]:
    return [_USUAL.get(word, word) for word in _WORD.findall(words.casefold())]


def _sexes_by_title(name: str) -> frozenset[str]:
    words = set(_WORD.findall(name.casefold()))
    titles = {"female": _FEMALE_TITLES, "male": _MALE_TITLES}
    return frozenset(sex for sex, its in titles.items() if not its.isdisjoint(words))


def _sexes_by_role(person: Parent) -> frozenset[str]:
    words = [word for _, role in person.children for word in _role(role)]
    endings = {"female": _FEMALE_ENDINGS, "male": _MALE_ENDINGS}
    return frozenset(
        sex for sex, its in endings.items() if any(word.endswith(its) for word in words)
    )
