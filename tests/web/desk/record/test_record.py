"""The room for governors and auditors: its pages, its PDF and its lists agree."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from signer import clock
from signer.register.rows import read_register
from signer.school_calendar import school_date
from signer.store.columns import NoteKind
from signer.store.desk.roles import DeskRole
from signer.store.tables import SealedPdf
from signer.web.desk.dates import day_words
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.coverage import covered_at
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.paper.record import record_paper
from signer.workflows.record.year import look_at_year, school_years
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from tests.conftest import PEOPLE, run
from tests.web.browsing import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page
    from tests.workflows.conftest import Post


pytestmark = pytest.mark.tool("pdftotext")


def words_of(pdf: bytes, folder: Path) -> str:
    """The words of a PDF, as another program reads them."""
    file = folder / "year.pdf"
    file.write_bytes(pdf)
    return " ".join(run("pdftotext", "-layout", file, "-").split())


def test_page_pdf_and_lists_have_the_same_numbers(
    office: Browser,
    sign: Callable[[str], Page],
    app_context: AppContext,
    tmp_path: Path,
) -> None:
    """What the page counts is in the PDF, in CSV, and what the command line counts."""
    sign("Amira Khan")
    page = office.open("/desk/record")
    told = covered_at(app_context, clock.now())
    today = look_at_year(app_context, school_years(app_context)[0]).days[-1]
    assert (today.parents, today.covered) == (len(told.parents), told.covered) == (4, 1)
    cells = [str(today.version), "4", "1", "25.0 %"]
    shown = [
        [cell.text_content().strip() for cell in row.iterfind("td")]
        for row in page.tree.iterfind(".//tbody/tr")
    ]
    assert cells in shown
    pdf = office.client.get("/desk/record/year.pdf", base_url=ADDRESS).data
    assert " ".join(cells) in words_of(pdf, tmp_path)
    answer = office.client.get("/desk/record/covered.csv", base_url=ADDRESS)
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["Name"] for row in rows] == [one.name for one in told.parents]
    assert sum(row["Version"] == str(told.version) for row in rows) == told.covered
    xlsx = office.client.get("/desk/record/covered.xlsx", base_url=ADDRESS)
    assert xlsx.data.startswith(b"PK")


def test_the_answers_to_a_version_add_up(
    office: Browser,
    post: Post,
    sign: Callable[[str], Page],
    app_context: AppContext,
    tmp_path: Path,
) -> None:
    """Everybody who was asked is counted once, whatever came of it."""
    sign("Amira Khan")
    for name, kind in (
        ("Tom O'Brien", NoteKind.DECLINE),
        ("王小明", NoteKind.NOT_ME),
    ):
        followed = open_link(app_context, post.token(name))
        assert followed.request_ref
        assert followed.link_fingerprint
        tell_office(
            app_context,
            followed.request_ref,
            kind,
            link_fingerprint=followed.link_fingerprint,
            words="Not I.",
        )
    words = "1 signed by link, 0 on paper, 1 declined, 0 need not sign, "
    words += "1 with the address in doubt, 1 not answered"
    assert f"4 asked, {words}" in office.open("/desk/record").text
    assert "Address in doubt" in office.open("/desk/").text
    pdf = office.client.get("/desk/record/year.pdf", base_url=ADDRESS).data
    assert " 2 4 1 0 1 0 1 1 0 " in words_of(pdf, tmp_path)


def test_governors_read_no_parent_in_the_year(
    sign_in: Callable[[DeskRole], Browser],
    sign: Callable[[str], Page],
    tmp_path: Path,
) -> None:
    """The page and the PDF may be handed on: nobody of the register is in them."""
    sign("Amira Khan")
    browser = sign_in(DeskRole.REVIEWER)
    page = browser.open("/desk/record").tree.text_content()
    pdf = words_of(
        browser.client.get("/desk/record/year.pdf", base_url=ADDRESS).data, tmp_path
    )
    for name in ("Khan", "Brien", "王小明", "example.org"):
        assert name not in page
        assert name not in pdf
    assert "School year 2026/27" in page
    assert "School year 2026/27" in pdf


def test_a_paper_covers_from_its_own_day(
    office: Browser, app_context: AppContext
) -> None:
    """Whoever signed on paper stands on the page of the day, with the paper's date."""
    signed_on = school_date(clock.now())
    record_paper(app_context, "wang@example.org", by="Office", signed_on=signed_on)
    page = office.open("/desk/record/covered")
    rows = [row.text_content() for row in page.tree.iterfind(".//tbody/tr")]
    [row] = [row for row in rows if "王小明" in row]
    assert f"On paper{day_words(signed_on)}" in row


def test_a_past_day_is_as_it_was(
    office: Browser, app_context: AppContext, sign: Callable[[str], Page]
) -> None:
    """Before anybody signed nobody was covered, and a day to come is today."""
    sign("Amira Khan")
    today = school_date(clock.now())
    before = office.open(f"/desk/record/covered?on={today - timedelta(days=1)}")
    assert "0 parents were in the register" in before.text
    now = office.open(f"/desk/record/covered?on={today + timedelta(days=9)}")
    assert "4 parents were in the register, and 1 of them had signed" in now.text
    assert "By link" in now.text


@pytest.mark.parametrize("on", ["", "x", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_any_day_that_is_asked_for_has_a_page(office: Browser, on: str) -> None:
    """What is no day is today."""
    for name in ("covered", "covered.csv", "covered.xlsx"):
        answer = office.client.get(
            f"/desk/record/{name}", base_url=ADDRESS, query_string={"on": on}
        )
        assert answer.status_code == 200


def test_a_search_names_nobody_in_the_address(office: Browser) -> None:
    """The words travel unreadable, and find the parent by a child as well."""
    page = office.open("/desk/record/covered")
    token = page.value("csrf_token")
    found = office.post(
        "/desk/record/covered/search", {"csrf_token": token, "words": "王小明"}
    )
    assert "王" not in found.path
    assert [row.text_content() for row in found.tree.iterfind(".//tbody//th")] == [
        "王小明"
    ]


def queries_of(context: AppContext, browser: Browser, path: str) -> int:
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    engine = context.sessions.engine
    event.listen(engine, "before_cursor_execute", counted)
    try:
        assert browser.client.get(path, base_url=ADDRESS).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", counted)
    return count


def test_the_number_of_queries_does_not_grow(
    office: Browser, app_context: AppContext
) -> None:
    """With a hundred parents each page asks as often as with four."""
    paths = ("/desk/record", "/desk/record/covered")
    ask_parents(app_context)
    few = [queries_of(app_context, office, path) for path in paths]
    rows = "".join(
        f"Parent {n:03},p{n}@example.org,mother,Child {n},Year {n % 9 + 1}\n"
        for n in range(100)
    )
    register = f"{PEOPLE.splitlines()[0]}\n{rows}"
    import_register(app_context, read_register(register.encode()))
    ask_parents(app_context)
    assert [queries_of(app_context, office, path) for path in paths] == few


def test_a_sample_is_verified_and_can_be_repeated(
    sign_in: Callable[[DeskRole], Browser],
    sign: Callable[[str], Page],
    app: Flask,
    app_context: AppContext,
) -> None:
    """A genuine one is told as such, a changed one is not, by the same seed."""
    sign("Amira Khan")
    seal_outstanding(app_context)
    browser = sign_in(DeskRole.AUDITOR)
    form = browser.open("/desk/record/sample")
    for changed in (False, True):
        if changed:
            with app_context.sessions.writing() as session:
                pdf = session.scalars(select(SealedPdf)).first()
                assert pdf is not None
                altered = pdf.content.replace(b"/Type", b"/Tyqe", 1)
                pdf.kept, pdf.dictionary_sha256 = altered, None
        page = browser.press(form, "Draw and check", count="20", seed="abc")
        outcomes = [
            one.text or "" for one in page.tree.xpath("//td[@data-label='Outcome']")
        ]
        assert len(outcomes) == 1
        assert outcomes[0].startswith("Not shown" if changed else "Genuine")
    app.extensions["verification_pool"].close()


@pytest.mark.parametrize(("count", "seed"), [("0", "a"), ("21", "a"), ("5", "é")])
def test_a_sample_is_bounded(head: Browser, count: str, seed: str) -> None:
    """What would take long, or cannot be written down, is asked for again."""
    form = head.open("/desk/record/sample")
    page = head.press(form, "Draw and check", count=count, seed=seed)
    assert page.status == 422
    assert (page.value("count"), page.value("seed")) == (count, seed)


def test_the_state_of_the_log_is_shown(head: Browser) -> None:
    """Before the first checkpoint the page says so."""
    assert "The log" in head.open("/desk/record/log").text
