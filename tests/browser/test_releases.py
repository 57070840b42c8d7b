"""Releases, from the first edit to the last signature, on a copy with its history."""

from __future__ import annotations

import json
import re
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from signer import clock
from signer.cli.commands.demo.setup import demo_settings
from signer.config import environment
from signer.policy.versions import Version, read_version
from tests.browser.conftest import BASE, Demo, running
from tests.browser.walks.walking import declare, enter, squeezed, walk
from tests.conftest import REPOSITORY, run
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

DROPPED = "- Bringing the school or its staff into disrepute\n"
BEFORE = "respond to communications within 2 working days"
AFTER = "respond to communications within 3 working days"
REVIEW = ("for this document is August 2023.", "for this document is November 2027.")
ADDED = "Parents and carers must not share recordings of lessons with anybody."


@dataclass(frozen=True)
class School:
    """A checkout with its history, and the demo that runs on it."""

    folder: Path
    demo: Demo

    def signer(self, *arguments: str, columns: int = 80) -> str:
        """What a command of the school's own prints, in a terminal of some width."""
        port = int(self.demo.url.rsplit(":", 1)[1])
        settings = demo_settings(port, self.demo.instance, self.folder)
        return run(
            sys.executable,
            "-m",
            "signer",
            *arguments,
            cwd=self.folder,
            env={**BASE, **environment(settings), "COLUMNS": str(columns)},
        )

    def edit(self, *edits: tuple[str, str]) -> None:
        """Put other words into the draft."""
        draft = self.folder / "docs" / "code-of-conduct.md"
        text = draft.read_text(encoding="utf-8")
        for old, new in edits:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        draft.write_text(text, encoding="utf-8")

    def release(self, summary: str, *edits: tuple[str, str]) -> Version:
        """Edit the draft, release it, wait for the site, and ask everybody."""
        self.edit(*edits)
        self.signer("release", "--summary", summary, "--review-by", "2027-11", "--yes")
        newest = max(
            (self.folder / "versions").glob("*.md"), key=lambda path: int(path.stem)
        )
        self._wait_for(self.demo.instance / "site" / "versions" / newest.name)
        self.signer("ask", "--yes", "--although-notice-unconfirmed")
        return read_version(newest)

    @staticmethod
    def _wait_for(path: Path) -> None:
        until = time.monotonic() + 60
        while not path.exists():
            assert time.monotonic() < until, f"the site has no {path.name}"
            time.sleep(0.1)

    def mail(self, name: str, version: Version) -> str:
        """The text of the mail that asked somebody to sign a version."""
        return self._part(name, version, "plain")

    def mail_html(self, name: str, version: Version) -> str:
        """The same mail as HTML."""
        return self._part(name, version, "html")

    def _part(self, name: str, version: Version, subtype: str) -> str:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for path in sorted((self.demo.instance / "mail").glob("*.eml")):
                mail = message_from_bytes(path.read_bytes(), policy=policy.default)
                body, part = mail.get_body(("plain",)), mail.get_body((subtype,))
                text = str(body.get_content()) if body else ""
                wanted = f"version {version.number}"
                if name in str(mail["To"]) and wanted in text and "/s/" in text:
                    assert part
                    return str(part.get_content())
            time.sleep(0.2)
        pytest.fail(f"{name} was not asked to sign version {version.number}")

    def link(self, name: str, version: Version) -> str:
        """The link of that mail."""
        found = re.search(r"http://\S+/s/\S+", self.mail(name, version))
        assert found
        return found[0]

    def covered(self, at: str) -> dict[str, int | None]:
        """By which version each parent was covered at a moment."""
        parents = json.loads(self.signer("status", "--json", "--at", at))["parents"]
        return {one["name"]: one["version"] for one in parents}


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    """The demo on a clone of this repository."""
    with started_school(tmp_path) as school:
        yield school


@contextmanager
def started_school(place: Path) -> Iterator[School]:
    """The demo on a clone of this repository, below a folder."""
    folder, instance = place / "school", place / "instance"
    run("git", "clone", "--quiet", REPOSITORY, folder)
    for key, value in (("user.name", "Head"), ("user.email", "head@example.org")):
        run("git", "-C", folder, "config", key, value)
    port = free_port()
    ready = f"ready http://127.0.0.1:{port}/"
    command = ("demo", "--port", str(port), "--instance", instance)
    with running(*command, until=ready, folder=folder):
        yield School(folder, Demo(f"http://127.0.0.1:{port}", instance))


def later() -> str:
    """A moment after all that has happened, and before all that will."""
    time.sleep(1.1)
    moment = clock.iso(clock.now())
    time.sleep(1.1)
    return moment


@pytest.mark.tool("pdftotext")
def test_every_release_asks_again_and_nothing_signed_is_lost(
    school: School, browser: Browser, picture: Any, tmp_path: Path
) -> None:
    """A parent signs 2 and 3; another's old link leads on; a third meets release 4."""
    second = read_version(school.folder / "versions" / "2.md")
    moments = [later()]
    grace = browser.new_context(viewport={"width": 390, "height": 800})
    old_link = school.demo.link("Patrick")
    page = grace.new_page()
    pdf = tmp_path / "2.pdf"
    link = school.demo.link("Grace Okafor")
    pdf.write_bytes(walk(page, link, "Grace Okafor", picture, second).read_bytes())
    moments.append(later())

    third = school.release(
        "Replies may take a day longer.", (BEFORE, AFTER), (DROPPED, ""), REVIEW
    )
    subject = run("git", "-C", school.folder, "log", "-1", "--format=%s%n%b")
    assert "3" in subject
    assert "Replies may take a day longer." in subject
    hers, his = school.mail("Grace Okafor", third), school.mail("Patrick", third)
    assert "Replies may take a day longer." in hers
    for word in ("Removed", "disrepute"):
        assert word in hers
    assert "disrepute" not in his, "who signed nothing before gets the text alone"

    anew = tmp_path / "3.pdf"
    link = school.link("Grace Okafor", third)
    anew.write_bytes(walk(page, link, "Grace Okafor", picture, third).read_bytes())
    replaced = re.search(r"D(-[0-9A-Z]{4}){3}", run("pdftotext", pdf, "-"))
    assert replaced
    first_page = run("pdftotext", "-l", "1", anew, "-")
    assert replaced[0] in first_page, "the new one names the one that it replaces"
    patrick = browser.new_page(viewport={"width": 1280, "height": 800})
    enter(patrick, old_link, "Patrick", picture)
    assert "version 3" in squeezed(patrick.locator("main").inner_text()).lower()
    moments.append(later())

    margaret = browser.new_page(viewport={"width": 390, "height": 800})
    enter(margaret, school.link("Margaret", third), "Margaret Hughes", picture)
    declare(margaret, "Margaret Hughes", picture)
    fourth = school.release(
        "Recordings of lessons stay private.",
        ("## Monitoring and Review\n", f"{ADDED}\n\n## Monitoring and Review\n"),
    )
    margaret.get_by_role("button", name="Sign the code of conduct").click()
    picture(margaret, "meets-the-release")
    shown = squeezed(margaret.locator("main").inner_text())
    assert ADDED in shown, "the new text is shown, and not the old one signed"
    assert school.covered(later())["Margaret Hughes"] is None
    kept = walk(
        margaret,
        school.link("Margaret", fourth),
        "Margaret Hughes",
        picture,
        fourth,
    )
    assert kept.read_bytes().startswith(b"%PDF-")
    moments.append(later())

    for path in (pdf, anew):
        assert "GENUINE" in school.signer("verify", str(path))
    assert [
        (covered["Grace Okafor"], covered["Margaret Hughes"], covered["Anna Bell"])
        for covered in map(school.covered, moments)
    ] == [(None, None, None), (2, None, None), (3, None, None), (3, 4, None)]
    assert "each follows from the one before" in school.signer("versions", "check")
