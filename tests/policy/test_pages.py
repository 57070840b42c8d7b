"""The generated pages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from signer.errors import PolicyError, VersionFileError
from signer.policy.pages import fill_holes, pages, raw_files
from signer.policy.rendering import to_html
from signer.policy.versions import read_version

SECOND = read_version(Path(__file__).parent.parent.parent / "versions" / "2.md")
THIRD = replace(
    SECOND, number=3, label="September 2023", released="2023-09-05", sha256="c" * 64
)


def facts_of(html: str) -> dict[str, str]:
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    return {
        row.findtext("dt", ""): (row.find("dd").text_content())
        for row in root.iterfind(".//dl/div")
    }


def test_each_version_has_its_page_and_its_file() -> None:
    """The policy in force, the list, and a page and a file for each version."""
    assert set(pages([SECOND, THIRD])) == {
        "policy/index.md",
        "versions/index.md",
        "versions/2/index.md",
        "versions/3/index.md",
    }
    assert raw_files([SECOND]) == {"versions/2.md": SECOND.source}


def test_the_policy_page_shows_the_newest_release() -> None:
    """Facts first, then the text as it is, then the statements."""
    page = pages([SECOND, THIRD])["policy/index.md"]
    assert f"\n\n{THIRD.body}\n\n" in page
    assert facts_of(to_html(page)) == {
        "Version": "3 (September 2023)",
        "In force since": "5 September 2023",
        "Review due by": "August 2023",
        "Reading time": "about 9 minutes",
    }
    for statement in THIRD.declaration:
        assert statement in page


def test_a_version_page_shows_its_hash_and_its_file() -> None:
    """The permanent page leads to the file and says what its SHA-256 is."""
    html = to_html(pages([SECOND])["versions/2/index.md"].split("---\n", 2)[2])
    facts = facts_of(html)
    assert facts["Version"] == "2 (August 2022), in force since August 2022"
    assert facts["SHA-256 of the file"] == SECOND.sha256
    assert '<a href="../2.md" download>2.md</a>' in html


def test_a_replaced_version_says_so() -> None:
    """An older version is not mistaken for the one in force."""
    page = pages([SECOND, THIRD])["versions/2/index.md"]
    assert "no longer in force" in page
    assert '<a href="../3/">version 3</a> has replaced it' in page


def test_the_list_has_the_newest_first() -> None:
    """Each version with its permanent address and what changed."""
    page = pages([SECOND, THIRD])["versions/index.md"]
    assert re.findall(r"(?m)^## Version (\d)", page) == ["3", "2"]
    assert '<a href="2/">/versions/2/</a>' in page


def test_no_page_without_a_version() -> None:
    """A site without a policy is not built."""
    with pytest.raises(VersionFileError):
        pages([])


def test_a_hole_is_filled() -> None:
    """A hand-written page shows what is in force, with links from where it stands."""
    filled = fill_holes("A\n\n<!-- policy:in-force -->\n\nB", [SECOND], "../")
    assert facts_of(filled)["Version in force"] == "2 (August 2022)"
    assert '<a href="../versions/2/">/versions/2/</a>' in filled
    assert (filled[:3], filled[-3:]) == ("A\n\n", "\n\nB")


def test_an_unknown_hole_is_refused() -> None:
    """A typing mistake does not leave a gap on the page."""
    with pytest.raises(PolicyError, match="in-farce"):
        fill_holes("<!-- policy:in-farce -->", [SECOND], "")


@settings(deadline=None)
@given(st.text(st.sampled_from("aé王 \\`*_{}[]()#+-.!|<>&;:'\"/1"), min_size=1))
def test_a_title_is_never_markup(title: str) -> None:
    """Whatever stands in the front matter is shown as the words that it is."""
    title = f"x{' '.join(title.split())}x"
    statement = (f"{title} again",)
    version = replace(SECOND, title=title, label=title, declaration=statement, body="A")
    root = lxml_html.fragment_fromstring(
        to_html(pages([version])["policy/index.md"]), create_parent="div"
    )
    assert root.findtext("h1") == title
    assert root.find("h1").text_content() == title
    assert root.xpath("string(.//section//li)") == statement[0]
    assert root.xpath("string(.//dd)") == f"2 ({title})"
