"""signer bounces, as people and programs read it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from signer import clock
from signer.cli import main
from signer.config import environment
from signer.store.tables import Outbox, Parent, Request
from signer.workflows.campaigns.ask import ask_parents
from tests.conftest import MOMENT
from tests.mail.bounce_examples import OUT_OF_OFFICE, report
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from signer.config import Settings
    from signer.workflows.context import AppContext


def signer(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, arguments, env={**environment(settings), "COLUMNS": "80"}
    )


@pytest.fixture
def reading(app_context: AppContext, tmp_path: Path) -> Settings:
    """Amira's mail came back, and somebody is out of office."""
    ask_parents(app_context)
    Post(app_context).send()
    with app_context.sessions.reading() as session:
        ref = session.scalars(
            select(Outbox.message_ref)
            .join(Request, Outbox.request_id == Request.id)
            .join(Parent)
            .where(Parent.name == "Amira Khan")
        ).one()
    folder = tmp_path / "returned"
    folder.mkdir()
    bounce = report(
        status="5.1.1",
        diagnostic="550 no such user",
        email="amira@example.org",
        ours=f"Message-ID: <{ref}@127.0.0.1>\n\n",
    )
    (folder / "1.eml").write_bytes(bounce)
    (folder / "2.eml").write_bytes(OUT_OF_OFFICE)
    return replace(app_context.settings, bounce_url=f"folder:{folder}")


def test_the_mailbox_is_read_at_once(reading: Settings) -> None:
    """The command says what came back, and what it left alone."""
    result = signer(reading, "bounces", "read")
    again = signer(reading, "bounces", "read", "--json")

    assert result.exit_code == 0
    assert result.stdout == (
        "1 came back, 0 were known to have, 0 tell of a delay, 1 are about no mail of "
        "ours and were left as they are.\n"
    )
    assert json.loads(again.stdout) == {
        "recorded": 0,
        "known": 0,
        "no_failure": 0,
        "unmatched": 1,
    }


def test_what_came_back_is_listed(reading: Settings) -> None:
    """As a table, as CSV and as JSON, and in the history of the parent."""
    empty = signer(reading, "bounces", "list")
    signer(reading, "bounces", "read")

    table = signer(reading, "bounces", "list")
    (row,) = csv.DictReader(
        io.StringIO(signer(reading, "bounces", "list", "--csv").stdout[1:])
    )
    (document,) = json.loads(signer(reading, "bounces", "list", "--json").stdout)
    history = signer(reading, "status", "--parent", "amira@example.org", "--csv")

    assert empty.stdout == "No mail has come back.\n"
    assert "Amira Khan" in table.stdout
    assert row["email"] == document["email"] == "amira@example.org"
    assert document == {
        "told_at": clock.iso(MOMENT),
        "parent": "Amira Khan",
        "email": "amira@example.org",
        "version": 2,
        "mail": "ask",
        "finality": "permanent",
        "status": "5.1.1",
        "diagnostic": "550 no such user",
        "lifted_at": None,
    }
    assert "mail (ask) came back: no such address,5.1.1 550 no such user" in (
        history.stdout
    )


def test_status_counts_it_apart(reading: Settings) -> None:
    """Bounced is neither accepted nor refused, for people and for programs."""
    signer(reading, "bounces", "read")

    (campaign,) = json.loads(signer(reading, "status", "--json").stdout)["versions"]
    (row,) = csv.DictReader(io.StringIO(signer(reading, "status", "--csv").stdout[1:]))

    assert (campaign["mail_accepted"], campaign["mail_bounced"]) == (3, 1)
    assert (row["mail_accepted"], row["mail_bounced"]) == ("3", "1")
    assert "bounced" in signer(reading, "status").stdout


def test_an_address_is_tried_again(reading: Settings) -> None:
    """Once; a second time there is nothing to send."""
    signer(reading, "bounces", "read")

    first = signer(reading, "bounces", "try-again", "amira@example.org")
    second = signer(reading, "bounces", "try-again", "amira@example.org")
    unknown = signer(reading, "bounces", "try-again", "nobody@example.org", "--json")

    assert first.stdout == "Mails that go out again: 1.\n"
    assert second.stdout == "No email to this address came back as undeliverable.\n"
    assert unknown.exit_code == 1
    assert "No parent in the register has this address" in unknown.stderr


def test_without_a_mailbox_the_command_says_so(app_context: AppContext) -> None:
    """And where the mailbox is not there, what is wrong with it."""
    missing = replace(app_context.settings, bounce_url="folder:/nowhere/at/all")

    none = signer(app_context.settings, "bounces", "read")
    away = signer(missing, "bounces", "read")

    assert none.exit_code == away.exit_code == 1
    assert "SIGNER_BOUNCE_URL names no mailbox" in none.stderr
    assert "the folder of bounces is not there" in away.stderr
