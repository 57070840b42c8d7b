"""Mails that come back after the mail server had accepted them."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

from sqlalchemy import select

from signer import clock
from signer.mail.bounces.reports import Finality
from signer.mail.bounces.sources import FolderSource
from signer.store.tables import Parent
from signer.workflows.campaigns.status import count_status
from signer.workflows.mailing.bounces.read import (
    BouncesRead,
    bounce_trouble,
)
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.export import export_parent
from signer.workflows.register.history import parent_history
from tests.conftest import MOMENT
from tests.mail.bounce_examples import OUT_OF_OFFICE

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post
from tests.workflows.mailing.bounces.mailbox import Returned, bounces, told


def test_a_bounce_is_recorded_beside_the_mail(
    asked: AppContext, returned: Returned
) -> None:
    """The mail stays accepted, which is true; that it came back stands beside it."""
    returned.put(returned.of("Amira Khan"))

    assert returned.read() == BouncesRead(recorded=1)

    (bounce,) = bounces(asked)
    assert (bounce.finality, bounce.status) == (Finality.PERMANENT, "5.1.1")
    assert bounce.email_key == "amira@example.org"
    assert bounce.diagnostic == "550 5.1.1 <address>: no such user"
    (history,) = parent_history(asked, "amira@example.org")
    mail, _notice = history.requests[0].mails
    assert mail.delivery.value == "sent"
    assert [one.status for one in mail.bounces] == ["5.1.1"]
    assert (returned.folder / "read" / "1.eml").exists()


def test_status_tells_bounced_from_accepted(
    asked: AppContext, returned: Returned
) -> None:
    """Four were asked; of one the mail came back."""
    before = count_status(asked).campaigns[0]
    returned.put(returned.of("Amira Khan"))
    returned.read()

    after = count_status(asked).campaigns[0]

    assert (before.mail_accepted, before.mail_bounced) == (4, 0)
    assert (after.mail_accepted, after.mail_bounced) == (3, 1)


def test_the_office_is_told_once_for_an_address(
    asked: AppContext, returned: Returned, post: Post
) -> None:
    """The second parent at a dead address brings no second mail."""
    for number, name in enumerate(("Tom O'Brien", "Niamh O'Brien")):
        returned.put(returned.of(name), email="family@example.org", number=number)
    returned.read()

    (mail,) = told(post)

    assert "This email came back" in mail
    assert "5.1.1" in mail
    assert "signer bounces try-again" in mail
    assert len(bounces(asked)) == 2


def test_a_delay_is_no_bounce(asked: AppContext, returned: Returned) -> None:
    """It is understood, and nothing is recorded of it."""
    returned.put(returned.of("Amira Khan"), status="4.4.1", action="delayed")

    assert returned.read() == BouncesRead(no_failure=1)
    assert bounces(asked) == []


def test_a_forged_bounce_counts_for_nothing(
    asked: AppContext, returned: Returned, post: Post
) -> None:
    """A stranger knows an address, and not the reference of a mail."""
    returned.put("0" * 24)
    (returned.folder / "2.eml").write_bytes(OUT_OF_OFFICE)

    assert returned.read() == BouncesRead(unmatched=2)

    assert bounces(asked) == []
    assert told(post) == []
    assert sorted(path.name for path in returned.folder.iterdir()) == ["1.eml", "2.eml"]


def test_a_bounce_of_an_address_behind_is_not_for_good(
    asked: AppContext, returned: Returned, post: Post
) -> None:
    """A family's mail is passed on to two mailboxes, and one of them is gone."""
    returned.put(returned.of("Amira Khan"), email="old@elsewhere.example")
    returned.read()

    assert [one.finality for one in bounces(asked)] == [Finality.PASSING]
    assert told(post) == []


def test_a_notice_that_is_read_twice_is_one_bounce(
    asked: AppContext, returned: Returned, post: Post
) -> None:
    """A kill between storing and marking as read has the mail read again."""
    returned.put(returned.of("Amira Khan"))
    for mail in (source := FolderSource(returned.folder)).unread():
        # Stored, and killed before it is settled.
        raw = mail.content
    returned.read()
    (returned.folder / "again.eml").write_bytes(raw)

    assert returned.read() == BouncesRead(known=1)

    assert list(source.unread()) == []
    assert len(bounces(asked)) == 1
    assert len(told(post)) == 1


def test_a_mail_to_the_office_that_comes_back_is_the_operators(
    asked: AppContext, returned: Returned, post: Post
) -> None:
    """It names the office's address, and no parent is to blame."""
    returned.put(returned.of("Amira Khan"))
    returned.read()
    post.send()
    returned.put(
        returned.of("Amira Khan", "office_refused"),
        email="office@my-online-schooling.example",
        number=2,
    )
    returned.read()

    newest = bounces(asked)[-1]
    assert (newest.finality, newest.email_key) == (Finality.OPERATOR, None)
    assert len(told(post)) == 1
    (trouble,) = bounce_trouble(asked)
    assert "In the last day 1 mail came back" in trouble


def test_a_parent_is_given_what_came_back(
    asked: AppContext, returned: Returned
) -> None:
    """The export of a parent holds it."""
    returned.put(returned.of("Amira Khan"))
    returned.read()

    archive = zipfile.ZipFile(BytesIO(export_parent(asked, "amira@example.org")))
    mail, _ = json.loads(archive.read("data.json"))["requests"][0]["mails"]

    assert mail["bounces"] == [
        {
            "told_at": clock.iso(MOMENT),
            "finality": "permanent",
            "status": "5.1.1",
            "diagnostic": "550 5.1.1 <address>: no such user",
            "tried_again_at": None,
        }
    ]


def test_erasing_a_parent_erases_what_came_back(
    asked: AppContext, returned: Returned
) -> None:
    """No address stays behind in a bounce."""
    returned.put(returned.of("Amira Khan"))
    returned.read()
    with asked.sessions.writing() as session:
        parent = session.scalars(
            select(Parent).where(Parent.name == "Amira Khan")
        ).one()
        parent.left_at = clock.now()

    erase_parent(asked, "amira@example.org")

    assert bounces(asked) == []
