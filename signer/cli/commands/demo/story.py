"""What the demo's families have done by the time that somebody looks at the desk.

Each of them acts as a parent does, by the link in their own mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from signer.cli.commands.demo.staff import OFFICE
from signer.mail.bounces.reports import Action, Bounce
from signer.mail.kinds import Kind
from signer.mail.transport import transport_for
from signer.store.columns import NoteKind
from signer.store.tables import Outbox, Parent, Request
from signer.workflows.context import AppContext
from signer.workflows.mailing.bounces.record import record_bounce
from signer.workflows.mailing.send import send_mail
from signer.workflows.paper.record import record_paper
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from signer.workflows.requests.sign import Answers, sign_declaration
from signer.workflows.requests.view_request import view_request

SIGN = ("emma.whitfield", "zofia.kowalska", "rajesh.iyer")
TELL = (
    (
        "thomas.marlow",
        NoteKind.DECLINE,
        (
            "I agree with nearly all of it. I cannot promise that the camera is on in "
            "every lesson: Edith shares a room with her brother."
        ),
    ),
    (
        "bronwen.evans",
        NoteKind.QUESTION,
        "Does the part about recordings cover the homework club as well?",
    ),
    ("chloe.barrett", NoteKind.NOT_ME, ""),
)
BOUNCED = "peter.lindgren"
ON_PAPER = "joan.armitage"
"""Who does what; everybody else has yet to answer."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A request that a parent has opened."""

    ref: str
    fingerprint: str


def live_through(context: AppContext) -> None:
    """Have some of the example families answer, or not be reached.

    Afterwards some have signed, one of them on paper, one has declined, one has a
    question, one says that the address is somebody else's, and one mail came back.

    Args:
        context: of a demo whose families have just been asked.
    """
    send_mail(context, transport_for(context.settings.mail_address))
    mailed = dict(_links(context))
    for person in SIGN:
        _sign(context, _open(context, mailed, person))
    for person, kind, words in TELL:
        opened = _open(context, mailed, person)
        tell_office(
            context, opened.ref, kind, link_fingerprint=opened.fingerprint, words=words
        )
    _bounce(context, _address(BOUNCED))
    record_paper(context, _address(ON_PAPER), by=OFFICE)


def _address(person: str) -> str:
    return f"{person}@families.example"


def _links(context: AppContext) -> Iterator[tuple[str, str]]:
    """The address that each mail went to, and the token of the link in it."""
    link = re.compile(re.escape(context.settings.base_url) + r"/s/(\S+)")
    for path in _mails(context):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        found = body and link.search(body.get_content())
        if found:
            yield mail["To"].addresses[0].addr_spec, found[1]


def _mails(context: AppContext) -> Iterator[Path]:
    return (context.settings.instance_path / "mail").glob("*.eml")


def _open(context: AppContext, mailed: dict[str, str], person: str) -> _Opened:
    followed = open_link(context, mailed[_address(person)])
    if followed.request_ref is None or followed.link_fingerprint is None:
        raise LookupError(person)
    return _Opened(followed.request_ref, followed.link_fingerprint)


def _sign(context: AppContext, opened: _Opened) -> None:
    view = view_request(context, opened.ref, opened.fingerprint)
    if view is None:
        raise LookupError(opened.ref)
    answers = Answers(
        shown_sha256=view.version.sha256,
        typed_name=view.parent_name,
        capacity="Parent",
        confirmed=tuple(range(len(view.version.declaration))),
        shown_record=view.record,
        another_way=False,
    )
    sign_declaration(
        context, opened.ref, link_fingerprint=opened.fingerprint, answers=answers
    )


def _bounce(context: AppContext, address: str) -> None:
    """Record what a mail server says of an address that it does not know."""
    with context.sessions.reading() as session:
        reference = session.scalars(
            select(Outbox.message_ref)
            .join(Request, Request.id == Outbox.request_id)
            .join(Parent)
            .where(Parent.email_key == address, Outbox.kind == Kind.ASK.value)
        ).one()
    notice = Bounce(
        references=(reference,),
        action=Action.FAILED,
        recipients=(address,),
        status="5.1.1",
        diagnostic="550 5.1.1 No such user here",
    )
    record_bounce(context, [notice], sha256(reference.encode()).hexdigest())
