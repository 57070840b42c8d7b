"""Read, declare, check, signed."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer.policy.blocks import plain_text
from signer.policy.rendering import to_html
from signer.store.tables import Declaration, Request
from signer.web import create_app
from signer.web.visits import MOST_VISITS
from signer.workflows.house import open_house
from signer.workflows.record_paper import record_paper
from tests.web.browsing import GIVEN, Browser
from tests.web.test_landing import ask_again
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from signer.config import Settings
    from signer.workflows.house import House
    from tests.web.browsing import Page
    from tests.workflows.conftest import Post

    Go = Callable[[str], Page]

NEXT = "Continue to the declaration"
CHECK = "Check your answers"
SIGN = "Sign the code of conduct"


def declarations(house: House) -> int:
    with house.sessions.reading() as session:
        return session.scalar(select(func.count()).select_from(Declaration)) or 0


def test_a_parent_signs_and_gets_the_pdf(visitor: Browser, sign: Go) -> None:
    """From the link to the receipt, and the sealed PDF from there."""
    page = sign("Amira Khan")
    assert page.path.endswith("/signed")
    assert page.heading == "You have signed the code of conduct"
    (reference,) = page.tree.find_class("reference")
    assert reference.text is not None
    assert reference.text.startswith("D-")
    assert "Step 4 of 4" in page.text
    assert "amira@example.org" in page.text
    path = page.links["Download your declaration (PDF)"]
    answer = visitor.client.get(path, base_url=visitor.address)
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Cache-Control"] == "no-store"
    assert reference.text in answer.headers["Content-Disposition"]
    assert "Khan" not in answer.headers["Content-Disposition"]


def test_the_reading_page_shows_the_whole_text(enter: Go, house: House) -> None:
    """Every line of the version stands on the page, in order."""
    page = enter("Amira Khan")
    article = " ".join(page.tree.find(".//article").text_content().split())
    for line in plain_text(to_html(house.versions[-1].body)).splitlines():
        before, found, article = article.partition(" ".join(line.split()))
        assert found, line
        assert not before.strip()


def test_the_reading_page_says_what_changed_first(enter: Go, house: House) -> None:
    """The version's own summary stands before its text."""
    page = enter("Amira Khan")
    for one in house.versions[-1].summary:
        assert page.text.index(one) < page.text.index("Purpose")


def test_the_reading_page_says_where_one_is(enter: Go) -> None:
    """Step, version, and how long it takes."""
    page = enter("Amira Khan")
    assert "Step 1 of 4: Read" in page.text
    assert "Version 2 · August 2022 · about 9 minutes to read" in page.text


def test_the_contents_lead_to_their_sections(enter: Go) -> None:
    """Each entry of the contents points at a heading with the same words."""
    page = enter("Amira Khan")
    entries = page.tree.xpath("//details//a")
    assert len(entries) == 9
    for entry in entries[:-1]:
        heading = page.tree.get_element_by_id(entry.get("href").removeprefix("#"))
        assert heading.text_content() == entry.text_content()


def test_the_form_comes_after_the_text(visitor: Browser, enter: Go) -> None:
    """Without the text's hash the form's address leads back to reading."""
    path = enter("Amira Khan").path
    assert visitor.open(path.replace("/read", "/declare")).path == path


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_text_than_the_one_read_is_shown_anew(
    visitor: Browser, declare: Go, method: str
) -> None:
    """With another hash the present text comes, with a notice, and the name stays."""
    form = declare("Amira Khan")
    path = form.path
    if method == "get":
        page = visitor.open(path, query_string={"text": "0" * 64})
    else:
        page = visitor.press(form, CHECK, **{**GIVEN, "text": "0" * 64})
    assert page.status == 409
    assert "another text than the one you answered" in page.text
    assert "Purpose" in page.text
    page = visitor.press(page, NEXT)
    assert page.heading == "Your declaration"
    expected = "Amira Khan" if method == "post" else ""
    assert page.value("typed_name") == expected
    assert page.value("confirmed") is None


def test_another_text_cannot_be_signed(
    visitor: Browser, check: Go, house: House
) -> None:
    """The last button refuses a hash that is not the version's."""
    page = visitor.press(check("Amira Khan"), SIGN, text="f" * 64)
    assert page.status == 409
    assert declarations(house) == 0


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


def test_the_statements_are_the_versions_own(declare: Go, house: House) -> None:
    """Each statement stands verbatim beside a box of its own, none ticked."""
    page = declare("Amira Khan")
    boxes = page.tree.xpath("//input[@type='checkbox']")
    words = tuple(box.getparent().text_content().strip() for box in boxes)
    assert words == house.versions[-1].declaration
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
    for described in field.get("aria-describedby").split():
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
    assert page.heading == "Check your answers, then sign"
    (shown,) = page.tree.find_class("signature")
    assert shown.text_content() == name


def test_spaces_around_a_name_are_tidied_before_it_is_checked(
    visitor: Browser, declare: Go
) -> None:
    """The page before signing shows the name as it will be kept."""
    given = {**GIVEN, "typed_name": "  Amira \t Khan "}
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


def test_every_answer_is_repeated_before_signing(check: Go, house: House) -> None:
    """Role, children, each statement and the name; and what pressing means."""
    page = check("Amira Khan")
    assert "Step 3 of 4: Check" in page.text
    expected = ["Mother", "Leila Khan, Year 5", "Yusuf Khan, Year 8", "Amira Khan"]
    for words in (*expected, *house.versions[-1].declaration):
        assert words in page.text
    said = "Your typed name and this confirmation are your electronic signature."
    assert said in page.text
    assert declarations(house) == 0


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


def test_answers_are_never_in_the_cookie(visitor: Browser, check: Go) -> None:
    """The cookie knows the request and the link, and nothing that was typed."""
    check("Amira Khan")
    payload = visitor.cookie().removeprefix(".").split(".")[0]
    raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    if visitor.cookie().startswith("."):
        raw = zlib.decompress(raw)
    assert b"visits" in raw
    for typed in (b"Amira", b"Mother", b"amira@"):
        assert typed not in raw


def test_a_second_press_of_the_last_button_is_harmless(
    visitor: Browser, check: Go, house: House
) -> None:
    """It leads to the same receipt; there is one declaration."""
    page = check("Amira Khan")
    first = visitor.press(page, SIGN)
    second = visitor.press(page, SIGN)
    assert first.text == second.text
    assert declarations(house) == 1


@pytest.mark.parametrize("step", ["read", "declare", "check"])
def test_a_signed_request_leads_to_its_receipt(
    visitor: Browser, sign: Go, step: str
) -> None:
    """The pages before it have nothing left to do."""
    receipt = sign("Amira Khan")
    assert visitor.open(receipt.path.replace("signed", step)).path == receipt.path


@pytest.mark.parametrize("step", ["signed", "declaration.pdf"])
def test_there_is_no_receipt_before_signing(
    visitor: Browser, enter: Go, step: str
) -> None:
    """Its addresses lead to reading."""
    read = enter("Amira Khan")
    assert visitor.open(read.path.replace("read", step)).path == read.path


def test_a_statement_that_is_taken_out_on_the_last_page_is_missed(
    visitor: Browser, check: Go, house: House
) -> None:
    """Everything is checked again where it counts."""
    page = visitor.press(check("Amira Khan"), SIGN, confirmed=["0", "7", "x"])
    assert page.status == 422
    assert len(page.problems) == 1
    assert declarations(house) == 0


def test_a_wrong_token_on_the_last_page_loses_nothing(
    visitor: Browser, check: Go, house: House
) -> None:
    """The same page comes back with its answers, and then signs."""
    page = visitor.press(check("Amira Khan"), SIGN, csrf_token="wrong")
    assert page.status == 400
    assert "Press the button once more" in page.text
    assert declarations(house) == 0
    assert visitor.press(page, SIGN).path.endswith("/signed")


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


def test_a_signature_without_its_seal_is_a_signature(
    settings: Settings, post: Post
) -> None:
    """Where sealing fails, the receipt says that the PDF comes by mail."""
    house = open_house(replace(settings, seal_passphrase="wrong"))
    visitor = Browser(create_app(settings, house))
    page = visitor.open(f"/s/{post.token('Amira Khan')}")
    page = visitor.press(page, "Continue to the code of conduct")
    page = visitor.press(visitor.press(page, NEXT), CHECK, **GIVEN)
    page = visitor.press(page, SIGN)
    assert page.heading == "You have signed the code of conduct"
    assert "still being made" in page.text
    assert "Download your declaration (PDF)" not in page.links
    pdf = visitor.open(page.path.replace("signed", "declaration.pdf"))
    assert pdf.path == page.path
    house.sessions.close()


def test_a_paper_declaration_has_a_receipt_of_its_own(
    visitor: Browser, enter: Go, house: House
) -> None:
    """What the office recorded is said, and no PDF is promised."""
    read = enter("Amira Khan")
    record_paper(house, "amira@example.org", by="Mrs Finch")
    page = visitor.open(read.path)
    assert page.path.endswith("/signed")
    assert "You signed on paper" in page.text
    assert "Download your declaration (PDF)" not in page.links
    assert "Finch" not in page.answer.text


def test_two_parents_in_one_browser_stay_two(visitor: Browser, enter: Go) -> None:
    """Each request shows its own parent, whichever was opened last."""
    tom, niamh = enter("Tom O'Brien"), enter("Niamh O'Brien")
    for page, name, other in (
        (tom, "Tom O'Brien", "Niamh"),
        (niamh, "Niamh O'Brien", "Tom"),
    ):
        text = visitor.open(page.path).text
        assert name in text
        assert other not in text


def test_a_request_that_was_not_opened_here_is_shut(
    app: Flask, enter: Go, house: House
) -> None:
    """Its address alone opens nothing, for strangers and for other parents."""
    read = enter("Amira Khan")
    stranger = Browser(app)
    with house.sessions.reading() as session:
        refs = session.scalars(select(Request.ref)).all()
    for ref in (*refs, "nonsense"):
        page = stranger.open(f"/sign/{ref}/read")
        assert (page.status, page.heading) == (403, "Open the link in your email")
    assert stranger.open(read.path.replace("read", "declaration.pdf")).status == 403


def test_a_link_of_one_parent_opens_no_request_of_another(
    app: Flask, visitor: Browser, enter: Go, post: Post
) -> None:
    """A forged pairing of request and link is refused by the workflow as well."""
    tom = enter("Tom O'Brien")
    with app.test_request_context("/", base_url=visitor.address):
        from flask import session

        session["visits"] = {tom.path.split("/")[2]: ["0" * 64, 2**40]}
        forged = app.session_interface.get_signing_serializer(app).dumps(dict(session))
    visitor.client.set_cookie("signer", forged, domain="127.0.0.1")
    assert visitor.open(tom.path).status == 403
    assert post.token("Tom O'Brien")


def test_the_browser_remembers_a_few_requests(
    app: Flask, visitor: Browser, enter: Go
) -> None:
    """The newest ones; the oldest is forgotten first."""
    from signer.web.visits import fingerprint_for, remember

    with app.test_request_context("/", base_url=visitor.address):
        for place in range(MOST_VISITS + 1):
            remember(f"ref{place}", "0" * 64)
        assert fingerprint_for("ref0") is None
        assert fingerprint_for("ref1") == "0" * 64
        remember("ref1", "1" * 64)
        remember("new", "2" * 64)
        assert fingerprint_for("ref2") is None
        assert fingerprint_for("ref1") == "1" * 64
    assert enter("Amira Khan").status == 200


def test_a_visit_ends_after_the_hours_that_are_set(
    frozen: Callable[[timedelta], None], visitor: Browser, enter: Go
) -> None:
    """Until then nothing is lost by waiting; then the link opens it again."""
    read = enter("Amira Khan")
    frozen(timedelta(hours=24))
    assert visitor.open(read.path).status == 200
    frozen(timedelta(seconds=1))
    page = visitor.open(read.path)
    assert (page.status, page.heading) == (403, "Open the link in your email")
    assert enter("Amira Khan").path == read.path


def test_a_new_secret_breaks_no_visit(
    settings: Settings, house: House, visitor: Browser, check: Go
) -> None:
    """A cookie signed with the older key still counts after a change of keys."""
    page = check("Amira Khan")
    keys = (*settings.secret_keys, "a newer secret of the tests, long enough too")
    rotated = Browser(create_app(replace(settings, secret_keys=keys), house))
    rotated.client.set_cookie("signer", visitor.cookie(), domain="127.0.0.1")
    assert rotated.open(page.path).status == 200
    again = rotated.press(page, SIGN)
    assert "Press the button once more" in again.text
    assert rotated.press(again, SIGN).path.endswith("/signed")


def test_a_cookie_signed_with_a_foreign_key_counts_nothing(
    settings: Settings, house: House, visitor: Browser, enter: Go
) -> None:
    """It is as if there were none."""
    read = enter("Amira Khan")
    other = replace(settings, secret_keys=("an entirely different secret of tests",))
    stranger = Browser(create_app(other, house))
    stranger.client.set_cookie("signer", visitor.cookie(), domain="127.0.0.1")
    assert stranger.open(read.path).status == 403


def test_a_release_while_answering_is_told(
    settings: Settings, visitor: Browser, check: Go, house: House
) -> None:
    """An older version cannot be signed any more; the link leads on."""
    page = check("Amira Khan")
    newer, _ = ask_again(settings)
    before = snapshot(newer)
    app = create_app(settings, newer)
    late = Browser(app)
    late.client.set_cookie("signer", visitor.cookie(), domain="127.0.0.1")
    told = late.press(page, SIGN)
    assert told.status == 410
    assert told.heading == "There is a newer version of the code of conduct"
    assert snapshot(newer) == before
    assert declarations(house) == 0
    newer.sessions.close()


def test_the_way_out_is_on_every_step(visitor: Browser, enter: Go) -> None:
    """Asking, saying no, paper and “not me” stand on reading and on the form."""
    read = enter("Amira Khan")
    for page in (read, visitor.press(read, NEXT)):
        found = {href.rpartition("/")[2] for href in page.links.values()}
        assert {"question", "decline", "paper", "not-me"} <= found
