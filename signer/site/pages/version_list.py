"""The list of every version."""

from __future__ import annotations

from signer.policy.dates import date_in_words
from signer.policy.versions import Version
from signer.site.pages.markup import (
    as_pdf,
    facts,
    fingerprint,
    front,
    link,
    listing,
    name,
    page,
    plain,
)
from signer.site.pages.policy_pages import in_force_sentence
from signer.site.pages.site_content import SiteContent

_INTRODUCTION = """# Every version

Each released version keeps its address and its text for good. The SHA-256 is the
fingerprint of its file: one changed letter would give another one. {newest}
[What has changed](../changes/index.md) tells the story of them."""


def list_page(edition: SiteContent) -> str:
    """Every version, the newest first, at ``/versions/``."""
    return page(
        front("Every version of the code of conduct, each at its permanent address."),
        _INTRODUCTION.format(
            newest=in_force_sentence("../policy/", edition)
            if edition.current.in_force_from
            else "The newest version is the one in force."
        ),
        *(_entry(version, edition) for version in reversed(edition.versions)),
    )


def _entry(version: Version, edition: SiteContent) -> str:
    newer = edition.after(version)
    if newer:
        until = ("In force until", date_in_words(newer.begins))
        since = link(f"{version.number}/changes/", "Everything since, word by word")
        standing: tuple[tuple[str, str], ...] = (until, ("What has changed", since))
    else:
        standing = (("Review due by", edition.due_in_words()),)
    return page(
        f"## Version {plain(name(version))}",
        facts(
            (
                "In force from" if version.in_force_from else "In force since",
                date_in_words(version.begins),
            ),
            *standing,
            ("Permanent address", link(f"{version.number}/", version.path)),
            *as_pdf(version, service=edition.service),
            ("SHA-256 of the file", fingerprint(version)),
        ),
        listing("ul", version.summary),
    ).rstrip("\n")
