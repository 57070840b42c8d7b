"""Receipts carry their proof, and nothing about the log ever holds one back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from signer.ledger.proof_files import read_proof
from signer.store.columns import Delivery
from signer.store.log.tables import SignedCheckpoint
from signer.store.tables import Outbox
from signer.workflows.log.origins import verifiers
from signer.workflows.log.sign_when_due import keep_log, sign_log_whole
from tests.workflows.conftest import files, sign, words
from tests.workflows.log import logs

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage
    from pathlib import Path

    import pytest

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed
    from tests.workflows.conftest import Post

SENTENCE = "The second file proves that your declaration is in the"


def receipt(post: Post) -> EmailMessage:
    return post.to("Amira Khan")[-1]


def alarms(app_context: AppContext) -> list[str]:
    with app_context.sessions.reading() as session:
        rows = select(Outbox.occasion).where(Outbox.occasion.startswith("alarm:log:"))
        return list(session.scalars(rows))


def test_a_receipt_carries_its_proof(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """The head is signed before the receipt is written, and the mail explains it."""
    declaration_id = sign(app_context, amira).declaration_id
    asked.send()
    message = receipt(asked)
    found = files(message)
    assert list(found) == [f"{declaration_id}.pdf", f"{declaration_id}.tlog-proof"]
    proof = read_proof(found[f"{declaration_id}.tlog-proof"].decode())
    (verifier,) = verifiers(app_context)
    assert proof.checkpoint.startswith(f"{verifier.name}\n")
    assert SENTENCE in words(message)
    html = message.get_body(("html",))
    assert html is not None
    assert SENTENCE in " ".join(html.get_content().split())


def test_without_the_key_the_receipt_goes_without_proof(
    app_context: AppContext,
    amira: Followed,
    asked: Post,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A missing key of the log is logged, and holds back no receipt."""
    app_context.settings = replace(
        app_context.settings,
        log_key_file=app_context.settings.instance_path / "none.p12",
    )
    declaration_id = sign(app_context, amira).declaration_id
    assert asked.send() == 1
    message = receipt(asked)
    assert list(files(message)) == [f"{declaration_id}.pdf"]
    assert SENTENCE not in words(message)
    assert f"the receipt {declaration_id} goes without its proof" in caplog.text
    sign_log_whole(app_context)
    assert "signer keys log" in caplog.text
    assert alarms(app_context) == []


def test_a_broken_log_holds_back_no_receipt(
    app_context: AppContext,
    amira: Followed,
    asked: Post,
    frozen: Callable[[timedelta], None],
) -> None:
    """The receipt goes without proof, and the headteacher hears of it once a day."""
    keep_log(app_context)
    logs.rewrite(app_context, 0)
    logs.regrow(app_context)
    declaration_id = sign(app_context, amira).declaration_id
    asked.send()
    assert list(files(receipt(asked))) == [f"{declaration_id}.pdf"]
    assert keep_log(app_context) is None
    asked.send()
    (message,) = asked.to("head@my-online-schooling.example")
    text = " ".join(words(message).split())
    assert "The public log of declarations has been changed" in text
    assert "Parents can still sign" in text
    frozen(timedelta(days=1))
    keep_log(app_context)
    assert alarms(app_context) == ["alarm:log:2026-11-22", "alarm:log:2026-11-23"]


def test_an_alarm_that_is_over_is_not_sent(
    app_context: AppContext, asked: Post
) -> None:
    """Once the log can be signed again, nobody is alarmed about it."""
    keep_log(app_context)
    with app_context.sessions.reading() as session:
        size = session.scalars(select(SignedCheckpoint.size)).one()
    logs.say_size(app_context, size + 1)
    keep_log(app_context)
    logs.say_size(app_context, size)
    asked.send()
    assert alarms(app_context) != []
    assert asked.to("head@my-online-schooling.example") == []
    with app_context.sessions.reading() as session:
        row = session.scalars(select(Outbox).where(Outbox.kind == "head_alarm")).one()
        assert row.delivery is Delivery.DROPPED


def test_a_missing_database_is_logged_alone(
    app_context: AppContext, caplog: pytest.LogCaptureFixture
) -> None:
    """What the database says is no reason for the worker to stop."""
    with app_context.sessions.writing() as session:
        session.execute(delete(SignedCheckpoint))
        for table in ("cosignature", "checkpoint"):
            session.connection().exec_driver_sql(f"DROP TABLE {table}")
    logs.append(app_context.sessions, 1)
    assert keep_log(app_context) is None
    assert "the public log is not signed" in caplog.text


def test_a_folder_that_is_gone_keeps_the_head(
    app_context: AppContext, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The file outside is the smaller loss."""
    app_context.settings = replace(
        app_context.settings, checkpoint_file=tmp_path / "gone" / "checkpoint"
    )
    logs.append(app_context.sessions, 1)
    assert keep_log(app_context) is not None
    assert "could not be kept" in caplog.text
