"""A draft as its pages show it: text, changes, and what a release says of it."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from signer.policy.comparison import below
from signer.policy.release.check import CheckedDraft, Finding
from signer.policy.release.source import DraftText
from signer.policy.versions import Version, in_force
from signer.redline.html import redline_html, redline_key, redline_switch
from signer.redline.model import Redline
from signer.redline.text import redline_summary
from signer.web.session import context
from signer.web.signing.policy_text import clean_text, marked_up
from signer.workflows.draft.check import check_text

FIELDS = {
    "title": ("Title", "title"),
    "school": ("Name of the school", "school"),
    "motto": ("Motto", "motto"),
    "body": ("Text", "body"),
    "declaration": ("Statement", "declaration"),
    "summary": ("Summary", "summary"),
    "review_by": ("Next review", "review_by"),
}
"""What each field is called, and its id on the page that it is written on."""


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words.

    Attributes:
        place: where it is, such as “Text, line 12”.
        words: the beginning of the line, or empty.
        what: what was found and what to do.
        anchor: the id of the field, or empty.
    """

    place: str
    words: str
    what: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Changes:
    """A redline ready to be shown.

    Attributes:
        summary: how much changed, in words.
        key: how to read it.
        parts: the changed parts alone.
        whole: the whole text, with a switch for its changes.
    """

    summary: str
    key: Markup
    parts: Markup
    whole: Markup


@dataclass(frozen=True, slots=True)
class Shown:
    """A draft ready to be shown.

    Attributes:
        title: of the text.
        html: the text as the site will show it.
        statements: what parents will confirm.
        checked: what a release would say of it.
        problems: what it would refuse, in words.
        doubts: what it would ask about, in words.
        changes: against the version in force; None where there are none to show.
        version: the version in force; None before the first.
    """

    title: str
    html: Markup
    statements: tuple[str, ...]
    checked: CheckedDraft
    problems: tuple[Told, ...]
    doubts: tuple[Told, ...]
    changes: Changes | None
    version: Version | None


def shown(text: DraftText) -> Shown:
    """A draft as its pages show it."""
    checked = check_text(context(), text)
    versions = context().versions
    return Shown(
        title=text.title,
        html=clean_text(text.body),
        statements=text.declaration,
        checked=checked,
        problems=tuple(map(told, checked.problems)),
        doubts=tuple(map(told, checked.doubts)),
        changes=changes_of(checked.redline),
        version=in_force(versions) if versions else None,
    )


def changes_of(redline: Redline | None) -> Changes | None:
    """A redline ready to be shown; None where it has no changes."""
    if redline is None or not redline.changed:
        return None
    return Changes(
        summary=redline_summary(redline),
        key=marked_up(redline_key()),
        parts=marked_up(below(redline_html(redline, only_changes=True))),
        whole=marked_up(redline_switch(below(redline_html(redline)))),
    )


def told(finding: Finding) -> Told:
    """A finding in words."""
    place, anchor = FIELDS.get(finding.field, ("Draft", ""))
    if finding.line is not None:
        place += f", line {finding.line}" if finding.field == "body" else ""
        place += f" {finding.line}" if finding.field != "body" else ""
    what = finding.what[:1].upper() + finding.what[1:]
    return Told(place, finding.words, f"{what}.", anchor)
