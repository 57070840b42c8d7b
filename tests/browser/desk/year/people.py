"""Staff at the desk and parents at home, each with a browser of their own."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.conftest import PICTURES
from tests.browser.walks.barriers import SCHEMES, VIOLATIONS, barriers
from tests.browser.walks.states import MAIN, enter, fill, word
from tests.production.harness.launching import until
from tests.sharing.long_form import LONG

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.production.harness.rehearsal import Rehearsal

_WAY_IN = re.compile(r"https?://\S+/desk/in/\S+")


class Staff:
    """Somebody who works at the desk.

    Attributes:
        page: the one tab of their browser.
        email: where links that sign in go.
    """

    def __init__(self, school: Rehearsal, browser: Browser, email: str) -> None:
        self._school = school
        self._seen = 0
        self.email = email
        self.page: Page = browser.new_context(
            reduced_motion="reduce",
            locale="en-GB",
            viewport={"width": 1280, "height": 900},
            base_url=school.settings.base_url,
        ).new_page()

    def _links(self) -> list[str]:
        """The links to sign in that have come by mail, oldest first."""
        found = []
        for mail in self._school.mail.kept():
            body = mail.to == self.email and mail.message.get_body(("plain",))
            found += _WAY_IN.findall(body.get_content()) if body else []
        return found

    def sign_in(self) -> None:
        """Sign in by a link that comes by mail."""
        known = len(self._links())
        self.page.goto("/desk/sign-in")
        self.page.get_by_label("Your email address").fill(self.email)
        self.press("Email me a link")
        until(lambda: len(self._links()) > known, what=f"a link for {self.email}")
        self.page.goto(self._links()[-1])
        self.press("Sign in")
        self.see("heading", "Today")

    def press(self, words: str) -> None:
        """Press a button, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).first.click()

    def follow(self, words: str | re.Pattern[str]) -> None:
        """Follow a link, the first one of these words."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=words).first.click()

    def room(self, words: str) -> None:
        """Go to the first page of a room."""
        rooms = self.page.get_by_role("navigation", name="Desk")
        with self.page.expect_navigation():
            rooms.get_by_role("link", name=words, exact=True).click()

    def go_on(self) -> None:
        """Press the main button of a page."""
        with self.page.expect_navigation():
            self.page.locator("main form button.button").last.click()

    def open_parent(self, words: str, *, email: str = "") -> None:
        """Find a parent, and open their page.

        Args:
            words: their address, or their name.
            email: what stands for their address, where others have the same name.
        """
        self.room("Parents")
        self.write(words=words)
        self.press("Search")
        row = self.page.locator("main tbody tr").filter(has_text=email).first
        with self.page.expect_navigation():
            row.locator("th a").click()

    def download(self, words: str) -> bytes:
        """Follow a link that gives a file."""
        with self.page.expect_download() as given:
            self.page.get_by_role("link", name=words).first.click()
        return given.value.path().read_bytes()

    def write(self, **given: str) -> None:
        """Fill in fields, by their names."""
        for name, words in given.items():
            self.page.locator(f"[name={name}]").first.fill(words)

    def choose(self, words: str) -> None:
        """Tick a box or one of several."""
        self.page.get_by_label(words).first.check()

    def see(self, role: str, words: str) -> None:
        """Wait until something is on the page."""
        self.page.get_by_role(role, name=words).first.wait_for()  # type: ignore[arg-type]

    def figure(self, words: str) -> str:
        """The number that stands below a word, in a list of figures."""
        figures = self.page.locator("dl.figures > div")
        one = figures.filter(has=self.page.locator("dt", has_text=words)).first
        return one.locator("dd").inner_text().split()[0]

    def says(self, words: str) -> bool:
        """Whether the main part of the page says something."""
        text = " ".join(self.page.locator("main").inner_text().split())
        return words in text

    def look(self, name: str) -> None:
        """Look at the page as everybody may see it: nothing on it is a barrier.

        At one width, and at each, light and dark, in the long form; with PICTURES set,
        pictures are kept to be looked at.
        """
        if LONG:
            assert barriers(self.page) == [], name
        else:
            self.page.evaluate(AXE_SCRIPT)
            assert self.page.evaluate(VIOLATIONS, None) == [], name
        if os.environ.get("PICTURES"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            for scheme in SCHEMES:
                self.page.emulate_media(
                    color_scheme="dark" if scheme == "dark" else "light"
                )
                for width in (390, 1280):
                    self.page.set_viewport_size({"width": width, "height": 900})
                    path = PICTURES / f"year-{name}-{width}-{scheme}.png"
                    self.page.screenshot(path=path, full_page=True)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def close(self) -> None:
        """Close the browser."""
        self.page.context.close()


class Family:
    """A parent with the link that came by mail."""

    def __init__(self, school: Rehearsal, browser: Browser, email: str) -> None:
        self.school = school
        self.email = email
        self.page = browser.new_context(reduced_motion="reduce").new_page()

    @property
    def mails(self) -> list[str]:
        """The subjects of the mails that have come, oldest first."""
        return [
            str(one.message["Subject"])
            for one in self.school.mail.kept()
            if one.to == self.email
        ]

    def link(self) -> str:
        """The newest link that was mailed to them, once there is one."""
        until(lambda: self.email in self.school.mail.links(), what=self.email)
        return self.school.mail.links()[self.email]

    def sign(self, name: str) -> str:
        """Read, answer, check and sign; gives the declaration's reference."""
        enter(self.page, self.link())
        self.page.locator(".onwards button").click()
        fill(self.page, name)
        self.page.locator(MAIN).click()
        self.page.locator(MAIN).click()
        self.page.locator(".reference").wait_for()
        return self.page.locator(".reference").inner_text()

    def tell(self, way: str, words: str = "") -> None:
        """Tell the office something instead.

        Args:
            way: ``question``, ``decline``, ``paper`` or ``not-me``.
            words: what they write.
        """
        enter(self.page, self.link())
        self.page.locator(f"main a[href$='/{way}']").first.click()
        self.page.locator("textarea").fill(words)
        self.page.locator(MAIN).click()
        if self.page.locator("#sure").count():
            self.page.locator("#sure").fill(word(self.page))
        self.page.locator(MAIN).click()
        self.page.get_by_role("heading", level=1).wait_for()

    def close(self) -> None:
        """Close the browser."""
        self.page.context.close()
