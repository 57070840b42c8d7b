"""Autumn: staff come in, families are imported, and a version is released."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import openpyxl
from markdown import markdown
from playwright.sync_api import expect

from tests.browser.desk.year.conftest import OFFICE, git
from tests.policy.releasing import REVIEWED, TO_REVIEW
from tests.production.harness.launching import until
from tests.production.harness.rehearsal import OFFICE as OFFICES_MAILBOX
from tests.year.families import as_another_program, as_kept

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator

    from tests.browser.desk.year.conftest import SchoolYear
    from tests.browser.desk.year.people import Staff
    from tests.production.harness.rehearsal import Rehearsal
    from tests.year.families import School

STRANGE = {
    "Guardian name": "Contact",
    "Guardian email": "Contact 2",
    "NC year": "Class",
}
"""Headings, and others in their place that nobody can guess."""

EDIT = ("Anti-racism Policy", "Inclusion Policy")
QUESTION = "Which group chats are meant?"
SUMMARY = "The policy against racism has another name."
SUMMARY_IN_THE_END = "The policy against racism is part of the Inclusion Policy."


def staff_come_in(year: SchoolYear) -> None:
    """In three ways: a link by mail, the school's account, a passkey."""
    year.school.open(workers=1, processes=1)
    year.head.sign_in()
    year.head.look("today-empty")
    year.head.room("Staff")
    year.head.look("staff")
    added = (
        ("Ines Reid", year.reviewers[0], "Head of School"),
        ("Omar Haddad", year.reviewers[1], "Head of School"),
        ("Pat Lewis", year.office, "Office"),
        ("Wei Wang", year.auditor, "Auditor"),
    )
    for name, person, role in added:
        year.head.room("Staff")
        year.head.write(name=name, email=person.email)
        year.head.choose(role)
        year.head.press("Add")
    year.head.look("staff-added")
    office_gets_a_passkey(year)
    for one in (*year.reviewers, year.auditor):
        one.sign_in()


def office_gets_a_passkey(year: SchoolYear) -> None:
    """The office comes in by the school's account, and next time by a passkey."""
    page = year.office.page
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/desk/sign-in")
    year.office.look("sign-in")
    page.get_by_role("link", name="Sign in with your school account").click()
    page.get_by_role("button", name="pat").click()
    year.office.see("heading", "Today")
    year.office.follow("Pat Lewis")
    year.office.write(passkey_name="Office computer")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The passkey is kept.").wait_for()
    year.office.press("Sign out")
    page.get_by_role("button", name="Sign in with a passkey").click()
    year.office.see("heading", "Today")
    assert year.office.email == OFFICE


def families_come(year: SchoolYear, folder: Path) -> None:
    """By a CSV file with strange headings, and once more by a workbook."""
    office = year.office
    exported = as_another_program(year.families.adults)
    for known, strange in STRANGE.items():
        exported = exported.replace(known, strange, 1)
    office.room("Parents")
    choose_file(office, folder / "families.csv", exported.encode())
    office.look("upload-columns")
    columns = office.page.get_by_label
    columns("Contact", exact=True).select_option(label="Parent: name")
    columns("Contact 2").select_option(label="Parent: email address")
    columns("Class").select_option(label="Child: year group")
    office.press("Use these columns")
    office.look("upload-outcomes")
    assert office.figure("New") == str(len(year.families.adults))
    office.press("Update the register")
    office.see("heading", "The register is up to date")
    for who in year.families.adults:
        # That program writes addresses in capitals.
        who.email = who.email.upper()
    office.follow("Parents")
    choose_file(office, folder / "families.xlsx", workbook_of(year.families))
    assert office.figure("New") == "0"
    office.look("upload-again")
    office.press("Update the register")
    office.room("Campaign")
    office.look("campaign-empty")
    office.follow("List of teachers")
    office.write(lines="Tess Green, tess@school.example\nTom, tom@school.example")
    office.press("Add to the list")
    office.look("teachers")


def choose_file(office: Staff, path: Path, content: bytes) -> None:
    """Upload a list of families, and say of everybody in doubt that they are new."""
    path.write_bytes(content)
    office.follow("Update the register from a file")
    office.page.locator("#file").set_input_files(path)
    office.press("Look at the file")


def workbook_of(families: School) -> bytes:
    """The same families as the school's own program exports them."""
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(as_kept(families.adults))):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text_is_written(year: SchoolYear) -> None:
    """The head writes, two Heads of School comment, and approve what becomes of it."""
    head, (ines, omar) = year.head, year.reviewers
    head.room("Text")
    head.look("text-in-force")
    head.follow("Write the draft")
    body = head.page.locator("#body")
    written = body.input_value().replace(REVIEWED, TO_REVIEW, 1).replace(*EDIT, 1)
    paste(body, in_word(written))
    expect(body).to_have_value(re.compile(EDIT[1]))
    head.look("draft-pasted")
    head.page.locator("#summary-1").fill(SUMMARY)
    in_a_year = year.first_day + timedelta(days=365)
    head.write(review_by=in_a_year.strftime("%Y-%m"))
    head.press("Save the draft")
    head.look("draft")
    head.press("Ask the Heads of School to review it")
    ines.room("Today")
    ines.look("today-of-a-reviewer")
    ines.room("Text")
    ines.follow("Review the draft")
    ines.follow("Comment on passage 3")
    ines.write(said=QUESTION)
    ines.press("Comment")
    ines.look("review-commented")
    ines.write(words="Say which policy it is part of.")
    ines.press("Ask for changes")
    head.room("Text")
    head.look("draft-wanted-otherwise")
    head.follow("Review the draft")
    with head.page.expect_navigation():
        head.page.get_by_role("button", name="Settled").click()
    head.room("Text")
    head.follow("Write the draft")
    head.page.locator("#summary-1").fill(SUMMARY_IN_THE_END)
    head.press("Save the draft")
    head.press("Ask the Heads of School to review it")
    for one in (ines, omar):
        one.room("Text")
        one.follow("Review the draft")
        one.press("Approve this draft")
    omar.look("review-approved")


def in_word(text: str) -> str:
    """What Word puts on the clipboard of a text, as far as its looks go."""
    html = re.sub(
        r"<(p|li)>",
        r"<\1 class=MsoNormal style='mso-margin-top-alt:auto'>",
        markdown(text),
    )
    return (
        "<html xmlns:o='urn:schemas-microsoft-com:office:office'><head>"
        "<style>p.MsoNormal {mso-style-parent:''}</style></head>"
        f"<body lang=EN-GB>{html}<p class=MsoNormal><o:p>&nbsp;</o:p></p></body></html>"
    )


def paste(body: Locator, html: str) -> None:
    """Replace what is in a box by what a person copied elsewhere."""
    body.fill("")
    body.evaluate(
        """(box, html) => {
            const copied = new DataTransfer();
            copied.setData("text/html", html);
            copied.setData("text/plain", "without its looks");
            box.dispatchEvent(new ClipboardEvent("paste", {
                clipboardData: copied, bubbles: true, cancelable: true,
            }));
        }""",
        html,
    )


def checklist_is_done(year: SchoolYear) -> None:
    """The mails are read; what this school goes without has its reasons."""
    head, school = year.head, year.school
    head.room("Today")
    head.follow("Before the first parent")
    head.look("checklist")
    head.press("Send an email to the office")
    until(lambda: codes_of(school), what="the code of the office")
    head.write(code=codes_of(school)[-1])
    head.press("It was read")
    head.press("Send it to me")
    head.press("I have read it")
    head.press("Look again")
    while head.page.get_by_role("link", name="Go on without this").count():
        head.follow("Go on without this")
        head.write(reason="Agreed with the governors.")
        head.press("Go on without it")
    head.look("checklist-done")
    assert head.says("Everything is done. Parents can be asked.")


def codes_of(school: Rehearsal) -> list[str]:
    """The codes that came to the office's mailbox."""
    found = []
    for mail in school.mail.kept():
        body = mail.to == OFFICES_MAILBOX and mail.message.get_body(("plain",))
        found += (
            re.findall(r"^\s*(\d{6})\s*$", body.get_content(), re.MULTILINE)
            if body
            else []
        )
    return found


def version_is_released(year: SchoolYear) -> None:
    """The head releases it, with a deadline, to be mailed on a Tuesday at eight."""
    head = year.head
    head.room("Text")
    head.follow("Release the draft")
    head.look("release")
    head.press("Send it to me")
    head.page.locator("[name=when][value=later]").check()
    deadline = year.first_day.date() + timedelta(days=21)
    head.write(
        day=year.first_day.date().isoformat(),
        hour="08:00",
        sign_by=deadline.isoformat(),
    )
    head.press("Continue")
    head.look("release-confirm")
    head.write(typed="3")
    head.press("Release it")
    head.look("release-stages")
    assert git(year.remote, "rev-list", "--count", "main").strip() == "2"
    year.school.publish()
    head.press("Look whether it is there")
    assert head.says("exactly as it was released")
    approved = (year.school.settings.versions_dir / "3.md").read_text("utf-8")
    assert "Ines Reid" in approved
    assert "Omar Haddad" in approved
