"""Receipts carry their proof, and nothing about the log ever holds one back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from signer.ledger.proof_files import read_proof
from signer.store.log.tables import SignedCheckpoint
from signer.store.tables import Delivery, Outbox
from signer.workflows.log.origins import verifiers
from signer.workflows.log.sign_when_due import keep_log, sign_log_whole
from signer.workflows.requests.sign import sign_declaration
from tests.workflows.conftest import answers, words
from tests.workflows.log import logs

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage
    from pathlib import Path

    import pytest

    from signer.workflows.context import House
    from signer.workflows.requests.follow_link import Followed
    from tests.workflows.conftest import Post

SENTENCE = "The second file proves that your declaration is in the"


def sign(house: House, followed: Followed) -> str:
    assert followed.request_ref
    assert followed.link_fingerprint
    return sign_declaration(
        house,
        followed.request_ref,
        link_fingerprint=followed.link_fingerprint,
        answers=answers(house),
    ).declaration_id


def receipt(post: Post) -> EmailMessage:
    return post.to("Amira Khan")[-1]


def files(message: EmailMessage) -> dict[str | None, bytes]:
    return {
        one.get_filename(): one.get_payload(decode=True)
        for one in message.iter_attachments()
    }


def alarms(house: House) -> list[str]:
    with house.sessions.reading() as session:
        rows = select(Outbox.occasion).where(Outbox.occasion.startswith("alarm:log:"))
        return list(session.scalars(rows))


def test_a_receipt_carries_its_proof(
    house: House, amira: Followed, asked: Post
) -> None:
    """The head is signed before the receipt is written, and the mail explains it."""
    declaration_id = sign(house, amira)
    asked.send()
    message = receipt(asked)
    found = files(message)
    assert list(found) == [f"{declaration_id}.pdf", f"{declaration_id}.tlog-proof"]
    proof = read_proof(found[f"{declaration_id}.tlog-proof"].decode())
    (verifier,) = verifiers(house)
    assert proof.checkpoint.startswith(f"{verifier.name}\n")
    assert SENTENCE in words(message)
    html = message.get_body(("html",))
    assert html is not None
    assert SENTENCE in " ".join(html.get_content().split())


def test_without_the_key_the_receipt_goes_without_proof(
    house: House, amira: Followed, asked: Post, caplog: pytest.LogCaptureFixture
) -> None:
    """A missing key of the log is logged, and holds back no receipt."""
    house.settings = replace(
        house.settings, log_key_file=house.settings.instance / "none.p12"
    )
    declaration_id = sign(house, amira)
    assert asked.send() == 1
    message = receipt(asked)
    assert list(files(message)) == [f"{declaration_id}.pdf"]
    assert SENTENCE not in words(message)
    assert f"the receipt {declaration_id} goes without its proof" in caplog.text
    sign_log_whole(house)
    assert "signer keys log" in caplog.text
    assert alarms(house) == []


def test_a_broken_log_holds_back_no_receipt(
    house: House, amira: Followed, asked: Post, frozen: Callable[[timedelta], None]
) -> None:
    """The receipt goes without proof, and the headteacher hears of it once a day."""
    keep_log(house)
    logs.rewrite(house, 0)
    logs.regrow(house)
    declaration_id = sign(house, amira)
    asked.send()
    assert list(files(receipt(asked))) == [f"{declaration_id}.pdf"]
    assert keep_log(house) is None
    asked.send()
    (message,) = asked.to("head@my-online-schooling.example")
    text = " ".join(words(message).split())
    assert "The public log of declarations is not what it was" in text
    assert "Parents can go on signing" in text
    frozen(timedelta(days=1))
    keep_log(house)
    assert alarms(house) == ["alarm:log:2026-11-22", "alarm:log:2026-11-23"]


def test_an_alarm_that_is_over_is_not_sent(house: House, asked: Post) -> None:
    """Once the log can be signed again, nobody is alarmed about it."""
    keep_log(house)
    with house.sessions.reading() as session:
        size = session.scalars(select(SignedCheckpoint.size)).one()
    logs.say_size(house, size + 1)
    keep_log(house)
    logs.say_size(house, size)
    asked.send()
    assert alarms(house) != []
    assert asked.to("head@my-online-schooling.example") == []
    with house.sessions.reading() as session:
        row = session.scalars(select(Outbox).where(Outbox.kind == "head_alarm")).one()
        assert row.delivery is Delivery.DROPPED


def test_a_missing_database_is_logged_alone(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """What the database says is no reason for the worker to stop."""
    with house.sessions.writing() as session:
        session.execute(SignedCheckpoint.__table__.delete())
        session.connection().exec_driver_sql("DROP TABLE checkpoint")
    logs.append(house.sessions, 1)
    assert keep_log(house) is None
    assert "the public log is not signed" in caplog.text


def test_a_folder_that_is_gone_keeps_the_head(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The file outside is the smaller loss."""
    house.settings = replace(
        house.settings, checkpoint_file=tmp_path / "gone" / "checkpoint"
    )
    logs.append(house.sessions, 1)
    assert keep_log(house) is not None
    assert "could not be kept" in caplog.text
