"""Spring: families come and go, and the school gives account."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.browser.desk.year.conftest import git, next_tuesday
from tests.browser.desk.year.winter import answering
from tests.production.harness.launching import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.desk.year.conftest import SchoolYear
    from tests.year.families import Adult

NEW = ("Nia Newcomer", "nia@example.org")


def families_come_and_go(year: SchoolYear) -> None:
    """In March one leaves, one comes back, and one is new; those who are here sign."""
    office = year.office
    march = datetime(year.first_day.year + 1, 3, 1, tzinfo=UTC)
    year.now_is(next_tuesday(march))
    office.sign_in()
    office.look("today-in-march")
    leaving, returning = answering(year)[20:22]
    for who in (leaving, returning):
        office.open_parent(who.email)
        office.follow("They have left")
        office.look("leave")
        office.go_on()
        assert office.says("Left")
    comes_back(year, returning)
    is_new(year)


def comes_back(year: SchoolYear, who: Adult) -> None:
    """They are asked again, and have what they had."""
    office = year.office
    office.follow("They are back")
    office.look("return")
    office.write(child_name=who.pupils[0].name, year_group="Year 8")
    office.write(relationship="mother")
    office.go_on()
    office.go_on()
    office.look("person-back")


def is_new(year: SchoolYear) -> None:
    """A family joins in March, is asked with one press, and signs."""
    office, (name, email) = year.office, NEW
    office.room("Parents")
    office.follow("Add a parent")
    office.write(child_name="Una Newcomer", year_group="Year 7", relationship="mother")
    # What the browser alone lets through.
    office.write(name=name, email="nia@example")
    office.go_on()
    office.see("link", "cannot be right")
    office.look("add-errors")
    office.write(email=email)
    office.go_on()
    office.look("add-confirm")
    office.go_on()
    office.room("Campaign")
    office.follow("See who, and ask them")
    office.look("ask-new")
    office.go_on()
    family = year.family(email)
    reference = family.sign(name)
    until(lambda: reference in {one.declaration for one in year.school.mail.kept()})
    family.close()


def school_reports(year: SchoolYear, folder: Path) -> None:
    """To governors, to a parent, to the auditor; and somebody is erased."""
    head, auditor = year.head, year.auditor
    leaving = answering(year)[20]
    head.sign_in()
    head.look("today-of-the-head")
    data_of(year, answering(year)[5])
    is_erased(year, leaving)
    is_reviewed(year)
    head.room("Record")
    head.look("record")
    assert head.says("was reviewed by Executive Headteacher and left as it was")
    pdf = head.download("This page as a PDF")
    assert pdf.startswith(b"%PDF-")
    (folder / "year.pdf").write_bytes(pdf)
    auditor.sign_in()
    auditor.look("today-of-the-auditor")
    auditor.room("Record")
    auditor.follow("Who was covered on any day")
    auditor.look("covered")
    auditor.room("Record")
    auditor.follow("Check some declarations")
    auditor.write(count="3", seed="spring")
    auditor.press("Draw and check")
    auditor.look("sample")
    assert auditor.page.get_by_text("Genuine", exact=True).count()
    auditor.room("Record")
    auditor.follow("The log")
    auditor.look("log")


def is_reviewed(year: SchoolYear) -> None:
    """The text was read, and stays as it is."""
    head = year.head
    head.room("Text")
    head.follow("Review without change")
    head.look("review")
    head.write(by="Executive Headteacher", next=f"{year.first_day.year + 2}-03")
    head.write(typed="3")
    head.press("Record the review")
    assert head.says("The review is recorded.")
    head.look("review-recorded")
    assert git(year.remote, "rev-list", "--count", "main").strip() == "3"


def data_of(year: SchoolYear, who: Adult) -> None:
    """What a parent who asks for their data is given."""
    head = year.head
    head.open_parent(who.email)
    head.follow("Personal data")
    head.look("personal-data")
    with head.page.expect_download() as given:
        head.page.get_by_role("button", name="Download their data").click()
    content = given.value.path().read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert any(name.endswith(".pdf") for name in archive.namelist())


def is_erased(year: SchoolYear, who: Adult) -> None:
    """A family that left wants to be forgotten."""
    head = year.head
    head.open_parent(who.email)
    head.follow("Personal data")
    head.look("erase")
    head.page.locator("[name=reason][value=asked]").check()
    head.write(typed=who.name)
    head.press("Erase them")
    head.look("erased")
    head.room("Parents")
    head.write(words=who.email)
    head.press("Search")
    assert head.says("0 parents")
