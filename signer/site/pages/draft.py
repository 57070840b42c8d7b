"""The draft, for previews alone: what it holds, and what it would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from signer.errors import DraftRefused, DraftUnchanged, PolicyError
from signer.policy.release.draft import Draft, read_draft, sentence_of
from signer.policy.release.prepare import agreed_html, examine
from signer.redline.model import redline
from signer.site.pages.markup import (
    facts,
    front,
    link,
    name,
    notice,
    page,
    section,
    statements,
)
from signer.site.pages.policy_pages import in_force_sentence
from signer.site.pages.redlines import marked
from signer.site.pages.site_content import SiteContent

DRAFT = "code-of-conduct.md"
"""The headteacher's working draft, among the hand-written pages."""

_CHANGES = "code-of-conduct/changes/index.md"
_NOT_IN_FORCE = "This is a draft. It is not in force."
_NOBODY = "Nobody has been asked to sign it."


def is_draft(path: str) -> bool:
    """Whether a page, by its path, shows the draft: it stays out of site maps."""
    return path in {DRAFT, _CHANGES}


def draft_pages(edition: SiteContent) -> dict[str, str]:
    """The draft's redline against the version in force; none without a draft."""
    if edition.draft is None:
        return {}
    current = edition.current
    return {
        _CHANGES: page(
            front("What the draft would change.", listed=False),
            "# What the draft would change",
            notice("draft", _NOT_IN_FORCE, _NOBODY),
            facts(
                ("From", link("../../policy/", f"Version {name(current)}")),
                ("To", link("../", "The draft")),
            ),
            _redline(edition.draft, edition),
        )
    }


def draft_page(markdown: str, edition: SiteContent) -> str:
    """The draft's own page, with what a reader must know first.

    Args:
        markdown: the draft without its front matter.
        edition: the build that shows it.
    """
    told = notice(
        "draft",
        _NOT_IN_FORCE,
        f"{_NOBODY} {in_force_sentence('../policy/', edition)}",
        link("changes/", "See what the draft would change"),
    )
    declaration: tuple[str, ...] = ()
    doubts: Sequence[str] = ()
    try:
        draft = read_draft(edition.draft or "")
        declaration = draft.declaration
        problems, doubts = _found(draft, edition)
    except DraftRefused as error:
        problems = _sentences(error)
    return page(
        told,
        section("What stops a release", "ul", problems) if problems else "",
        section("What a release will ask about", "ul", doubts) if doubts else "",
        markdown.strip("\n"),
        statements(declaration) if declaration else "",
    )


def _redline(text: str, edition: SiteContent) -> str:
    """What changes, even where a release would still find something to mend."""
    current = edition.current
    try:
        draft = read_draft(text)
        if draft.says_the_same_as(current):
            return notice("same", "The draft says what the version in force says.")
        as_version = replace(
            current, title=draft.title, declaration=draft.declaration, body=draft.body
        )
        return marked(redline(agreed_html(current), agreed_html(as_version)))
    except DraftRefused as error:
        problems: Sequence[str] = _sentences(error)
    except PolicyError:
        problems, _ = _found(read_draft(text), edition)
    return section("What stops it from being shown", "ul", problems)


def _found(draft: Draft, edition: SiteContent) -> tuple[Sequence[str], Sequence[str]]:
    """Return what would stop a release of the draft, and what it would ask about."""
    try:
        doubts = examine(draft, edition.versions, released=edition.month).doubts
    except DraftRefused as error:
        return _sentences(error), [one.sentence for one in error.doubts]
    except DraftUnchanged:
        current = f"version {edition.current.number}"
        return [f"The draft says what {current} says: there is nothing to release."], ()
    return (), [one.sentence for one in doubts]


def _sentences(error: DraftRefused) -> tuple[str, ...]:
    return tuple(map(sentence_of, error.problems))
