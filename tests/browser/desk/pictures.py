"""Makes the pictures of the guides for staff: the desk's part of ``make pictures``.

A school that has not asked anybody yet shows the headteacher's year, from the
check-list to the release. The demo, whose families have answered, shows the rest.
"""

from __future__ import annotations

import importlib.resources
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from signer import clock
from signer.cli.commands.demo.setup import demo_settings
from signer.cli.commands.demo.staff import STAFF, add_staff
from signer.cli.context import waking_context
from signer.config import Settings
from signer.pki.make_keys import make_keys
from signer.register.rows import read_register
from signer.school_calendar import school_date, school_day_from
from signer.store import schema
from signer.store.engine import connect
from signer.workflows.context import AppContext, open_context
from signer.workflows.desk.accounts import find_account
from signer.workflows.desk.sign_in import make_sign_in_link
from signer.workflows.register.import_register import import_register
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.browser.test_releases import AFTER, BEFORE, REVIEW, started_school
from tests.browser.walks.stage import served
from tests.conftest import PASSPHRASE, REPOSITORY
from tests.policy.git_repositories import add_remote, put_under_git
from tests.policy.releasing import folder_of_2
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, FloatRect, Page

PICTURES = REPOSITORY / "docs" / "pictures"
EDGE = 12
"""Pixels around what a picture shows."""

CALM = 608
"""Pixels: how wide a page is on which one decides."""

SUMMARY = "Replies from staff may take a day longer."
COMMENT = "It is for carers as well, and could say so here."
NEW_NAMES = """parent_name,parent_email,relationship,child_name,year_group
Emma Hartley,emma.whitfield@families.example,mother,Lucy Whitfield,Year 7
Rajesh Iyer,rajesh.iyer@families.example,father,Meera Iyer,Year 10
Bronwen Evans,bronwen.evans@families.example,mother,Rhys Evans,Year 5
Dimitra Pappa,dimitra.pappa@families.example,mother,Nikos Pappas,Year 6
"""
"""A file of the office: somebody has another surname, and a family is new."""

TEACHERS = "Jo Field, jo.field@school.example\nAmir Haddad, amir.haddad@school.example"


def main() -> None:
    """Make every picture of the desk again."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS
        )
        with new_school(Path(folder)) as school:
            take_first_year(school, browser)
        with started_school(Path(folder)) as demo:
            port = int(demo.demo.url.rsplit(":", 1)[1])
            take_running(demo_settings(port, demo.demo.instance, demo.folder), browser)
        browser.close()


@contextmanager
def new_school(folder: Path) -> Iterator[AppContext]:
    """A school with staff and families, before the first parent is asked."""
    instance = folder / "new"
    instance.mkdir()
    keys = make_keys(
        instance / "keys", school="My Online Schooling", passphrase=PASSPHRASE,
        at=clock.now(),
    )  # fmt: skip
    (project := folder / "project").mkdir()
    versions = folder_of_2(project / "versions")
    put_under_git(project)
    add_remote(project, folder / "origin.git")
    settings = Settings(
        instance=instance,
        # At a name, since browsers have passkeys for no number.
        base_url=f"http://localhost:{free_port()}",
        secret_keys=("a secret of the pictures that is long enough to be one",),
        versions_dir=versions,
        seal_file=keys.seal_key,
        seal_passphrase=PASSPHRASE,
        trust_file=keys.authority_certificate,
        desk_openid="https://accounts.google.com",
        desk_openid_client="signer",
        desk_openid_secret="a secret of the client",
        approvers=(STAFF[1][1], STAFF[2][1]),
        approvals_needed=1,
    )
    sessions = connect(settings.database)
    schema.upgrade(sessions.engine)
    sessions.close()
    context = open_context(settings)
    add_staff(context)
    rows = importlib.resources.files("signer.cli.commands.demo") / "families.csv"
    import_register(context, read_register(rows.read_bytes()))
    with served(context):
        yield context
    context.sessions.close()


def take_first_year(school: AppContext, browser: Browser) -> None:
    """From signing in to a release that goes out, and a review without change."""
    url = school.settings.base_url
    head, reviewer = (visitor(school, browser, STAFF[at][2]) for at in (0, 1))
    stranger = browser.new_context(reduced_motion="reduce").new_page()
    stranger.goto(f"{url}/desk/sign-in")
    stranger.get_by_role("button", name="Sign in with a passkey").wait_for()
    keep(stranger, "headteacher/sign-in")
    stranger.goto(link_of(school, STAFF[3][2]))
    keep(stranger, "office/sign-in")
    head.get_by_role("link", name="Staff", exact=True).click()
    keep(head, "headteacher/staff", height=670)
    head.goto(f"{url}/desk/checklist")
    keep(head, "headteacher/first-parent", until="#site")
    head.goto(f"{url}/desk/release/review")
    keep(head, "headteacher/review")
    head.goto(f"{url}/desk/text/edit")
    body = head.locator("[name=body]")
    body.fill(body.input_value().replace(BEFORE, AFTER).replace(*REVIEW))
    head.locator("[name=summary]").first.fill(SUMMARY)
    head.locator("[name=review_by]").fill("2027-11")
    head.get_by_role("button", name="Check").click()
    head.locator("#found del").first.wait_for()
    keep(head, "headteacher/draft", height=640)
    head.get_by_role("button", name="Save the draft").click()
    head.get_by_role("button", name="Ask the Heads of School to review it").click()
    reviewer.goto(f"{url}/desk/text/review")
    reviewer.get_by_role("link", name="Comment on passage 3", exact=True).click()
    reviewer.get_by_label("Your comment").fill(COMMENT)
    reviewer.get_by_role("button", name="Comment").click()
    reviewer.goto(f"{url}/desk/text/review")
    keep(reviewer, "headteacher/approval", start="#comments", until="#at-3", width=720)
    reviewer.get_by_role("button", name="Approve this draft").click()
    head.goto(f"{url}/desk/release")
    send, answer = (day_in(weeks) for weeks in (2, 5))
    head.get_by_label("Day of the email").fill(send)
    head.get_by_label("Deadline").fill(answer)
    keep(head, "headteacher/release", start="#days-title")
    head.get_by_role("button", name="Continue").click()
    head.get_by_label("Type 3, the number of the version").fill("3")
    head.get_by_role("button", name="Release it").click()
    head.wait_for_url("**/desk/release/stages*")
    keep(
        head, "headteacher/follow-release", until="#public-title + * + form", width=CALM
    )
    for page in (head, reviewer, stranger):
        page.context.close()


def take_running(settings: Settings, browser: Browser) -> None:
    """What the demo has: families that have answered, and a day at the office."""
    url = settings.base_url
    with waking_context(settings) as context:
        head, office = (visitor(context, browser, STAFF[at][2]) for at in (0, 3))
    head.goto(f"{url}/desk/")
    head.evaluate("document.querySelector('.demo-note').hidden = true")
    keep(head, "headteacher/today", start=".masthead", until="dl.figures")
    head.goto(f"{url}/desk/record")
    keep(head, "headteacher/governors", until="div[aria-label='By month']")
    office.goto(f"{url}/desk/campaign")
    keep(office, "office/follow-up", height=640)
    for name, picture in (("Bronwen", "messages"), ("Chloe", "wrong-address")):
        office.goto(f"{url}/desk/inbox")
        office.get_by_role("link", name=name).click()
        keep(office, f"office/{picture}")
    office.goto(f"{url}/desk/campaign/teachers")
    office.get_by_label("Names and addresses").fill(TEACHERS)
    office.get_by_role("button", name="Add to the list").click()
    keep(office, "office/teachers", until=".table")
    open_parent(office, url, "James Whitfield")
    keep(office, "office/parents", until="form[action$='/link']")
    open_parent(office, url, "Joan Armitage")
    office.get_by_role("link", name="They need not sign").click()
    office.get_by_label("Why?").fill("Signs as a member of staff")
    keep(office, "office/need-not-sign")
    open_parent(office, url, "James Whitfield")
    office.get_by_role("link", name="Paper form").click()
    keep(office, "office/paper")
    open_parent(office, url, "Emma Whitfield")
    office.get_by_role("link", name="Personal data").click()
    keep(office, "office/personal-data")
    office.goto(f"{url}/desk/parents/upload")
    office.locator("#file").set_input_files(
        {"name": "parents.csv", "mimeType": "text/csv", "buffer": NEW_NAMES.encode()}
    )
    office.get_by_role("button", name="Look at the file").click()
    keep(office, "office/register-file", until="form[action$='/answers']")
    office.get_by_label("Yes, one person").first.check()
    office.get_by_role("button", name="Keep these answers").click()
    office.get_by_role("button", name="Update the register").click()
    office.get_by_role("link", name="Ask them").click()
    keep(office, "office/new-parents")
    open_parent(office, url, "Rajesh Iyer")
    office.get_by_role("link", name="They have left").click()
    office.get_by_role("button", name="They have left").click()
    open_parent(head, url, "Rajesh Iyer")
    head.get_by_role("link", name="Personal data").click()
    keep(head, "headteacher/erase", start="h2:text-is('Erase them')")
    for page in (head, office):
        page.context.close()


def link_of(context: AppContext, email: str) -> str:
    """A link that signs somebody in."""
    ref = find_account(context, email)
    return make_sign_in_link(context, ref, lives=timedelta(hours=1))


def visitor(context: AppContext, browser: Browser, email: str) -> Page:
    """A browser in which somebody is signed in."""
    page = browser.new_context(
        viewport={"width": 1280, "height": 900},
        locale="en-GB",
        reduced_motion="reduce",
    ).new_page()
    page.goto(link_of(context, email))
    page.get_by_role("button", name="Sign in").click()
    return page


def day_in(weeks: int) -> str:
    """A school day some weeks from now, as a form wants it."""
    day = school_date(clock.now()) + timedelta(weeks=weeks)
    return school_day_from(day, ()).isoformat()


def open_parent(page: Page, url: str, name: str) -> None:
    """The page of a parent, by way of the search."""
    page.goto(f"{url}/desk/parents")
    page.get_by_label("Search").fill(name)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=name).click()


def keep(
    page: Page,
    name: str,
    *,
    start: str = "main h1",
    until: str = "main > :last-child",
    width: int = 0,
    height: int = 900,
) -> None:
    """What stands on a page between two of its parts, without the air beside it."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    box, last = (page.locator(one).first.bounding_box() for one in (start, until))
    assert box
    assert last
    right = box["x"] + width if width else page.evaluate(_RIGHT, start)
    top = max(0, box["y"] - EDGE)
    clip: FloatRect = {
        "x": max(0, box["x"] - EDGE),
        "y": top,
        "width": right - box["x"] + 2 * EDGE,
        "height": min(height, last["y"] + last["height"] + EDGE - top),
    }
    path = PICTURES / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, clip=clip, full_page=True)


_RIGHT = """(start) => {
    const whole = document.querySelector("main");
    if (start === ".masthead" || whole.querySelector(".table, .wide")) {
        return whole.getBoundingClientRect().right;
    }
    const parts = whole.querySelectorAll("h1, .calm, p, dl, form, section");
    return Math.max(...[...parts].map((one) => one.getBoundingClientRect().right));
}"""
"""Where the parts of a page end on the right: a calm page leaves much empty."""


if __name__ == "__main__":
    main()
