"""The campaign at the desk: lists, reminders, and asking those who joined."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from signer import clock
from signer.register.rows import read_register
from signer.store.desk.roles import DeskRole
from signer.web.desk.campaign import views
from signer.web.desk.campaign.views import PAGE
from signer.workflows.register.import_register import import_register
from tests.conftest import PEOPLE
from tests.web.browsing import ADDRESS, words_of
from tests.workflows.conftest import Post, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page


def names(page: Page) -> list[str]:
    """Who is on the list."""
    found = page.tree.xpath("//tbody/tr/th/descendant::bdi[1]")
    return [words_of(one) for one in found]


def test_the_list_has_everybody_and_where_they_stand(
    office: Browser, sign: Callable[[str], Page]
) -> None:
    """Each filter leaves those of whom it is true; one that is unknown does nothing."""
    sign("Amira Khan")
    page = office.open("/desk/campaign")
    assert "Amira Khan" in names(page)
    assert "Signed by link" in page.text
    signed = names(office.open("/desk/campaign?state=signed"))
    assert signed == ["Amira Khan"]
    others = names(office.open("/desk/campaign?state=outstanding"))
    assert sorted(signed + others) == sorted(names(page))
    year = office.open("/desk/campaign?year=Year+7&state=x&more=y&page=-3")
    assert names(year)
    assert len(names(year)) < len(names(page))
    assert names(office.open("/desk/campaign?page=99")) == []
    assert "Amira Khan" not in names(office.open("/desk/campaign?more=never-opened"))
    assert names(office.open("/desk/campaign?more=bounced")) == []


def test_a_long_list_comes_in_pages(office: Browser, app_context: AppContext) -> None:
    """Everybody is on one page, and on one alone."""
    rows = "".join(
        f"Parent {n:03},p{n}@example.org,mother,Child {n},Year 3\n" for n in range(120)
    )
    register = f"{PEOPLE.splitlines()[0]}\n{rows}"
    import_register(app_context, read_register(register.encode()))
    seen: list[str] = []
    for number in (1, 2, 3):
        found = names(office.open(f"/desk/campaign?page={number}"))
        assert len(found) <= PAGE
        seen += found
    assert len(seen) == len(set(seen)) == 120 + len(names_of_people())


def names_of_people() -> set[str]:
    """The parents of the register that the tests begin with."""
    return {line.split(",")[0] for line in PEOPLE.splitlines()[1:]}


def test_reminding_says_whom_first_and_reminds_each_once(
    sign_in: Callable[[DeskRole], Browser], post: Post, app_context: AppContext
) -> None:
    """Nobody is mailed by looking; pressing twice mails nobody twice."""
    office = sign_in(DeskRole.OFFICE)
    monday = clock.now() + timedelta(days=1)
    assert office.open("/desk/campaign/remind").heading == "There is no school today"
    with clock.frozen(monday):
        office = sign_in(DeskRole.OFFICE)
        page = office.open("/desk/campaign/remind")
        assert page.heading == "Nobody can be reminded now"
    with clock.frozen(monday + timedelta(days=2)):
        office = sign_in(DeskRole.OFFICE)
        before = snapshot(app_context)
        page = office.open("/desk/campaign/remind?year=Year+7")
        assert page.heading.startswith("Remind ")
        assert snapshot(app_context) == before
        button = page.buttons[-1]
        sent = len(post.mails())
        assert "on the way" in office.press(page, button).text
        office.press(page, button)
        post.send()
        reminded = {str(one["To"]) for one in post.mails()[sent:]}
        assert len(reminded) == len(post.mails()) - sent > 0
        others = office.open("/desk/campaign/remind")
        assert others.heading.startswith("Remind ")


def test_those_who_joined_are_asked_with_one_press(
    office: Browser, post: Post, app_context: AppContext
) -> None:
    """The page says who; pressed again it asks nobody."""
    row = (
        PEOPLE.splitlines()[0]
        + "\nNew Parent,new@example.org,New Child,Year 3,Mother\n"
    )
    import_register(app_context, read_register(row.encode()))
    assert "1 new parent to be asked" in office.open("/desk/").text
    page = office.open("/desk/campaign/ask")
    assert names(page) == ["New Parent"]
    office.press(page, "Ask this parent")
    office.press(page, "Ask this parent")
    post.send()
    assert len(post.to("New Parent")) == 1
    assert office.open("/desk/campaign/ask").heading == "Nobody waits to be asked"


def test_lists_go_to_spreadsheets_with_their_letters_whole(office: Browser) -> None:
    """CSV and Excel hold the same people, by the same filters."""
    answer = office.client.get(
        "/desk/campaign/parents.csv?state=outstanding", base_url=ADDRESS
    )
    assert answer.headers["Content-Disposition"] == "attachment; filename=parents.csv"
    text = answer.data.decode("utf-8-sig")
    assert "王小明" in text
    book = load_workbook(
        BytesIO(
            office.client.get(
                "/desk/campaign/parents.xlsx?state=outstanding", base_url=ADDRESS
            ).data
        )
    )
    assert len(list(book.active.rows)) == len(text.splitlines())


def test_the_list_for_telephone_calls_has_each_once(
    office: Browser, sign: Callable[[str], Page]
) -> None:
    """At the youngest child, without those who have signed, and without an address."""
    sign("Amira Khan")
    page = office.open("/desk/campaign/telephone")
    found = names(page)
    assert len(found) == len(set(found))
    assert "Amira Khan" not in found
    assert "@" not in page.text


def test_a_long_list_for_telephone_calls_is_one_of_each_year_group(
    office: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Together they have everybody who has not answered; a long one comes in pages."""
    everybody = names(office.open("/desk/campaign/telephone"))
    monkeypatch.setattr(views, "AT_ONCE", 1)
    page = office.open("/desk/campaign/telephone")
    assert f"{len(everybody)} parents have not answered" in page.text
    seen = set()
    for link in page.tree.xpath("//tbody//a/@href"):
        path = link
        while path:
            one = office.open(path)
            assert len(names(one)) == 1
            seen |= set(names(one))
            path = one.links.get("Next")
    assert seen == set(everybody)


@pytest.mark.parametrize("role", [DeskRole.AUDITOR, DeskRole.REVIEWER])
def test_who_only_looks_reminds_nobody(
    sign_in: Callable[[DeskRole], Browser], role: DeskRole
) -> None:
    """The auditor has the list without its buttons, the reviewer has no list."""
    browser = sign_in(role)
    page = browser.open("/desk/campaign")
    if role is DeskRole.REVIEWER:
        assert page.status == 403
        assert "Campaign" not in browser.open("/desk/").links
    else:
        assert not any(words.startswith("Remind") for words in page.links)
