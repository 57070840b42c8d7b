"""The built static site after two more releases and a review."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import pytest
from lxml import html as lxml_html

from signer.policy.sha256sums import list_releases
from signer.policy.versions import read_versions
from signer.site.feed import ATOM
from tests.policy.releases import ADDED, SECOND, write_releases
from tests.site.building import built, built_pages, copied_project, dead_links

if TYPE_CHECKING:
    from pathlib import Path

SITE_URL = "https://policies.example.org"


def project_in(folder: Path) -> Path:
    """The project with versions 2 to 4, and a draft that adds a sentence."""
    project = copied_project(folder)
    write_releases(project / "versions")
    list_releases(project / "versions", read_versions(project / "versions"))
    newest = (project / "versions" / "4.md").read_text(encoding="utf-8")
    draft = f"{newest}\nThis sentence is in the draft alone.\n"
    (project / "docs" / "code-of-conduct.md").write_text(draft, encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project_in(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def site(project: Path) -> Path:
    result = built(project / "site", project=project, SIGNER_BASE_URL=SITE_URL)
    assert result.returncode == 0, result.stderr
    return project / "site"


@pytest.fixture(scope="module")
def preview(project: Path) -> Path:
    folder = project / "preview"
    result = built(folder, project=project, SIGNER_BASE_URL=SITE_URL, SHOW_DRAFT="true")
    assert result.returncode == 0, result.stderr
    return folder


def page_at(site: Path, path: str) -> lxml_html.HtmlElement:
    return lxml_html.parse(str(site / path / "index.html")).getroot()


def mapped(site: Path) -> set[str]:
    root = ET.fromstring((site / "sitemap.xml").read_bytes())  # noqa: S314 - our own
    return {
        (one.text or "").removeprefix(f"{SITE_URL}/")
        for one in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    }


@pytest.mark.parametrize("which", ["site", "preview"])
def test_every_link_leads_somewhere(which: str, request: pytest.FixtureRequest) -> None:
    """Between all versions, redlines, the change log and the feed no link is dead."""
    assert dead_links(request.getfixturevalue(which)) == []


def test_no_page_uses_an_id_twice(site: Path) -> None:
    """Anchors stay unambiguous where two texts stand on one page."""
    for name, page in built_pages(site):
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), name


def test_a_page_has_one_main_heading(preview: Path) -> None:
    """A redline's page is about the change; the policy's title is below it."""
    for name, page in built_pages(preview):
        assert len(page.xpath("//h1")) == 1, name


def test_the_redlines_show_what_changed(site: Path) -> None:
    """Neighbours word by word; since the oldest, everything at once."""
    neighbours = page_at(site, "redlines/2-3")
    assert "require" in " ".join(neighbours.xpath("//ins//text()"))
    assert "ask" in " ".join(neighbours.xpath("//del//text()"))
    since = " ".join(page_at(site, "versions/2/changes").xpath("//ins//text()"))
    assert "require" in since
    assert ADDED in " ".join(since.split())


def test_an_old_version_names_the_one_in_force(site: Path) -> None:
    """The notice leads to the policy and to the redline."""
    (notice,) = page_at(site, "versions/2").find_class("policy-notice")
    assert "Version 4 (October 2024) is in force." in notice.text_content()
    assert not page_at(site, "versions/4").find_class("policy-notice")


def test_an_old_text_stays_word_for_word(site: Path) -> None:
    """A release changes the notice around an old text and not the text."""
    raw = (site / "versions" / "2.md").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == SECOND.sha256
    assert raw == SECOND.source


def test_every_page_leads_to_the_feed(site: Path) -> None:
    """A feed reader finds the feed from any page."""
    for name, page in built_pages(site):
        (link,) = page.xpath("//head/link[@type='application/atom+xml']/@href")
        found = urljoin(f"{SITE_URL}/{name}", link)
        assert found in {f"{SITE_URL}/changes/feed.xml", "/changes/feed.xml"}, name


def test_the_feed_has_the_public_address(site: Path) -> None:
    """The built feed is well-formed and leads to pages that are there."""
    root = ET.fromstring((site / "changes" / "feed.xml").read_bytes())  # noqa: S314
    links = [one.get("href", "") for one in root.iter(f"{{{ATOM}}}link")]
    assert len(links) == 2 + 2 * 4
    for link in links:
        assert link.startswith(f"{SITE_URL}/")
        assert (site / link.removeprefix(SITE_URL)[1:].split("#")[0]).exists()


def test_the_public_site_has_no_trace_of_the_draft(site: Path) -> None:
    """No page and no file of the site knows the draft's words."""
    assert not (site / "code-of-conduct").exists()
    for path in site.rglob("*"):
        if path.suffix in {".html", ".json", ".xml", ".md", ".txt"}:
            assert b"in the draft alone" not in path.read_bytes(), path


def test_a_preview_shows_the_draft_and_its_redline(preview: Path) -> None:
    """Marked as a draft on each of its pages, and led to from the home page."""
    draft = page_at(preview, "code-of-conduct")
    changes = page_at(preview, "code-of-conduct/changes")
    for page in (draft, changes):
        assert "This is a draft. It is not in force." in page.text_content()
        assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    added = " ".join(" ".join(changes.xpath("//ins//text()")).split())
    assert "This sentence is in the draft alone." in added
    assert "code-of-conduct/changes/" in page_at(preview, "").xpath("//a/@href")


def test_a_previews_draft_is_in_no_map(preview: Path) -> None:
    """Who looks for the code of conduct is never led to a draft."""
    listed = mapped(preview)
    assert "changes/" in listed
    assert not [one for one in listed if one.startswith("code-of-conduct")]


def test_the_list_of_versions_leads_on(site: Path) -> None:
    """From its address of before; the site map has the present one alone."""
    (target,) = page_at(site, "versions").xpath(
        "//meta[@http-equiv='refresh']/@content"
    )
    assert target == "0; url=../changes/"
    (link,) = page_at(site, "versions").xpath("//article//p//a/@href")
    assert link == "../changes/"
    listed = mapped(site)
    assert "versions/" not in listed
    assert {"changes/", "versions/2/", "versions/4/"} <= listed
    versions = page_at(site, "changes").xpath("//article//dd/a[starts-with(., '/')]")
    assert [one.text for one in versions][-2:] == ["/versions/3/", "/versions/2/"]


def test_a_review_of_an_unknown_version_stops_the_build(tmp_path: Path) -> None:
    """A record that cannot be right is not published."""
    project = project_in(tmp_path)
    record = project / "versions" / "reviews.toml"
    text = record.read_text(encoding="utf-8").replace("version = 4", "version = 9")
    record.write_text(text, encoding="utf-8")
    result = built(tmp_path / "site", project=project)
    assert result.returncode != 0
    assert "version 9" in result.stderr
