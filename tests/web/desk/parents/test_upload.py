"""The register from a file at the desk: columns, problems, questions, leavers."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from signer import clock
from signer.store.desk.roles import DeskRole
from signer.store.transient import RegisterUpload
from signer.web.desk.parents import leavers
from signer.workflows.parents.browse import LEFT, Wanted, browse_register
from signer.workflows.parents.leave import leave_register
from signer.workflows.parents.uploads import KEPT, MOST_BYTES, forget_old_uploads
from signer.workflows.register.columns import remembered_columns
from signer.workflows.register.erase import erase_parent
from tests.conftest import PEOPLE
from tests.web.browsing import words_of
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page

HEADER = "parent_name,parent_email,relationship,child_name,year_group\n"
MORE = PEOPLE + "Ada Ng,ada@example.org,mother,Bo Ng,Year 7\n"


def upload(browser: Browser, content: bytes | str) -> Page:
    """Choose a file, and come to what it changes."""
    page = browser.open("/desk/parents/upload")
    raw = content.encode() if isinstance(content, str) else content
    # In memory: Werkzeug's client leaves its temporary file for large ones open.
    boundary, body = encode_multipart(
        {
            "csrf_token": page.value("csrf_token"),
            "file": FileStorage(io.BytesIO(raw), "Year 7 of Amira Khan.csv"),
        }
    )
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.post("/desk/parents/upload", body, content_type=kind)


def names(context: AppContext, **wanted: str) -> list[str]:
    return [row.name for row in browse_register(context, Wanted(**wanted)).rows]


def test_a_file_is_shown_then_imported_once(
    office: Browser, app_context: AppContext
) -> None:
    """Each person with what happens and why; two presses do it once."""
    page = upload(office, MORE)
    assert "Ada Ng, ada@example.orgNewlike nobody in the register" in page.text
    assert "Year 7 of" not in str(snapshot(app_context))
    assert names(app_context, words="ada") == []
    same = office.open(page.links["As before (4)"])
    assert "the same name and address" in same.text
    done = office.press(page, "Update the register")
    assert done.heading == "The register is up to date"
    assert office.press(page, "Update the register").heading == done.heading
    assert names(app_context, words="ada") == ["Ada Ng"]
    assert "1 new, 0 back" in office_actions(office, app_context)


def office_actions(_office: Browser, context: AppContext) -> str:
    return str(snapshot(context)["desk_action"])


def test_strange_columns_are_said_by_hand_and_remembered(
    office: Browser, app_context: AppContext
) -> None:
    """Headings that nobody knows are chosen from a list, also in a workbook."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Erz.", "Post", "Rolle", "Kind", "Jahr", "Haustier"])
    sheet.append(["Ada Ng", "ada@example.org", "mother", "Bo Ng", 7, "Cat"])
    raw = io.BytesIO()
    book.save(raw)
    page = upload(office, raw.getvalue())
    assert "Say what the columns are" in page.text
    assert "Such as “Ada Ng”" in page.text
    assert "parent_name" not in page.text
    assert "--column" not in page.text
    page = office.press(
        page,
        "Use these columns",
        column=[*HEADER.strip().split(","), "ignore"],
    )
    assert "Ada Ng" in page.text
    office.press(page, "Update the register")
    assert names(app_context, words="ada") == ["Ada Ng"]
    assert remembered_columns(app_context)["haustier"] == "ignore"


def test_problems_are_told_with_their_row(office: Browser) -> None:
    """Nothing of a file with problems can be imported."""
    rows = "Ada Ng,ada@,mother,Bo Ng,Year 7\n,b@example.org,mother,Cy,Year 7\n"
    page = upload(office, HEADER + rows + "D,d@example.org,father,E,\n")
    assert "3 problems" in page.text
    assert [
        row.text_content().strip()
        for row in page.tree.xpath("//tbody//th[@scope='row']")
    ] == ["Row 2", "Row 3", "Row 4"]
    assert "Update the register" not in page.buttons


@pytest.mark.parametrize(
    "content",
    [b"\0\1\2", b"PK\x03\x04broken", b"\xff\xfe\0", b"a", b"=HYPERLINK(1)\n", b'"'],
)
def test_no_file_breaks_the_page(office: Browser, content: bytes) -> None:
    """Whatever it holds, the page says what is wrong with it."""
    page = upload(office, content)
    assert page.status == 200
    assert "Nothing is imported until" in page.text


def test_no_file_and_a_large_one_are_refused(
    office: Browser, app_context: AppContext
) -> None:
    """With what to do; nothing is kept."""
    for content, words in ((b"", "This file is empty."),):
        page = upload(office, content)
        assert (page.status, page.problems) == (422, [words])
    page = office.open("/desk/parents/upload")
    page = office.press(page, "Look at the file", file=None)
    assert page.problems == ["Choose a file."]
    for size in (MOST_BYTES + 1, MOST_BYTES + 200_000):
        page = upload(office, b"a" * size)
        assert (page.status, page.heading) == (413, "This file is too large")
    assert snapshot(app_context)["register_upload"] == []


def test_a_file_is_its_owners_alone_and_passes(
    office: Browser, head: Browser, app_context: AppContext
) -> None:
    """Nobody else opens it; after twelve hours nobody does, and it is deleted."""
    page = upload(office, MORE)
    assert head.open(page.path).status == 404
    with clock.frozen(clock.now()) as advance:
        assert forget_old_uploads(app_context) == 0
        advance(KEPT + timedelta(minutes=1))
        assert forget_old_uploads(app_context) == 1
    assert office.open(page.path).status == 404


def test_an_account_has_three_files_at_most(
    office: Browser, app_context: AppContext
) -> None:
    """The oldest makes way."""
    pages = [upload(office, MORE) for _ in range(4)]
    assert [office.open(page.path).status for page in pages] == [404, 200, 200, 200]
    with app_context.sessions.reading() as session:
        assert len(session.scalars(select(RegisterUpload.id)).all()) == 3


def test_an_erasure_takes_waiting_files_away(
    office: Browser, app_context: AppContext
) -> None:
    """They may name whoever is erased."""
    upload(office, MORE)
    leave_register(app_context, "wang@example.org")
    erase_parent(app_context, "wang@example.org")
    assert snapshot(app_context)["register_upload"] == []


def test_a_partial_file_takes_nobody_away(
    office: Browser, app_context: AppContext
) -> None:
    """Parents and siblings whom it does not name stay."""
    page = upload(
        office, HEADER + "Amira Khan,amira@example.org,mother,Yusuf Khan,Year 8\n"
    )
    office.press(page, "Update the register")
    assert len(names(app_context)) == 4
    assert names(app_context, words="leila") == ["Amira Khan"]


def test_many_leavers_want_their_number_typed(
    office: Browser, app_context: AppContext
) -> None:
    """They are listed; a wrong number and a list that changed let nobody leave."""
    page = upload(
        office, HEADER + "Amira Khan,amira@example.org,mother,Yusuf Khan,Year 8\n"
    )
    button = "They have left the school"
    assert office.open(f"{page.path}/leavers").path == page.path
    page = office.press(page, "Update the register")
    page = office.open(page.links["See who is not in the file"])
    for words in ("3 parents of 4", "Leila Khan", "王小明"):
        assert words in page.text
    wrong = office.press(page, button, typed="3")
    assert wrong.problems == ["Type the number as it is shown."]
    leave_register(app_context, "wang@example.org")
    changed = office.press(page, button, typed="4")
    assert "Nothing was done" in changed.text
    assert len(names(app_context, state=LEFT)) == 1
    done = office.press(changed, button, typed="3")
    assert done.heading == "The register is up to date"
    assert names(app_context) == ["Amira Khan"]
    assert names(app_context, words="leila") == []
    assert office.press(changed, button, typed="3").path == done.path


def test_a_long_list_of_leavers_comes_in_pages(
    office: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them is on one page; the button below means all of them."""
    page = upload(
        office, HEADER + "Amira Khan,amira@example.org,mother,Yusuf Khan,Year 8\n"
    )
    page = office.press(page, "Update the register")
    monkeypatch.setattr(leavers, "PAGE", 2)
    first = office.open(page.links["See who is not in the file"])
    second = office.open(first.links["Next"])
    listed = [
        [words_of(one) for one in it.tree.xpath("//table[1]/tbody/tr/th")]
        for it in (first, second)
    ]
    assert list(map(len, listed)) == [3, 1]
    assert len(set(listed[0] + listed[1])) == 4
    done = office.press(second, "They have left the school", typed="4")
    assert done.heading == "The register is up to date"


def test_questions_are_answered_there(office: Browser, app_context: AppContext) -> None:
    """Without an answer nothing is imported; each answer stays with the file."""
    row = "Amira Rahman,amira@example.org,mother,Noor,Year 7\n"
    page = upload(office, HEADER + row)
    assert "Is this one person?" in page.text
    assert "Update the register" not in page.buttons
    name = page.tree.xpath("//input[@type='radio']")[0].get("name")
    page = office.press(page, "Keep these answers", **{name: "new"})
    page = office.press(page, "Update the register")
    assert names(app_context, words="amira") == ["Amira Khan", "Amira Rahman"]


def test_what_changed_since_is_shown_before_it_is_done(
    office: Browser, app_context: AppContext
) -> None:
    """Two people at once: the second sees what the first has done."""
    page = upload(office, MORE)
    leave_register(app_context, "wang@example.org")
    page = office.press(page, "Update the register")
    assert page.status == 422
    assert "something has changed since you looked" in page.text
    assert names(app_context, state=LEFT) == ["王小明"]


def test_an_auditor_brings_no_file(sign_in: Callable[[DeskRole], Browser]) -> None:
    """Neither the form nor the way to it is theirs."""
    auditor = sign_in(DeskRole.AUDITOR)
    assert auditor.open("/desk/parents/upload").status == 403
