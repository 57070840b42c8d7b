"""What the yearly mail says: all that is held of one parent, and of no other."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from sqlalchemy import delete, select, update

from signer import clock
from signer.ledger.proof_files import read_proof
from signer.register.rows import read_register
from signer.store.log.append import append_leaf
from signer.store.log.tables import Leaf, LogHead, Opening
from signer.store.register.tables import YearlyMail
from signer.store.tables import Declaration, Outbox, Parent, Relationship, Request
from signer.workflows.declarations.still_stands import still_stands
from signer.workflows.exemption.exempt import exempt_parent
from signer.workflows.log.origins import verifiers
from signer.workflows.mailing.dead_letters import MailState, unsent_mail
from signer.workflows.paper.record import record_paper
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.export import export_parent
from signer.workflows.register.history import parent_history
from signer.workflows.register.import_register import import_register
from signer.workflows.register.merge_parents import merge_parents
from signer.workflows.retention.hold import hold_data
from signer.workflows.yearly.queue import queue_yearly_mail
from tests.conftest import PEOPLE
from tests.workflows.conftest import files, sign, words
from tests.workflows.mailing.moody_server import Moody, send
from tests.workflows.register.test_erase import leave

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed
    from tests.workflows.conftest import Post

MORNING = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
SUBJECT = "What the school has recorded about you (My Online Schooling)"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The yearly mail goes out on 1 December."""
    return replace(settings, yearly_mail="12-01")


@pytest.fixture
def signed(app_context: AppContext, amira: Followed, asked: Post) -> str:
    """Amira has signed and has her receipt; gives the declaration's reference."""
    signed = sign(app_context, amira)
    asked.send()
    return signed.declaration_id


def go_out(context: AppContext, post: Post) -> dict[str, EmailMessage]:
    """The yearly mails of a year, sent, by the names that they are to."""
    with clock.frozen(MORNING):
        queue_yearly_mail(context)
        post.send()
    yearly = [one for one in post.mails() if str(one["Subject"]) == SUBJECT]
    return {one["To"].addresses[0].display_name: one for one in yearly}


def html_of(message: EmailMessage) -> str:
    """The HTML of a mail."""
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def alarms(context: AppContext) -> list[str]:
    """The occasions of the alarms about declarations that are not proved."""
    with context.sessions.reading() as session:
        query = select(Outbox.occasion).where(Outbox.occasion.contains("unproven"))
        return list(session.scalars(query))


def test_a_parent_reads_what_is_held_and_has_new_proofs(
    app_context: AppContext, signed: str, asked: Post
) -> None:
    """Who they are, what they signed, how the log was checked, and what to ask for."""
    mails = go_out(app_context, asked)
    assert set(mails) == {"Amira Khan", "Tom O'Brien", "Niamh O'Brien", "王小明"}
    text = words(mails["Amira Khan"])
    for said in (
        "Email address: amira@example.org",
        "Child: Leila Khan, Year 5",
        "Child: Yusuf Khan, Year 8",
        f"Reference: {signed}",
        "Signed on: 22 November 2026",
        "online, with the link that we emailed to you",
        "a PDF that the school sealed on 22 November 2026",
        "which we found again in the log",
        "/verify",
        "/privacy/",
        "for 6 years after the last one has left",
        "office@",
        "You can ask us for a copy of all of it.",
    ):
        assert said in text
    [proof] = files(mails["Amira Khan"]).items()
    assert proof[0] == f"{signed}.tlog-proof"
    read = read_proof(proof[1].decode())
    found = still_stands(app_context.sessions, read, verifiers(app_context))
    assert (found.lost, found.head_size) == (False, found.size)
    assert f"entry {found.entry}," in text
    assert files(mails["Tom O'Brien"]) == {}
    assert "You have not signed any version." in words(mails["Tom O'Brien"])
    assert "we asked you on 22 November 2026" in words(mails["Tom O'Brien"])
    assert alarms(app_context) == []


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_link_opens_anything_and_no_other_parent_is_named(
    app_context: AppContext, asked: Post
) -> None:
    """Parents who share a child and an address never see each other's data."""
    mails = go_out(app_context, asked)
    for name, message in mails.items():
        for said in (words(message), html_of(message)):
            assert "/s/" not in said
            assert "/desk" not in said
            for other in {"Amira", "Tom", "Niamh", "王小明"} - {name.split()[0]}:
                assert other not in said
    for one in ("Tom O'Brien", "Niamh O'Brien"):
        assert "Maeve O'Brien, Year 10" in words(mails[one])
        assert mails[one]["To"].addresses[0].addr_spec == "family@example.org"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_names_of_any_kind_stand_as_they_are(
    app_context: AppContext, asked: Post
) -> None:
    """Arabic ones, and what would be a tag, in text and HTML."""
    odd = "فاطمة <b>\"&'بنت</b>"
    people = PEOPLE + f'"{odd.replace(chr(34), chr(34) * 2)}",f@example.org,mother,'
    people += '"ليلى <script>x</script>",Year 5\n'
    import_register(app_context, read_register(people.encode()))
    mails = go_out(app_context, asked)
    [message] = [one for name, one in mails.items() if "فاطمة" in name]
    assert f"Name: {odd}" in words(message)
    html = html_of(message)
    assert "<bdi>فاطمة &lt;b&gt;" in html
    assert "<bdi>ليلى &lt;script&gt;x" in html
    assert "<script" not in html
    assert "You have not signed any version." in words(message)
    with app_context.sessions.reading() as session:
        row = session.scalars(
            select(Outbox).where(Outbox.kind == "yearly", Outbox.request_id.is_(None))
        ).one()
    assert "f@" not in row.occasion


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_paper_an_exemption_and_a_hold_are_told(
    app_context: AppContext, asked: Post
) -> None:
    """Without the name of whoever in the office did it, and without reasons."""
    record_paper(
        app_context,
        "amira@example.org",
        by="Sam Clerk",
        signed_on=date(2026, 11, 20),
    )
    hold_data(app_context, "amira@example.org", reason="A dispute about fees")
    exempt_parent(
        app_context, "wang@example.org", by="Sam Clerk", reason="Sees another school"
    )
    mails = go_out(app_context, asked)
    text = words(mails["Amira Khan"])
    assert "Signed on: 20 November 2026" in text
    assert "How you signed: on paper" in text
    assert "a note of 22 November 2026 that you signed" in text
    assert "has decided to keep all of it for longer" in text
    assert "noted that you do not need to sign" in words(mails["王小明"])
    for message in mails.values():
        for said in ("Sam", "fees", "another school"):
            assert said not in words(message)


def lose_entry(context: AppContext) -> None:
    """Take away what an entry commits to, without a word."""
    with context.sessions.writing() as session:
        place = session.scalars(select(Declaration.sealed_position)).one()
        session.execute(delete(Opening).where(Opening.position == place))


def spoil_entry(context: AppContext) -> None:
    """Put another commitment in the place of an entry."""
    with context.sessions.writing() as session:
        place = session.scalars(select(Declaration.sealed_position)).one()
        session.execute(
            update(Leaf).where(Leaf.position == place).values(commitment=bytes(32))
        )


def move_entry(context: AppContext) -> None:
    """Have a declaration point to an entry that tells of something else."""
    with context.sessions.writing() as session:
        session.execute(update(Declaration).values(sealed_position=0))


def forget_entry(context: AppContext) -> None:
    """Have a sealed declaration point to no entry."""
    with context.sessions.writing() as session:
        session.execute(update(Declaration).values(sealed_position=None))


@pytest.mark.parametrize("lose", [lose_entry, spoil_entry, move_entry, forget_entry])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_declaration_that_is_lost_is_told_and_sounds_an_alarm(
    app_context: AppContext,
    signed: str,
    asked: Post,
    lose: Callable[[AppContext], None],
) -> None:
    """The parent keeps what they have and asks; the headteacher's address hears too."""
    lose(app_context)
    mails = go_out(app_context, asked)
    text = words(mails["Amira Khan"])
    assert f"Reference: {signed}" in text
    assert "the public log should still show this declaration" in text
    assert "found again" not in text
    assert files(mails["Amira Khan"]) == {}
    assert len(alarms(app_context)) == 1
    with clock.frozen(MORNING):
        asked.send()
    [alarm] = [one for one in asked.mails() if "yearly email" in words(one)]
    assert "signer log check" in words(alarm)
    assert "Amira" not in words(alarm)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_declaration_that_the_record_lost_is_told(
    app_context: AppContext, signed: str, asked: Post
) -> None:
    """The request says that it was signed, and there is nothing."""
    with app_context.sessions.writing() as session:
        session.execute(delete(Declaration).where(Declaration.id == signed))
    text = words(go_out(app_context, asked)["Amira Khan"])
    assert "the school should still have this declaration" in text
    assert len(alarms(app_context)) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_log_that_is_known_to_be_broken_is_told(
    app_context: AppContext, signed: str, asked: Post
) -> None:
    """A proof from its newest head is not all that there is to say."""
    assert signed
    with app_context.sessions.writing() as session:
        session.scalars(select(LogHead)).one().problem = "Entry 3 was changed."
    text = words(go_out(app_context, asked)["Amira Khan"])
    assert "found again" in text
    assert "does not match what was published earlier" in text


def test_who_leaves_is_erased_or_loses_the_address_meanwhile_gets_none(
    app_context: AppContext, signed: str, asked: Post
) -> None:
    """Between the queue and the mail server, as with any other mail."""
    assert signed
    people = PEOPLE + "Ola Nowak,ola@example.org,mother,Jan,Year 1\n"
    import_register(app_context, read_register(people.encode()))
    with clock.frozen(MORNING):
        assert queue_yearly_mail(app_context) == 5
        leave(app_context, "Amira")
        erase_parent(app_context, "amira@example.org")
        erase_parent(app_context, "ola@example.org")
        with app_context.sessions.writing() as session:
            [wang] = session.scalars(select(Parent).where(Parent.name == "王小明"))
            wang.email = wang.email_key = ""
    mails = go_out(app_context, asked)
    assert set(mails) == {"Tom O'Brien", "Niamh O'Brien"}
    assert unsent_mail(app_context) == ()
    with app_context.sessions.reading() as session:
        left = session.scalars(
            select(Outbox.delivery).where(
                Outbox.kind == "yearly", Outbox.request_id.is_(None)
            )
        )
        assert list(left) == [], "nothing is kept of one who was never asked"


def test_two_records_of_one_person_get_one(
    app_context: AppContext, asked: Post
) -> None:
    """Merged after both were queued, or after one has had it."""
    with clock.frozen(MORNING):
        assert queue_yearly_mail(app_context) == 4
        with app_context.sessions.writing() as session:
            # Of a parent who joined since, the mail is to come.
            [tom] = session.scalars(select(Parent).where(Parent.name == "Tom O'Brien"))
            session.execute(delete(YearlyMail).where(YearlyMail.parent_id == tom.id))
            session.execute(
                update(Relationship)
                .where(Relationship.parent_id == tom.id)
                .values(words="mother")
            )
        merge_parents(app_context, "wang@example.org", "amira@example.org")
        merge_parents(
            app_context,
            "family@example.org",
            "family@example.org",
            known_as="Tom O'Brien",
            other_known_as="Niamh O'Brien",
        )
        assert queue_yearly_mail(app_context) == 0
    before = len(asked.mails())
    mails = go_out(app_context, asked)
    assert set(mails) == {"王小明", "Tom O'Brien"}
    yearly = [one for one in asked.mails()[before:] if str(one["Subject"]) == SUBJECT]
    assert len(yearly) == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_erasure_that_the_log_tells_of_is_no_stand(
    app_context: AppContext, signed: str, asked: Post
) -> None:
    """An entry says that it was erased, and the record has the declaration still."""
    lose_entry(app_context)
    with app_context.sessions.writing() as session:
        place = session.scalars(select(Declaration.sealed_position)).one()
        append_leaf(session, "parent:erased", entries=f"{place}")
    text = words(go_out(app_context, asked)["Amira Khan"])
    assert signed in text
    assert "the public log should still show this declaration" in text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_is_in_the_history_and_in_what_is_exported(
    app_context: AppContext, asked: Post
) -> None:
    """With the newest request, or alone for a parent who was never asked."""
    people = PEOPLE + "Ola Nowak,ola@example.org,mother,Jan,Year 1\n"
    import_register(app_context, read_register(people.encode()))
    go_out(app_context, asked)
    [ola] = parent_history(app_context, "ola@example.org")
    [amira] = parent_history(app_context, "amira@example.org")
    assert [mail.kind for mail in ola.mails] == ["yearly"]
    assert amira.mails == ()
    assert [mail.kind for mail in amira.requests[-1].mails] == ["ask", "yearly"]
    for address, others in (("ola@example.org", 1), ("amira@example.org", 0)):
        with ZipFile(BytesIO(export_parent(app_context, address))) as archive:
            told = json.loads(archive.read("data.json"))
            page = archive.read("index.html").decode()
        assert told["yearly_mails"] == [2026]
        assert len(told["other_mails"]) == others
        assert "yearly email of what the school has recorded about you" in page


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_that_the_server_refuses_is_told_only_where_there_is_a_request(
    app_context: AppContext,
) -> None:
    """Of a parent never asked the office hears once they are; no mail is a fault."""
    people = PEOPLE + "Ola Nowak,ola@example.org,mother,Jan,Year 1\n"
    import_register(app_context, read_register(people.encode()))
    server = Moody()
    server.trouble, server.first, server.only = "550 5.1.1 no such box", 0, "ola|amira"
    app_context.settings = replace(app_context.settings, mail_url=server.url)
    with server.open(), clock.frozen(MORNING):
        queue_yearly_mail(app_context)
        send(app_context)
        refused = unsent_mail(app_context, [MailState.REFUSED])
        assert {one.recipient for one in refused} == {
            "Amira Khan <amira@example.org>",
            "Ola Nowak <ola@example.org>",
        }
        send(app_context)
        assert unsent_mail(app_context, [MailState.WAITING]) == ()
    with app_context.sessions.reading() as session:
        told = session.scalars(
            select(Parent.name)
            .join(Request)
            .join(Outbox, Outbox.request_id == Request.id)
            .where(Outbox.kind == "office_refused")
        )
        assert list(told) == ["Amira Khan"]
