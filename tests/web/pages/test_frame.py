"""The frame of the service's pages, which is the site's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs.utils.yaml import yaml_load

from signer.web.frame import FOR_THE_SCHOOL, MENU
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from tests.web.browsing import Browser


def navigation() -> list[dict[str, object]]:
    """What the site has around its pages: ``{group or page: pages or file}``."""
    text = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8")
    return list(yaml_load(text)["nav"])


def address(file: str) -> str:
    """Where the site has a page: ``guides/operators/index.md``."""
    path = file.removesuffix("index.md").removesuffix(".md").strip("/")
    return file if file.startswith("/") else f"/{path}/".replace("//", "/")


def groups_in(place: HtmlElement) -> dict[str, dict[str, str]]:
    """The groups of a menu: the pages of each, their words and addresses."""
    return {
        str(group.get("aria-label")): {
            link.text_content(): link.get("href", "") for link in group.iter("a")
        }
        for group in place.iter("ul")
    }


def test_site_and_service_have_one_menu_and_one_foot(visitor: Browser) -> None:
    """The same groups, words and addresses, and guides in the foot alone."""
    tree = visitor.open("/link").tree
    expected: dict[str, dict[str, str]] = {}
    single: dict[str, str] = {}
    for entry in navigation():
        for name, content in entry.items():
            if isinstance(content, list):
                pages = {words: file for one in content for words, file in one.items()}
                expected[name] = {words: address(pages[words]) for words in pages}
            else:
                single[name] = address(str(content))
    (menu,) = tree.xpath("//header//nav")
    (foot,) = tree.xpath("//footer")
    assert groups_in(foot) == expected
    assert list(expected) == ["Read", "Sign", "Check", "For the school"]
    assert len(expected) == len((*MENU, FOR_THE_SCHOOL))
    del expected["For the school"]
    assert groups_in(menu) == expected
    aside = foot.xpath(".//p/a[not(contains(@href, ':'))]")
    assert {one.text: one.get("href") for one in aside} == single
