"""How hard the interface's own words are to read.

The Flesch-Kincaid grade (J. P. Kincaid and others, "Derivation of New Readability
Formulas", Naval Technical Training Command, 1975) is 0.39 times the words in a sentence
and 11.8 times the syllables in a word, less 15.59. A grade is a school year in the
United States; a child of 11 is in grade 5 or 6.
"""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from signer.i18n import sentences

GRADE = 6.0
"""What a page's words may come to together."""

HARDEST = 8.0
"""What one passage may come to."""

LONG = 6
"""Words. Headings and buttons are shorter; to count them would flatter a page."""

NAMES = (
    # What the law and the school call things, and no plainer word would be true.
    *("declaration", "signature", "electronic", "code of conduct", "privacy notice"),
    *("legal guardian", "accessibility", "demonstration"),
)
"""Left out of the count, openly: each stands on a page that says what it means."""

_VOWELS = re.compile(r"[aeiouy]+")


def syllables(word: str) -> int:
    """A count by groups of vowels, without those that are not heard at the end."""
    word = word.lower().replace("\u2019", "")
    heard = re.sub(r"(?<=[^aeiouyl])(?:e|es|ed)$|(?<=[aeiouy]l)es?$", "", word)
    if re.search(r"[td]ed$", word):
        heard = word
    return max(1, len(_VOWELS.findall(heard)))


def grade(text: str) -> float:
    """The grade of a text; each passage on a line of its own."""
    said = [one for one in re.split(r"[.!?:;]\s+|\n", text) if re.search(r"\w", one)]
    words = re.findall(r"[A-Za-z][A-Za-z\u2019']*", text)
    spoken = sum(map(syllables, words))
    return 0.39 * len(words) / len(said) + 11.8 * spoken / len(words) - 15.59


def plain(sentence: str) -> str:
    """A sentence of the catalogue as words, without names and values."""
    text = re.sub(r"%\(\w+\)[sd]", "it", re.sub(r"<[^>]+>", "", sentence))
    return re.sub("|".join(NAMES), "it", text, flags=re.IGNORECASE)


def pages() -> dict[str, list[str]]:
    """The sentences of each template or module, by its path."""
    found = defaultdict(list)
    for message in sentences():
        if message.id:
            said = message.id if isinstance(message.id, str) else message.id[-1]
            for path, _ in message.locations:
                found[path].append(plain(said))
    return dict(found)


def long(path: str) -> list[str]:
    """The passages of a page that are more than a heading or a button."""
    return [one for one in pages()[path] if len(one.split()) >= LONG]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        *(("I", 1), ("signed", 1), ("started", 2), ("table", 2), ("name", 1)),
        *(("statement", 2), ("school", 1), ("ready", 2), ("pages", 2), ("agree", 2)),
    ],
)
def test_syllables_are_counted_about_right(words: str, expected: int) -> None:
    """By the ear, or one off at most."""
    assert abs(syllables(words) - expected) <= 1


def test_the_grade_is_that_of_the_formula() -> None:
    """Six words of one syllable each, in one sentence."""
    assert grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59)


@pytest.mark.parametrize("path", pages())
def test_a_child_of_eleven_can_read_every_page(path: str) -> None:
    """The words of a page, taken together."""
    passages = long(path)
    if passages:
        assert grade("\n".join(passages)) <= GRADE, sorted(passages, key=grade)[-3:]


@pytest.mark.parametrize("path", pages())
def test_no_passage_is_much_harder_than_its_page(path: str) -> None:
    """One hard sentence loses a reader as surely as many."""
    assert [one for one in long(path) if grade(one) > HARDEST] == []
