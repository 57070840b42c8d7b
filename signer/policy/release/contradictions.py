"""What a text says of itself and its release says otherwise.

A release states its title, number, label and the month of the next review, and all of
these may stand in the text as well. Parents sign the text: where it names another, the
school would have to ask everybody again to put that right.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from signer.errors import MarkdownError, ReleaseRefused
from signer.policy.dates import WrittenMonth, month_in_words, written_months
from signer.policy.reviews import check_next_review

_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(\u2018\u201c])")
_PARTED = re.compile(r"^(?:> ?)*\s*(?:#+ |[-*+] |\d+\. |\||$)")
_REVIEW = re.compile(r"\breview(?:s|ed|ing)?\b", re.IGNORECASE)
_PAST = re.compile(
    r"(?i)\b(?:last|latest|previous(?:ly)?|recent(?:ly)?|was|were|been|after|since)\b"
)
_TO_COME = re.compile(
    r"(?i)\b(?:next|scheduled|due|will|shall|must|should|to|is|are|be|planned|again)\b"
)
_TO_COME_AFTER = re.compile(r"(?i)\s*(?:(?:again|by|date|due|each|every|month)\b|[:|])")
_SINCE = re.compile(r"(?i)\b(?:since|after|from)\s+$")
_VERSION = re.compile(
    r"(?i)\b(?:version|v\.?)(?:\s+|:\s*|(?<=v)|(?<=v\.))(?:no\.?\s+|number\s+)?"
    r"([0-9]+(?:\.[0-9]+)*)\b"
)
_EARLIER = re.compile(
    r"(?i)\b(?:replac|supersed|previous|earlier|older|former|prior\b|since\b|until\b"
    r"|before\b)"
)
"""A sentence with such a word may name what was before."""


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


class _Sentence:
    """A sentence, and the lines of the file that it stands on."""

    def __init__(
        self, text: str, start: int, line_starts: list[int], first: int
    ) -> None:
        self.text = text
        self._start, self._line_starts, self._first = start, line_starts, first

    def line(self, at: int) -> int:
        """The line of the file that a position in the sentence stands on."""
        return self._first + bisect_right(self._line_starts, self._start + at) - 1


def contradictions(
    lines: Iterable[str], stated: Stated, *, first_line: int = 1, numbers: bool = True
) -> list[MarkdownError]:
    """What a text says that its release says otherwise, by line.

    Args:
        lines: the text, or any words that go with it.
        stated: what the release says.
        first_line: the line of the file on which the text begins, for the errors.
        numbers: whether to judge numbers of versions too.
    """
    found: list[MarkdownError] = []
    expected = stated.review_by
    heading = ""
    for sentence in _sentences(lines, first_line):
        about = list(_next_reviews(sentence.text, heading))
        for month in about:
            error = _review(sentence, month, expected, stated)
            found.extend([error] if error else [])
            if not expected and month.year and month.month:
                expected = f"{month.year}-{month.month}"
        if not _EARLIER.search(sentence.text):
            found.extend(_versions(sentence, stated) if numbers else ())
            found.extend(_titles(sentence, stated))
            found.extend(_labels(sentence, stated, about))
        heading = sentence.text
    return found


def _sentences(lines: Iterable[str], first_line: int) -> Iterator[_Sentence]:
    block: list[str] = []
    first = first_line
    for number, line in enumerate((*lines, ""), first_line):
        if _PARTED.match(line) and block:
            starts = [0, *accumulate(len(one) + 1 for one in block)][:-1]
            text = " ".join(block)
            at = 0
            for end in (*_SENTENCE_ENDS.finditer(text), None):
                yield _Sentence(
                    text[at : end.start() if end else None], at, starts, first
                )
                at = end.end() if end else at
            block = []
        if line.strip():
            first = first if block else number
            block.append(line.replace("*", ""))


def _next_reviews(text: str, before: str) -> Iterator[WrittenMonth]:
    """The months that a sentence names for the next review.

    Args:
        text: the sentence.
        before: the sentence before it, which may be a heading of it: "Next review".
    """
    months = written_months(text)
    reviews = list(_REVIEW.finditer(text))
    if not reviews and months and months[0].start == 0 and not written_months(before):
        ahead = list(_REVIEW.finditer(before))
        if ahead and _is_to_come(before, ahead[-1], 0):
            yield months[0]
        return
    last_end = 0
    for month in months:
        ahead = [one for one in reviews if one.end() <= month.start]
        if reviews and not _SINCE.search(text[: month.start]):
            review = ahead[-1] if ahead else reviews[0]
            since = last_end if review.start() >= last_end else 0
            if _is_to_come(text, review, since):
                yield month
        last_end = month.end


def _is_to_come(text: str, review: re.Match[str], start: int) -> bool:
    ahead = re.split(r"[;]", text[start : review.start()])[-1]
    if _PAST.search(ahead):
        return False
    to_come = bool(_TO_COME.search(ahead))
    if review[0].lower() == "reviewed":
        return to_come
    return to_come or bool(_TO_COME_AFTER.match(text, review.end()))


def _review(
    sentence: _Sentence, month: WrittenMonth, expected: str, stated: Stated
) -> MarkdownError | None:
    words = sentence.text[month.start : month.end]
    line = sentence.line(month.start)
    quoted = f'"{sentence.text.strip()}"'
    if expected and not month.is_of(expected):
        in_words = month_in_words(expected)
        elsewhere = "the release" if stated.review_by else "the text elsewhere"
        return MarkdownError(
            line,
            f'{quoted}, but {elsewhere} names "{in_words}" for the next review',
            f'write {in_words} in place of "{words}"',
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
            "write the month in which this release is to be reviewed",
        )
    return None


def _versions(sentence: _Sentence, stated: Stated) -> Iterator[MarkdownError]:
    for named in _VERSION.finditer(sentence.text):
        if re.sub(r"(?:\.0)+$", "", named[1]) != str(stated.number):
            yield MarkdownError(
                sentence.line(named.start()),
                f'"{named[0]}", but the release is "version {stated.number}"',
                "leave the number out: each page and each PDF states it",
            )


def _titles(sentence: _Sentence, stated: Stated) -> Iterator[MarkdownError]:
    text = _folded(sentence.text)
    new = [match.span() for match in re.finditer(_whole(stated.title), text)]
    for title in sorted(stated.older_titles - {stated.title}):
        for match in re.finditer(_whole(title), text):
            if not any(
                start <= match.start() and match.end() <= end for start, end in new
            ):
                yield MarkdownError(
                    sentence.line(match.start()),
                    f'the title "{title}", but the release is called "{stated.title}"',
                    "write the new title here too, or put the old one back at the top",
                )


def _labels(
    sentence: _Sentence, stated: Stated, reviews: Sequence[WrittenMonth]
) -> Iterator[MarkdownError]:
    for label, number in stated.older_labels:
        if not any(map(str.isdigit, label)):
            continue  # "Revised" is a word like others
        for match in re.finditer(_whole(label), _folded(sentence.text)):
            if any(
                one.start < match.end() and match.start() < one.end for one in reviews
            ):
                continue
            now = f'"{stated.label}"' if stated.label else f"version {stated.number}"
            yield MarkdownError(
                sentence.line(match.start()),
                f'"{label}", which is what version {number} is called, '
                f"but this release is {now}",
                "write what this release is called, or leave it out",
            )


def _folded(text: str) -> str:
    """The text in small letters; each position stays what it was."""
    return "".join(small if len(small := one.lower()) == 1 else one for one in text)


def _whole(words: str) -> str:
    # A label or a title may be broken between two lines; "31 August 2022" is a day.
    pattern = r"\s+".join(map(re.escape, _folded(words).split()))
    return rf"(?<![\w])(?<![0-9] ){pattern}(?![\w])"
