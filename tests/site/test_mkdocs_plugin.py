"""The built static site."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import threading
import tomllib
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from lxml import html as lxml_html

from signer.policy.change_log import review_due
from signer.policy.dates import date_in_words, month_in_words
from signer.policy.reviews import read_reviews
from signer.policy.versions import in_force, read_versions
from signer.site.pages.without_service import is_the_services
from tests.html_trees import first
from tests.site.building import (
    REPOSITORY,
    built,
    built_pages,
    dead_links,
    headers_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SEED = REPOSITORY / "tests" / "seed" / "social-media-code-of-conduct-v2.txt"
RELEASED = REPOSITORY / "versions"
IN_FORCE = in_force(read_versions(RELEASED))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    result = built(folder)
    assert result.returncode == 0, result.stderr
    assert "SIGNER_ORIGIN is not set: the site passes no paths on" in result.stderr
    return folder


def words_of(element: lxml_html.HtmlElement) -> list[str]:
    return element.text_content().split()


def text_on(site: Path, folder: str) -> lxml_html.HtmlElement:
    """The text of a page, without what the site says about it."""
    page = lxml_html.parse(str(site / folder / "index.html"))
    article = first(page.getroot(), ".//article")
    for box in article.xpath(".//*[starts-with(@class, 'policy-')]"):
        box.drop_tree()
    return article


def test_the_page_has_the_words_of_the_school(site: Path) -> None:
    """On the rendered page no word of the school's text is lost, added or changed."""
    article = text_on(site, "versions/2")
    seed = [word for word in SEED.read_text(encoding="utf-8").split() if word != "-"]
    title = first(article, "h1").text_content().split()
    start = seed.index(title[0])
    assert seed[start : start + len(title)] == title
    # The brand lines before, and the version line at the end, are front matter.
    assert " ".join(seed[:start]) == "MY ONLINE SCHOOLING Respect, Empower, Thrive"
    assert " ".join(seed[-4:]) == "Version 2 August 2022"
    assert words_of(article) == seed[start:-4]


def test_the_policy_is_the_version_in_force(site: Path) -> None:
    """Both pages have the same words."""
    current = words_of(text_on(site, f"versions/{IN_FORCE.number}"))
    assert words_of(text_on(site, "policy")) == current


def test_the_hash_on_the_page_is_the_hash_of_the_file(site: Path) -> None:
    """The raw file is the released one, and the page says its SHA-256."""
    raw = (site / "versions" / "2.md").read_bytes()
    assert raw == (RELEASED / "2.md").read_bytes()
    sha256 = hashlib.sha256(raw).hexdigest()
    for page in ("changes/index.html", "versions/2/index.html"):
        root = lxml_html.parse(str(site / page))
        found = {code.text_content() for code in root.xpath("//dd/code")}
        assert sha256 in found, page
    link = lxml_html.parse(str(site / "versions/2/index.html")).xpath(
        "//a[@download]/@href"
    )
    assert link == ["../2.md"]


def test_the_home_page_says_what_is_in_force(site: Path) -> None:
    """Which version, since when, and when it is to be reviewed."""
    home = lxml_html.parse(str(site / "index.html")).getroot()
    (hero,) = home.xpath("//p[@class='hero'][starts-with(., 'Version')]")
    assert hero.text == (
        f"Version {IN_FORCE.number} ({IN_FORCE.label}), "
        f"in force since {date_in_words(IN_FORCE.released)}"
    )
    facts = " ".join(words_of(first(home, ".//div[@class='policy-facts']")))
    due = review_due([IN_FORCE], read_reviews(RELEASED))
    assert f"Version in force {IN_FORCE.number} ({IN_FORCE.label})" in facts
    assert f"In force since {date_in_words(IN_FORCE.released)}" in facts
    assert f"Review due by {month_in_words(due)}" in facts


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """Scripts, styles, fonts and images all come from the site itself."""
    fetched = (
        "//script/@src | //link[not(@rel='canonical')]/@href | //img/@src"
        " | //iframe/@src | //source/@src | //object/@data | //@srcset"
    )
    for name, page in built_pages(site):
        for address in page.xpath(fetched):
            assert not re.match(r"(https?:)?//", address), f"{name}: {address}"
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert "@import" not in text, sheet.name
        for address in re.findall(r"url\(\s*[\"']?([^\"')]+)", text):
            assert not re.match(r"(https?:)?//", address), f"{sheet.name}: {address}"


def test_every_own_link_leads_somewhere(site: Path) -> None:
    """No link within the site is dead, the generated pages' links included."""
    assert dead_links(site) == []


def test_no_code_became_a_paragraph(site: Path) -> None:
    """A fence within a list is words to Markdown, and would be shown as such."""
    for name, page in built_pages(site):
        told = [code.text_content() for code in page.xpath("//p/code")]
        assert not [words for words in told if re.match(r"(sh|ini|text)\n", words)], (
            name
        )
        assert "```" not in page.text_content(), name


def test_the_list_of_releases_is_published(site: Path) -> None:
    """Whoever compares it with their own needs no copy of the project."""
    published = site / "versions" / "SHA256SUMS"
    assert published.read_bytes() == (RELEASED / "SHA256SUMS").read_bytes()
    rules = (site / "_headers").read_text(encoding="utf-8")
    assert "\n/versions/SHA256SUMS\n  Content-Type: text/plain" in rules


def test_the_policy_allows_the_pages_own_scripts_alone(site: Path) -> None:
    """Each inline script's hash is allowed, and no inline style or handler is used."""
    policy = (site / "_headers").read_text(encoding="utf-8")
    seen = set()
    for name, page in built_pages(site):
        for script in page.xpath("//script[not(@src)][not(@type)]"):
            digest = hashlib.sha256((script.text or "").encode()).digest()
            allowed = f"'sha256-{base64.b64encode(digest).decode()}'"
            assert allowed in policy, name
            seen.add(allowed)
        assert page.xpath("//style | //@style") == [], name
        assert not [a for a in page.xpath("//@*") if a.attrname.startswith("on")], name
    assert set(re.findall(r"'sha256-[^']+'", policy)) == seen
    assert "unsafe" not in policy


def test_the_draft_is_not_published(site: Path) -> None:
    """What is not released is not on the site, nor in its map."""
    assert not (site / "code-of-conduct").exists()
    assert "code-of-conduct" not in (site / "sitemap.xml").read_text(encoding="utf-8")


def test_the_templates_are_not_published(site: Path) -> None:
    """The theme's overrides are no pages."""
    assert not (site / "overrides").exists()


def test_a_preview_shows_the_draft_as_a_draft(tmp_path: Path) -> None:
    """Before a release the draft can be seen, and says that it is not in force."""
    result = built(tmp_path, SHOW_DRAFT="true")
    assert result.returncode == 0, result.stderr
    draft = (tmp_path / "code-of-conduct" / "index.html").read_text(encoding="utf-8")
    assert "This is a draft. It is not in force." in draft


@pytest.mark.parametrize("context", ["deploy-preview", "branch-deploy"])
def test_a_preview_never_leads_to_the_service(tmp_path: Path, context: str) -> None:
    """Netlify's variables hold for all contexts, and its file for previews alone."""
    with (REPOSITORY / "netlify.toml").open("rb") as file:
        preview = tomllib.load(file)["context"][context]["environment"]
    assert preview["SIGNER_ORIGIN"] == ""
    # As if Netlify dropped what is empty, and kept what is set for all contexts.
    given = {
        "SIGNER_ORIGIN": "https://signer.example.org",
        "SIGNER_PROXY_SECRET": "a secret of the proxy that is long enough",
        **{key: value for key, value in preview.items() if value},
        "SHOW_DRAFT": "true",
        "CONTEXT": context,
    }
    result = built(tmp_path, **given)
    assert result.returncode == 0, result.stderr
    assert not (tmp_path / "_redirects").exists()
    home = (tmp_path / "index.html").read_text(encoding="utf-8")
    notice = home.index("This is a preview with the draft in it. It is not in force.")
    assert notice < home.index("md-button--primary")
    assert "Send me a new link (not on this copy of the site)" in home
    dead = [
        address
        for _, page in built_pages(tmp_path)
        for address in page.xpath("//a/@href | //form/@action")
        if is_the_services(address.partition("#")[0])
    ]
    assert dead == []


def test_netlify_is_told_to_sign_where_it_has_the_secret(tmp_path: Path) -> None:
    """The file names the variable, and never holds the secret."""
    secret = "a secret of the proxy that is long enough"
    origin = "https://signer.example.org"
    result = built(
        tmp_path,
        SIGNER_ORIGIN=origin,
        SIGNER_PROXY_SECRET=secret,
        CONTEXT="production",
    )
    assert result.returncode == 0, result.stderr
    rules = (tmp_path / "_redirects").read_text(encoding="utf-8").splitlines()
    assert f"/s/* {origin}/s/:splat 200 Sign=SIGNER_PROXY_SECRET" in rules
    assert all(rule.endswith(" Sign=SIGNER_PROXY_SECRET") for rule in rules)
    written = (path for path in tmp_path.rglob("*") if path.is_file())
    assert not [path for path in written if secret.encode() in path.read_bytes()]


def test_the_services_paths_are_passed_on(tmp_path: Path) -> None:
    """With the service's address at hand, the build writes the way to it."""
    result = built(tmp_path, SIGNER_ORIGIN="https://signer.example.org")
    assert result.returncode == 0, result.stderr
    rules = (tmp_path / "_redirects").read_text(encoding="utf-8")
    assert "/s/* https://signer.example.org/s/:splat 200\n" in rules
    assert "/pdf/* https://signer.example.org/pdf/:splat 200\n" in rules
    page = (tmp_path / "versions" / "2" / "index.html").read_text(encoding="utf-8")
    assert 'href="/pdf/2"' in page


def test_a_site_that_the_service_serves_leads_to_its_pdfs(tmp_path: Path) -> None:
    """Whoever serves it says so at the build; no path needs to be passed on."""
    result = built(
        tmp_path,
        SIGNER_SITE_DIR=str(tmp_path),
        # As the demo has it, which names every setting.
        SIGNER_ORIGIN="",
        SIGNER_OFFICE_EMAIL="office@school.example",
        SIGNER_OFFICE_PHONE="+44 20 7946 0000",
        SIGNER_SOURCE_URL="https://code.example/school?a&b",
    )
    assert result.returncode == 0, result.stderr
    page = (tmp_path / "changes" / "index.html").read_text(encoding="utf-8")
    assert 'href="/pdf/2"' in page
    assert not (tmp_path / "_redirects").exists()
    for name, root in built_pages(tmp_path):
        (foot,) = root.xpath("//footer")
        assert foot.xpath(".//a/@href")[-3:] == [
            "mailto:office@school.example",
            "tel:+442079460000",
            "https://code.example/school?a&b",
        ], name


def test_no_service_no_rules(site: Path) -> None:
    """Without the service's address no path is passed on, and no link needs it."""
    assert not (site / "_redirects").exists()
    for folder in ("policy", "changes", "versions/2"):
        page = (site / folder / "index.html").read_text(encoding="utf-8")
        assert "/pdf/" not in page
    for name, root in built_pages(site):
        served = [one for one in root.xpath("//a/@href") if is_the_services(one)]
        assert served == [], name


def test_with_the_service_a_new_link_can_be_asked_for(tmp_path: Path) -> None:
    """On the first page, and on the one that is shown in the place of a missing one."""
    result = built(tmp_path, SIGNER_ORIGIN="https://signer.example.org")
    assert result.returncode == 0, result.stderr
    for name in ("index.html", "404.html", "how-signing-works/index.html"):
        assert lxml_html.parse(str(tmp_path / name)).xpath("//a[@href='/link']"), name


def test_pictures_keep_their_place_free(site: Path) -> None:
    """Each says its size, and is fetched only when it comes near."""
    seen = 0
    for name, page in built_pages(site):
        for one in page.xpath("//main//img"):
            seen += 1
            assert one.get("width"), name
            assert one.get("height"), name
            assert one.get("loading") == "lazy", name
    assert seen > 5


def test_an_unusable_service_address_stops_the_build(tmp_path: Path) -> None:
    """A site whose links to the service would fail is not built."""
    result = built(tmp_path, SIGNER_ORIGIN="signer.example.org/x")
    assert result.returncode != 0
    assert "SIGNER_ORIGIN" in result.stderr


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_the_readers_choice_has_the_colours_of_the_tokens(scheme: str) -> None:
    """Light and dark, chosen by hand, are the tokens' own light and dark."""
    tokens = (REPOSITORY / "signer/theme/tokens.css").read_text(encoding="utf-8")
    light, dark = tokens.split("@media screen and (prefers-color-scheme: dark)")
    palette = (REPOSITORY / "docs/stylesheets/palette.css").read_text(encoding="utf-8")
    chosen = palette.split(f'[data-md-color-scheme="{scheme}"]')[1].split("}")[0]
    colour = re.compile(r"(--[a-z-]+): (#[0-9a-f]{6});")
    expected = dict(colour.findall(light if scheme == "default" else dark))
    assert dict(colour.findall(chosen)) == expected
    assert len(expected) > 10


@contextmanager
def served(site: Path, headers: dict[str, str]) -> Iterator[str]:
    """The address at which the site is served with these headers."""

    class Handler(SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            for name, value in headers.items():
                self.send_header(name, value)
            super().end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=site))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def console_of(address: str, profile: Path) -> list[str]:
    """What a browser that loads a page and runs its scripts has to complain about."""
    result = subprocess.run(
        [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            f"--user-data-dir={profile}",
            "--enable-logging=stderr",
            "--virtual-time-budget=4000",
            "--dump-dom",
            address,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "<article" in result.stdout
    return [line for line in result.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.browser
def test_a_browser_accepts_the_pages_under_their_own_policy(
    site: Path, tmp_path: Path
) -> None:
    """With the headers sent, Chromium blocks nothing; without the hashes it would."""
    headers = headers_of(site)
    with served(site, headers) as address:
        for path in ("/", "/policy/", "/versions/2/"):
            assert console_of(address + path, tmp_path / "profile") == [], path
    policy = re.sub(r" 'sha256-[^']+'", "", headers["Content-Security-Policy"])
    with served(site, {"Content-Security-Policy": policy}) as address:
        assert "Content Security Policy" in str(
            console_of(address, tmp_path / "profile")
        )
