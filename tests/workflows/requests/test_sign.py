"""Signed means stored; once, whatever happens; and only the text that was shown."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer import clock
from signer.declaration.pdf.fonts import fonts_sha256
from signer.declaration.statement import from_json
from signer.errors import (
    NameDiffers,
    RequestClosed,
    RequestUnknown,
    StatementsUnconfirmed,
    TextRefused,
    VersionChanged,
)
from signer.pki.make_keys import make_keys
from signer.register.rows import read_register
from signer.store.columns import Delivery, NoteKind, Status
from signer.store.log.tables import Leaf, Opening
from signer.store.tables import Declaration, Outbox, Request, SealedPdf
from signer.workflows.declarations.seal import seal_declaration, seal_outstanding
from signer.workflows.paper.record import record_paper
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from signer.workflows.requests.reissue_link import reissue_links
from signer.workflows.requests.sign import declaration_pdf, sign_declaration
from tests.conftest import PASSPHRASE, PEOPLE
from tests.workflows.conftest import Post, answers, sign, snapshot, words

if TYPE_CHECKING:
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed
    from signer.workflows.requests.sign import Signed


def records(app_context: AppContext, event: str) -> list[bytes]:
    """What the log's leaves commit to, of one kind."""
    with app_context.sessions.reading() as session:
        found = [one.record for one in session.scalars(select(Opening))]
    return [one for one in found if f'"event":"{event}"'.encode() in one]


def count(app_context: AppContext, table: type) -> int:
    with app_context.sessions.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_signing_stores_statement_leaf_seal_and_receipt(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """One call leaves everything that a signature is, and a mail with the PDF."""
    signed = sign(app_context, amira)
    with app_context.sessions.reading() as session:
        declaration = session.scalars(select(Declaration)).one()
        pdf = session.scalars(select(SealedPdf)).one()
        content = pdf.content
    assert declaration.id == signed.declaration_id
    assert declaration.pdf_sha256 == hashlib.sha256(content).hexdigest()
    assert declaration.level == "B-B"
    [leaf] = records(app_context, "declaration:signed")
    assert declaration.statement_sha256.encode() in leaf
    [leaf] = records(app_context, "declaration:sealed")
    assert pdf.sha256.encode() in leaf
    assert asked.send() == 1
    receipt = asked.to("Amira Khan")[-1]
    attached, proof = receipt.iter_attachments()
    assert attached.get_content() == content
    assert proof.get_filename() == f"{signed.declaration_id}.tlog-proof"
    assert signed.declaration_id in words(receipt)


def test_the_statement_says_who_agreed_to_what_and_when(
    app_context: AppContext, amira: Followed
) -> None:
    """Register, version and moments are those that were stored."""
    sign(app_context, amira, typed_name="  Amira   Khan ")
    with app_context.sessions.reading() as session:
        declaration = session.scalars(select(Declaration)).one()
        request = declaration.request
        statement = from_json(declaration.statement)
        assert statement.invited_at == request.asked_at
        assert statement.opened_at == request.opened_at
    assert statement.confirmed_at == declaration.signed_at
    assert statement.typed_name == "Amira Khan"
    assert statement.parent_email == "amira@example.org"
    assert statement.policy_sha256 == app_context.versions[-1].sha256
    assert statement.statements == app_context.versions[-1].declaration
    assert [one.name for one in statement.children] == ["Leila Khan", "Yusuf Khan"]
    assert statement.fonts == fonts_sha256()
    assert statement.replaces is None


def test_twenty_at_once_sign_once(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """One declaration, one leaf, one PDF, one receipt; all twenty hear of the same."""
    results: list[Signed] = []
    barrier = threading.Barrier(20)

    def confirm() -> None:
        barrier.wait()
        results.append(sign(app_context, amira))

    threads = [threading.Thread(target=confirm) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_outstanding(app_context)
    assert len({one.declaration_id for one in results}) == 1
    assert [one.already for one in results].count(False) == 1
    assert (count(app_context, Declaration), count(app_context, SealedPdf)) == (1, 1)
    assert len(records(app_context, "declaration:signed")) == 1
    assert len(records(app_context, "declaration:sealed")) == 1
    asked.send()
    assert len(asked.to("Amira Khan")) == 2, "the first mail, and one receipt"


def test_two_seals_at_once_leave_one(app_context: AppContext, amira: Followed) -> None:
    """The web process and the worker may both seal; one PDF is kept."""
    app_context.settings = _without_key(app_context)
    signed = sign(app_context, amira)
    app_context.settings = _with_key(app_context)
    threads = [
        threading.Thread(
            target=seal_declaration, args=(app_context, signed.declaration_id)
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(app_context, SealedPdf) == 1
    assert len(records(app_context, "declaration:sealed")) == 1


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"shown_sha256": "0" * 64}, VersionChanged),
        ({"confirmed": [0]}, StatementsUnconfirmed),
        ({"confirmed": []}, StatementsUnconfirmed),
        ({"typed_name": "   "}, TextRefused),
        ({"typed_name": "x" * 201}, TextRefused),
        ({"typed_name": "Amira\u202eKhan"}, TextRefused),
        ({"typed_name": "Amira\x00Khan"}, TextRefused),
        ({"typed_name": "Ben Khan"}, NameDiffers),
        ({"capacity": ""}, TextRefused),
    ],
)
def test_what_cannot_be_signed_changes_nothing(
    app_context: AppContext,
    amira: Followed,
    changed: dict[str, object],
    error: type[Exception],
) -> None:
    """The refusal names the reason; no table is touched."""
    before = snapshot(app_context)
    with pytest.raises(error):
        sign(app_context, amira, **changed)
    assert snapshot(app_context) == before


def test_a_strangers_link_signs_nothing(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """Neither an unknown fingerprint nor another parent's."""
    assert amira.request_ref
    for mark in ("0" * 64, ""):
        with pytest.raises(RequestUnknown):
            sign_declaration(
                app_context,
                amira.request_ref,
                link_fingerprint=mark,
                answers=answers(app_context),
            )
    assert count(app_context, Declaration) == 0


def test_a_revoked_link_signs_nothing(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """A page opened before a new link was mailed cannot sign any more."""
    reissue_links(app_context, "amira@example.org")
    asked.send()
    with pytest.raises(RequestClosed) as caught:
        sign(app_context, amira)
    assert caught.value.status == "revoked"


def test_a_leaver_cannot_sign(app_context: AppContext, amira: Followed) -> None:
    """Who has left the register is told so."""
    rest = [line for line in PEOPLE.splitlines() if not line.startswith("Amira")]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)
    with pytest.raises(RequestClosed) as caught:
        sign(app_context, amira)
    assert caught.value.status == "withdrawn"


def test_a_parent_who_declined_may_still_sign(
    app_context: AppContext, amira: Followed
) -> None:
    """Declining closes nothing for good."""
    assert amira.request_ref
    assert amira.link_fingerprint
    tell_office(
        app_context,
        amira.request_ref,
        NoteKind.DECLINE,
        link_fingerprint=amira.link_fingerprint,
        words="I want to ask first.",
    )
    sign(app_context, amira)
    with app_context.sessions.reading() as session:
        request = session.scalars(
            select(Request).where(Request.ref == amira.request_ref)
        ).one()
    assert request.status is Status.SIGNED


def test_signed_on_paper_is_not_signed_again(
    app_context: AppContext, amira: Followed
) -> None:
    """The office's record and the link never make two."""
    record_paper(app_context, "amira@example.org", by="Office")
    with pytest.raises(RequestClosed) as caught:
        sign(app_context, amira)
    assert caught.value.status == "signed"


def test_a_missing_key_loses_no_signature(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """Signed without a seal; after ten minutes a note; sealed once the key is back."""
    key = app_context.settings
    app_context.settings = _without_key(app_context)
    signed = sign(app_context, amira)
    assert signed.already is False
    assert (count(app_context, Declaration), count(app_context, SealedPdf)) == (1, 0)
    with clock.frozen(clock.now()) as advance:
        seal_outstanding(app_context)
        assert asked.send() == 0, "too early for an acknowledgement"
        advance(timedelta(minutes=10))
        for _ in range(3):
            seal_outstanding(app_context)
        assert asked.send() == 2, "an acknowledgement, and one alarm"
        assert signed.declaration_id in words(asked.to("Amira Khan")[-1])
        assert "seal" in words(asked.to("head@")[-1])
        app_context.settings = key
        assert seal_outstanding(app_context) == 1
        assert asked.send() == 1
    attached = asked.mails()[-1].iter_attachments()
    assert [one.get_filename() for one in attached] == [
        f"{signed.declaration_id}.pdf",
        f"{signed.declaration_id}.tlog-proof",
    ]


def test_one_declaration_that_cannot_be_sealed_holds_up_no_other(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """A damaged statement is tried again and again, after the sound ones."""
    sign(app_context, amira)
    with app_context.sessions.writing() as session:
        declaration = session.scalars(select(Declaration)).one()
        declaration.pdf_sha256, declaration.statement = None, b"{}"
    key = app_context.settings
    app_context.settings = _without_key(app_context)
    sign(app_context, open_link(app_context, asked.token("Tom O'Brien")))
    app_context.settings = key
    assert seal_outstanding(app_context) == 1
    with app_context.sessions.reading() as session:
        damaged = session.get_one(Declaration, declaration.id)
    assert damaged.seal_attempts == 1
    assert damaged.seal_problem


def test_only_the_parent_gets_the_pdf(app_context: AppContext, amira: Followed) -> None:
    """The PDF is given to the link that signed, and to no other."""
    signed = sign(app_context, amira)
    assert amira.request_ref
    assert amira.link_fingerprint
    found = declaration_pdf(app_context, amira.request_ref, amira.link_fingerprint)
    assert found is not None
    assert found[0].startswith(b"%PDF-")
    assert found[1] == signed.declaration_id
    assert declaration_pdf(app_context, amira.request_ref, "0" * 64) is None


def test_the_log_holds_no_personal_data(
    app_context: AppContext, amira: Followed
) -> None:
    """Neither the leaves nor what they open to hold a name or an address."""
    sign(app_context, amira)
    with app_context.sessions.reading() as session:
        kept = repr([one.record for one in session.scalars(select(Opening))])
        sizes = {len(one.commitment) for one in session.scalars(select(Leaf))}
    assert sizes == {32}
    for personal in ("Amira", "Khan", "amira@example.org", "Yusuf"):
        assert personal not in kept


def test_nothing_waits_in_the_outbox_when_all_is_done(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """Every mail is sent, dropped or refused: none is forgotten."""
    sign(app_context, amira)
    asked.send()
    with app_context.sessions.reading() as session:
        deliveries = set(session.scalars(select(Outbox.delivery)))
    assert deliveries == {Delivery.SENT}


def _without_key(app_context: AppContext) -> Settings:

    app_context._seal_key = None  # noqa: SLF001 - a process that has not read it yet
    return replace(
        app_context.settings, seal_file=app_context.settings.instance_path / "gone.p12"
    )


def _with_key(app_context: AppContext) -> Settings:

    folder: Path = app_context.settings.instance_path / "later"
    files = make_keys(folder, school="S", passphrase=PASSPHRASE, at=clock.now())
    return replace(app_context.settings, seal_file=files.seal_key)
