"""The change log: every version, and the reviews between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from signer.policy.change_log import Change, ChangeKind, change_log
from signer.policy.dates import date_in_words, month_in_words
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
from signer.site.pages.policy_pages import approved, newest_label
from signer.site.pages.site_content import SiteContent

_INTRODUCTION = """# What has changed

Every release of the code of conduct, and every review that left it as it was, the
newest first. A release asks all parents and carers to sign again. A review without
change asks nobody.

Each released version keeps its address and its text permanently. The SHA-256 is the
fingerprint of its file: one changed letter would give another one.

You can follow this page in a feed reader: <a href="feed.xml">feed of changes</a>."""


def change_log_page(edition: SiteContent) -> str:
    """Every version, and the reviews, the newest first, at ``/changes/``."""
    changes = change_log(edition.versions, edition.reviews)
    return page(
        front("Every release and review of the code of conduct, the newest first."),
        _INTRODUCTION,
        facts(
            (newest_label(edition), link("../policy/", name(edition.current))),
            ("Review due by", edition.due_in_words()),
        ),
        *(
            _release(change, anchor, edition)
            if change.kind is ChangeKind.RELEASE
            else _review(change, anchor)
            for change, anchor in zip(changes, anchors(changes), strict=True)
        ),
    )


def moved_page() -> str:
    """What leads to the change log from ``/versions/``, where the list was before."""
    return page(
        front("Every version of the code of conduct.", moved_to="changes/"),
        "# Every version",
        f"<p>Go to {link('../changes/', 'What has changed')}, which has every version."
        "</p>",
    )


def anchors(changes: Sequence[Change]) -> list[str]:
    """The id of each entry, which stays: ``version-3`` or ``review-2026-11-22``.

    Args:
        changes: the change log, the newest first.
    """
    found: list[str] = []
    days: Counter[str] = Counter()
    for change in reversed(changes):
        if change.kind is ChangeKind.RELEASE:
            found.append(f"version-{change.version.number}")
        else:
            days[change.at] += 1
            again = f"-{days[change.at]}" if days[change.at] > 1 else ""
            found.append(f"review-{change.at}{again}")
    return found[::-1]


def _release(change: Change, anchor: str, edition: SiteContent) -> str:
    version = change.version
    older, newer = edition.before(version), edition.after(version)
    begins: list[tuple[str, str]] = []
    ends: list[tuple[str, str]] = []
    redlines: list[tuple[str, str]] = []
    if change.in_force_from:
        begins = [("In force from", date_in_words(change.in_force_from))]
    if older:
        address = f"../redlines/{older.number}-{version.number}/"
        words = f"From version {older.number} to version {version.number}"
        redlines = [("Word by word", link(address, words))]
    if newer:
        ends = [("In force until", date_in_words(newer.begins))]
        address = f"../versions/{version.number}/changes/"
        redlines.append(("Since then", link(address, "Everything since, word by word")))
    return page(
        f"## Version {plain(name(version))} {{ #{anchor} }}",
        listing("ul", change.summary),
        facts(
            ("Released", date_in_words(change.at)),
            *begins,
            *ends,
            *approved(version),
            ("Next review", f"by {month_in_words(change.next_review)}"),
            ("Permanent address", link(f"../versions/{version.number}/", version.path)),
            *as_pdf(version, service=edition.service),
            *redlines,
            ("SHA-256 of the file", fingerprint(version)),
        ),
    ).rstrip("\n")


def _review(change: Change, anchor: str) -> str:
    version = change.version
    return page(
        f"## Review without change, {date_in_words(change.at)} {{ #{anchor} }}",
        f"<p>Version {version.number} was reviewed and left as it was. Nobody has to "
        "sign again.</p>",
        facts(
            ("Reviewed by", escape(change.by or "", quote=False)),
            ("Next review", f"by {month_in_words(change.next_review)}"),
            ("Text", link(f"../versions/{version.number}/", version.path)),
        ),
    ).rstrip("\n")
