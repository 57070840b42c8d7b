"""Makes the pictures of the guides from the running system: ``make pictures``.

A copy of the project is walked from an edit of the draft to the reminder list, and
what a person sees on the way is kept under ``docs/pictures``.
"""

from __future__ import annotations

import html
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.browser.conftest import BASE, CHROMIUM, CHROMIUM_ARGUMENTS
from tests.browser.test_releases import (
    AFTER,
    BEFORE,
    DROPPED,
    REVIEW,
    School,
    started_school,
)
from tests.browser.walks.walking import walk
from tests.conftest import REPOSITORY
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

PICTURES = REPOSITORY / "docs" / "pictures"
SUMMARY = "Replies from staff may take a day longer."

COLUMNS = 46
"""Letters in a line of the terminals in the pictures: a phone's, at a size to read."""

TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 14px; background: #1b2430; color: #e9edf1;
  font: 13px/1.5 "DejaVu Sans Mono", monospace; }}
pre {{ margin: 0; white-space: pre-wrap; }} b {{ color: #7fd6b3; }}
</style><pre><b>$ {command}</b>
{printed}</pre>"""


def main() -> None:
    """Make every picture anew."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS
        )
        with started_school(Path(folder)) as school:
            take(school, browser)
        browser.close()


def take(school: School, browser: Browser) -> None:
    """The pictures of a release, in the order of the headteacher's guide."""
    phone = browser.new_page(viewport={"width": 390, "height": 780})
    link = school.demo.link("Grace Okafor")
    pdf = walk(phone, link, "Grace Okafor", lambda _page, _name: None)
    declaration(pdf)
    checked(phone, f"{school.demo.url}/verify", pdf)
    desk = browser.new_page(viewport={"width": 640, "height": 900})
    # A page of its own: one that was on the site keeps the site's rules.
    screen = browser.new_page(
        viewport={"width": 390, "height": 700}, device_scale_factor=2
    )
    school.edit((BEFORE, AFTER), (DROPPED, ""), REVIEW)
    with preview(school.folder) as address:
        keep(desk, f"{address}/code-of-conduct/changes/", "draft-changes")
    words = ("release", "--summary", SUMMARY, "--review-by", "2027-11")
    shown = school.signer(*words, "--dry-run", columns=COLUMNS)
    command = f'signer release --summary "{SUMMARY}" --review-by 2027-11'
    terminal(screen, command, shown, "release")
    third = school.release(SUMMARY)
    mail = school.mail_html("Grace Okafor", third)
    narrow = browser.new_page(viewport={"width": 640, "height": 900})
    narrow.set_content(mail)
    narrow.screenshot(path=PICTURES / "mail.png")
    phone.goto(school.link("Grace Okafor", third))
    phone.get_by_role("button", name="Continue").click()
    phone.set_viewport_size({"width": 390, "height": 1300})
    phone.screenshot(path=PICTURES / "reading.png")
    keep(desk, f"{school.demo.url}/changes/", "change-log")
    shown = school.signer("status", columns=COLUMNS)
    terminal(screen, "signer status", shown, "status")


def declaration(pdf: Path) -> None:
    """The first page of a declaration, as a program for PDFs draws it."""
    command = ("pdftoppm", "-png", "-r", "72", "-singlefile", pdf)
    subprocess.run([*command, PICTURES / "declaration"], check=True)


def checked(page: Page, address: str, pdf: Path) -> None:
    """What the public page says of a declaration."""
    page.goto(address)
    page.locator("input[type=file]").first.set_input_files(pdf)
    page.locator("main form button.button").click()
    page.screenshot(path=PICTURES / "verify.png")


def keep(page: Page, address: str, name: str) -> None:
    """What a page shows at first."""
    page.goto(address, wait_until="load")
    page.screenshot(path=PICTURES / f"{name}.png")


def terminal(page: Page, command: str, printed: str, name: str) -> None:
    """What a command prints, as a terminal shows it."""
    page.set_content(
        TERMINAL.format(command=html.escape(command), printed=html.escape(printed))
    )
    page.locator("body").screenshot(path=PICTURES / f"{name}.png")


@contextmanager
def preview(folder: Path) -> Iterator[str]:
    """The site with the draft, as ``mkdocs serve`` shows it at home."""
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "serve", "--quiet", "--dev-addr", address],
        cwd=folder,
        env={**BASE, "NO_MKDOCS_2_WARNING": "1"},
    )
    try:
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://{address}/").close()
                break
            except urllib.error.URLError:
                assert time.monotonic() < until, "mkdocs serve does not answer"
                time.sleep(0.2)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
