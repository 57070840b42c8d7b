"""The change log, the redlines and the draft, as generated pages."""

from __future__ import annotations

import re
from dataclasses import replace

from signer.policy.change_log import change_log
from signer.site.pages import pages
from signer.site.pages.change_log import anchors
from signer.site.pages.draft import DRAFT, draft_page, is_draft
from signer.site.pages.placeholders import fill_placeholders
from signer.site.pages.site_content import SiteContent
from tests.html_trees import first
from tests.policy.releases import ADDED, FOURTH, REVIEW, SECOND, THIRD
from tests.site.pages.test_policy_pages import THREE, facts_of, html_of

CHANGES = "code-of-conduct/changes/index.md"
SAME_DRAFT = SECOND.source.decode()
ONE = SiteContent((SECOND,), draft=SAME_DRAFT)


def test_the_change_log_has_the_newest_first() -> None:
    """Reviews and releases in one line, each at an anchor that stays."""
    root = html_of(pages(THREE)["changes/index.md"])
    assert [(one.get("id"), one.text) for one in root.iterfind("h2")] == [
        ("review-2025-09-30", "Review without change, 30 September 2025"),
        ("version-4", "Version 4 (October 2024)"),
        ("version-3", "Version 3 (September 2023)"),
        ("version-2", "Version 2 (August 2022)"),
    ]


def test_a_release_is_told_in_full() -> None:
    """Summary, dates, address, redline and SHA-256."""
    root = html_of(pages(THREE)["changes/index.md"])
    box = root.find_class("policy-facts")[2]
    facts = {
        row.findtext("dt"): first(row, "dd").text_content()
        for row in box.iter("div")
        if row.find("dt") is not None
    }
    assert facts == {
        "Released": "1 October 2024",
        "Next review": "by October 2025",
        "Permanent address": "/versions/4/",
        "Word by word": "From version 3 to version 4",
        "SHA-256 of the file": "d" * 64,
    }
    assert box.xpath(".//a/@href") == ["../versions/4/", "../redlines/3-4/"]
    assert root.xpath("//ul[1]/li")[1].text_content() == FOURTH.summary[1]


def test_a_review_says_that_nobody_is_asked() -> None:
    """Who reviewed what, with which next date."""
    page = pages(THREE)["changes/index.md"]
    assert "Nobody has to sign again." in page
    assert "<dt>Reviewed by</dt> <dd>Executive Headteacher</dd>" in page
    assert "<dt>Next review</dt> <dd>by October 2026</dd>" in page


def test_two_reviews_of_one_day_have_an_anchor_each() -> None:
    """The first keeps the anchor that it had before the second came."""
    again = replace(REVIEW, next="2026-11")
    log = change_log((SECOND, THIRD, FOURTH), (REVIEW, again))
    assert anchors(log)[:2] == ["review-2025-09-30-2", "review-2025-09-30"]


def test_neighbours_have_their_redline() -> None:
    """What was added and taken away is marked as such, word by word."""
    root = html_of(pages(THREE)["redlines/2-3/index.md"])
    for tag, word in (("ins", "require"), ("del", "ask")):
        found = [one for one in root.iter(tag) if word in one.text_content()]
        # Once among the parts that changed, once in the whole text.
        assert len(found) == 2
    assert facts_of(pages(THREE)["redlines/2-3/index.md"]) == {
        "From": "Version 2 (August 2022)",
        "To": "Version 3 (September 2023)",
        "Released": "5 September 2023",
        "The change after": "From version 3 to version 4",
    }


def test_a_redline_shows_the_statements_too() -> None:
    """What parents confirm belongs to the text."""
    root = html_of(pages(THREE)["redlines/3-4/index.md"])
    added = " ".join(one.text_content() for one in root.iter("ins"))
    assert ADDED in added
    assert "I know whom to ask." in added


def test_since_a_version_everything_is_told() -> None:
    """Summaries of the releases in between, and one redline over them all."""
    page = pages(THREE)["versions/2/changes/index.md"]
    root = html_of(page)
    assert [one.text for one in root.iterfind("section/h2")] == [
        "Version 4 (October 2024), in short",
        "Version 3 (September 2023), in short",
    ]
    added = " ".join(one.text_content() for one in root.iter("ins"))
    assert "require" in added
    assert ADDED in added


def test_nothing_has_changed_since_the_version_in_force() -> None:
    """Its address is there from the first day and says so."""
    page = pages(THREE)["versions/4/changes/index.md"]
    assert "Nothing has changed." in page
    assert html_of(page).findall(".//ins") == []


def test_the_public_site_has_no_draft() -> None:
    """Without a draft no page shows or mentions one."""
    made = pages(replace(ONE, draft=None))
    assert not any(is_draft(path) for path in made)
    assert "draft" not in fill_placeholders("<!-- policy:in-force -->", THREE, "")


def test_a_preview_shows_what_the_draft_would_change() -> None:
    """The redline is against the version in force, marked as a draft's."""
    edition = replace(ONE, draft=f"{SAME_DRAFT}\n{ADDED}\n")
    page = pages(edition)[CHANGES]
    assert "This is a draft. It is not in force." in page
    assert ADDED in " ".join(one.text_content() for one in html_of(page).iter("ins"))
    assert is_draft(CHANGES)
    assert is_draft(DRAFT)


def test_a_preview_leads_to_the_draft_from_the_home_page() -> None:
    """Whoever opens a preview finds the draft."""
    filled = fill_placeholders("<!-- policy:preview -->", ONE, "")
    assert "This is a preview with the draft in it. It is not in force." in filled
    assert re.findall(r'href="(code[^"]*)"', filled) == [
        "code-of-conduct/",
        "code-of-conduct/changes/",
    ]


def test_an_unchanged_draft_says_so() -> None:
    """There is nothing to release."""
    page = pages(ONE)[CHANGES]
    assert "The draft says what the version in force says." in page


def test_the_drafts_page_has_its_statements() -> None:
    """The text as it stands, and what parents would confirm."""
    page = draft_page(SECOND.body, ONE)
    assert "This is a draft. It is not in force." in page
    assert SECOND.body.strip("\n") in page
    assert SECOND.declaration[0] in page
    assert "What stops a release" in page
    assert "there is nothing to release" in page
    assert "Line " not in page


def test_a_preview_lists_what_the_text_says_of_another_release() -> None:
    """A month of the next review that is over stops it, whatever month is given."""
    draft = SAME_DRAFT.replace("We ask that parents", "We request that parents")
    page = draft_page(SECOND.body, replace(ONE, draft=draft, month="2026-11"))
    assert "What stops a release" in page
    assert "is August 2023." in page.split("## Purpose")[0]
    draft = draft.replace("is August 2023.", "is August 2027.")
    page = draft_page(SECOND.body, replace(ONE, draft=draft, month="2026-11"))
    assert "What stops a release" not in page
    assert "What a release will ask about" not in page


def test_a_preview_lists_what_a_release_asks_about_beside_what_stops_it() -> None:
    """A sentence that may speak of another text stops nothing."""
    asked = "## Purpose\n\nZoom version 5.1 is needed."
    draft = SAME_DRAFT.replace("## Purpose", asked)
    for month, stops in (("August 2023", True), ("August 2027", False)):
        edition = replace(
            ONE, draft=draft.replace("August 2023", month), month="2026-11"
        )
        page = draft_page(SECOND.body, edition)
        assert ("What stops a release" in page) is stops
        listed = page.split("What a release will ask about")[1]
        assert "version 5.1" in listed


def test_a_preview_says_where_nobody_could_find_the_change() -> None:
    """Only an apostrophe is another one: the release asks once more."""
    draft = SAME_DRAFT.replace(
        "the school's reputation", "the school\u2019s reputation"
    )
    edition = replace(ONE, draft=draft)
    page = draft_page(SECOND.body, edition)
    assert "What a release will ask about" in page
    assert "only in spaces, or in letters and signs that look alike" in page
    assert "look alike]" in pages(edition)[CHANGES]


def test_a_draft_with_mistakes_is_shown_with_them() -> None:
    """The preview says what a release would refuse, and shows the changes anyway."""
    edition = replace(ONE, draft=f"{SAME_DRAFT}\nTODO: say more & <better>.\n")
    line = SAME_DRAFT.count("\n") + 2
    page = draft_page(SECOND.body, edition)
    assert "What stops a release" in page
    assert f"Line {line}: " in page
    assert pages(edition)[CHANGES].count("What stops it from being shown") <= 1


def test_a_draft_that_cannot_be_compared_says_why() -> None:
    """An image has no place in a redline, and does not stop the preview."""
    page = pages(replace(ONE, draft=f"{SAME_DRAFT}\n![x](y.png)\n"))[CHANGES]
    assert "What stops it from being shown" in page
    assert "an image" in page


def test_a_draft_without_front_matter_says_why() -> None:
    """A draft that cannot be read at all is still shown as it is."""
    edition = replace(ONE, draft="Nothing but words.\n")
    assert "What stops it from being shown" in pages(edition)[CHANGES]
    assert "Nothing but words." in draft_page("Nothing but words.", edition)
