"""Before a release: the email of one chosen parent, and who was never asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer.register.rows import read_register
from signer.store.desk.roles import DeskRole
from signer.store.tables import Link, Parent
from signer.workflows.exemption.exempt import exempt_parent
from signer.workflows.register.import_register import import_register
from signer.workflows.release.people import never_asked
from signer.workflows.requests.follow_link import open_link
from tests.conftest import PEOPLE
from tests.web.desk.conftest import address_of
from tests.web.desk.text.test_review import write
from tests.workflows.conftest import Post, sign, words

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser

PATH = "/desk/release"
NEW = PEOPLE + (
    "Zoë D'Arcy,zoe@example.org,mother,Max D'Arcy,Year 3\n"
    "Zoë D'Arcy,zoe@example.org,mother,Mia D'Arcy,Year 9\n"
    "سارة خان,sara@example.org,mother,Omar Khan,Year 9\n"
)


def id_of(context: AppContext, email: str) -> int:
    """The number of a parent in the register."""
    with context.sessions.reading() as session:
        return session.scalars(select(Parent.id).where(Parent.email == email)).one()


def links(context: AppContext) -> int:
    """How many links there are."""
    with context.sessions.reading() as session:
        return session.scalar(select(func.count(Link.id))) or 0


def test_the_email_is_that_of_the_parent_who_was_found(
    head: Browser, app_context: AppContext, post: Post
) -> None:
    """Its name and changes are theirs, its link nobody's; the head gets it."""
    import_register(app_context, read_register(NEW.encode()))
    sign(app_context, open_link(app_context, post.token("Amira Khan")))
    before, sent = links(app_context), len(post.mails())
    write(head)
    page = head.open(PATH)
    assert "As a parent who signed the last version" in page.text
    for name, signed in (("Amira Khan", True), ("سارة خان", False)):
        found = head.press(page, "Find", words=name.split()[0])
        assert name.split()[0] not in found.path
        shown = head.open(found.links[name])
        assert f"As {name} will get it." in shown.text
        assert f"Dear {name}," in shown.text
        assert "/s/sample-link-that-opens-nothing" in shown.text
        head.press(shown, "Send it to me")
        mail = post.mails()[-1]
        assert mail["To"].addresses[0].addr_spec == address_of(DeskRole.HEAD)
        assert name in words(mail)
        assert ("We have changed" in words(mail)) is signed
    assert len(post.mails()) == sent + 2
    assert links(app_context) == before


@pytest.mark.parametrize("words", ["", "Nobody", "Q\0q"])
def test_a_search_that_finds_nobody_says_so(head: Browser, words: str) -> None:
    """Odd words are searched for as they are."""
    write(head)
    found = head.press(head.open(PATH), "Find", words=words)
    assert found.status == 200
    assert ("Nobody who will be asked was found." in found.text) is bool(words)


@pytest.mark.parametrize("given", ["0", "999999", "-1", "x", "9" * 40])
def test_a_parent_who_is_not_there_shows_the_sample(head: Browser, given: str) -> None:
    """Nobody is shown in place of somebody else."""
    write(head)
    page = head.open(f"{PATH}?parent={given}")
    assert page.status == 200
    assert "As a parent who signed the last version" in page.text


def test_who_need_not_sign_is_not_found(head: Browser, app_context: AppContext) -> None:
    """They will not be asked."""
    exempt_parent(app_context, "wang@example.org", reason="Of age", by="Helen")
    write(head)
    found = head.press(head.open(PATH), "Find", words="王")
    assert "Nobody who will be asked was found." in found.text
    shown = head.open(f"{PATH}?parent={id_of(app_context, 'wang@example.org')}")
    assert "will not be asked by email" in shown.text


def test_who_was_never_asked_is_counted(head: Browser, app_context: AppContext) -> None:
    """In all, and by year group, a parent with two children in each of theirs."""
    assert never_asked(app_context) == (0, ())
    import_register(app_context, read_register(NEW.encode()))
    assert never_asked(app_context) == (2, (("Year 3", 1), ("Year 9", 2)))
    write(head)
    assert "2 of them were never asked before." in head.open(PATH).text
