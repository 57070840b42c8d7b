"""What a text says of itself and its release says otherwise.

A release states its title, number, label and the month of the next review, and all of
these may stand in the text as well. Parents sign the text: where it names another, the
school would have to ask everybody again to put that right.

What is certainly a contradiction stops a release. What may as well speak of something
else, such as the review of another policy, is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from signer.errors import MarkdownError, ReleaseRefused
from signer.policy.dates import WrittenMonth, month_in_words
from signer.policy.release.next_reviews import next_reviews
from signer.policy.release.sentences import Sentence, sentences
from signer.policy.reviews import check_next_review

_NUMBERS = (
    "one", "two", "three", "four", "five", "six",
    "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_VERSION = re.compile(
    # "Year 7 v 8" is a match, and an issue with a small letter is a trouble.
    r"(?:\b(?:[Vv]ersion|VERSION|Issue|ISSUE|Edition)\b[\s:|]+(?:[Nn]o\.?\s+|number\s+)?"
    rf"|\b[Vv]\.?(?=[0-9]))([0-9]+(?:\.[0-9]+)*|(?:{'|'.join(_NUMBERS)})\b)(?![\w])"
)
# Each sentence is compared with every label and title that there was.
_SENTENCES_KEPT = 2048
_BARE_NUMBER = re.compile(r"\|\s*([0-9]+)(?:\.0)*\s*(?=\|)|^\W*([0-9]+)\s*[:\u2013-]")
_THIS_IS = re.compile(r"(?i)\bthis\s+(?:[\w'\u2019-]+\s+){0,6}?is\s+(?:the\s+)?$")
_OF_THIS = re.compile(r"(?i)\s+of\s+this\b")
_THIS = re.compile(r"(?i)\b(?:this|our)\s+$")
_SMALL_BEFORE = re.compile(
    r"(?i)(?:^|[^\w\s]|\b(?:the|this|our|a|an|school'?s?|and|or|of|to|with|in|by|as))\s*$"
)
_EARLIER = re.compile(
    r"(?i)\b(?:replac|supersed|previous|earlier|older|former|prior\b|since\b|until\b"
    r"|before\b|adopted\b|published\b|opened\b|introduced\b|founded\b|first\b)"
)
"""A sentence with such a word may name what was before."""
_RULE = re.compile(r"^[\s|:-]*-[\s|:-]*$")
"""The line below the headings of a table."""
_ON_ITS_OWN = re.compile(
    r"(?i)\W|_|\b(?:version|issue|edition|no|number|v|label|date|dated|released?"
    r"|published|updated|last|effective|from|in|force|of|for|parents|and|carers|the"
    r"|this|is|code|conduct|policy|document)\b"
)
"""What a line holds besides, that says nothing but which text this is."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a release states, as far as it is known.

    Attributes:
        number: of the version to be.
        title: of the version to be.
        label: what the release is called; empty where that is not known yet.
        review_by: the month of the next review, ``2027-11``; empty likewise.
        released: the month of the release, ``2026-11``; empty likewise.
        older_titles: those of the released versions.
        older_labels: theirs, each with the version's number.
    """

    number: int
    title: str
    label: str
    review_by: str
    released: str
    older_titles: frozenset[str]
    older_labels: tuple[tuple[str, int], ...]


class Contradiction(NamedTuple):
    """What a text says that its release says otherwise, or may say.

    Attributes:
        error: both, with the line and the remedy.
        is_certain: whether it can speak of nothing else than this release.
    """

    error: MarkdownError
    is_certain: bool


def contradictions(
    lines: Iterable[str],
    stated: Stated,
    *,
    first_line: int = 1,
    is_statement: bool = False,
) -> list[Contradiction]:
    """What a text says that its release says otherwise, by line.

    Args:
        lines: the text, or any words that go with it.
        stated: what the release says.
        first_line: the line of the file on which the text begins, for the errors.
        is_statement: whether it is what a parent confirms of this very text. The
            numbers of versions in it are judged with the rest of the draft.
    """
    found: list[Contradiction] = []
    expected = stated.review_by
    heading = ""
    columns: Sequence[str] = ()
    every = list(sentences(lines, first_line))
    in_lists = {
        number for one in every if one.is_item for number in _releases_of(one, stated)
    }
    for sentence in every:
        columns = _columns(sentence.text, heading, columns)
        about = list(next_reviews(sentence.text, heading, stated.title, columns))
        for month, sure in about:
            error = _review(sentence, month, expected, stated, sure=sure)
            found.extend([Contradiction(error, sure)] if error else [])
            if sure and not expected and month.year and month.month:
                expected = f"{month.year}-{month.month}"
        heading = sentence.text
        of = _releases_of(sentence, stated) if sentence.is_item else set()
        if len(in_lists) > 1 and len(of) == 1 and min(of) < stated.number:
            continue  # one of a list of the versions
        months = [month for month, _ in about]
        named = list(_labels(sentence, stated, months))
        if not is_statement:
            named.extend(_versions(sentence, stated))
        found.extend(
            # Beside its number a label may stand in a list of versions, of one.
            Contradiction(one.error, one.is_certain and not (of and len(named) > 1))
            for one in named
        )
        found.extend(_titles(sentence, stated, is_statement=is_statement))
    return found


def _columns(text: str, before: str, columns: Sequence[str]) -> Sequence[str]:
    """The headings of the table that a sentence is a row of; none outside of one."""
    if _RULE.match(text) and "|" in before:
        return before.strip().strip("|").split("|")
    return columns if "|" in text else ()


def _releases_of(sentence: Sentence, stated: Stated) -> set[int]:
    """The numbers of the versions that a point or a row names, if it names any."""
    text = sentence.text
    labels = {*stated.older_labels, (stated.label, stated.number)}
    numbers = {
        number
        for label, number in labels
        if label and re.search(_whole(label), _folded(text))
    }
    named = {_number(one[1]) for one in _VERSION.finditer(text)}
    if numbers or named:
        bare = (one[1] or one[2] for one in _BARE_NUMBER.finditer(text))
        known = {str(one) for one in range(1, stated.number + 1)}
        named |= {one for one in bare if one in known}
    return numbers | {int(one) for one in named if one.isdigit()}


def _review(
    sentence: Sentence,
    month: WrittenMonth,
    expected: str,
    stated: Stated,
    *,
    sure: bool,
) -> MarkdownError | None:
    words = sentence.text[month.start : month.end]
    line = sentence.line(month.start)
    quoted = f'"{sentence.text.strip()}"'
    doubt = "" if sure else "if it speaks of the review of this text, "
    if expected and not month.is_of(expected):
        in_words = month_in_words(expected)
        elsewhere = "the release" if stated.review_by else "the text elsewhere"
        return MarkdownError(
            line,
            f'{quoted}, but {elsewhere} names "{in_words}" for the next review',
            f'{doubt}write {in_words} in place of "{words}"',
        )
    if stated.review_by or not (stated.released and month.year and month.month):
        return None
    try:
        # Whatever month is given with the release: it could not be this one.
        check_next_review(
            "review_by", f"{month.year}-{month.month}", after=stated.released
        )
    except ReleaseRefused as refused:
        return MarkdownError(
            line,
            f"{quoted}, but the month of the next review {refused.problem}",
            f"{doubt}write the month in which this release is to be reviewed",
        )
    return None


def _versions(sentence: Sentence, stated: Stated) -> Iterator[Contradiction]:
    text = sentence.text
    for named in _VERSION.finditer(text):
        if _number(named[1]) == str(stated.number):
            continue
        certain = bool(_THIS_IS.search(text, 0, named.start()))
        if not certain and _EARLIER.search(text):
            continue
        # "Issue 2" may as well be the second trouble of a list.
        certain = certain or (
            named[0][0] not in "Ii" and _is_on_its_own(text, named.span(), stated)
        )
        certain = certain or bool(_OF_THIS.match(text, named.end()))
        remedy = "leave the number out: each page and each PDF states it"
        yield Contradiction(
            MarkdownError(
                sentence.line(named.start()),
                f'"{named[0]}", but the release is "version {stated.number}"',
                remedy if certain else f"if it is the number of this text, {remedy}",
            ),
            certain,
        )


def _titles(
    sentence: Sentence, stated: Stated, *, is_statement: bool
) -> Iterator[Contradiction]:
    folded = _folded(sentence.text)
    new = [match.span() for match in re.finditer(_whole(stated.title), folded)]
    for title in sorted(stated.older_titles - {stated.title}):
        for match in re.finditer(_whole(title), folded):
            if any(start <= match.start() and match.end() <= end for start, end in new):
                continue
            before = sentence.text[: match.start()]
            as_written = " ".join(sentence.text[match.start() : match.end()].split())
            if as_written != title and not _SMALL_BEFORE.search(before):
                continue  # "the staff code of conduct" is another
            certain = (
                is_statement
                or bool(_THIS.search(before))
                or not sentence.text.replace(as_written, "").strip("# ")
            )
            if not certain and _EARLIER.search(sentence.text):
                continue
            remedy = "write the new title here too, or put the old one back at the top"
            yield Contradiction(
                MarkdownError(
                    sentence.line(match.start()),
                    f'the title "{title}", but the release is called "{stated.title}"',
                    remedy if certain else f"if this text is meant, {remedy}",
                ),
                certain,
            )


def _labels(
    sentence: Sentence, stated: Stated, reviews: Sequence[WrittenMonth]
) -> Iterator[Contradiction]:
    for label, number in stated.older_labels:
        if not any(map(str.isdigit, label)):
            continue  # "Revised" is a word like others
        for match in re.finditer(_whole(label), _folded(sentence.text)):
            if any(
                one.start < match.end() and match.start() < one.end for one in reviews
            ):
                continue
            certain = _is_on_its_own(sentence.text, match.span(), stated)
            if not certain and _EARLIER.search(sentence.text):
                continue
            now = f'"{stated.label}"' if stated.label else f"version {stated.number}"
            remedy = "write what this release is called, or leave it out"
            yield Contradiction(
                MarkdownError(
                    sentence.line(match.start()),
                    f'"{label}", which is what version {number} is called, '
                    f"but this release is {now}",
                    remedy if certain else f"if this release is meant, {remedy}",
                ),
                certain,
            )


def _is_on_its_own(text: str, span: tuple[int, int], stated: Stated) -> bool:
    """Whether a line says nothing but which text, or which version of it, this is."""
    rest = f"{text[: span[0]]} {text[span[1] :]}"
    rest = _VERSION.sub(" ", rest)
    for one in (stated.title, *stated.older_titles):
        rest = re.sub(_whole(one), " ", _folded(rest))
    for label in (stated.label, *(label for label, _ in stated.older_labels)):
        rest = re.sub(_whole(label), " ", _folded(rest)) if label else rest
    return not _ON_ITS_OWN.sub("", rest)


def _number(written: str) -> str:
    """The number of a version: "2.0" and "two" as "2"."""
    if written in _NUMBERS:
        return str(_NUMBERS.index(written) + 1)
    return re.sub(r"(?:\.0)+$", "", written)


@lru_cache(maxsize=_SENTENCES_KEPT)
def _folded(text: str) -> str:
    """The text in small letters; each position stays what it was."""
    if text.isascii():
        return text.lower()
    return "".join(small if len(small := one.lower()) == 1 else one for one in text)


@lru_cache(maxsize=_SENTENCES_KEPT)
def _whole(words: str) -> str:
    # A label or a title may be broken between two lines; "31 August 2022" is a day.
    pattern = r"\s+".join(map(re.escape, _folded(words).split()))
    return rf"(?<![\w])(?<![0-9] ){pattern}(?![\w])"
