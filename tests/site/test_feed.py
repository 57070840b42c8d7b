"""The change log as an Atom feed."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from lxml import etree
from lxml import html as lxml_html

from signer.policy.change_log import change_log
from signer.site.feed import ATOM, feed
from tests.policy.releases import FOURTH, REVIEW, SECOND, THIRD

VERSIONS = (SECOND, THIRD, FOURTH)
SITE = "https://policies.example.org"
IN_ATOM = {"a": ATOM}


def made(count: int = 3, *, site: str = SITE) -> etree._Element:
    versions = VERSIONS[:count]
    reviews = (REVIEW,) if count == 3 else ()
    return etree.fromstring(feed(change_log(versions, reviews), versions, site))


def texts(root: etree._Element, path: str) -> list[str]:
    return [str(one) for one in root.xpath(path, namespaces=IN_ATOM)]


def test_the_feed_is_complete() -> None:
    """Everything that RFC 4287 asks of a feed and of its entries."""
    root = made()
    assert root.tag == f"{{{ATOM}}}feed"
    for element in (root, *root.iterfind("a:entry", IN_ATOM)):
        for tag in ("id", "title", "updated"):
            assert len(element.findall(f"a:{tag}", IN_ATOM)) == 1
        moment = element.findtext("a:updated", "", IN_ATOM)
        assert datetime.fromisoformat(moment).tzinfo
        alternates = element.findall("a:link[@rel='alternate']", IN_ATOM)
        assert len(alternates) == 1
    assert texts(root, "a:author/a:name/text()") == [SECOND.school]
    assert texts(root, "a:link[@rel='self']/@href") == [f"{SITE}/changes/feed.xml"]


def test_the_entries_are_the_change_log() -> None:
    """Releases and reviews, the newest first; the feed is as new as its newest."""
    root = made()
    assert texts(root, "a:entry/a:title/text()") == [
        "Review on 30 September 2025: left as it was",
        "Version 4 (October 2024)",
        "Version 3 (September 2023)",
        "Version 2 (August 2022)",
    ]
    assert texts(root, "a:entry/a:updated/text()") == [
        "2025-09-30T00:00:00Z",
        "2024-10-01T00:00:00Z",
        "2023-09-05T00:00:00Z",
        "2022-08-01T00:00:00Z",
    ]
    assert texts(root, "a:updated/text()") == ["2025-09-30T00:00:00Z"]


def test_ids_stay() -> None:
    """A later release or another address changes no id; none is used twice."""
    ids = texts(made(), "a:entry/a:id/text()")
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", one) for one in ids)
    assert texts(made(2), "a:entry/a:id/text()") == ids[2:]
    assert texts(made(site=""), "a:entry/a:id/text()") == ids
    assert texts(made(2), "a:id/text()") == texts(made(site=""), "a:id/text()")


def test_a_release_carries_its_words() -> None:
    """The summary as it was written, the redline and the SHA-256."""
    content = texts(made(), "a:entry[2]/a:content[@type='html']/text()")[0]
    root = lxml_html.fragment_fromstring(content, create_parent="div")
    assert [item.text for item in root.iter("li")] == list(FOURTH.summary)
    assert root.xpath(".//a/@href") == [
        f"{SITE}/redlines/3-4/",
        f"{SITE}/versions/4/",
    ]
    assert FOURTH.sha256 in content


@pytest.mark.parametrize("site", [SITE, f"{SITE}/", f"{SITE}/conduct/"])
def test_addresses_are_absolute(site: str) -> None:
    """Each link leads to the site wherever the feed is read."""
    root = made(site=site)
    addresses = texts(root, "//a:link/@href")
    assert all(one.startswith(site.rstrip("/") + "/") for one in addresses)
    assert not any("//" in one.removeprefix("https://") for one in addresses)


def test_a_site_at_any_address_has_addresses_relative_to_the_feed() -> None:
    """Without a public address the links hold from where the feed stands."""
    assert texts(made(site=""), "a:link[@rel='self']/@href") == ["../changes/feed.xml"]
    assert "../versions/4/" in texts(made(site=""), "//a:link/@href")
