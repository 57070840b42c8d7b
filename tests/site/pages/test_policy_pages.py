"""The generated pages of the text, their list, and what hand-written pages leave."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from signer.config import Settings
from signer.errors import PolicyError, VersionFileError
from signer.markdown.rendering import to_html
from signer.site.pages import pages, raw_files
from signer.site.pages.placeholders import fill_placeholders
from signer.site.pages.site_content import SiteContent
from tests.conftest import REPOSITORY
from tests.html_trees import first
from tests.policy.releases import FOURTH, REVIEW, SECOND, THIRD

TWO = SiteContent((SECOND, THIRD), month="2024-09")
THREE = SiteContent((SECOND, THIRD, FOURTH), (REVIEW,), month="2026-11")


def html_of(page: str) -> lxml_html.HtmlElement:
    body = page.split("---\n", 2)[2] if page.startswith("---\n") else page
    return lxml_html.fragment_fromstring(to_html(body), create_parent="div")


def facts_of(page: str) -> dict[str, str]:
    return {
        row.findtext("dt", ""): first(row, "dd").text_content()
        for row in html_of(page).iterfind(".//dl/div")
    }


def test_each_version_has_its_pages_and_its_file() -> None:
    """The policy, the lists, and for each version a page, a file and its redlines."""
    assert set(pages(TWO)) == {
        "policy/index.md",
        "changes/index.md",
        "versions/index.md",
        "versions/2/index.md",
        "versions/2/changes/index.md",
        "versions/3/index.md",
        "versions/3/changes/index.md",
        "redlines/2-3/index.md",
    }
    assert raw_files([SECOND]) == {"versions/2.md": SECOND.source}


def test_a_release_takes_no_address_away() -> None:
    """What could be linked to before a release can be linked to after it."""
    assert set(pages(TWO)) < set(pages(THREE))
    assert len(pages(THREE)) - len(pages(TWO)) == 3


def test_the_policy_page_shows_the_newest_release() -> None:
    """Facts first, then the text as it is, then the statements."""
    page = pages(TWO)["policy/index.md"]
    assert f"\n\n{THIRD.body}\n" in page
    assert facts_of(page) == {
        "Version": "3 (September 2023)",
        "In force since": "5 September 2023",
        "Review due by": "September 2024",
        "Reading time": "about 9 minutes",
        "Earlier texts": "What has changed, and when",
    }
    for statement in THIRD.declaration:
        assert statement in page


def test_pages_lead_to_the_pdf_where_the_service_answers() -> None:
    """Each version, and their list, link to it; without a service none does."""
    served = pages(replace(TWO, service=True))
    for path, number in (
        ("policy/index.md", 3),
        ("versions/3/index.md", 3),
        ("versions/2/index.md", 2),
    ):
        (link,) = html_of(served[path]).xpath(".//a[starts-with(@href, '/pdf/')]")
        assert link.get("href") == f"/pdf/{number}"
        assert link.text == "Download as PDF, sealed by the school"
    listed = html_of(served["changes/index.md"])
    links = listed.xpath(".//a[starts-with(@href, '/pdf/')]/@href")
    assert links == ["/pdf/3", "/pdf/2"]
    assert not any("/pdf/" in page for page in pages(TWO).values())


def test_a_review_moves_the_date() -> None:
    """A review of the version in force is told, and the next one is due later."""
    facts = facts_of(pages(THREE)["policy/index.md"])
    assert facts["Last reviewed"] == "30 September 2025, and left as it was"
    assert facts["Review due by"].startswith("October 2026")


@pytest.mark.parametrize(
    ("month", "overdue"),
    [("", False), ("2026-09", False), ("2026-10", False), ("2026-11", True)],
)
def test_a_review_is_due_when_its_month_has_passed(
    month: str, *, overdue: bool
) -> None:
    """In plain words on each page that states it, and not a month too early."""
    edition = replace(THREE, month=month)
    made = pages(edition)
    for page in (
        made["policy/index.md"],
        made["versions/4/index.md"],
        made["changes/index.md"],
        fill_placeholders("<!-- policy:in-force -->", edition, ""),
    ):
        due = facts_of(page)["Review due by"]
        assert due.startswith("October 2026")
        assert due.endswith("the review is due now.") is overdue


def test_a_version_page_shows_its_hash_and_its_file() -> None:
    """The permanent page leads to the file and says what its SHA-256 is."""
    page = pages(SiteContent((SECOND,)))["versions/2/index.md"]
    facts = facts_of(page)
    assert facts["Version"] == "2 (August 2022)"
    assert facts["SHA-256 of the file"] == SECOND.sha256
    assert '<a href="../2.md" download>2.md</a>' in page
    assert "no longer in force" not in page
    assert "What changed" not in facts


def test_a_replaced_version_says_so() -> None:
    """An older version leads to the one in force, and to what has changed since."""
    page = pages(THREE)["versions/2/index.md"]
    notice = html_of(page).find_class("policy-notice")[0]
    assert "This version is no longer in force." in notice.text_content()
    assert "Version 4 (October 2024) is in force." in notice.text_content()
    assert notice.xpath(".//a/@href") == ["../../policy/", "changes/"]
    facts = facts_of(page)
    assert facts["In force from"] == "August 2022"
    assert facts["Replaced"] == "5 September 2023, by version 3"
    assert "Review due by" not in facts


def test_a_version_leads_to_its_own_redline() -> None:
    """From a version's page one sees what it changed."""
    page = pages(THREE)["versions/3/index.md"]
    assert '<a href="../../redlines/2-3/">From version 2, word by word</a>' in page


def test_the_list_has_the_newest_first() -> None:
    """Each version with its permanent address and what changed."""
    page = pages(TWO)["changes/index.md"]
    assert re.findall(r"(?m)^## Version (\d)", page) == ["3", "2"]
    assert '<a href="../versions/2/">/versions/2/</a>' in page
    assert '<a href="../versions/2/changes/">' in page
    assert '<a href="../versions/3/changes/">' not in page


def test_what_is_released_may_be_found() -> None:
    """Search engines may list every page; a draft's alone are kept from them."""
    assert not [page for page in pages(TWO).values() if "noindex" in page]


def test_no_page_without_a_version() -> None:
    """A site without a policy is not built."""
    with pytest.raises(VersionFileError):
        pages(SiteContent(()))


def test_the_privacy_notice_states_the_periods_of_the_settings() -> None:
    """Each kind of data with its years, one of them in the singular."""
    settings = Settings(retention_years=7, retention_notes_years=2)
    edition = SiteContent((), settings=settings)
    table = fill_placeholders("<!-- policy:retention -->", edition, "")
    assert "| Your signed declarations | 7 years |" in table
    assert "| Notes that you wrote to the office | 2 years |" in table
    assert "| Requests that you did not sign | 1 year |" in table


@pytest.mark.parametrize(
    ("hours", "words"),
    [(24, "a day"), (20, "20 hours"), (48, "2 days"), (36, "36 hours")],
)
def test_the_privacy_notice_states_how_long_a_session_lasts(
    hours: int, words: str
) -> None:
    """In the sentence about the cookie, whatever the settings say."""
    notice = (REPOSITORY / "docs" / "privacy.md").read_text("utf-8")
    edition = SiteContent((), settings=Settings(session_hours=hours))
    filled = fill_placeholders(notice, edition, "")
    assert f"after {words} in which you do nothing" in " ".join(filled.split())


def test_a_hole_is_filled() -> None:
    """A hand-written page shows what is in force, with links from where it stands."""
    filled = fill_placeholders(
        "A\n\n<!-- policy:in-force -->\n\nB", SiteContent((SECOND,)), "../"
    )
    assert facts_of(filled)["Version in force"] == "2 (August 2022)"
    assert '<a href="../versions/2/">/versions/2/</a>' in filled
    assert '<a href="../changes/">' in filled
    assert (filled[:3], filled[-3:]) == ("A\n\n", "\n\nB")


def test_an_unknown_hole_is_refused() -> None:
    """A typing mistake does not leave a gap on the page."""
    with pytest.raises(PolicyError, match="in-farce"):
        fill_placeholders("<!-- policy:in-farce -->", SiteContent((SECOND,)), "")


@settings(deadline=None)
@given(st.text(st.sampled_from("aé王 \\`*_{}[]()#+-.!|<>&;:'\"/1"), min_size=1))
def test_a_title_is_never_markup(title: str) -> None:
    """Whatever stands in the front matter is shown as the words that it is."""
    title = f"x{' '.join(title.split())}x"
    statement = (f"{title} again",)
    version = replace(
        SECOND,
        title=title,
        label=title,
        declaration=statement,
        summary=statement,
        body="A",
    )
    made = pages(SiteContent((version,)))
    root = html_of(made["policy/index.md"])
    assert root.findtext("h1") == title
    assert first(root, "h1").text_content() == title
    assert root.xpath("string(.//section//li)") == statement[0]
    assert root.xpath("string(.//dd)") == f"2 ({title})"
    log = html_of(made["changes/index.md"])
    assert log.findtext("h2") == f"Version 2 ({title})"
    assert log.xpath("string(.//h2/@id)") == "version-2"
    assert log.xpath("string(.//li)") == statement[0]
