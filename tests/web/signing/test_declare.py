"""The form, and the page that repeats its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer.store.tables import Declaration
from tests.web.browsing import CHECK, GIVEN, SURE, Browser

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from tests.web.browsing import Go


def declarations(app_context: AppContext) -> int:
    with app_context.sessions.reading() as session:
        return session.scalar(select(func.count()).select_from(Declaration)) or 0


def test_the_form_shows_the_children_as_registered(declare: Go) -> None:
    """Every child with the year group, sorted, and nobody else's."""
    page = declare("Amira Khan")
    listed = [
        one.text_content().split() for one in page.tree.xpath("//main//li/strong/..")
    ]
    assert listed == [["Leila", "Khan", "Year", "5"], ["Yusuf", "Khan", "Year", "8"]]


def test_the_form_offers_what_the_register_says_first(declare: Go) -> None:
    """The registered relationship is the first of the roles; none is chosen."""
    page = declare("Amira Khan")
    offered = [one.get("value") for one in page.tree.xpath("//*[@name='capacity']")]
    assert offered == ["Mother", "Parent", "Carer", "Legal guardian"]
    assert page.value("capacity") is None


def test_a_role_is_offered_once(declare: Go) -> None:
    """A registered "carer" is not offered a second time."""
    page = declare("王小明")
    offered = [one.get("value") for one in page.tree.xpath("//*[@name='capacity']")]
    assert offered == ["Carer", "Parent", "Legal guardian"]


def test_the_statements_are_the_versions_own(
    declare: Go, app_context: AppContext
) -> None:
    """Each statement stands verbatim beside a box of its own, none ticked."""
    page = declare("Amira Khan")
    boxes = page.tree.xpath("//input[@type='checkbox']")
    words = tuple(box.getparent().text_content().strip() for box in boxes)
    assert words == app_context.versions[-1].declaration
    assert all(box.get("checked") is None for box in boxes)


def test_an_empty_form_says_what_is_missing(visitor: Browser, declare: Go) -> None:
    """The summary names each thing, links to it and takes the focus."""
    page = visitor.press(declare("Amira Khan"), CHECK)
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert len(page.problems) == 3
    (summary,) = page.tree.find_class("summary")
    assert summary.get("autofocus") is not None
    assert summary.get("tabindex") == "-1"
    field = page.tree.get_element_by_id("typed_name")
    assert field.get("aria-invalid") == "true"
    for described in field.attrib["aria-describedby"].split():
        assert page.tree.get_element_by_id(described).text_content().strip()


def test_what_was_given_is_kept(visitor: Browser, declare: Go) -> None:
    """What is well in a form stays, whatever else is missing."""
    page = visitor.press(
        declare("Amira Khan"),
        CHECK,
        capacity="Carer",
        confirmed=["1"],
        typed_name="A K",
    )
    assert page.value("capacity") == "Carer"
    assert page.value("typed_name") == "A K"
    ticked = page.tree.xpath("//input[@type='checkbox'][@checked]")
    assert [box.get("value") for box in ticked] == ["1"]
    (problem,) = page.tree.xpath("//*[contains(@class, 'summary')]//li/a")
    assert problem.get("href") == "#confirmed-0"


def test_the_summary_points_to_the_first_statement_left_out(
    visitor: Browser, declare: Go
) -> None:
    """Not to one that is ticked."""
    given = {**GIVEN, "confirmed": ["0", "2"]}
    page = visitor.press(declare("Amira Khan"), CHECK, **given)
    (problem,) = page.tree.xpath("//*[contains(@class, 'summary')]//li/a")
    assert problem.get("href") == "#confirmed-1"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Type your full name. It is your signature."),
        ("   ", "Type your full name. It is your signature."),
        ("x" * 201, "Use 200 characters or fewer."),
        ("Amira\u0007Khan", "There is a hidden character in here (U+0007)"),
        ("Amira\u202eKhan", "There is a hidden mark in here (U+202E)"),
        ("\u0410mira Khan", "One of the words mixes letters of two alphabets"),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused_with_its_reason(
    visitor: Browser, declare: Go, name: str, said: str
) -> None:
    """The reason stands in the summary and at the field; the input stays."""
    page = visitor.press(declare("Amira Khan"), CHECK, **{**GIVEN, "typed_name": name})
    (problem,) = page.problems
    assert problem.startswith(said)
    assert (
        page.tree.get_element_by_id("typed_name-error").text_content().endswith(problem)
    )
    if name.isprintable():
        assert page.value("typed_name") == name


@pytest.mark.parametrize(
    "name",
    [
        "Ж",
        "x" * 200,
        "Siobhán O'Brien-Ní Dhomhnaill",
        "ليلى حداد",
        "王小明",
        "अनिता शर्मा",
        "👩‍👧 Ann",
        "<script>alert(1)</script>",
        "#panic() *x* <b>",
        "{{ 7 * 7 }}",
    ],
)
def test_any_name_is_shown_as_it_is(visitor: Browser, declare: Go, name: str) -> None:
    """Names of any script, and ones that look like code, come back as themselves."""
    page = visitor.press(declare("Amira Khan"), CHECK, **{**GIVEN, "typed_name": name})
    assert page.value("typed_name") == name
    page = visitor.press(page, CHECK, sure=SURE)
    assert page.heading == "Check your answers, then sign"
    (shown,) = page.tree.find_class("signature")
    assert shown.text_content() == name


def test_spaces_around_a_name_are_tidied_before_it_is_checked(
    visitor: Browser, declare: Go
) -> None:
    """The page before signing shows the name as it will be kept."""
    given = {**GIVEN, "typed_name": "  Am\u00adira \t Khan\u200b "}
    page = visitor.press(declare("Amira Khan"), CHECK, **given)
    assert page.value("typed_name") == "Amira Khan"


@pytest.mark.parametrize("capacity", ["", "King", "mother", None])
def test_only_a_role_that_is_offered_is_taken(
    visitor: Browser, declare: Go, capacity: str | None
) -> None:
    """Anything else is as if nothing had been chosen."""
    given = {**GIVEN, "capacity": capacity}
    page = visitor.press(declare("Amira Khan"), CHECK, **given)
    assert page.problems == ["Choose in what role you sign."]


def test_every_answer_is_repeated_before_signing(
    check: Go, app_context: AppContext
) -> None:
    """Role, children, each statement and the name; and what pressing means."""
    page = check("Amira Khan")
    assert "Step 3 of 4: Check" in page.text
    expected = ["Mother", "Leila Khan, Year 5", "Yusuf Khan, Year 8", "Amira Khan"]
    for words in (*expected, *app_context.versions[-1].declaration):
        assert words in page.text
    said = "Your typed name and this confirmation are your electronic signature."
    assert said in page.text
    assert declarations(app_context) == 0


@pytest.mark.parametrize(
    "words",
    [
        "Back to the form",
        "Change in what role you sign",
        "Change what you confirm",
        "Change your full name",
    ],
)
def test_going_back_to_change_an_answer_keeps_them_all(
    visitor: Browser, check: Go, words: str
) -> None:
    """The form comes back filled in, without any error."""
    page = visitor.press(check("Amira Khan"), words)
    assert (page.status, page.heading) == (200, "Your declaration")
    assert page.problems == []
    assert page.value("capacity") == "Mother"
    assert page.value("typed_name") == "Amira Khan"
    assert len(page.tree.xpath("//input[@type='checkbox'][@checked]")) == 3


def test_the_checking_page_cannot_be_opened_by_its_address(
    visitor: Browser, declare: Go
) -> None:
    """Without answers its address leads back to the form."""
    page = visitor.open(declare("Amira Khan").path.replace("/declare", "/check"))
    assert page.heading == "Your declaration"


def test_a_wrong_token_in_the_form_keeps_the_input(
    visitor: Browser, declare: Go
) -> None:
    """Nothing is checked, nothing is lost."""
    page = visitor.press(declare("Amira Khan"), CHECK, **GIVEN, csrf_token="")
    assert (page.status, page.heading) == (400, "Your declaration")
    assert page.problems == []
    assert page.value("typed_name") == "Amira Khan"
    page = visitor.press(page, CHECK)
    assert page.heading == "Check your answers, then sign"
