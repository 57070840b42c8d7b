"""A version that is in force from a day to come, and who approved it, on every page."""

from __future__ import annotations

from dataclasses import replace

from signer.policy.change_log import change_log
from signer.policy.front_matter_fields import Approval
from signer.site.feed import feed
from signer.site.pages import pages
from signer.site.pages.placeholders import fill_placeholders
from signer.site.pages.site_content import SiteContent
from tests.policy.releases import SECOND, THIRD

LATER = replace(
    THIRD,
    in_force_from="2027-01-04",
    approvals=(Approval("Jo <Field>", "2024-08-30"),),
)
EDITION = SiteContent((SECOND, LATER), month="2024-09")
PAGES = pages(EDITION) | {
    "index.md": fill_placeholders("<!-- policy:in-force -->", EDITION, ""),
    "hero.md": fill_placeholders("<!-- policy:standing -->", EDITION, ""),
}


def test_no_page_says_that_it_is_in_force_already() -> None:
    """The words stay true on each day, before and after: pages are built once."""
    for path, text in PAGES.items():
        assert "In force since</dt> <dd>4 January 2027" not in text, path
        assert "Version in force" not in text, path
    for path in ("policy/index.md", "versions/3/index.md", "index.md", "hero.md"):
        assert "from 4 January 2027; until then version 2 is" in PAGES[path], path
    assert "Newest version" in PAGES["index.md"]
    old = PAGES["versions/2/index.md"]
    assert "This version is being replaced." in old
    assert "is in force from 4 January 2027." in old
    assert "no longer in force" not in old
    assert "In force until</dt> <dd>4 January 2027" in PAGES["changes/index.md"]
    assert "In force from</dt> <dd>4 January 2027" in PAGES["changes/index.md"]


def test_one_in_force_at_once_reads_as_before() -> None:
    """Nothing is said of days that are not stated."""
    made = pages(SiteContent((SECOND, THIRD), month="2024-09"))
    assert "In force since" in made["policy/index.md"]
    assert "This version is no longer in force." in made["versions/2/index.md"]
    assert not any("Approved by" in text for text in made.values())


def test_who_approved_it_stands_in_the_change_log_and_on_its_page() -> None:
    """By name and day, as text."""
    for path in ("changes/index.md", "versions/3/index.md"):
        assert "Approved by</dt> <dd>Jo &lt;Field&gt;, 30 August 2024" in PAGES[path]


def test_the_feed_says_from_when() -> None:
    """For those who read nothing else."""
    entries = feed(
        change_log([SECOND, LATER], []), [SECOND, LATER], "https://a.example"
    )
    assert b"In force from 4 January 2027." in entries
