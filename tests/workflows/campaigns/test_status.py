"""Every request is counted once, and so is its mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from signer.errors import MailRefused
from signer.mail.transport import transport_for
from signer.register.rows import read_register
from signer.store.columns import NoteKind
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.campaigns.status import Campaign, count_status
from signer.workflows.mailing.send import send_mail
from signer.workflows.paper.record import record_paper
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import look_up_link
from tests.conftest import PEOPLE
from tests.web.releases import release
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

    Advance = Callable[[timedelta], None]

NONE = Campaign(
    version=2,
    label="August 2022",
    asked=0,
    mail_accepted=0,
    mail_bounced=0,
    mail_refused=0,
    mail_waiting=0,
    mail_none=0,
    signed_by_link=0,
    signed_on_paper=0,
    declined=0,
    superseded=0,
    withdrawn=0,
    disputed=0,
    need_not_sign=0,
    without_email=0,
    outstanding=0,
    levels={},
    unsealed=0,
)


class Choosy:
    """A mail server that refuses one mailbox, and hands the rest on."""

    def __init__(self, app_context: AppContext, refused: str) -> None:
        self._next = transport_for(app_context.settings.mail_address)
        self._refused = refused

    def send(self, message: EmailMessage) -> str:
        """Refuse, or hand on."""
        if self._refused in str(message["To"]):
            raise MailRefused("550 no such mailbox")
        return self._next.send(message)


def test_before_anybody_is_asked_there_is_no_campaign(app_context: AppContext) -> None:
    """Those who are in the register are counted as not asked."""
    standing = count_status(app_context)
    assert (standing.campaigns, standing.not_asked) == ((), 4)


def test_mail_waits_until_it_is_accepted_or_refused(app_context: AppContext) -> None:
    """The office sees whose mailbox does not take mail."""
    ask_parents(app_context)
    waiting = replace(NONE, asked=4, outstanding=4, mail_waiting=4)
    assert count_status(app_context).campaigns == (waiting,)
    send_mail(app_context, Choosy(app_context, "wang@example.org"))
    told = replace(waiting, mail_waiting=0, mail_accepted=3, mail_refused=1)
    assert count_status(app_context).campaigns == (told,)


def test_the_newest_mail_tells_how_a_mailbox_is(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """Accepted at first and refused later is refused; waiting changes nothing."""
    frozen(timedelta(days=3))
    remind_parents(app_context)
    before = count_status(app_context).campaigns[0]
    assert (before.mail_accepted, before.mail_waiting) == (4, 0)
    send_mail(app_context, Choosy(app_context, "wang@example.org"))
    after = count_status(app_context).campaigns[0]
    assert (after.mail_accepted, after.mail_refused) == (3, 1)


def test_each_way_to_end_is_counted_apart(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """By link, on paper, declined and outstanding; then superseded and withdrawn."""
    sign(app_context, amira)
    record_paper(app_context, "wang@example.org", by="Jo Bloggs")
    tom = look_up_link(app_context, asked.token("Tom O'Brien"))
    assert tom.request_ref
    assert tom.link_fingerprint
    tell_office(
        app_context,
        tom.request_ref,
        NoteKind.DECLINE,
        link_fingerprint=tom.link_fingerprint,
        words="No.",
    )
    ended = replace(
        NONE,
        asked=4,
        mail_accepted=4,
        mail_bounced=0,
        signed_by_link=1,
        signed_on_paper=1,
        declined=1,
        outstanding=1,
        levels={"B-B": 1},
    )
    (campaign,) = count_status(app_context).campaigns
    assert campaign == ended
    assert campaign.covered == 50.0

    release(app_context.settings.versions_dir)
    ask_parents(app_context)
    newest, older = count_status(app_context).campaigns
    assert older == replace(ended, outstanding=0, superseded=1)
    assert (newest.version, newest.asked, newest.outstanding) == (3, 4, 4)

    only_amira = "".join(PEOPLE.splitlines(keepends=True)[:3])
    import_register(app_context, read_register(only_amira.encode()), leavers=True)
    newest, older = count_status(app_context).campaigns
    assert (newest.withdrawn, newest.outstanding, newest.covered) == (3, 1, 0.0)
    assert older.declined + older.withdrawn == 1


def test_a_signature_without_a_seal_is_told(
    app_context: AppContext, amira: Followed
) -> None:
    """What waits for its seal is counted as signed, and named."""
    broken = app_context.settings.seal_path.with_name("gone.p12")
    app_context.settings = replace(app_context.settings, seal_file=broken)
    sign(app_context, amira)
    (campaign,) = count_status(app_context).campaigns
    assert (campaign.signed_by_link, campaign.unsealed, campaign.levels) == (1, 1, {})


def test_who_joined_after_the_campaign_is_not_asked_yet(
    app_context: AppContext, asked: Post
) -> None:
    """The office is reminded to ask."""
    more = PEOPLE + "Zoe Reid,zoe@example.org,mother,Max Reid,Year 3\n"
    import_register(app_context, read_register(more.encode()))
    assert count_status(app_context).not_asked == 1


def test_a_hundred_per_cent_is_everybody() -> None:
    """Shares are rounded down."""
    nearly = replace(NONE, asked=3000, signed_by_link=2999, outstanding=1)
    assert nearly.covered == 99.9
    assert replace(nearly, signed_on_paper=1, outstanding=0).covered == 100.0
    assert NONE.covered is None
