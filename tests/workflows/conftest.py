"""People who have been asked, links as they stand in the mail, and what is stored."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from signer.mail.transport import transport_for
from signer.store.tables import Base, Parent, Request
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.mailing.send import send_mail
from signer.workflows.requests.follow_link import open_link
from signer.workflows.requests.reissue_link import answer_link_asks
from signer.workflows.requests.sign import Answers, sign_declaration
from tests.workflows.log import logs

if TYPE_CHECKING:
    from email.message import EmailMessage

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed
    from signer.workflows.requests.sign import Signed
    from tests.sharing.states import Memory


class Post:
    """Empties a context's outbox into its mail folder, and reads what is there."""

    def __init__(self, app_context: AppContext) -> None:
        self._context = app_context
        self._transport = transport_for(app_context.settings.mail_address)

    def send(self) -> int:
        """Do the worker's part; how many mails were accepted."""
        answer_link_asks(self._context)
        return send_mail(self._context, self._transport)

    def mails(self) -> list[EmailMessage]:
        """Every mail that went out, oldest first."""
        folder = self._context.settings.instance_path / "mail"
        return [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in sorted(folder.glob("*.eml"))
        ]

    def to(self, name: str) -> list[EmailMessage]:
        """Every mail to a person, oldest first."""
        return [one for one in self.mails() if name in str(one["To"])]

    def token(self, name: str) -> str:
        """The token in the newest mail with a link to a person."""
        tokens = [found[1] for one in self.to(name) if (found := link_in(one))]
        return tokens[-1]


def words(message: EmailMessage) -> str:
    """The plain text of a mail."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def files(message: EmailMessage) -> dict[str | None, bytes]:
    """The attachments of a mail, by their names."""
    found: dict[str | None, bytes] = {}
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[part.get_filename()] = content
    return found


def link_in(message: EmailMessage) -> re.Match[str] | None:
    """The link in a mail; its first group is the token."""
    return re.search(r"http://127\.0\.0\.1:\d+/s/(\S+)", words(message))


def snapshot(app_context: AppContext) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with app_context.sessions.reading() as session:
        return {
            name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for name, table in Base.metadata.tables.items()
        }


def answers(app_context: AppContext, **changed: object) -> Answers:
    """What a parent who agrees gives."""
    version = app_context.versions[-1]
    given: dict[str, Any] = {
        "shown_sha256": version.sha256,
        "typed_name": "Amira Khan",
        "capacity": "Parent",
        "confirmed": range(len(version.declaration)),
    }
    return Answers(**{**given, **changed})


def sign(app_context: AppContext, followed: Followed, **changed: object) -> Signed:
    """Sign what a link leads to, as a parent who agrees."""
    assert followed.request_ref
    assert followed.link_fingerprint
    given = {"typed_name": name_of(app_context, followed.request_ref), **changed}
    return sign_declaration(
        app_context,
        followed.request_ref,
        link_fingerprint=followed.link_fingerprint,
        answers=answers(app_context, **given),
    )


def name_of(app_context: AppContext, ref: str) -> str:
    """The registered name of the parent of a request."""
    with app_context.sessions.reading() as session:
        query = select(Parent.name).join(Request).where(Request.ref == ref)
        return session.scalars(query).one()


@pytest.fixture
def post(app_context: AppContext) -> Post:
    """The post office of the context."""
    return Post(app_context)


@pytest.fixture
def asked(app_context: AppContext, post: Post, memory: Memory) -> Post:
    """Everyone has been asked, and their mail has gone out."""
    memory.bring_about(app_context, ask_and_send)
    return post


def ask_and_send(app_context: AppContext) -> None:
    """Ask everyone, and send their mail."""
    ask_parents(app_context)
    Post(app_context).send()


@pytest.fixture
def amira(app_context: AppContext, asked: Post) -> Followed:
    """Amira Khan has opened her link."""
    return open_link(app_context, asked.token("Amira Khan"))


@pytest.fixture
def logged(app_context: AppContext) -> AppContext:
    """A context whose log has 13 entries, all of them signed."""
    logs.append(app_context.sessions, 13)
    sign_checkpoint(app_context)
    return app_context
