"""Winter: the hour comes, parents answer, and the office follows up."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.production.harness.launching import until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.browser.desk.year.conftest import SchoolYear
    from tests.year.families import Adult

RIGHT = "found@example.org"
QUESTION = "Does it hold for my sister\u2019s private account?"


def answering(year: SchoolYear) -> Sequence[Adult]:
    """Adults with an address that nobody else reads."""
    addresses = [who.email for who in year.families.adults]
    return [
        who
        for who in year.families.adults
        if who.email and addresses.count(who.email) == 1
    ]


def parents_answer(year: SchoolYear) -> None:
    """Ten sign, one declines, one asks, one says "not me", and one mail comes back."""
    parents = answering(year)
    lost, stranger, declining, asking, *others = parents
    year.school.mail.refuse(lost.email)
    year.now_is(year.first_day)
    expected = {who.email for who in year.families.adults if who.email} - {lost.email}
    until(
        lambda: expected <= set(year.school.mail.links()), what="everybody\u2019s mail"
    )
    told = {one.to for one in year.school.mail.kept()}
    assert {"tess@school.example", "tom@school.example"} <= told
    for who in others[:10]:
        family = year.family(who.email)
        family.sign(who.name)
        family.close()
    for who, way, words in (
        (stranger, "not-me", "Wrong person."),
        (declining, "decline", "I do not post about the school."),
        (asking, "question", QUESTION),
    ):
        family = year.family(who.email)
        family.tell(way, words)
        family.close()


def office_follows_up(year: SchoolYear, folder: Path) -> None:
    """Answer, correct, send again, remind one year group, record and undo papers."""
    office = year.office
    lost, stranger, declining, asking, *others = answering(year)
    office.sign_in()
    office.look("today-waiting")
    messages_are_answered(year, asking, declining)
    address_is_corrected(year, stranger, RIGHT)
    office.open_parent(lost.email)
    office.look("person-without-mail")
    assert office.says("There is nobody of that name")
    year.school.mail.refuse()
    link_is_sent_again(year, lost)
    year.now_is(year.first_day + timedelta(days=7))
    office.sign_in()
    one_year_group_is_reminded(year)
    on_paper = next(who for who in year.families.adults if not who.email)
    paper_is_recorded_and_undone(year, on_paper, folder)
    exempt = others[10]
    office.open_parent(exempt.email)
    office.follow("They need not sign")
    office.write(reason="Teaches here")
    office.go_on()
    office.look("need-not-sign")
    office.go_on()
    assert office.says("Need not sign Teaches here")


def messages_are_answered(year: SchoolYear, asking: Adult, declining: Adult) -> None:
    """A question gets its answer by mail, and a refusal is closed."""
    office = year.office
    office.room("Inbox")
    office.look("inbox")
    office.follow(asking.name)
    office.look("inbox-question")
    office.write(words="Yes, wherever the school can be recognised.")
    office.choose("Close this message")
    office.press("Send the answer")
    until(
        lambda: any(
            "can be recognised" in str(one.message.get_body(("plain",)))
            for one in year.school.mail.kept()
            if one.to == asking.email
        ),
        what="the answer",
    )
    office.room("Inbox")
    office.follow(declining.name)
    office.press("Close")
    office.room("Inbox")
    assert office.says("Waiting (1)")


def address_is_corrected(year: SchoolYear, who: Adult, right: str) -> None:
    """What said that it reached somebody else goes to the right address, and signs."""
    office = year.office
    wrong = who.email
    stale = year.school.mail.links()[wrong]
    office.open_parent(wrong)
    office.follow("Correct the name or address")
    office.write(email=right)
    office.go_on()
    office.look("correct-confirm")
    office.go_on()
    who.email = right
    family = year.family(right)
    family.sign(who.name)
    family.page.goto(stale)
    assert who.name not in family.page.locator("body").inner_text()
    family.close()


def link_is_sent_again(year: SchoolYear, who: Adult) -> None:
    """Whose mail was refused gets a link once their mailbox is mended."""
    assert who.email not in year.school.mail.links()
    year.office.press("Send a new link")
    assert year.office.says("A new link is on its way")
    family = year.family(who.email)
    family.sign(who.name)
    family.close()


def one_year_group_is_reminded(year: SchoolYear) -> None:
    """Those of Year 7 who have not answered, and nobody else."""
    office = year.office
    before = len(year.school.mail.kept())
    office.room("Campaign")
    office.look("campaign")
    office.page.locator("#year").select_option("Year 7")
    office.page.locator("#state").select_option(label="Outstanding")
    office.press("Show")
    office.look("campaign-year-7")
    office.follow("Remind these")
    office.look("remind")
    words = office.page.get_by_role("heading", level=1).inner_text()
    (count,) = re.findall(r"\d+", words)
    office.go_on()

    def reminded() -> list[str]:
        return [one.to for one in year.school.mail.kept()[before:] if one.link]

    until(lambda: len(reminded()) >= int(count), what="reminders")
    seventh = {
        who.email
        for who in year.families.adults
        if any(pupil.year == 7 for pupil in who.pupils)
    }
    assert len(reminded()) == int(count) > 0
    assert set(reminded()) <= seventh


def paper_is_recorded_and_undone(year: SchoolYear, who: Adult, folder: Path) -> None:
    """A form is printed, signed and scanned; then it was somebody else\u2019s paper."""
    office = year.office
    scan = folder / "scan.pdf"
    office.open_parent(who.name, email="None")
    office.follow("Paper form")
    scan.write_bytes(office.download("Version 3"))
    assert scan.read_bytes().startswith(b"%PDF-")
    office.look("paper")
    office.choose("Version 3")
    office.write(dated=year.first_day.date().isoformat())
    office.go_on()
    office.page.locator("#scan").set_input_files(scan)
    office.look("paper-check")
    office.go_on()
    assert office.says("Recorded by Pat Lewis")
    office.look("person-on-paper")
    office.follow("Undo")
    office.write(reason="It was their sister\u2019s.")
    office.go_on()
    office.look("paper-undo")
    office.go_on()
    assert office.says("Undone by Pat Lewis")
