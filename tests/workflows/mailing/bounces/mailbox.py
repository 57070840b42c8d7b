"""A mailbox into which mails come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.mail.bounces.sources import FolderSource
from signer.store.tables import Bounce, Outbox, Parent, Request
from signer.workflows.mailing.bounces.read import (
    BouncesRead,
    read_mailbox,
)
from tests.mail.bounce_examples import report
from tests.workflows.conftest import words

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post


NO_SUCH_USER = "550 5.1.1 <amira@example.org>: no such user"


class Returned:
    """A mailbox of bounces, and what comes into it."""

    def __init__(self, app_context: AppContext, folder: Path) -> None:
        self._context = app_context
        self.folder = folder
        folder.mkdir()

    def of(self, name: str, kind: str = "ask") -> str:
        """The reference of the newest mail of a kind to a parent."""
        with self._context.sessions.reading() as session:
            return session.scalars(
                select(Outbox.message_ref)
                .join(Request, Outbox.request_id == Request.id)
                .join(Parent)
                .where(Parent.name == name, Outbox.kind == kind)
                .order_by(Outbox.id.desc())
            ).first() or pytest.fail(f"no {kind} to {name}")

    def put(
        self,
        ref: str,
        *,
        status: str = "5.1.1",
        diagnostic: str = NO_SUCH_USER,
        email: str = "amira@example.org",
        action: str = "failed",
        number: int = 1,
    ) -> None:
        """Let a bounce come in."""
        ours = f"Message-ID: <{ref}@127.0.0.1>\n\n{number}"
        raw = report(
            status=status,
            diagnostic=diagnostic,
            email=email,
            action=action,
            ours=ours,
        )
        (self.folder / f"{number}.eml").write_bytes(raw)

    def read(self) -> BouncesRead:
        """Read it as the worker does."""
        return read_mailbox(self._context, FolderSource(self.folder))


def bounces(app_context: AppContext) -> list[Bounce]:
    with app_context.sessions.reading() as session:
        return list(session.scalars(select(Bounce).order_by(Bounce.id)))


def told(post: Post) -> list[str]:
    """The mails to the office about addresses, as text."""
    post.send()
    return [
        words(mail)
        for mail in post.to("office@")
        if "could not be delivered" in str(mail["Subject"])
    ]
