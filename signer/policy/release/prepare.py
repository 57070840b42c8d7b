"""A release: the draft becomes the next version, chained to the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from signer import files
from signer.errors import (
    Doubt,
    DoubtKind,
    DraftRefused,
    DraftUnchanged,
    FileExists,
    ReleaseExists,
    ReleaseRefused,
    TextRefused,
)
from signer.markdown.rendering import to_html
from signer.policy.dates import is_day, is_month
from signer.policy.front_matter_fields import LINE_CHARACTERS, Approval
from signer.policy.release.contradictions import Stated, contradictions
from signer.policy.release.draft import (
    DRAFT,
    Draft,
    draft_problems,
    plain_mistakes,
    read_draft,
    sentence_of,
)
from signer.policy.release.source import DraftText, write_policy_file
from signer.policy.reviews import check_next_review
from signer.policy.versions import Version, in_force, parse_version
from signer.redline.labels import HARDLY_SEEN
from signer.redline.model import Redline, redline
from signer.user_text import one_line


@dataclass(frozen=True, slots=True)
class Prepared:
    """A release that may be made.

    Attributes:
        version: the version to be, with the bytes of its file.
        previous: the version in force until then, or None before the first.
        redline: what changes against it: text, title and statements.
        doubts: what is asked about once more before it is made.
    """

    version: Version
    previous: Version | None
    redline: Redline | None
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Examined:
    """What is found of a draft that nothing stops.

    Attributes:
        redline: the changes against the version in force; None before the first.
        doubts: what is asked about once more before it is released.
    """

    redline: Redline | None
    doubts: tuple[Doubt, ...]


def prepare_release(  # noqa: PLR0913 - what makes a release, each given by its name
    draft: str,
    versions: Sequence[Version],
    *,
    summary: Sequence[str],
    label: str,
    released: str,
    review_by: str,
    in_force_from: str = "",
    approvals: Sequence[Approval] = (),
    draft_sha256: str = "",
    sign_by: str = "",
    path: str = DRAFT,
) -> Prepared:
    """The version that the draft would become. Nothing is written.

    Args:
        draft: the whole draft; its number, label, dates, summary and chain are
            replaced by what is given here.
        versions: the released versions, ascending.
        summary: what changed, in plain words, one sentence or two each.
        label: the release as people say it, such as ``November 2026``.
        released: the day or the month, ``2026-11-22``.
        review_by: the month by which it must be reviewed, ``2027-11``.
        in_force_from: the day to come from which it is in force; empty where that is
            the day of its release.
        approvals: who approved the draft, and when.
        draft_sha256: the SHA-256 (hex) of the draft's file, which they approved.
        sign_by: the day by which parents are to have answered; empty for none.
        path: the draft's file, for errors.

    Raises:
        DraftRefused: the draft holds what may not be released: everything, by line.
        DraftUnchanged: it says what the version in force says.
        ReleaseRefused: another value is not fit for a release.
    """
    text = read_draft(draft, path=path)
    previous, number = _refuse_unchanged(text, versions)
    if not summary:
        raise ReleaseRefused("summary", "is missing: say what changed")
    lines = tuple(_fit("summary", one) for one in summary)
    label = _fit("label", label)
    if label in {version.label for version in versions}:
        raise ReleaseRefused("label", f'"{label}" is that of an older version')
    _check_released(released, previous)
    check_next_review("review_by", review_by, after=released)
    _check_in_force_from(in_force_from, released, previous)
    if sign_by and not (is_day(sign_by) and sign_by > released):
        raise ReleaseRefused(
            "sign_by",
            f"needs a day after {released}, such as 2026-12-18, not {sign_by}",
        )
    examined = examine(
        text, versions, released=released, label=label, review_by=review_by
    )
    doubts = list(examined.doubts)
    stated = _stated(text, versions, released, label, review_by)
    for error, is_certain in contradictions(lines, stated):
        if is_certain:
            raise ReleaseRefused("summary", f"says {error.what}: {error.remedy}")
        sentence = f"The summary says {error.what}; {error.remedy}."
        doubts.append(Doubt(DoubtKind.MAY_CONTRADICT, sentence))
    source = write_policy_file(
        {
            "version": str(number),
            "title": text.title,
            "label": label,
            "released": released,
            "review_by": review_by,
            "sign_by": sign_by,
            "school": text.school,
            "motto": text.motto,
            "in_force_from": in_force_from,
            "previous_sha256": previous.sha256 if previous else "",
            "draft_sha256": draft_sha256 if approvals else "",
            "approved_by": tuple(map(str, approvals)),
            "summary": lines,
            "declaration": text.declaration,
        },
        text.body,
    ).encode()
    # Read back by the reader that everybody else will use.
    version = parse_version(f"{number}.md", source)
    return Prepared(version, previous, examined.redline, tuple(doubts))


def examine(
    draft: Draft,
    versions: Sequence[Version],
    *,
    released: str = "",
    label: str = "",
    review_by: str = "",
) -> Examined:
    """What a draft changes, and what is doubtful of it, if nothing stops a release.

    A release and the preview of a draft ask this alone, so that they cannot differ.

    Args:
        draft: as `read_draft` gives it.
        versions: the released versions, ascending.
        released: the day or the month of the release; empty where none is known.
        label: what it is called; empty where that is not known yet.
        review_by: the month of the next review; empty likewise.

    Raises:
        DraftRefused: the draft holds what may not be released, or says otherwise than
            its release: everything, by line.
        DraftUnchanged: it says what the version in force says.
    """
    previous, number = _refuse_unchanged(draft, versions)
    stated = _stated(draft, versions, released, label, review_by)
    otherwise = contradictions(
        draft.body.split("\n"), stated, first_line=draft.body_line
    )
    for statement, line in zip(
        draft.declaration, draft.entries["declaration"].item_lines, strict=True
    ):
        otherwise += contradictions(
            [statement], stated, first_line=line, is_statement=True
        )
    otherwise.sort(key=lambda one: one.error.line)
    doubts = tuple(
        Doubt(DoubtKind.MAY_CONTRADICT, sentence_of(one.error), one.error)
        for one in otherwise
        if not one.is_certain
    )
    certain = (one.error for one in otherwise if one.is_certain)
    marks = draft_problems(draft, number=number)
    changes = None
    if previous and not marks:
        changes = redline(agreed_html(previous), agreed_html(draft))
        if not changes.changed:
            # Other signs for the same text: parents would be asked about nothing.
            raise DraftUnchanged(previous.number)
        if changes.looks_the_same:
            sentence = (
                f"The draft differs from version {previous.number} only in "
                f"{HARDLY_SEEN}. Every parent would be asked to sign again for that."
            )
            doubts = (Doubt(DoubtKind.LOOKS_THE_SAME, sentence), *doubts)
    if found := sorted([*marks, *certain], key=lambda error: error.line):
        raise DraftRefused(draft.path, tuple(found), doubts)
    return Examined(changes, doubts)


def _refuse_unchanged(
    draft: Draft, versions: Sequence[Version]
) -> tuple[Version | None, int]:
    """Give the version in force and the number of the next, if a draft differs."""
    previous = in_force(versions) if versions else None
    if previous and draft.says_the_same_as(previous):
        raise DraftUnchanged(previous.number)
    return previous, previous.number + 1 if previous else 1


def _stated(
    draft: Draft, versions: Sequence[Version], released: str, label: str, review_by: str
) -> Stated:
    return Stated(
        number=max((one.number for one in versions), default=0) + 1,
        title=draft.title,
        label=label,
        review_by=review_by,
        released=released[:7],
        older_titles=frozenset(version.title for version in versions),
        older_labels=tuple((one.label, one.number) for one in versions),
    )


def write_release(folder: Path, prepared: Prepared) -> Path:
    """Write the version's file; from that moment it is released.

    The file gets its name in one step and never replaces another, so that a process
    that is stopped leaves either no release or a whole one.

    Args:
        folder: the folder of the released versions.
        prepared: as `prepare_release` gave it for the versions in that folder.

    Returns:
        The file.

    Raises:
        ReleaseExists: another release took the number meanwhile.
        FileNotWritten: the file could not be written.
    """
    path = folder / prepared.version.filename
    try:
        files.create(path, prepared.version.source)
    except FileExists as error:
        raise ReleaseExists(str(path)) from error
    return path


def agreed_html(version: Version | Draft | DraftText) -> str:
    """All that a parent agrees to, as HTML: title, text and statements.

    It is what two versions are compared by, so that a change of a statement shows
    as well as one of the text.
    """
    statements = "\n".join(
        f"<li>{escape(statement, quote=False)}</li>"
        for statement in version.declaration
    )
    return (
        f"<h1>{escape(version.title, quote=False)}</h1>\n{to_html(version.body)}\n"
        f"<h2>What parents and carers confirm</h2>\n<ol>\n{statements}\n</ol>"
    )


def _fit(field: str, value: str) -> str:
    try:
        value = one_line(field, value, limit=LINE_CHARACTERS)
    except TextRefused as error:
        raise ReleaseRefused(field, f"cannot be kept: {error}") from error
    for mistake in plain_mistakes(value):
        raise ReleaseRefused(field, f"holds {mistake.what}: {mistake.remedy}")
    return value


def _check_released(released: str, previous: Version | None) -> None:
    if not (is_day(released) or is_month(released)):
        raise ReleaseRefused(
            "released", f"needs a day such as 2026-11-22, not {released}"
        )
    if previous:
        shorter = min(len(released), len(previous.released))
        if released[:shorter] < previous.released[:shorter]:
            raise ReleaseRefused(
                "released",
                f"is {released}, before version {previous.number} "
                f"({previous.released}): check this computer's clock",
            )


def _check_in_force_from(day: str, released: str, previous: Version | None) -> None:
    if not day:
        return
    if not is_day(day) or day[: len(released)] <= released:
        raise ReleaseRefused(
            "in_force_from",
            f"needs a day to come, such as 2027-01-04, not {day}: without it the "
            "version is in force from its release",
        )
    if previous and day < previous.in_force_from:
        raise ReleaseRefused(
            "in_force_from",
            f"is {day}, before version {previous.number} ({previous.in_force_from})",
        )
