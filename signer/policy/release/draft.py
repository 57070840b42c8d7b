"""The working draft: what a headteacher edits, and what a release takes from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from signer.errors import DraftRefused, MarkdownError, VersionFileError
from signer.markdown.front_matter import Entry, split
from signer.markdown.pasted import in_characters, in_plain_words
from signer.markdown.rules import problems
from signer.policy.front_matter_fields import Fields
from signer.policy.versions import Version

DRAFT = "docs/code-of-conduct.md"
"""The draft's place in the project."""

_FRONT_MATTER = (
    "write the lines at the top as they are in the last release, and a text that "
    'holds a colon in "double quotes"'
)
_FINISH = "finish it, or remove it"
_MISTAKES = tuple(
    (re.compile(pattern), remedy)
    for pattern, remedy in (
        (
            r"^(?:<{7}|\|{7}|={7}|>{7})(?= |$)",
            "two people's changes were not brought together: keep one, or combine both",
        ),
        (r"(?i)\b(?:TODO|FIXME|X{3,}|LOREM(?: IPSUM)?)\b", _FINISH),
        (r"\b(?:TBC|TBD)\b", _FINISH),
        (r"\?{3,}", _FINISH),
        (r"(?i)\[insert\b", _FINISH),
    )
)
_HIDING = re.compile(r"""^[^'"]*\s#""")
_VERSION = re.compile(r"(?i)\bversion\s+(?:no\.?\s+|number\s+)?([0-9]+)\b")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a release takes from the draft.

    Attributes:
        path: the file, for errors.
        title: the policy's name.
        school: the school's name as the text bears it; may be empty.
        motto: the school's motto as the text bears it; may be empty.
        declaration: the statements a parent confirms, verbatim, in order.
        body: the Markdown after the front matter.
        body_line: the line of the file on which the body begins, counted from 1.
        entries: the front matter, by key.
        front_lines: the lines of the file before the body.
    """

    path: str
    title: str
    school: str
    motto: str
    declaration: tuple[str, ...]
    body: str
    body_line: int
    entries: dict[str, Entry]
    front_lines: tuple[str, ...]

    def says_the_same_as(self, version: Version) -> bool:
        """Whether a version has this very text, title and statements included."""
        return (self.title, self.school, self.motto, self.declaration, self.body) == (
            version.title,
            version.school,
            version.motto,
            version.declaration,
            version.body,
        )


def read_draft(text: str, *, path: str = DRAFT) -> Draft:
    """What the draft holds; whether it may be released is for `examine`.

    Title and statements must be there. What else a version states may be missing or
    out of date: the release replaces it. What an editor does to the ends of lines
    and of the file is undone.

    Args:
        text: the whole draft.
        path: the file, for errors.

    Raises:
        DraftRefused: two people's changes were not brought together, or the front
            matter is not as it must be.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip("\n") + "\n"
    # First, because such marks break the front matter in ways that no one would guess.
    unmerged = [
        one
        for number, line in enumerate(text.split("\n"), 1)
        for one in mistakes(line, number)[:1]
        if line[:7] == line[0:1] * 7
    ]
    if unmerged:
        raise DraftRefused(path, tuple(unmerged))
    if odd := tuple(_odd_characters(text.split("\n"))):
        raise DraftRefused(path, odd)
    try:
        parts = split(path, text)
        fields = Fields(
            path, parts.entries, required=frozenset({"title", "declaration"})
        )
        draft = Draft(
            path,
            title=fields.line("title"),
            school=fields.line("school"),
            motto=fields.line("motto"),
            declaration=fields.lines("declaration"),
            body=parts.body,
            body_line=parts.body_line,
            entries=parts.entries,
            front_lines=tuple(text.split("\n")[: parts.body_line - 1]),
        )
    except VersionFileError as error:
        problem = MarkdownError(error.line or 1, f"it {error.problem}", _FRONT_MATTER)
        raise DraftRefused(path, (problem,)) from error
    if not draft.body.strip():
        problem = MarkdownError(draft.body_line, "there is no text", "write it")
        raise DraftRefused(path, (problem,))
    return draft


def draft_problems(draft: Draft, *, number: int) -> list[MarkdownError]:
    """What may not be released of a draft, in the order of its lines.

    Args:
        draft: as `read_draft` gives it.
        number: of the version that it is to become.
    """
    return sorted(
        (
            *_in_front_matter(draft, number),
            *(
                one
                for line, words in enumerate(draft.body.split("\n"), draft.body_line)
                for one in mistakes(words, line)
            ),
            *problems(draft.body, first_line=draft.body_line),
        ),
        key=lambda one: one.line,
    )


def sentence_of(error: MarkdownError) -> str:
    """What was found in a line of a draft, as a sentence for people."""
    return f"Line {error.line}: {error.what}; {error.remedy}."


def plain_mistakes(words: str, line: int = 1) -> list[MarkdownError]:
    """As `mistakes`, and what may not stand in words that are shown as they are.

    Args:
        words: a title, a statement, a sentence of the summary.
        line: its number, for the errors.
    """
    return [
        *mistakes(words, line),
        *(MarkdownError(line, *one) for one in in_plain_words(words)),
    ]


def mistakes(words: str, line: int = 1) -> list[MarkdownError]:
    """What no one means to publish: marks of unfinished work, one of each kind.

    Args:
        words: a line of text.
        line: its number, for the errors.
    """
    return [
        MarkdownError(line, f'"{mark[0]}" in a text that is to be published', remedy)
        for pattern, remedy in _MISTAKES
        if (mark := pattern.search(words))
    ]


def _odd_characters(lines: Sequence[str]) -> Iterator[MarkdownError]:
    """Characters that break the front matter in ways that no one would guess."""
    end = lines.index("---", 1) if lines[0] == "---" and "---" in lines[1:] else 0
    for number, line in enumerate(lines[:end], 1):
        for what, remedy in in_characters(line):
            yield MarkdownError(number, what, remedy)


def _in_front_matter(draft: Draft, number: int) -> Iterator[MarkdownError]:
    for line, words in enumerate(draft.front_lines, 1):
        if _HIDING.match(words):
            yield MarkdownError(
                line,
                "a # that hides the words after it",
                'put the whole text in "double quotes", or remove the #',
            )
    for key in ("title", "school", "motto"):
        if key in draft.entries:
            yield from plain_mistakes(getattr(draft, key), draft.entries[key].line)
    lines = draft.entries["declaration"].item_lines
    for statement, line in zip(draft.declaration, lines, strict=True):
        yield from plain_mistakes(statement, line)
        for named in _VERSION.finditer(statement):
            if int(named[1]) != number:
                yield MarkdownError(
                    line,
                    f'"{named[0]}" in a statement of version {number}',
                    "parents would agree to another version: leave the number out",
                )
    if len(set(draft.declaration)) != len(draft.declaration):
        yield MarkdownError(
            draft.entries["declaration"].line,
            "the same statement twice",
            "parents confirm each once: remove one",
        )
