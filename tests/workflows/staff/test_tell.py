"""Teachers are told of each release, once, and of nothing once they have left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import StaffUnknown
from signer.mail.bounces.reports import Finality
from signer.register.staff.read import read_staff
from signer.store.campaigns.staff import StaffMember
from signer.store.columns import Delivery
from signer.store.tables import Bounce, Outbox
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.status import count_status
from signer.workflows.mailing.bounces.dead_addresses import list_bounces
from signer.workflows.mailing.dead_letters import unsent_mail
from signer.workflows.staff.data import (
    delete_former_staff,
    erase_teacher,
    export_teacher,
)
from signer.workflows.staff.staff_list import (
    import_staff,
    list_staff,
    remove_teacher,
)
from signer.workflows.staff.tell import StaffTold, tell_staff
from tests.web.releases import release_edit
from tests.workflows.conftest import link_in, words
from tests.workflows.mailing.bounces.mailbox import Returned
from tests.workflows.mailing.moody_server import Moody, send

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post

STAFF = b"name,email\nJo Field,jo@school.example\nSam O. Reed,sam@school.example\n"


def listed(app_context: AppContext, rows: bytes = STAFF) -> None:
    import_staff(app_context, read_staff(rows))


def release(app_context: AppContext) -> int:
    folder = app_context.settings.versions_dir
    return release_edit(folder, "must not take", "must never take", "A word changed.")


def bring_back(app_context: AppContext, email: str, folder: Path) -> None:
    """Let the newest mail to a teacher come back."""
    with app_context.sessions.reading() as session:
        ref = session.scalars(
            select(StaffMember.ref).where(StaffMember.email_key == email)
        ).one()
        mails = select(Outbox.message_ref).where(Outbox.occasion.endswith(ref))
        message_ref = session.scalars(mails.order_by(Outbox.id.desc())).first()
    assert message_ref
    returned = Returned(app_context, folder)
    returned.put(message_ref, email=email, diagnostic="550 5.1.1 no such user")
    returned.read()


def told_of(app_context: AppContext) -> list[tuple[str, int | None]]:
    return [(one.name, one.version) for one in list_staff(app_context)]


def test_each_is_told_of_each_release_in_a_mail_of_its_own(
    app_context: AppContext, post: Post
) -> None:
    """With the redline and the version's address, and no link to sign."""
    listed(app_context)
    ask_parents(app_context)
    post.send()
    (first,) = post.to("Jo Field")
    assert str(first["Subject"]).startswith("For information: new Social Media")
    assert "2 (August 2022)" in words(first)
    assert "Each change in the text".upper() not in words(first), "there is none before"

    number = release(app_context)
    ask_parents(app_context)
    assert post.send() == 4 + 2
    (_, mail) = post.to("Jo Field")
    text = " ".join(words(mail).split())
    assert f"/versions/{number}/" in text
    assert f"/compare/2/{number}" in text
    assert "[removed: not][added: never]" in text
    assert "You do not need to sign" in text
    assert link_in(mail) is None


def test_a_campaign_that_is_repeated_tells_nobody_twice(
    app_context: AppContext, post: Post
) -> None:
    """Nor whoever joined the list since; for them there is a command."""
    listed(app_context)
    ask_parents(app_context)
    post.send()
    listed(app_context, STAFF + b"New One,new@school.example\n")
    ask_parents(app_context)
    assert post.send() == 0

    dry = tell_staff(app_context, dry_run=True)
    assert dry is not None
    assert (dry.newly, dry.before) == ((("New One", "new@school.example"),), 2)
    assert tell_staff(app_context) == dry
    assert post.send() == 1
    again = tell_staff(app_context)
    assert again is not None
    assert (again.newly, again.before) == ((), 3)
    assert post.send() == 0
    assert [len(post.to(name)) for name in ("Jo Field", "New One")] == [1, 1]


def test_before_any_campaign_nobody_is_told(app_context: AppContext) -> None:
    """What is on the list waits for the release."""
    listed(app_context)
    assert tell_staff(app_context, dry_run=True) is None
    assert tell_staff(app_context) is None


def test_who_leaves_the_list_is_told_nothing_more(
    app_context: AppContext, post: Post
) -> None:
    """Not what waits for them either; who comes back is told of no release twice."""
    listed(app_context)
    ask_parents(app_context)
    remove_teacher(app_context, "JO@school.example")
    assert post.send() == 4 + 1
    assert post.to("Jo Field") == []
    with pytest.raises(StaffUnknown):
        remove_teacher(app_context, "jo@school.example")

    remove_teacher(app_context, "sam@school.example")
    listed(app_context)
    assert told_of(app_context) == [("Jo Field", 2), ("Sam O. Reed", 2)]
    tell_staff(app_context)
    assert post.send() == 0


def test_status_counts_them(app_context: AppContext, post: Post) -> None:
    """Version by version, with what did not arrive."""
    listed(app_context)
    ask_parents(app_context)
    before = StaffTold(
        version=2, accepted=0, bounced=0, refused=0, waiting=2, unwanted=0
    )
    assert count_status(app_context).staff_told == (before,)
    remove_teacher(app_context, "jo@school.example")
    post.send()
    after = StaffTold(
        version=2, accepted=1, bounced=0, refused=0, waiting=0, unwanted=1
    )
    assert count_status(app_context).staff_told == (after,)
    assert count_status(app_context).campaigns[0].asked == 4, "no teacher is a parent"


def test_one_that_comes_back_is_told_to_the_office(
    app_context: AppContext, post: Post, tmp_path: Path
) -> None:
    """And stands in the list, beside what the mail server said."""
    listed(app_context)
    ask_parents(app_context)
    post.send()
    bring_back(app_context, "jo@school.example", tmp_path / "bounces")
    (jo, sam) = list_staff(app_context)
    assert (jo.bounced, sam.bounced) == (True, False)
    assert "5.1.1" in jo.reply
    (bounce,) = list_bounces(app_context)
    assert (bounce.parent, bounce.version) == ("Jo Field", 2)
    assert bounce.finality is Finality.PERMANENT
    post.send()
    (alarm,) = post.to("office@")
    assert "Jo Field (jo@school.example)" in " ".join(words(alarm).split())


def test_one_that_is_refused_is_told_to_the_office(
    app_context: AppContext,
) -> None:
    """One unknown address among those that are taken."""
    office = Moody()
    office.trouble = "550 5.1.1 <%s>: Recipient address rejected: User unknown"
    office.only = "jo@"
    app_context.settings = replace(app_context.settings, mail_url=office.url)
    listed(app_context)
    ask_parents(app_context)
    with office.open():
        send(app_context)
    assert [one.recipient for one in unsent_mail(app_context)] == [
        "Jo Field <jo@school.example>"
    ]
    (alarm,) = [one for one in office.taken if "office@" in str(one["To"])]
    assert "Jo Field (jo@school.example)" in " ".join(words(alarm).split())


@pytest.fixture
def bounced(app_context: AppContext, post: Post, tmp_path: Path) -> str:
    """Jo's mail was accepted, and came back."""
    listed(app_context)
    ask_parents(app_context)
    post.send()
    bring_back(app_context, "jo@school.example", tmp_path / "bounces")
    return "jo@school.example"


def test_a_copy_of_all_that_is_kept(app_context: AppContext, bounced: str) -> None:
    """Name, address, the days, each mail and what came of it."""
    data = export_teacher(app_context, bounced)
    assert (data.name, data.email, data.left_at) == ("Jo Field", bounced, None)
    (mail,) = data.mails
    assert (mail.version, mail.delivery) == (2, Delivery.SENT)
    assert "5.1.1" in mail.came_back[0]
    with pytest.raises(StaffUnknown):
        export_teacher(app_context, "nobody@school.example")


def test_an_erased_teacher_is_in_no_table(
    app_context: AppContext, bounced: str, post: Post
) -> None:
    """The mail is still counted, and nobody on the list is erased with them."""
    assert erase_teacher(app_context, bounced) == "Jo Field"
    with app_context.sessions.reading() as session:
        assert [one.name for one in session.scalars(select(StaffMember))] == [
            "Sam O. Reed"
        ]
        assert session.scalars(select(Bounce)).all() == []
        kept = session.scalars(
            select(Outbox.reply).where(Outbox.kind == "staff_release")
        )
        assert sorted(map(bool, kept)) == [False, True]
    assert count_status(app_context).staff_told[0].accepted == 2
    post.send()
    assert post.to("office@") == [], "there is nobody to be alarmed about"


def test_former_teachers_are_deleted_a_year_after(
    app_context: AppContext, frozen: Callable[[timedelta], None]
) -> None:
    """And nobody sooner, and nobody who is on the list."""
    listed(app_context)
    remove_teacher(app_context, "jo@school.example")
    frozen(timedelta(days=364))
    assert delete_former_staff(app_context) == 0
    frozen(timedelta(days=2))
    assert delete_former_staff(app_context) == 1
    assert told_of(app_context) == [("Sam O. Reed", None)]
    with pytest.raises(StaffUnknown):
        export_teacher(app_context, "jo@school.example")


def test_a_day_to_come_stands_in_every_mail(
    app_context: AppContext, post: Post
) -> None:
    """Parents and teachers read from when the version is in force."""
    listed(app_context)
    ask_parents(app_context)
    post.send()
    number = release(app_context)
    path = app_context.settings.versions_dir / f"{number}.md"
    source = path.read_text(encoding="utf-8")
    path.write_text(
        source.replace("review_by:", "in_force_from: 2027-01-04\nreview_by:", 1),
        encoding="utf-8",
    )
    ask_parents(app_context)
    post.send()
    for name in ("Amira Khan", "Jo Field"):
        assert "4 January 2027" in words(post.to(name)[-1]), name
