"""The static site's pages about changes, in a browser."""

from __future__ import annotations

import hashlib
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.walks.barriers import (
    BUT_CONTRAST,
    COLOURS_NEWLY,
    UNSEEN_WITHOUT_COLOURS,
    VIOLATIONS,
    VIOLATIONS_NEWLY,
)
from tests.conftest import run
from tests.policy.releases import NEW_WORDS
from tests.site.building import built, headers_of
from tests.site.test_mkdocs_plugin import served
from tests.site.test_releases import project_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

KEPT = {
    "home": "/",
    "policy": "/policy/",
    "change-log": "/changes/",
    "redline": "/redlines/2-3/",
    "since": "/versions/2/changes/",
    "old-version": "/versions/2/",
    "draft": "/code-of-conduct/",
    "draft-redline": "/code-of-conduct/changes/",
    "operators": "/guides/operators/",
    "task": "/guides/headteacher/release/",
    "no-such-page": "/404.html",
}
"""The pages of which a picture is kept, one of each kind."""

TAGS = [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice",
]  # fmt: skip
ALL = {"type": "tag", "values": TAGS}
# Between 320 and 390 px nothing comes or goes; things only stand elsewhere.
WHERE = {
    "type": "rule",
    "values": ["target-size", "scrollable-region-focusable", "link-in-text-block"],
}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
WIDTHS: dict[str, dict[int, dict[str, Any]]] = {
    "light": {1280: ALL, 390: WHERE, 320: ALL},
    # The dark changes colours, and nothing else.
    "dark": {1280: COLOURS, 390: COLOURS, 320: COLOURS},
}
"""Which rules hold at which width in pixels on one page of each kind, by scheme."""
OTHERS: dict[str, dict[int, dict[str, Any]]] = {
    "light": {1280: WHERE, 320: ALL},
    "dark": {1280: COLOURS},
}
"""The same for a page whose frame was looked at in another of its kind, and of whose
colours those that stand on no other ground there."""
TASKS = ("/guides/headteacher/", "/guides/office/")
"""Below these are pages of one kind: all but the first are looked at once, in light."""

FOCUSED = """() => {
    const it = document.activeElement;
    const box = it.getBoundingClientRect();
    const words = it === document.body ? null : it.textContent.trim();
    const hidden = it.matches(".md-option, .redline-unseen");
    const shown = hidden ? it.nextElementSibling : it;
    const { outlineStyle, boxShadow } = getComputedStyle(shown);
    const ringed = outlineStyle === "solid";
    const dark = boxShadow.includes("rgb(27, 36, 48)") || it.closest(".masthead");
    return [box.left, box.right, words, ringed && Boolean(dark)];
}"""
"""Where the element stands that has the focus, and its words; null at the end.

And whether it is marked: by an outline for those who choose their own colours, and with
a dark edge, since yellow alone is not seen on white. The header's ground is dark.
"""

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Site:
    """A built site as it is served.

    Attributes:
        address: where, without a final slash.
        paths: every page of it.
    """

    address: str
    paths: tuple[str, ...]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A preview with three versions, a review and a draft, as it is published."""
    project = project_in(tmp_path_factory.mktemp("project"))
    folder = project / "site"
    result = built(folder, project=project, SHOW_DRAFT="true")
    assert result.returncode == 0, result.stderr
    paths = sorted(
        f"/{path.parent.relative_to(folder).as_posix()}/".replace("/./", "/")
        for path in folder.rglob("index.html")
        # One that leads elsewhere at once is gone before it can be looked at.
        if 'http-equiv="refresh"' not in path.read_text(encoding="utf-8")
    )
    with served(folder, headers_of(folder)) as found:
        yield Site(found, (*paths, "/404.html"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_fit_for_everybody(
    site: Site, browser: Browser, picture: Callable[[Page, str], None], scheme: str
) -> None:
    """No barrier that axe knows, nothing blocked or missing, no sideways scrolling."""
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        # What moves would be measured halfway by chance.
        reduced_motion="reduce",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    names = {path: name for name, path in KEPT.items()}
    looks: list[str] = []
    assert set(names) <= set(site.paths)
    for path in site.paths:
        is_task = path.startswith(TASKS) and path not in {*TASKS, *names}
        if is_task and scheme == "dark":
            continue
        page.goto(site.address + path, wait_until="load")
        rules_at = (WIDTHS if path in names else OTHERS)[scheme]
        for width, rules in {320: ALL}.items() if is_task else rules_at.items():
            page.set_viewport_size({"width": width, "height": 800})
            is_kept = path in names
            broken = barriers(page, rules) if is_kept else newly(page, rules, looks)
            assert broken == [], f"{path} at {width} px"
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} scrolls sideways at {width} px"
            if path in names and width != 320:
                picture(page, f"{names[path]}-{width}")
    assert complaints == []
    context.close()


def barriers(
    page: Page, rules: dict[str, Any], violations: str = VIOLATIONS
) -> list[list[str]]:
    """What axe finds: the rule, and the first element that breaks it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[list[str]] = page.evaluate(violations, rules)
    return found


def newly(page: Page, rules: dict[str, Any], looks: list[str]) -> list[list[str]]:
    """The same, where colours are compared that were compared nowhere before.

    Args:
        page: the page.
        rules: what holds there.
        looks: how the words look that were compared; these here are added.
    """
    found: list[list[str]] = []
    if rules != COLOURS:
        found += barriers(page, rules, BUT_CONTRAST)
    if rules != WHERE and (added := page.evaluate(COLOURS_NEWLY, looks)):
        looks += added
        found += barriers(page, COLOURS, VIOLATIONS_NEWLY)
    return found


def test_changes_are_shown_or_not_as_the_reader_likes(
    site: Site, browser: Browser
) -> None:
    """A box before the text, by keyboard and without a script."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.address}/redlines/2-3/")
    text = page.locator(".redline-view .redline")
    box = page.get_by_role("checkbox", name="Show the changes")
    assert box.is_checked()
    assert text.locator("del").first.is_visible()
    box.focus()
    page.keyboard.press("Space")
    assert not box.is_checked()
    shown = " ".join(text.inner_text().split())
    assert NEW_WORDS in shown
    assert "Changed:" not in shown
    assert not text.locator("del").first.is_visible()
    page.keyboard.press("Space")
    assert text.locator("del").first.is_visible()
    context.close()


def test_a_version_shows_what_its_release_changed(site: Site, browser: Browser) -> None:
    """A bar stands beside the changed part, and its words are there to be heard."""
    page = browser.new_page()
    page.goto(f"{site.address}/versions/3/")
    part = page.locator(".policy-marked--changed")
    assert part.count() == 1
    assert (part.text_content() or "").startswith("Changed: ")
    bar = part.evaluate("(it) => getComputedStyle(it, '::before').borderLeftStyle")
    assert bar == "double"
    page.get_by_role("link", name="See the changes word by word").click()
    assert page.url.endswith("/redlines/2-3/")
    page.close()


def test_contents_lead_through_the_text_on_a_phone(
    site: Site, browser: Browser
) -> None:
    """Where no margin holds them they stand before the text, folded."""
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{site.address}/policy/")
    page.get_by_text("Contents: 8 sections").click()
    contents = page.get_by_role("navigation", name="Sections of the text")
    contents.get_by_role("link", name="Monitoring and Review").click()
    heading = page.get_by_role("heading", name="Monitoring and Review")
    assert heading.evaluate("(it) => it.getBoundingClientRect().top") < 200
    page.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_the_keyboard_never_leads_out_of_sight(
    site: Site, browser: Browser, width: int
) -> None:
    """What has the focus can be seen, and every page can be reached by the keyboard."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{site.address}/policy/", wait_until="load")
    reached = []
    for _ in range(100):
        page.keyboard.press("Tab")
        left, right, words, marked = page.evaluate(FOCUSED)
        if words is None:
            break
        assert 0 <= left <= right <= width, words
        assert marked, words
        reached.append(words)
    assert {"What has changed", "Guide for operators", "Privacy notice"} <= set(reached)
    page.close()


@pytest.mark.parametrize("scripts", ["scripts", ""])
def test_the_menu_opens_by_keyboard(site: Site, browser: Browser, scripts: str) -> None:
    """On a phone too, with a script or without one; with one, Escape puts it away."""
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, java_script_enabled=bool(scripts)
    )
    page = context.new_page()
    page.goto(f"{site.address}/guides/auditors/")
    menu = page.get_by_role("navigation", name="Menu")
    assert not menu.is_visible()
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert menu.is_visible()
    if scripts:
        assert barriers(page, ALL) == []
    # Its own sections are in it: a long guide has no other contents on a phone.
    sections = menu.get_by_role("list", name="On this page").get_by_role("link")
    assert sections.count() > 3
    if scripts:
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        assert not menu.is_visible()
        page.keyboard.press("Enter")
        for _ in range(40):
            page.keyboard.press("Tab")
        assert not menu.is_visible()
        page.get_by_text("Menu", exact=True).click()
        sections.last.click()
        assert not menu.is_visible()
        page.get_by_text("Menu", exact=True).click()
    menu.get_by_role("link", name="The public log").click()
    assert page.url.endswith("/public-log/")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_told_by_colour_alone_in_forced_colours(
    site: Site, browser: Browser, scheme: str
) -> None:
    """Buttons, bars, marks of change and icons are there in the reader's colours."""
    context = browser.new_context(
        forced_colors="active",
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": 390, "height": 800},
    )
    page = context.new_page()
    met = 0
    for path in ("/", "/policy/", "/redlines/2-3/", "/versions/2/"):
        page.goto(site.address + path)
        wrong, kinds = page.evaluate(UNSEEN_WITHOUT_COLOURS)
        assert wrong == [], path
        met += kinds
    assert met >= 12
    context.close()


def test_colours_are_the_devices_until_somebody_chooses(
    site: Site, browser: Browser
) -> None:
    """Dark where the device is, without a script too; a choice holds on every page."""
    plain = browser.new_context(java_script_enabled=False, color_scheme="dark")
    page = plain.new_page()
    page.goto(f"{site.address}/")
    assert ground(page) == "rgb(22, 28, 36)"
    plain.close()
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{site.address}/", wait_until="load")
    assert ground(page) == "rgb(22, 28, 36)"
    page.get_by_title("Use light colours").click()
    page.goto(f"{site.address}/policy/", wait_until="load")
    assert ground(page) == "rgb(255, 255, 255)"
    assert page.get_by_role("radio", name="Light colours").is_checked()
    page.get_by_title("Use dark colours").click()
    page.get_by_title("Use the colours of this device").click()
    page.emulate_media(color_scheme="light")
    assert ground(page) == "rgb(255, 255, 255)"
    context.close()


def ground(page: Page) -> str:
    """The colour that a page stands on."""
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_contents_follow_the_reader(site: Site, browser: Browser) -> None:
    """Beside the text, the section is marked that is being read."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{site.address}/policy/#photography-and-images", wait_until="load")
    page.wait_for_selector(".md-sidebar--secondary .md-nav__link--active")
    active = page.locator(".md-sidebar--secondary .md-nav__link--active")
    assert [one.strip() for one in active.all_inner_texts()] == [
        "Photography and Images"
    ]
    page.close()


@pytest.mark.tool("pdftotext")
def test_a_printed_version_is_a_document(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    """A4, no menu, and on each page which text it is, to be checked by anybody."""
    page = browser.new_page()
    page.goto(f"{site.address}/versions/3/", wait_until="load")
    paper = tmp_path / "3.pdf"
    page.pdf(path=paper, prefer_css_page_size=True)
    page.close()
    pages = run("pdftotext", "-layout", paper, "-").split("\f")[:-1]
    with urllib.request.urlopen(f"{site.address}/versions/3.md") as answer:
        sha256 = hashlib.sha256(answer.read()).hexdigest()
    for number, text in enumerate(pages, 1):
        assert "Version 3 · /versions/3/" in text
        assert f"SHA-256 {sha256}" in text
        assert f"{number}/{len(pages)}" in text.replace(" ", "")
    whole = "".join(pages)
    assert "What parents and carers confirm" in whole
    for menu in ("For operators", "Privacy notice", "Contents:"):
        assert menu not in whole
    assert "(A4)" in run("pdfinfo", paper)


def test_paper_is_light(site: Site, browser: Browser) -> None:
    """Printed by a reader who prefers dark, the words are dark on white."""
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{site.address}/redlines/2-3/", wait_until="load")
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate(
        """() => ["color", "background-color"].map(
            (name) => getComputedStyle(document.body).getPropertyValue(name))"""
    )
    assert colours == ["rgb(27, 36, 48)", "rgb(255, 255, 255)"]
    context.close()
