"""The register at the desk: searching it, and a parent's own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer import clock
from signer.mail.bounces.reports import Finality
from signer.register.rows import read_register
from signer.store.columns import NoteKind
from signer.store.desk.roles import DeskRole
from signer.store.tables import Bounce, Outbox, Parent, Request
from signer.workflows.declarations.seal import seal_declaration
from signer.workflows.parents.leave import leave_register
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from tests.workflows.conftest import sign, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser
    from tests.workflows.conftest import Post

HEADER = "parent_name,parent_email,relationship,child_name,year_group\n"


def test_a_search_leads_to_a_parent_and_names_nobody_in_its_address(
    office: Browser,
) -> None:
    """What was typed stays in the box; the address of the page does not tell it."""
    answer = office.client.post(
        "/desk/parents/search",
        data={
            "words": "  Khan ",
            "csrf_token": office.open("/desk/parents").value("csrf_token"),
        },
        base_url=office.address,
    )
    assert answer.status_code == 303
    assert "Khan" not in answer.headers["Location"]
    page = office.open(answer.headers["Location"])
    assert page.value("words") == "Khan"
    assert "Amira Khan" in page.links
    assert "Tom O'Brien" not in page.links
    assert office.open(page.links["Amira Khan"]).heading == "Amira Khan"


def test_a_search_whose_words_cannot_be_read_shows_everybody(office: Browser) -> None:
    """An address that was cut or made up is no fault; neither is a page too far."""
    for query in ("words=x", "state=none", "page=9999999", "page=-1", "words=%00"):
        page = office.open(f"/desk/parents?{query}")
        assert (page.status, "4 parents" in page.text) == (200, True)


def test_odd_words_are_searched_for_as_they_are(office: Browser) -> None:
    """Quotes, signs of SQL and other scripts find whom they mean, or nobody."""
    page = office.open("/desk/parents")
    for words, found in (
        ("王小明", "王小明"),
        ("O'Brien", "Tom O'Brien"),
        ("%", None),
        ("'; DROP TABLE parent; --", None),
        ("x" * 500, None),
        ("\0\u202e", None),
    ):
        shown = office.press(page, "Search", words=words)
        assert shown.status == 200
        if found:
            assert found in shown.links
        else:
            assert "No parents" in shown.text or "0 parents" in shown.text


def test_a_new_link_is_sent_from_the_page(
    office: Browser, app_context: AppContext, post: Post
) -> None:
    """To who was asked; nobody sees the link itself, and who has left gets none."""
    post.send()
    old = post.token("Amira Khan")
    page = office.open(office.open("/desk/parents").links["Amira Khan"])
    sent = office.press(page, "Send a new link")
    assert "A new link is on its way" in sent.text
    assert post.send() == 1
    assert post.token("Amira Khan") != old
    assert post.token("Amira Khan") not in office.open(page.path).text
    assert "Sent a parent a new link" in office.open(page.path).text
    leave_register(app_context, int(page.path.rpartition("/")[2]))
    assert "Send a new link" not in office.open(page.path).buttons
    assert office.press(page, "Send a new link").status == 200
    assert post.send() == 0


def test_a_page_tells_all_years(
    office: Browser,
    app_context: AppContext,
    post: Post,
    path_of: Callable[[str], str],
) -> None:
    """Children, requests, mails, when they were here, and the declaration's PDF."""
    signed = sign(app_context, open_link(app_context, post.token("Amira Khan")))
    seal_declaration(app_context, signed.declaration_id)
    for leavers in ("王小明,wang@example.org,carer,王美,Year 7\n",):
        reading = read_register((HEADER + leavers).encode())
        import_register(app_context, reading, leavers=True)
    back = "Amira Khan,amira@example.org,mother,Yusuf Khan,Year 9\n"
    import_register(app_context, read_register((HEADER + back).encode()))
    page = office.open(path_of("Amira Khan"))
    assert page.text.count("In the register") == 2
    for words in ("Yusuf Khan, Year 9", "Signed by link", "Asked to sign"):
        assert words in page.text
    pdf = office.client.get(
        page.links[f"{signed.declaration_id} (PDF)"], base_url=office.address
    )
    assert (pdf.status_code, pdf.mimetype) == (200, "application/pdf")
    assert pdf.data.startswith(b"%PDF-")
    other = path_of("Tom O'Brien")
    link = f"{other}/declarations/{signed.declaration_id}"
    assert office.open(link).status == 404


def test_what_a_parent_told_leads_to_the_inbox(
    office: Browser,
    app_context: AppContext,
    post: Post,
    path_of: Callable[[str], str],
) -> None:
    """Their words are on the page, with the way to answer them."""
    followed = open_link(app_context, post.token("Amira Khan"))
    assert followed.request_ref
    assert followed.link_fingerprint
    tell_office(
        app_context,
        followed.request_ref,
        NoteKind.QUESTION,
        link_fingerprint=followed.link_fingerprint,
        words="What does point 3 mean?",
    )
    page = office.open(path_of("Amira Khan"))
    assert "What does point 3 mean?" in page.text
    page = office.open(page.links["Open it in the inbox"])
    assert (page.status, "What does point 3 mean?" in page.text) == (200, True)


def test_no_link_of_a_parent_is_on_any_page(
    office: Browser, post: Post, path_of: Callable[[str], str]
) -> None:
    """Staff cannot sign for somebody."""
    page = office.open(path_of("Amira Khan"))
    text = page.answer.data.decode()
    assert post.token("Amira Khan") not in text
    assert "/s/" not in text


def test_a_note_is_written_once_and_recorded(
    office: Browser, path_of: Callable[[str], str]
) -> None:
    """Pressing twice keeps one; who wrote it, and that they did, is on the page."""
    path = path_of("王小明")
    form = office.open(path)
    for _ in range(2):
        page = office.press(form, "Keep this note", words="Call first.")
    assert page.path == path
    assert page.text.count("Call first.") == 1
    assert "Sam Carter" in page.text
    assert "Wrote a note" in page.text
    empty = office.press(form, "Keep this note", words="  ")
    assert (empty.status, empty.problems) == (422, ["Write the note."])


def test_an_auditor_sees_a_parent_and_changes_nothing(
    sign_in: Callable[[DeskRole], Browser],
    app_context: AppContext,
    path_of: Callable[[str], str],
) -> None:
    """There is no button but those that search and leave, and GET changes nothing."""
    auditor = sign_in(DeskRole.AUDITOR)
    before = snapshot(app_context)
    page = auditor.open(path_of("Amira Khan"))
    assert page.status == 200
    assert page.buttons == ["Sign out"]
    assert auditor.open("/desk/parents").buttons == ["Sign out", "Search"]
    assert snapshot(app_context) == before


@pytest.mark.parametrize("path", ["/desk/parents/4711", "/desk/parents/99999999999999"])
def test_nobody_is_on_a_page_of_an_unknown_number(office: Browser, path: str) -> None:
    """As after an erasure."""
    assert office.open(path).status == 404


def test_an_address_that_came_back_is_tried_again(
    office: Browser, post: Post, app_context: AppContext, path_of: Callable[[str], str]
) -> None:
    """The page says why no mail goes there; pressed twice, one mail goes."""
    post.send()
    with app_context.sessions.writing() as session:
        mail = session.scalars(
            select(Outbox)
            .join(Request, Request.id == Outbox.request_id)
            .join(Parent, Parent.id == Request.parent_id)
            .where(Parent.name == "王小明")
        ).one()
        session.add(
            Bounce(
                outbox_id=mail.id,
                event_sha256="0" * 64,
                email_key="wang@example.org",
                finality=Finality.PERMANENT,
                status="5.1.1",
                diagnostic="",
                told_at=clock.now(),
            )
        )
    before = len(post.to("王小明"))
    page = office.open(path_of("王小明"))
    assert "Email to wang@example.org keeps coming back" in page.text
    for _ in range(2):
        done = office.press(page, "Try this address again")
    assert "keeps coming back" not in done.text
    post.send()
    assert len(post.to("王小明")) == before + 1
