"""The checkpoint of the public log on the static site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import html as lxml_html

from signer.errors import PolicyError, VersionFileError
from signer.policy.release.immutability import check_immutable
from signer.policy.versions import read_versions
from signer.site.checkpoint import PUBLISHED, read_checkpoint
from signer.site.host_files import headers_file
from signer.site.pages.placeholders import fill_placeholders
from signer.site.pages.site_content import SiteContent
from tests.policy.releasing import folder_of_2
from tests.site.building import built, copied_project, dead_links

if TYPE_CHECKING:
    from pathlib import Path

NOTE = (
    "policies.example/log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\N{EM DASH} policies.example/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOo"
    "RDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
HOLE = "Before\n\n<!-- policy:log-checkpoint -->\n\nAfter"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Version 2, with a checkpoint beside it."""
    folder = folder_of_2(tmp_path / "versions")
    (folder / "log-checkpoint").write_text(NOTE, encoding="utf-8", newline="")
    return folder


def test_the_versions_are_read_past_it(folder: Path) -> None:
    """It is no version, and no file that does not belong there."""
    assert [one.number for one in read_versions(folder)] == [2]


def test_the_check_of_the_releases_leaves_it_alone(versions_dir: Path) -> None:
    """It may be replaced at any time, so it stands in no list."""
    (versions_dir / "log-checkpoint").write_text(NOTE, encoding="utf-8")
    assert check_immutable(versions_dir).releases == 1


def test_it_is_read_as_it_is(folder: Path) -> None:
    """No byte of what was signed is changed; without a file there is none."""
    assert read_checkpoint(folder) == NOTE
    (folder / "log-checkpoint").unlink()
    assert read_checkpoint(folder) is None


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xff\xfe", "is not UTF-8"),
        (b"a" * 10_001, "is too long"),
        (b"no end", "is no checkpoint"),
        (b"carriage\r\n", "is no checkpoint"),
        (b"escape \x1b[31m\n", "is no checkpoint"),
        (b"", "is no checkpoint"),
    ],
)
def test_what_is_no_checkpoint_is_refused(folder: Path, raw: bytes, said: str) -> None:
    """The build names the file."""
    (folder / "log-checkpoint").write_bytes(raw)
    with pytest.raises(VersionFileError, match=said) as refused:
        read_checkpoint(folder)
    assert "log-checkpoint" in str(refused.value)


def test_a_folder_in_its_place_is_refused(folder: Path) -> None:
    """With the machine's reason."""
    (folder / "log-checkpoint").unlink()
    (folder / "log-checkpoint").mkdir()
    with pytest.raises(PolicyError, match="cannot be read"):
        read_checkpoint(folder)


def test_the_page_shows_it_whole(folder: Path) -> None:
    """Its signs are escaped, its empty line kept, and the file is linked."""
    strange = NOTE.replace("policies", "<b>&policies")
    filled = fill_placeholders(
        HOLE, SiteContent(read_versions(folder), checkpoint=strange), "../"
    )
    box = lxml_html.fragments_fromstring(filled.split("Before")[1])[1]
    assert isinstance(box, lxml_html.HtmlElement)
    (shown,) = box.iter("code")
    assert shown.text_content() == strange
    assert f'href="../{PUBLISHED}"' in filled


def test_without_one_the_page_says_where_the_newest_is(folder: Path) -> None:
    """A plain sentence in its place."""
    filled = fill_placeholders(HOLE, SiteContent(read_versions(folder)), "../")
    assert "hold no checkpoint of their own yet" in filled
    assert '<a href="/log/">' in filled
    assert PUBLISHED not in filled


def test_it_is_served_as_text() -> None:
    """Its name has no ending by which a host could tell."""
    rules = headers_file("default-src 'none'", plain=[f"/{PUBLISHED}"])
    assert rules.endswith(
        f"\n/{PUBLISHED}\n  Content-Type: text/plain; charset=utf-8\n"
    )


def test_the_site_publishes_it(tmp_path: Path) -> None:
    """Byte for byte, on its page, without any dead link; and builds without it too."""
    project = copied_project(tmp_path / "project")
    file = project / "versions" / "log-checkpoint"
    file.write_text(NOTE, encoding="utf-8", newline="")
    site = project / "site"
    result = built(site, project=project)
    assert result.returncode == 0, result.stderr
    assert (site / PUBLISHED).read_bytes() == file.read_bytes()
    page = lxml_html.parse(str(site / "public-log" / "index.html"))
    assert page.xpath("string(//pre[@class='log-checkpoint']/code)") == NOTE
    assert dead_links(site) == []
    file.write_text("\0")
    broken = built(project / "other", project=project)
    assert broken.returncode != 0
    assert "log-checkpoint: is no checkpoint" in broken.stderr
