"""The months that a sentence names for the next review of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from signer.policy.dates import WrittenMonth, written_months

_REVIEW = re.compile(r"\breview(?:s|ed|ing)?\b", re.IGNORECASE)
_PAST = re.compile(
    r"(?i)\b(?:last|latest|previous(?:ly)?|recent(?:ly)?|was|were|been|after|since)\b"
)
_DONE = re.compile(r"(?i)\b(?:completed|carried out|done|took place|was|were)\b")
_TO_COME = re.compile(
    r"(?i)\b(?:next|scheduled|due|will|shall|must|should|to|is|are|be|planned|again)\b"
)
_TO_COME_AFTER = re.compile(
    r"(?i)\s*(?:again|by|date|due|each|every|month)\b|.*[:|\u2013\u2014-]\s*$"
)
_SINCE = re.compile(r"(?i)\b(?:since|after|from)\s+$")
_DAY = re.compile(r"(?i)\b[0-3]?[0-9](?:st|nd|rd|th)?(?:\s+of)?\s*$")
_TEXT = r"(?:policy|code|document|text|version|agreement)\b"
_OF_THIS = re.compile(
    rf"(?i)\bth(?:is|e)\s+{_TEXT}|\bthis\s+(?:[\w-]+\s+){{1,3}}?{_TEXT}"
    r"|\breview(?:ed)?\s+this\b(?=\s+(?:again|in|by|each|every)\b)"
)
_LABEL = re.compile(
    r"(?i)^(?:\W|\d|\b(?:the|and|date|of|for|next|scheduled|planned|annual|full|formal"
    r"|due|policy|document|code)\b)*$"
)
"""What stands before the word "review" where that can be the review of this text only.

"Next review" can be nothing else; "the next progress review" can.
"""
_OF_OTHERS = re.compile(rf"(?i)\bwith\b|\b(?:of|for)\s+(?!th(?:is|e)\s+{_TEXT})|[,;(]")
_NEXT = re.compile(
    r"(?i)^(?:\W|\band\b|\bthe\b)*\b(?:next|due)\b"
    r"(?:\W|\b(?:one|time|date|due|again|is|will|be|in|by|on)\b)*$"
)
_AT_ITS_START = re.compile(r"(?i)^\W*(?:in|by|each|every|during)\s+$")


def next_reviews(
    text: str, before: str, title: str, columns: Sequence[str] = ()
) -> Iterator[tuple[WrittenMonth, bool]]:
    """The months that a sentence names, or may name, for the next review.

    Args:
        text: the sentence.
        before: the sentence before it, which may be a heading of it: "Next review".
        title: of the text.
        columns: the headings of the table that it is a row of, if it is.

    Yields:
        A month, and whether it is surely that of the next review of this text.
    """
    months = written_months(text)
    # A sentence is about this text, wherever in it that stands.
    ours = bool(_OF_THIS.search(text)) or title.lower() in text.lower()
    last_end = 0
    for month in months:
        between = text[last_end : month.start]
        following = text[month.end :] if month is months[-1] else ""
        sure = _is_sure(between, text[:last_end], before, ours=ours)
        if sure is None and not last_end and _AT_ITS_START.match(between):
            review = _REVIEW.search(following)
            if review and _is_to_come(following, review):
                sure = False
        if sure is None and _is_headed(text[: month.start], columns):
            # The row may be another policy's.
            sure = ours
        if sure is not None:
            yield month, sure
        last_end = month.end


def _is_headed(earlier: str, columns: Sequence[str]) -> bool:
    """Whether what follows words of a row is in a column of the next review."""
    place = earlier.count("|") - earlier.lstrip().startswith("|")
    heading = columns[place] if place < len(columns) else ""
    review = _REVIEW.search(heading)
    return bool(review and _is_to_come(f"{heading.strip()} |", review))


def _is_sure(between: str, earlier: str, before: str, *, ours: bool) -> bool | None:
    """Whether words lead to the month of the next review; None if they do not.

    Args:
        between: the words before the month, back to the month before it.
        earlier: what stands before these in the sentence.
        before: the sentence before.
        ours: whether the sentence names this text.
    """
    if _SINCE.search(between):
        return None
    # Where a cell has a month, what it is may stand in the cell to its left.
    cells = re.split(r"[;|]", _DAY.sub("", between))
    words = next((cell for cell in reversed(cells) if cell.strip()), "")
    if reviews := list(_REVIEW.finditer(words)):
        review = reviews[-1]
        cell_end = "|" if cells[-1] != words else ""
        return _is_of_this(words + cell_end, review, ours=ours)
    around = list(_REVIEW.finditer(f"{before} {earlier}"))
    if around and _NEXT.match(words):
        return True
    if not words.strip() and not earlier and not written_months(before):
        headed = list(_REVIEW.finditer(before))
        if headed and _is_to_come(before, headed[-1]):
            return _is_of_this(before, headed[-1], ours=bool(_OF_THIS.search(before)))
    return None


def _is_of_this(words: str, review: re.Match[str], *, ours: bool) -> bool | None:
    after = words[review.end() :]
    if _NEXT.match(after.rpartition(",")[2]):
        return True  # "reviewed each year, next in May"
    if not _is_to_come(words, review):
        return None
    label = bool(_LABEL.match(_clause_before(words, review)))
    if review[0].lower() == "reviewed":
        label = False
    return (label or ours) and not _OF_OTHERS.search(after)


def _is_to_come(words: str, review: re.Match[str]) -> bool:
    ahead = _clause_before(words, review)
    after = words[review.end() :]
    if _PAST.search(ahead) or _DONE.search(after):
        return False
    to_come = bool(_TO_COME.search(ahead))
    if review[0].lower() == "reviewed":
        return to_come
    # A heading says of itself that what follows is to come: "Next review", "Review".
    return to_come or bool(_TO_COME_AFTER.match(after))


def _clause_before(words: str, review: re.Match[str]) -> str:
    return re.split(r"[,;|]", words[: review.start()])[-1]
