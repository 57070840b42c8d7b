"""What is changed of a parent: each shows first what it does, and does just that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.register.rows import read_register
from signer.workflows.desk.actions import list_actions
from signer.workflows.parents.browse import LEFT, Wanted, browse_register
from signer.workflows.register.identity import correct_parent
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.follow_link import open_link
from tests.workflows.conftest import sign, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser
    from tests.workflows.conftest import Post

HEADER = "parent_name,parent_email,relationship,child_name,year_group\n"
CHILD = {
    "child_name": ["Noor", "", ""],
    "year_group": ["7", "", ""],
    "tutor_group": ["", "", ""],
    "relationship": ["mother", "", ""],
}


def names(context: AppContext, **wanted: str) -> list[str]:
    return [row.name for row in browse_register(context, Wanted(**wanted)).rows]


def acts(context: AppContext) -> list[tuple[str, str, str]]:
    """What was recorded, the sign-in left out."""
    return [
        (one.action, one.subject, one.details)
        for one in list_actions(context).actions
        if one.action != "session:begin"
    ]


def test_a_correction_is_shown_before_it_is_made(
    office: Browser, app_context: AppContext, path_of: Callable[[str], str]
) -> None:
    """Nothing changes until the second button; the record names no name."""
    path = path_of("Amira Khan")
    page = office.open(f"{path}/correct")
    before = snapshot(app_context)
    page = office.press(page, "Continue", name="Amira Şahin", email="new@example.org")
    assert "→ Amira Şahin" in page.text
    assert "Links that stop working1" in page.text
    assert snapshot(app_context) == before
    done = office.press(page, "Correct it")
    assert (done.path, done.heading) == (path, "Amira Şahin")
    again = office.press(page, "Correct it")
    assert again.path == path
    assert acts(app_context) == [
        ("parent:correct", path.replace("/desk/parents/", "parent:"), BOTH)
    ]


BOTH = "name and email address"


def test_two_people_at_once_do_not_overwrite_each_other(
    office: Browser, app_context: AppContext, path_of: Callable[[str], str]
) -> None:
    """What was changed since one looked is shown, and nothing is done meanwhile."""
    page = office.open(f"{path_of('Amira Khan')}/correct")
    page = office.press(page, "Continue", name="Amira Şahin")
    correct_parent(app_context, "amira@example.org", name="Amira Khan-Lee")
    page = office.press(page, "Correct it")
    assert "Something has changed since you looked" in page.text
    assert "Amira Khan-Lee" in page.text
    assert "Amira Khan-Lee" in names(app_context)
    assert office.press(page, "Correct it").heading == "Amira Şahin"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": "=1+1"}, "cannot begin"),
        ({"name": "A\u202eB"}, "hidden mark"),
        ({"email": "amira@"}, ""),
        ({"email": ""}, "Enter the address"),
        ({"name": "Tom O'Brien", "email": "family@example.org"}, "merge the two"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_input_kept(
    office: Browser,
    path_of: Callable[[str], str],
    given: dict[str, str],
    problem: str,
) -> None:
    """The sentence says what to do, at the field."""
    page = office.open(f"{path_of('Amira Khan')}/correct")
    page = office.press(page, "Continue", **given)
    assert page.status == 422
    assert problem in page.problems[0]
    for name, value in given.items():
        assert page.value(name) == value


def test_two_spellings_become_one_person(
    office: Browser,
    app_context: AppContext,
    post: Post,
    path_of: Callable[[str], str],
) -> None:
    """The name of the record that goes is typed; all it had is the other's."""
    row = "Amira Khaan,other@example.org,mother,Ines Kaya,Year 8\n"
    import_register(app_context, read_register((HEADER + row).encode()))
    sign(app_context, open_link(app_context, post.token("Amira Khan")))
    path = path_of("Amira Khan")
    page = office.open(f"{path}/merge")
    page = office.press(page, "Search", words="khaan")
    page = office.press(page, "Continue")
    assert "Ines Kaya" in page.text
    before = snapshot(app_context)
    button = "They are one person: merge them"
    wrong = office.press(page, button, typed="Amira Khan")
    assert wrong.problems == ["Type the name as it is shown."]
    assert snapshot(app_context) == before
    done = office.press(wrong, button, typed="amira  KHAAN")
    assert (done.path, "Ines Kaya" in done.text) == (path, True)
    assert names(app_context, words="khaan") == ["Amira Khan"]
    assert office.press(wrong, button, typed="Amira Khaan").status == 404


def test_records_that_contradict_each_other_are_not_merged(
    office: Browser, app_context: AppContext, post: Post, path_of: Callable[[str], str]
) -> None:
    """Two who both signed stay two, and the page says why."""
    for name in ("Tom O'Brien", "Niamh O'Brien"):
        sign(app_context, open_link(app_context, post.token(name)))
    page = office.open(path_of("Niamh O'Brien") + "/merge")
    page = office.press(page, "Search", words="tom")
    page = office.press(page, "Continue")
    assert page.status == 422
    assert "cannot be merged" in page.text


def test_a_parent_leaves_and_comes_back(
    office: Browser, app_context: AppContext, path_of: Callable[[str], str]
) -> None:
    """Their request closes, then they are in the register with the children of now."""
    path = path_of("王小明")
    page = office.open(f"{path}/leave")
    assert "Version 2" in page.text
    page = office.press(page, "They have left")
    assert page.path == path
    assert "Closed, because they left" in page.text
    assert names(app_context, state=LEFT) == ["王小明"]
    assert office.open(f"{path}/leave").path == path
    page = office.open(page.links["They are back"])
    assert page.value("child_name") == "王美"
    page = office.press(page, "Continue", year_group=["Year 8", "", ""])
    assert "Back in the register" in page.text
    page = office.press(page, "Put them into the register")
    assert (page.path, "王美, Year 8" in page.text) == (path, True)
    assert names(app_context, state=LEFT) == []


def test_somebody_new_is_put_in(office: Browser, app_context: AppContext) -> None:
    """As by a file: checked, shown, then done, once for two presses."""
    page = office.open("/desk/parents/add")
    wrong = office.press(page, "Continue", name="Ada", email="ada@", **CHILD)
    assert wrong.status == 422
    before = snapshot(app_context)
    page = office.press(page, "Continue", name="Ada Ng", email="ada@x.org", **CHILD)
    assert "Somebody new" in page.text
    assert "Noor, Year 7 (mother)" in page.text
    assert snapshot(app_context) == before
    done = office.press(page, "Put them into the register")
    assert done.heading == "Ada Ng"
    office.press(page, "Put them into the register")
    assert names(app_context, words="ada") == ["Ada Ng"]


def test_a_missing_child_is_said_at_its_place(office: Browser) -> None:
    """A parent without a child is not in the register; what was typed stays."""
    page = office.open("/desk/parents/add")
    page = office.press(page, "Continue", name="Ada Ng", email="ada@x.org")
    assert page.status == 422
    assert page.value("name") == "Ada Ng"
    assert page.tree.xpath("//*[contains(@class, 'child')]//*[@class='error']")


def test_somebody_who_may_be_known_is_a_question(
    office: Browser, app_context: AppContext
) -> None:
    """It is answered on the page; two people then are two."""
    page = office.open("/desk/parents/add")
    page = office.press(
        page, "Continue", name="Amira Rahman", email="amira@example.org", **CHILD
    )
    assert "Is this one person?" in page.text
    code = page.tree.xpath("//input[@name='new']")[0].get("value")
    assert "Is this one person?" in office.press(page, "Continue").text
    page = office.press(page, "Continue", new=code)
    assert "Somebody new" in page.text
    office.press(page, "Put them into the register")
    assert names(app_context, words="amira") == ["Amira Khan", "Amira Rahman"]


def test_need_not_sign_has_a_reason_and_an_end(
    office: Browser, app_context: AppContext, path_of: Callable[[str], str]
) -> None:
    """Both are shown first, and both stay on the page."""
    path = path_of("Tom O'Brien")
    page = office.open(f"{path}/need-not-sign")
    assert office.press(page, "Continue", reason=" ").problems == ["Say why."]
    page = office.press(page, "Continue", reason="Lives abroad")
    page = office.press(page, "They need not sign")
    assert (page.path, "Lives abroad" in page.text) == (path, True)
    assert names(app_context, state="need not sign") == ["Tom O'Brien"]
    page = office.open(page.links["Let them sign again"])
    page = office.press(page, "Continue", reason="Back")
    page = office.press(page, "They are to sign again")
    assert "Ended: Back" in page.text
    assert [action for action, _, _ in acts(app_context)] == [
        "parent:end_exemption",
        "parent:exempt",
    ]
