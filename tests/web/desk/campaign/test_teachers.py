"""Teachers at the desk: the list, and telling those who joined later."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from signer.register.file.template import empty_workbook
from signer.store.desk.roles import DeskRole
from signer.web.desk.campaign.teachers import read_lines
from signer.workflows.staff.staff_list import list_staff

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page
    from tests.workflows.conftest import Post

PAGE = "/desk/campaign/teachers"
LINES = "Aoife O\u2019Brien, aoife@school.example\n李老师,wang@school.example\n"


def test_pasted_teachers_are_told_once(
    office: Browser, post: Post, app_context: AppContext
) -> None:
    """Pressed twice, nobody is on the list twice, and nobody is mailed twice."""
    page = office.open(PAGE)
    for _ in range(2):
        office.press(page, "Add to the list", lines=LINES)
    assert len(list_staff(app_context)) == 2
    page = office.open(PAGE)
    assert "2 on the list have not been told" in page.text
    telling = next(one for one in page.buttons if one.startswith("Tell"))
    for _ in range(2):
        office.press(page, telling)
    post.send()
    assert len(post.to("李老师")) == 1
    assert "2 told" in office.open("/desk/campaign").text
    assert "have not been told" not in office.open(PAGE).text


def test_what_cannot_be_taken_is_named_and_kept(
    office: Browser, app_context: AppContext
) -> None:
    """The line is the one that was pasted, and nobody of the others is added."""
    page = office.press(
        office.open(PAGE),
        "Add to the list",
        lines="Ruth Adeyemi,ruth@school.example\nNobody,no address\n",
    )
    assert page.answer.status_code == 422
    assert "line 2" in page.text.lower()
    assert "ruth@school.example" in page.answer.text
    assert list_staff(app_context) == ()


def test_a_file_is_read_as_it_was_saved(
    office: Browser, app_context: AppContext
) -> None:
    """What is wrong with it is told by its lines, which can then be corrected."""

    def press(content: bytes) -> Page:
        page = office.open(PAGE)
        file = (BytesIO(content), "teachers.csv")
        return office.press(page, "Add to the list", file=file)

    wrong = press("\ufeffStaff name;Email\nNobody;none\n".encode())
    assert "line 2" in wrong.text.lower()
    assert "Nobody;none" in wrong.answer.text
    assert "is a workbook" in press(empty_workbook()).text
    press("\ufeffStaff name;Room;Email\n李老师;2;wang@school.example\n".encode())
    (teacher,) = list_staff(app_context)
    assert (teacher.name, teacher.email) == ("李老师", "wang@school.example")


def test_a_teacher_is_taken_off_once(office: Browser, app_context: AppContext) -> None:
    """The same button pressed again changes nothing."""
    page = office.press(office.open(PAGE), "Add to the list", lines=LINES)
    removing = next(one for one in page.buttons if one.startswith("Remove"))
    office.press(page, removing)
    office.press(page, removing)
    assert len(list_staff(app_context)) == 1


def test_an_auditor_sees_and_changes_nothing(
    sign_in: Callable[[DeskRole], Browser],
) -> None:
    """The list is there, without a form."""
    page = sign_in(DeskRole.AUDITOR).open(PAGE)
    assert page.heading == "Teachers"
    assert "Add to the list" not in page.buttons


def test_headings_are_wanted_only_where_they_are_pasted() -> None:
    """Rows of a spreadsheet come with tabs."""
    with_headings = "email,name\nada@school.example,Ada Hill\n"
    rows = "Ada Hill\tada@school.example"
    for text in (with_headings, rows):
        (teacher,) = read_lines(text).teachers
        assert (teacher.name, teacher.email) == ("Ada Hill", "ada@school.example")
