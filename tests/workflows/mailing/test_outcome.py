"""The operator's own trouble loses no mail: it waits, pauses the rest, and alarms."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from signer import clock
from signer.errors import MailServerTrouble, MailUnknown, TroubleScope
from signer.mail.compose import Kind
from signer.mail.smtp import DEADLINE_SECONDS, SmtpTransport
from signer.mail.transport import transport_for
from signer.register.rows import read_register
from signer.store.columns import Delivery
from signer.store.tables import Link, Outbox, Request
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.log.sign_when_due import Coverage, cover_receipts
from signer.workflows.mailing.claim import LEASE, PROOF_PATIENCE, claim, release
from signer.workflows.mailing.dead_letters import MailState, retry_mail, unsent_mail
from signer.workflows.mailing.outbox import new_mail
from signer.workflows.mailing.send import send_mail, waiting_mail
from signer.workflows.mailing.server_state import mail_trouble, resume
from signer.workflows.register.import_register import import_register
from tests.mail.slow_server import HOST, STEPS, Fault, SlowServer
from tests.workflows.conftest import Post, sign, words
from tests.workflows.mailing.post_office import PostOffice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import SMTP, Envelope, Session

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

    Advance = Callable[[timedelta], None]

TEN = "parent_name,parent_email,relationship,child_name,year_group\n" + "".join(
    f"Parent Number{n},parent{n}@example.org,mother,Child Number{n},Year 4\n"
    for n in "ABCDEFGHIJ"
)


class Moody(PostOffice):
    """Takes mail until it has had so many, then answers at a step as it is told.

    Attributes:
        step: "rcpt" or "data".
        trouble: its answer there; empty for none.
        first: how many mails it takes before.
        only: of whom it is said; everybody by default.
    """

    def __init__(self) -> None:
        super().__init__()
        self.step, self.trouble, self.first, self.only = "rcpt", "", 0, ""

    def _says(self, step: str, to: str) -> str:
        meant = not self.only or self.only in to
        past = len(self.taken) >= self.first
        return self.trouble if step == self.step and meant and past else ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """A recipient is named."""
        if trouble := self._says("rcpt", address):
            return trouble.replace("%s", address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the same
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """A mail is offered."""
        if trouble := self._says("data", str(envelope.rcpt_tos)):
            return trouble
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def ten(app_context: AppContext) -> Iterator[tuple[AppContext, Moody]]:
    """Ten parents who are to be asked, and a server with moods."""
    office = Moody()
    app_context.settings = replace(app_context.settings, mail_url=office.url)
    import_register(app_context, read_register(TEN.encode()), leavers=True)
    ask_parents(app_context)
    with office.open():
        yield app_context, office


def send(app_context: AppContext) -> int:
    """Send what is due; a call ends by itself after a minute, on a busy machine too."""
    transport, sent = transport_for(app_context.settings.mail_address), 0
    while more := send_mail(app_context, transport):
        sent += more
    return sent


def count(app_context: AppContext, delivery: Delivery) -> int:
    with app_context.sessions.reading() as session:
        query = select(func.count()).where(Outbox.delivery == delivery)
        return session.scalar(query) or 0


OPERATORS = [
    ("rcpt", "550 5.4.5 Daily user sending quota exceeded. x - gsmtp", 3),
    ("data", "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceeded", 3),
    ("rcpt", "554 5.7.1 <%s>: Relay access denied", 0),
    ("rcpt", "550 5.7.1 Service unavailable, Client host blocked using Spamhaus", 0),
    ("data", "550 5.7.26 This mail has been blocked: the sender is unauthenticated", 0),
]
SERVERS = [
    ("rcpt", "421 4.3.2 Too many connections, please try again later", 0),
    ("rcpt", "451 4.7.1 Greylisting in action, please come back later", 0),
    ("data", "452 4.3.1 Insufficient system storage", 0),
]


@pytest.mark.parametrize(("step", "trouble", "first"), OPERATORS + SERVERS)
def test_what_is_not_the_recipients_fault_loses_no_mail(
    ten: tuple[AppContext, Moody],
    frozen: Advance,
    step: str,
    trouble: str,
    first: int,
) -> None:
    """Each mail waits, and goes out once when the server is well again."""
    app_context, office = ten
    office.step, office.trouble, office.first = step, trouble, first
    assert send(app_context) == first
    assert count(app_context, Delivery.REFUSED) == 0
    assert waiting_mail(app_context) == 10 - first
    frozen(timedelta(hours=1))
    assert send(app_context) == 0
    assert waiting_mail(app_context) == 10 - first
    office.trouble = ""
    frozen(timedelta(hours=25))
    assert send(app_context) == 10 - first
    assert waiting_mail(app_context) == 0
    to = [str(mail["To"]) for mail in office.taken]
    assert len(to) == len(set(to)) == 10
    assert mail_trouble(app_context) is None


@pytest.mark.parametrize(("step", "trouble", "first"), OPERATORS)
def test_the_operator_hears_of_it_once_and_not_by_mail(  # noqa: PLR0917 - fixtures
    ten: tuple[AppContext, Moody],
    frozen: Advance,
    caplog: pytest.LogCaptureFixture,
    step: str,
    trouble: str,
    first: int,
) -> None:
    """One critical line a day, no address in it, and a pause for everybody."""
    app_context, office = ten
    office.step, office.trouble, office.first = step, trouble, first
    send(app_context)
    critical = [one for one in caplog.records if one.levelno == logging.CRITICAL]
    assert len(critical) == 1
    assert "example.org" not in caplog.text
    known = mail_trouble(app_context)
    assert known is not None
    assert known.scope is TroubleScope.SERVER
    assert known.reply.startswith(trouble[:9])
    assert known.paused_until is not None
    assert (known.waiting, known.troubled) == (10 - first, 3)
    for _ in range(3):
        frozen(timedelta(minutes=20))
        send(app_context)
    critical = [one for one in caplog.records if one.levelno == logging.CRITICAL]
    assert len(critical) == 1
    assert count(app_context, Delivery.QUEUED) == 10 - first, "no mail tells of it"


def test_the_newest_reply_is_told(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """A server that says something else of later mails is not quoted with the old."""
    app_context, office = ten
    office.step, office.trouble = "rcpt", "554 5.7.1 Relay access denied"
    send(app_context)
    office.trouble = "450 4.2.1 Mailbox is being moved"
    frozen(timedelta(hours=1))
    send(app_context)
    known = mail_trouble(app_context)
    assert known is not None
    assert "Mailbox is being moved" in known.reply


def test_one_recipient_among_ten_is_refused_at_once(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """Nine get their mail, and the office one about the tenth."""
    app_context, office = ten
    office.trouble = "550 5.1.1 <%s>: Recipient address rejected: User unknown"
    office.only = "parentC@"
    assert send(app_context) == 10
    assert count(app_context, Delivery.REFUSED) == 1
    assert mail_trouble(app_context) is None
    [told] = [one for one in office.taken if "office@" in str(one["To"])]
    assert "parentC@example.org" in words(told)
    frozen(timedelta(days=1))
    assert send(app_context) == 0


def test_a_server_that_knows_nobody_is_not_believed(
    app_context: AppContext, frozen: Advance
) -> None:
    """A relay that has lost its list of users refuses nineteen, and no more."""
    office = Moody()
    app_context.settings = replace(app_context.settings, mail_url=office.url)
    people = TEN + "".join(
        f"Other {n},other{n}@example.org,mother,Child {n},Year 4\n" for n in range(20)
    )
    import_register(app_context, read_register(people.encode()), leavers=True)
    ask_parents(app_context)
    office.trouble, office.only = "550 5.1.1 unknown", "example.org"
    with office.open():
        while mail_trouble(app_context) is None:
            send(app_context)
        assert count(app_context, Delivery.REFUSED) == 19
        office.trouble = ""
        frozen(timedelta(hours=1))
        send(app_context)
    assert waiting_mail(app_context) == 0


def test_a_pause_holds_for_every_worker_and_ends_by_hand(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """It stands in the database; a second worker offers nothing meanwhile."""
    app_context, office = ten
    office.trouble = "554 5.7.1 Relay access denied"
    send(app_context)
    office.trouble = ""
    assert send(app_context) == 0
    assert resume(app_context)
    assert send(app_context) == 7
    assert not resume(app_context)
    frozen(timedelta(minutes=2))
    assert send(app_context) == 3


def test_while_it_is_tried_again_one_mail_is_offered(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """After a pause one mail tells whether it is over; the pauses grow."""
    app_context, office = ten
    office.trouble = "554 5.7.1 Relay access denied"
    send(app_context)
    pauses = []
    for _ in range(9):
        known = mail_trouble(app_context)
        assert known is not None
        assert known.paused_until is not None
        pauses.append((known.paused_until - clock.now()).total_seconds())
        frozen(known.paused_until - clock.now())
        before = sum(one.attempts for one in unsent_mail(app_context))
        assert send(app_context) == 0
        assert sum(one.attempts for one in unsent_mail(app_context)) == before + 1
    assert pauses == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]


def test_where_nobody_answers_the_rest_is_left_at_once(
    app_context: AppContext, caplog: pytest.LogCaptureFixture
) -> None:
    """One connection is tried, no mail counts it, and each is due as it was."""
    import_register(app_context, read_register(TEN.encode()), leavers=True)
    ask_parents(app_context)
    with SlowServer("greeting", Fault.SILENT).open() as server:
        way = transport_for(server.url)
        assert isinstance(way, SmtpTransport)
        assert send_mail(app_context, replace(way, timeout=0.3)) == 0
        assert server.connections == 1
        assert send_mail(app_context, replace(way, timeout=0.3)) == 0
        assert server.connections == 1, "it is paused"
    assert {one.attempts for one in unsent_mail(app_context)} == {0}
    assert {one.due_at for one in unsent_mail(app_context)} == {clock.now()}
    known = mail_trouble(app_context)
    assert known is not None
    assert known.scope is TroubleScope.CONNECTION
    assert len([one for one in caplog.records if one.levelname == "CRITICAL"]) == 1
    with app_context.sessions.reading() as session:
        assert session.scalar(select(func.count()).select_from(Link)) == 1, (
            "the links of the mails that were handed back are gone"
        )


@pytest.mark.parametrize("step", STEPS[2:])
def test_a_server_that_hangs_in_a_mail_gets_no_other(
    app_context: AppContext, step: str
) -> None:
    """Its time is over once, not once for each of ten mails."""
    import_register(app_context, read_register(TEN.encode()), leavers=True)
    ask_parents(app_context)
    with SlowServer(step, Fault.DRIBBLES).open() as server:
        way = transport_for(server.url)
        assert isinstance(way, SmtpTransport)
        assert send_mail(app_context, replace(way, deadline=0.5)) == 0
        assert server.connections == 1
    assert waiting_mail(app_context) == 10
    assert sorted(one.attempts for one in unsent_mail(app_context)) == [0] * 9 + [1]


def test_a_mail_that_was_cut_off_is_offered_again_under_its_id(
    app_context: AppContext, frozen: Advance
) -> None:
    """Two minutes later; the others wait no longer than that."""
    ask_parents(app_context)
    with SlowServer("end", Fault.CUT).open() as server:
        way = transport_for(server.url)
        send_mail(app_context, way)
        assert {one.reply for one in unsent_mail(app_context)} == {
            None,
            f"{HOST} broke off the connection",
        }
        refs = message_refs(app_context)
        server.step = ""
        frozen(timedelta(minutes=2))
        send_mail(app_context, way)
    assert unsent_mail(app_context) == ()
    assert message_refs(app_context) == refs


def message_refs(app_context: AppContext) -> set[str]:
    """The local parts of all Message-IDs."""
    with app_context.sessions.reading() as session:
        return set(session.scalars(select(Outbox.message_ref)))


def test_a_receipt_waits_for_its_proof(
    app_context: AppContext, amira: Followed
) -> None:
    """One that is queued between covering and claiming is not claimed yet."""
    sign(app_context, amira)
    seal_outstanding(app_context)
    assert claim(app_context, 20, without_proof=False).mails == ()
    assert cover_receipts(app_context) is Coverage.COVERED
    [receipt] = claim(app_context, 20, without_proof=False).mails
    assert receipt.kind is Kind.RECEIPT
    assert [one.filename.rpartition(".")[2] for one in receipt.letter.attachments] == [
        "pdf",
        "tlog-proof",
    ]


def test_a_receipt_does_not_wait_for_ever(
    app_context: AppContext, amira: Followed, frozen: Advance
) -> None:
    """After ten minutes in which no checkpoint came it goes without."""
    sign(app_context, amira)
    seal_outstanding(app_context)
    frozen(PROOF_PATIENCE)
    [receipt] = claim(app_context, 20, without_proof=False).mails
    assert len(receipt.letter.attachments) == 1


def test_a_receipt_goes_without_a_proof_that_cannot_be_had(
    app_context: AppContext,
    amira: Followed,
    post: Post,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log's key is missing: at once, and the log says which receipt."""
    signed = sign(app_context, amira)
    seal_outstanding(app_context)
    app_context.settings = replace(app_context.settings, log_key_file=Path("/nowhere"))
    assert cover_receipts(app_context) is Coverage.UNAVAILABLE
    assert post.send() == 1
    assert f"the receipt {signed.declaration_id} goes without" in caplog.text


def test_a_mail_takes_no_longer_than_it_is_held() -> None:
    """Whoever claims a mail is done with it before another worker may."""
    assert timedelta(seconds=DEADLINE_SECONDS) < LEASE


def test_a_receipt_does_not_wait_behind_a_campaign(
    ten: tuple[AppContext, Moody],
) -> None:
    """What a parent waits for goes first, whenever it was queued."""
    app_context, office = ten
    with app_context.sessions.writing() as session:
        request = session.scalars(select(Request).order_by(Request.id.desc())).first()
        assert request is not None
        session.add(new_mail(Kind.REMIND, "remind:1:1", request_id=request.id))
        session.add(new_mail(Kind.NEW_LINK, "new-link:1", request_id=request.id))
    with clock.frozen(clock.now() + timedelta(hours=30)):
        send(app_context)
    subjects = [str(one["Subject"]) for one in office.taken]
    assert "new link" in subjects[0].lower()
    assert len(subjects) == 12


def test_mails_that_are_handed_back_are_due_as_before(
    ten: tuple[AppContext, Moody],
) -> None:
    """Another worker may send them at once, with links of their own."""
    app_context, _ = ten
    batch = claim(app_context, 4, without_proof=False)
    assert len(batch.mails) == 4
    release(app_context, batch.mails[1:])
    assert sorted(one.attempts for one in unsent_mail(app_context)) == [0] * 9 + [1]
    assert send(app_context) == 9


@pytest.mark.parametrize("in_all", [True, False])
def test_no_more_mails_go_out_than_a_minute_allows(
    ten: tuple[AppContext, Moody], frozen: Advance, *, in_all: bool
) -> None:
    """Six in a minute, in all or to one domain; a receipt takes the next place."""
    app_context, office = ten
    limit: dict[str, Any] = {
        "mail_per_minute" if in_all else "mail_per_minute_domain": 6
    }
    app_context.settings = replace(app_context.settings, **limit)
    app_context.stopping.set()
    app_context.stopping.clear()
    sent = []
    for _ in range(12):
        batch = claim(app_context, 20, without_proof=False)
        sent.append(len(batch.mails))
        frozen(timedelta(seconds=5))
    assert sent == [1, 0] * 5 + [1, 0]
    assert batch.wait is not None
    assert office.taken == []


def dead(app_context: AppContext, frozen: Advance) -> None:
    """Let the server go on refusing for five days and the longest pause."""
    for _ in range(5 * 24 + 7):
        send(app_context)
        frozen(timedelta(hours=1))


def test_after_five_days_the_office_hears_and_the_mail_can_be_sent_again(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """Dead letters: listed, told of in one mail, and sent again by hand."""
    app_context, office = ten
    office.trouble, office.only = "550 5.7.1 Blocked by policy", "parentA@"
    dead(app_context, frozen)
    send(app_context)
    [letter] = unsent_mail(app_context)
    assert letter.state is MailState.DEAD
    assert letter.recipient == "Parent NumberA <parentA@example.org>"
    assert letter.reply == "550 5.7.1 Blocked by policy"
    [told] = [one for one in office.taken if "office@" in str(one["To"])]
    assert "Parent NumberA (ask)" in words(told)
    office.trouble = ""
    assert send(app_context) == 0
    with pytest.raises(MailUnknown):
        retry_mail(app_context, [letter.number, 4711])
    assert retry_mail(app_context, states=[MailState.DEAD]) == 1
    assert send(app_context) == 1
    assert unsent_mail(app_context) == ()


def test_asking_again_mails_those_again_who_were_given_up(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """Nobody else is mailed twice."""
    app_context, office = ten
    office.trouble, office.only = "550 5.7.1 Blocked by policy", "parentA@"
    dead(app_context, frozen)
    office.trouble = ""
    asked = ask_parents(app_context)
    assert (asked.newly, asked.again) == (0, 1)
    send(app_context)
    assert len([one for one in office.taken if "parentA@" in str(one["To"])]) == 1
    assert ask_parents(app_context).again == 0


def test_nobody_is_reminded_of_a_mail_that_never_came(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """They are asked; and the others are told the day on which their mail went."""
    app_context, office = ten
    office.trouble, office.only = "550 5.7.1 Blocked by policy", "parentA@"
    dead(app_context, frozen)
    office.trouble = ""
    while not remind_parents(app_context).reminded:
        frozen(timedelta(days=1))
    before = len(office.taken)
    send(app_context)
    mails = {str(one["To"]): words(one) for one in office.taken[before:]}
    [asked] = [text for to, text in mails.items() if "parentA@" in to]
    [reminded] = [text for to, text in mails.items() if "parentB@" in to]
    assert "we asked you" not in asked
    assert "we asked you" in reminded


def test_a_mail_to_the_office_is_never_given_up(
    app_context: AppContext, frozen: Advance, caplog: pytest.LogCaptureFixture
) -> None:
    """Even where the server knows no such address: once a day, and an alarm."""
    with app_context.sessions.writing() as session:
        session.add(new_mail(Kind.HEAD_REVIEW, "review:1"))
        session.execute(update(Outbox).values(queued_at=clock.now()))
    office = Moody()
    app_context.settings = replace(app_context.settings, mail_url=office.url)
    office.trouble = "550 5.1.1 no such mailbox"
    with office.open():
        for _ in range(10):
            send(app_context)
            frozen(timedelta(days=1))
        [letter] = unsent_mail(app_context)
        assert letter.state is MailState.DEAD
        assert letter.attempts == 10
        assert "550 5.1.1 no such mailbox" in caplog.text
        office.trouble = ""
        send(app_context)
    assert unsent_mail(app_context) == ()


class Refusing:
    """A way out on which every mail meets the same."""

    def send(self, _message: EmailMessage) -> str:
        """Refuse what is too big."""
        raise MailServerTrouble("552 5.3.4 too big", TroubleScope.MAIL)


def test_a_mail_that_is_too_big_holds_up_no_other(
    ten: tuple[AppContext, Moody],
) -> None:
    """It is its own trouble: the rest is offered all the same."""
    app_context, _ = ten
    assert send_mail(app_context, Refusing()) == 0
    assert {one.attempts for one in unsent_mail(app_context)} == {1}
    known = mail_trouble(app_context)
    assert known is not None
    assert known.paused_until is None
