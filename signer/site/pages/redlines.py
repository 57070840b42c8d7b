"""What changed, word by word: between neighbours, and since each version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from signer.policy.comparison import below, redline_of
from signer.policy.dates import date_in_words
from signer.policy.release.prepare import agreed_html
from signer.policy.versions import Version
from signer.redline.html import redline_html, redline_key, redline_switch
from signer.redline.model import Redline, redline
from signer.redline.text import redline_summary
from signer.site.pages.markup import (
    facts,
    front,
    link,
    name,
    notice,
    page,
    section,
)
from signer.site.pages.policy_pages import in_force_sentence, in_force_words
from signer.site.pages.site_content import SiteContent


def redline_pages(edition: SiteContent) -> dict[str, str]:
    """The redlines, as Markdown by their path.

    Two for each version, so that a build takes time in proportion to them.
    """
    # Each text is rendered once, however many it is compared with.
    agreed = {version: agreed_html(version) for version in edition.versions}
    made = {}
    for version in edition.versions:
        path = f"versions/{version.number}/changes/index.md"
        made[path] = _since(version, edition, agreed)
        older = edition.before(version)
        if older:
            path = f"redlines/{older.number}-{version.number}/index.md"
            made[path] = _neighbours(older, version, edition)
    return made


def marked(found: Redline) -> str:
    """What changed: in numbers, the parts that changed alone, then the whole text."""
    numbers = f"<p>{escape(redline_summary(found), quote=False)}.</p>"
    if not found.changed:
        return numbers
    return page(
        numbers,
        redline_key(),
        "## The parts that changed",
        below(redline_html(found, only_changes=True, prefix="changed-")),
        "## The whole text",
        redline_switch(below(redline_html(found, prefix="whole-"))),
    ).rstrip("\n")


def _neighbours(old: Version, new: Version, edition: SiteContent) -> str:
    """From a version to the one that followed it, at ``/redlines/2-3/``."""
    later = edition.after(new)
    others: list[tuple[str, str]] = []
    before = edition.before(old)
    if before:
        others.append(_step("The change before", before, old))
    if later:
        others.append(_step("The change after", new, later))
    return page(
        front(
            f"What changed from version {old.number} to version {new.number} of the "
            "code of conduct, word by word.",
        ),
        f"# What changed from version {old.number} to version {new.number}",
        facts(
            ("From", link(f"../../versions/{old.number}/", f"Version {name(old)}")),
            ("To", link(f"../../versions/{new.number}/", f"Version {name(new)}")),
            ("Released", date_in_words(new.released)),
            *others,
        ),
        section("In short", "ul", new.summary),
        marked(redline_of(old, new)),
    )


def _step(words: str, old: Version, new: Version) -> tuple[str, str]:
    numbers = f"{old.number}-{new.number}"
    return words, link(
        f"../{numbers}/", f"From version {old.number} to version {new.number}"
    )


def _since(old: Version, edition: SiteContent, agreed: Mapping[Version, str]) -> str:
    """From a version to the one in force, at ``/versions/2/changes/``."""
    current = edition.current
    head = (
        front(f"What has changed in the code of conduct since version {old.number}."),
        f"# What has changed since version {old.number}",
    )
    if old == current:
        return page(
            *head,
            notice(
                "same",
                "Nothing has changed.",
                f"{in_force_sentence('../../../policy/', edition)} "
                "This page will show what changes after it.",
            ),
        )
    return page(
        *head,
        facts(
            ("From", link("../", f"Version {name(old)}")),
            ("To", link("../../../policy/", f"Version {name(current)}")),
            ("In force", in_force_words(edition))
            if current.in_force_from
            else ("In force since", date_in_words(current.released)),
        ),
        *_summaries(old, edition),
        marked(redline(agreed[old], agreed[current])),
    )


def _summaries(old: Version, edition: SiteContent) -> Sequence[str]:
    """What each release in between changed, in short, the newest first."""
    return [
        section(
            f"Version {escape(name(version), quote=False)}, in short",
            "ul",
            version.summary,
        )
        for version in reversed(edition.versions)
        if version.number > old.number
    ]
