"""What a release would say of a draft, for whoever is writing it: all at once.

A release stops at the first thing that is wrong with its options; here everything is
told, each with the field and the line that it is in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from signer.errors import (
    Doubt,
    DraftRefused,
    DraftUnchanged,
    MarkdownError,
    PolicyError,
    ReleaseRefused,
)
from signer.markdown.front_matter import split
from signer.policy.dates import date_in_words, month_in_words
from signer.policy.release.draft import DRAFT, read_draft
from signer.policy.release.prepare import agreed_html, examine, prepare_release
from signer.policy.release.source import DraftText, write_draft
from signer.policy.reviews import check_next_review
from signer.policy.versions import Version, in_force
from signer.redline.model import Redline, redline

_ANY = "I agree."

_WORDS = 6
"""So many words of a line say which one it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a release would refuse, or ask about.

    Attributes:
        field: of `DraftText`, such as ``body``.
        line: in the text, or of a list, counted from 1; None for the whole field.
        words: the beginning of that line.
        what: what was found, and what to do, as a sentence without its full stop.
    """

    field: str
    line: int | None
    words: str
    what: str


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """What a release would say of a draft.

    Attributes:
        problems: what it would refuse.
        doubts: what it would ask about once more.
        unchanged: the number of the version in force, where the draft says what that
            says; None where it does not.
        redline: the changes against the version in force; None before the first, and
            where the text holds what cannot be compared.
    """

    problems: tuple[Finding, ...]
    doubts: tuple[Finding, ...]
    unchanged: int | None
    redline: Redline | None

    @property
    def releasable(self) -> bool:
        """Whether a release would take the draft as it is."""
        return self.unchanged is None and not self.problems


def check_draft(
    draft: DraftText, versions: Sequence[Version], *, today: str
) -> CheckedDraft:
    """What a release of a draft would say today. Nothing is written.

    Args:
        draft: what the draft says.
        versions: the released versions, ascending.
        today: the day by the school's time, ``2026-11-22``.
    """
    problems = list(_missing(draft))
    # What is missing hides nothing else.
    whole = replace(
        draft,
        title=draft.title or _ANY,
        declaration=draft.declaration or (_ANY,),
    )
    text = write_draft(whole)
    where = _Places(whole, text)
    doubts: tuple[Doubt, ...] = ()
    unchanged = None
    if next_review := _next_review(draft, today):
        problems.append(next_review)
    try:
        read = read_draft(text)
        try:
            prepared = prepare_release(
                text,
                versions,
                summary=draft.summary,
                label=default_label(today, versions),
                released=today,
                # One that is fit, where the draft's own was refused above.
                review_by=_a_year_after(today) if next_review else draft.review_by,
            )
            doubts = prepared.doubts
        except DraftUnchanged:
            raise
        except ReleaseRefused as refused:
            problems.append(Finding(refused.field, None, "", f"it {refused.problem}"))
            doubts = examine(read, versions, released=today).doubts
    except DraftUnchanged as same:
        # What else is wrong is wrong of a release, and there is none to make.
        unchanged, problems = same.number, []
    except DraftRefused as refused:
        problems = [*map(where.of, refused.problems), *problems]
        doubts = refused.doubts
    return CheckedDraft(
        tuple(problems),
        tuple(map(where.of_doubt, doubts)),
        unchanged,
        draft_redline(draft, versions),
    )


def draft_redline(draft: DraftText, versions: Sequence[Version]) -> Redline | None:
    """The changes of a draft against the version in force.

    None before the first, and where it holds what cannot be compared.
    """
    return redline_of(in_force(versions), draft) if versions else None


def redline_of(older: Version | DraftText, newer: DraftText) -> Redline | None:
    """What is different in two texts; None where one cannot be compared."""
    try:
        return redline(agreed_html(older), agreed_html(newer))
    except PolicyError:
        return None


def default_label(today: str, versions: Sequence[Version]) -> str:
    """What a release is called unless somebody says otherwise.

    The month; the day, where a version of this month has the month's name.

    Args:
        today: the day by the school's time, ``2026-11-22``.
        versions: the released versions.
    """
    month = month_in_words(today)
    taken = any(version.label == month for version in versions)
    return date_in_words(today) if taken else month


def _missing(draft: DraftText) -> Iterator[Finding]:
    if not draft.title:
        yield Finding("title", None, "", "it is missing: say what the text is called")
    if not draft.declaration:
        yield Finding(
            "declaration", None, "", "none is there: parents confirm one or more"
        )


def _next_review(draft: DraftText, today: str) -> Finding | None:
    if not draft.review_by:
        return Finding(
            "review_by", None, "", "it is missing: say when the text is reviewed next"
        )
    try:
        check_next_review("review_by", draft.review_by, after=today)
    except ReleaseRefused as refused:
        return Finding("review_by", None, "", f"it {refused.problem}")
    return None


def _a_year_after(day: str) -> str:
    return f"{int(day[:4]) + 1}{day[4:7]}"


class _Places:
    """Where a line of the file is for whoever sees its fields.

    Args:
        draft: what the file says.
        text: the file.
    """

    def __init__(self, draft: DraftText, text: str) -> None:
        parts = split(DRAFT, text)
        self._body_line = parts.body_line
        self._end = text.split("\n").index("---", 1) + 1
        self._lines = draft.body.split("\n")
        starts: list[tuple[int, str, int | None, str]] = [(1, "title", None, "")]
        for key, entry in parts.entries.items():
            starts.append((entry.line, key, None, ""))
            items = entry.value if isinstance(entry.value, tuple) else ()
            starts += [
                (line, key, place, words)
                for place, (line, words) in enumerate(
                    zip(entry.item_lines, items, strict=True), 1
                )
            ]
        self._starts = sorted(starts, key=lambda one: one[0])

    def of(self, error: MarkdownError) -> Finding:
        """An error of the file as one of its field."""
        what = f"{error.what}; {error.remedy}"
        if error.line >= self._end:
            line = max(error.line - self._body_line + 1, 1)
            words = self._lines[line - 1] if line <= len(self._lines) else ""
            return Finding("body", line, _beginning(words), what)
        at = bisect_right(self._starts, error.line, key=lambda one: one[0]) - 1
        _, field, place, words = self._starts[max(at, 0)]
        return Finding(field, place, _beginning(words), what)

    def of_doubt(self, doubt: Doubt) -> Finding:
        """A doubt about the file as one about its field."""
        if doubt.error is not None:
            return self.of(doubt.error)
        return Finding("draft", None, "", doubt.sentence.removesuffix("."))


def _beginning(line: str) -> str:
    words = line.split()
    return " ".join(words[:_WORDS]) + (" …" if len(words) > _WORDS else "")
