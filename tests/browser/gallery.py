"""Takes a picture of every page in every state: the second half of ``make pictures``.

They are kept under ``screenshots``, with a page to look through them. They are
for whoever works on the looks, and not part of the project.
"""

from __future__ import annotations

import html
import shutil
import tempfile
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from signer import clock
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.mail.kinds import TO_PARENTS, Kind
from signer.pki.make_keys import make_keys
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.browser.test_everyone import WALKS
from tests.browser.test_site_pages import KEPT
from tests.browser.walks.stage import stage
from tests.conftest import PASSPHRASE, REPOSITORY
from tests.mail.examples import SINCE, mail
from tests.site.building import built, headers_of
from tests.site.test_mkdocs_plugin import served
from tests.site.test_releases import project_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

GALLERY = REPOSITORY / "screenshots"
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
EVIDENCE = ("keys", "log", "verify")

PAGE = """<!doctype html><meta charset="utf-8"><title>Every page in every state</title>
<style>
body {{ margin: 24px; font: 16px/1.5 sans-serif; background: #888; }}
h2 {{ margin: 40px 0 8px; }} .row {{ display: flex; gap: 16px; align-items: start; }}
img {{ max-height: 1200px; max-width: 46vw; border: 1px solid #444; }}
</style>{rows}"""


def take_all(browser: Browser, folder: Path) -> None:
    """Every state of the journey, the mails, the evidence and the site."""
    shutil.rmtree(GALLERY, ignore_errors=True)
    GALLERY.mkdir(parents=True)
    keys = make_keys(
        folder / "keys", school="My Online Schooling", passphrase=PASSPHRASE,
        at=clock.now(),
    )  # fmt: skip
    page = browser.new_context(reduced_motion="reduce").new_page()
    instance = folder / "instance"
    (instance / "keys").mkdir(parents=True)
    (instance / "keys" / LOG_KEY).write_bytes(new_log_key(PASSPHRASE))
    with stage(instance, keys) as school:
        for walk, states in WALKS.items():
            for state in states(school, page):
                page.wait_for_load_state()
                keep(page, f"{walk}-{state}")
        for name in EVIDENCE:
            page.goto(f"{school.url}/{name}")
            keep(page, f"evidence-{name}")
    # A page that was on the site would keep the site's rules, which allow no styles.
    page.context.close()
    page = browser.new_context(reduced_motion="reduce").new_page()
    for kind in Kind:
        body = mail(kind, **(SINCE if kind in TO_PARENTS else {})).get_body(("html",))
        assert body is not None
        page.set_content(body.get_content())
        keep(page, f"mail-{kind}")
    project = project_in(folder / "project")
    result = built(project / "site", project=project, SHOW_DRAFT="true")
    assert result.returncode == 0, result.stderr
    with served(project / "site", headers_of(project / "site")) as address:
        for name, path in KEPT.items():
            page.goto(address + path)
            keep(page, f"site-{name}")
    page.context.close()
    write_index()


def keep(page: Page, name: str) -> None:
    """A state as it looks at each width, light and dark."""
    for width, scheme in product(WIDTHS, SCHEMES):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 844})
        page.screenshot(path=GALLERY / f"{name}-{width}-{scheme}.png", full_page=True)


def write_index() -> None:
    """A page with all pictures, those of a state side by side."""
    first = f"-{WIDTHS[0]}-{SCHEMES[0]}.png"
    names = sorted(one.name.removesuffix(first) for one in GALLERY.glob(f"*{first}"))
    rows = []
    for name in names:
        pictures = "".join(
            f'<img loading="lazy" src="{name}-{width}-{scheme}.png" alt="">'
            for width, scheme in product(WIDTHS, SCHEMES)
        )
        rows.append(f'<h2>{html.escape(name)}</h2><div class="row">{pictures}</div>')
    (GALLERY / "index.html").write_text(PAGE.format(rows="\n".join(rows)))


def main() -> None:
    """Take every picture anew."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS
        )
        take_all(browser, Path(folder))
        browser.close()
    print(f"{len(list(GALLERY.glob('*.png')))} pictures: {GALLERY / 'index.html'}")  # noqa: T201 - for whoever ran it


if __name__ == "__main__":
    main()
