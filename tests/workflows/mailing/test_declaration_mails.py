"""Mails about a declaration repeat it, whatever the register says when they go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.declaration.statement import from_json
from signer.mail.kinds import Kind
from signer.register.rows import read_register
from signer.store.tables import Declaration
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.register.import_register import import_register
from signer.workflows.requests import sign as signing
from signer.workflows.requests.follow_link import open_link
from tests.workflows.conftest import Post, sign, words

if TYPE_CHECKING:
    from signer.workflows.context import AppContext

HEADER = "parent_name,parent_email,relationship,child_name,year_group\n"
BEFORE = (
    f"{HEADER}Fiona MacDonald,fiona@example.org,mother,Anna MacDonald,Year 4\n"
    "Ivan Macdonald,ivan@example.org,father,Anna Macdonald,Year 4\n"
)
AFTER = (
    f"{HEADER}FIONA MACDONALD,fiona@example.org,mother,Anna MacDonald,Year 5\n"
    "FIONA MACDONALD,fiona@example.org,mother,Baby MacDonald,Reception\n"
)


@pytest.mark.parametrize("kind", [Kind.RECEIPT, Kind.ACKNOWLEDGEMENT])
def test_the_mail_names_the_children_of_the_statement(
    app_context: AppContext,
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
) -> None:
    """The next morning's export changes the children; the mail waited until then."""
    import_register(app_context, read_register(BEFORE.encode()))
    ask_parents(app_context)
    post.send()
    if kind is Kind.ACKNOWLEDGEMENT:
        monkeypatch.setattr(signing, "seal_statement", lambda *_: None)
    followed = open_link(app_context, post.token("Fiona MacDonald"))
    signed = sign(app_context, followed)
    if kind is Kind.ACKNOWLEDGEMENT:
        with app_context.sessions.writing() as session:
            request = session.get_one(Declaration, signed.declaration_id).request_id
            queue_mail(session, kind, "acknowledgement", request_id=request)
    import_register(app_context, read_register(AFTER.encode()))
    post.send()
    with app_context.sessions.reading() as session:
        stored = session.get_one(Declaration, signed.declaration_id).statement
    statement = from_json(stored)
    (mail,) = [one for one in post.mails() if signed.declaration_id in words(one)]
    listed = [
        line.removeprefix("Child: ")
        for line in words(mail).splitlines()
        if line.startswith("Child: ")
    ]
    assert listed == [f"{one.name}, {one.year_group}" for one in statement.children]
    assert len(listed) == 1
    assert f"Signed by: {statement.parent_name}" in words(mail).splitlines()
    assert "Reception" not in mail.as_string()
    assert "Year 5" not in mail.as_string()
