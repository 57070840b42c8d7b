"""The change log as an Atom feed (RFC 4287)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from lxml import etree

from signer.policy.change_log import Change, ChangeKind
from signer.policy.dates import date_in_words, is_day, month_in_words
from signer.policy.versions import Version
from signer.site.pages.change_log import anchors
from signer.site.pages.markup import listing, name

FEED = "changes/feed.xml"
"""The feed's path on the site."""

ATOM = "http://www.w3.org/2005/Atom"


def feed(
    changes: Sequence[Change], versions: Sequence[Version], site_url: str
) -> bytes:
    """The feed of a change log.

    Its ids are made from the versions' SHA-256, so they stay the same wherever the
    site moves (RFC 4287 §4.2.6).

    Args:
        changes: the change log, the newest first; at least one.
        versions: every released version, the oldest first.
        site_url: the site's public address; empty for a site that may stand at any,
            whose feed then has addresses relative to its own (RFC 4287 §2).
    """
    base = site_url.rstrip("/") + "/" if site_url else "../"
    newest = changes[0].version
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "en-GB")
    _text(root, "id", _id("change log", versions[0].sha256))
    _text(root, "title", f"{newest.title}: what has changed")
    _text(root, "updated", max(map(_moment, changes)))
    author = etree.SubElement(root, f"{{{ATOM}}}author")
    _text(author, "name", newest.school or newest.title)
    _link(root, "self", base + FEED, "application/atom+xml")
    _link(root, "alternate", f"{base}changes/", "text/html")
    for change, anchor in zip(changes, anchors(changes), strict=True):
        _entry(root, change, anchor, versions, base)
    return etree.tostring(
        root, xml_declaration=True, encoding="utf-8", pretty_print=True
    )


def _entry(
    root: etree._Element,
    change: Change,
    anchor: str,
    versions: Sequence[Version],
    base: str,
) -> None:
    version = change.version
    entry = etree.SubElement(root, f"{{{ATOM}}}entry")
    _text(entry, "id", _id(anchor, version.sha256))
    _text(entry, "title", _title(change))
    _text(entry, "updated", _moment(change))
    _text(entry, "published", _moment(change))
    _link(entry, "alternate", f"{base}changes/#{anchor}", "text/html")
    _link(entry, "related", base + version.path[1:], "text/html")
    content = _text(entry, "content", _content(change, versions, base))
    content.set("type", "html")


def _title(change: Change) -> str:
    if change.kind is ChangeKind.RELEASE:
        return f"Version {name(change.version)}"
    return f"Review on {date_in_words(change.at)}: left as it was"


def _content(change: Change, versions: Sequence[Version], base: str) -> str:
    """The entry's words, as HTML."""
    version = change.version
    due = f"<p>Next review: by {month_in_words(change.next_review)}.</p>"
    read = f'<p><a href="{base}{version.path[1:]}">Version {version.number}</a></p>'
    if change.kind is ChangeKind.REVIEW:
        return f"<p>Nobody has to sign again.</p>{due}{read}"
    numbers = [one.number for one in versions if one.number < version.number]
    redline = ""
    if numbers:
        address = f"{base}redlines/{max(numbers)}-{version.number}/"
        redline = f'<p><a href="{address}">What changed, word by word</a></p>'
    begins = ""
    if change.in_force_from:
        begins = f"<p>In force from {date_in_words(change.in_force_from)}.</p>"
    hash_line = f"<p>SHA-256: {version.sha256}</p>"
    return listing("ul", change.summary) + begins + due + redline + read + hash_line


def _moment(change: Change) -> str:
    """The day of a change, or the first day of its month, as RFC 3339 has it."""
    day = change.at if is_day(change.at) else f"{change.at}-01"
    return f"{day}T00:00:00Z"


def _id(*parts: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_OID, " ".join(parts)).urn


def _text(parent: etree._Element, tag: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{ATOM}}}{tag}")
    element.text = text
    return element


def _link(parent: etree._Element, rel: str, address: str, kind: str) -> None:
    element = etree.SubElement(parent, f"{{{ATOM}}}link")
    element.set("rel", rel)
    element.set("type", kind)
    element.set("href", address)
