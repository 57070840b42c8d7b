"""A school's files from before an upgrade: the database, a backup, a sealed PDF."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer import clock
from signer.store.log.append import root_of
from signer.store.log.tables import LogHead
from signer.store.tables import Base, SealedPdf
from signer.workflows.campaigns.status import Campaign, count_status
from signer.workflows.context import AppContext, open_context
from signer.workflows.log.origins import verifiers
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import open_link
from tests.cli.invoking import signer
from tests.conftest import MOMENT
from tests.kept.opening import DATABASE, agree, as_sqlite_holds_it, empty_on, rows_of
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from signer.config import Settings

KEPT = Path(__file__).parent / "schema_0005"
LINK = json.loads((KEPT / "link.json").read_text())
CHECKPOINT = (KEPT / "checkpoint").read_text()
PDF = (KEPT / "declaration.pdf").read_bytes()

LATER = KEPT.with_name("schema_0010")


@pytest.fixture
def kept() -> Path:
    """The school's folder."""
    return KEPT


@pytest.fixture
def opened_at() -> datetime:
    """A day later."""
    return MOMENT + timedelta(days=1)


def test_every_row_is_what_it_was(app_context: AppContext) -> None:
    """Each value of each column that there was, moments and bytes among them."""
    before = rows_of(KEPT / DATABASE)
    assert sum(map(len, before.values())) > 30
    with app_context.sessions.reading() as session:
        for name, rows in before.items():
            table = Base.metadata.tables[name]
            after = [
                {key: as_sqlite_holds_it(row[key]) for key in rows[0]} if rows else {}
                for row in session.execute(select(table)).mappings()
            ]
            assert sorted(after, key=repr) == sorted(rows, key=repr), name


def test_what_the_school_had_goes_on(app_context: AppContext, tmp_path: Path) -> None:
    """Numbers, links, log, record and PDFs agree; what waits is sent and signed."""
    [campaign] = count_status(app_context).campaigns
    assert campaign == Campaign(
        version=2,
        label="August 2022",
        asked=3,
        mail_accepted=2,
        mail_bounced=0,
        mail_refused=1,
        mail_waiting=0,
        mail_none=0,
        signed_by_link=1,
        signed_on_paper=1,
        declined=0,
        superseded=0,
        withdrawn=0,
        disputed=0,
        need_not_sign=0,
        outstanding=1,
        without_email=0,
        levels={"B-B": 1},
        unsealed=0,
    )
    size, root = CHECKPOINT.split("\n")[1:3]
    with app_context.sessions.reading() as session:
        assert session.scalars(select(LogHead.size)).one() == int(size)
        assert b64encode(root_of(session, int(size))).decode() == root
    held = str(KEPT / "checkpoint")
    agree(app_context.settings, "log", "check", "--held", held)
    agree(app_context.settings, "check", "--verify")

    post = Post(app_context)
    assert post.send() == 1
    [receipt] = post.to("Amira Khan")
    attached, _proof = receipt.iter_attachments()
    assert attached.get_content() == PDF

    followed = open_link(app_context, LINK["token"])
    assert followed.state is LinkState.OPEN
    sign(app_context, followed, typed_name="Tom O'Brien")
    assert sign_checkpoint(app_context, whole=True)
    agree(app_context.settings, "log", "check", "--held", held)
    agree(app_context.settings, "check", "--verify")


def test_a_declaration_sealed_then_is_genuine_now(app_context: AppContext) -> None:
    """With the school's record beside it, which keeps the same bytes."""
    done = signer(
        app_context.settings, "verify", "--json", str(KEPT / "declaration.pdf")
    )
    [report] = json.loads(done.stdout)["files"]
    assert (done.exit_code, report["result"]) == (0, "genuine")
    checks = {check["name"]: check for check in report["checks"]}
    assert checks["record"]["outcome"] == "passed", checks["record"]
    with app_context.sessions.reading() as session:
        [pdf] = session.scalars(select(SealedPdf))
        assert pdf.content == PDF
        assert pdf.sha256 == hashlib.sha256(PDF).hexdigest()
    # Sealed behind Typst's last line, which then had no line end.
    assert re.search(rb"%%EOF\d+ 0 obj", PDF)


@pytest.mark.parametrize("how", ["restored-sqlite"])
def test_a_bundle_made_then_is_whole_now(
    app_context: AppContext, settings: Settings, how: str, tmp_path: Path
) -> None:
    """An auditor who kept it, and the checkpoint, finds what was found then."""
    log_key = tmp_path / "log.vkey"
    log_key.write_text("".join(f"{one}\n" for one in verifiers(app_context)))
    options = ["--trust", str(settings.trust_file), "--log-key", str(log_key)]
    options += ["--held", str(LATER / "checkpoint"), "--unsigned-list"]
    agree(app_context.settings, "audit", "check", str(LATER / "audit.zip"), *options)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_backup_made_then_is_restored_and_goes_on(
    settings: Settings, database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Both declarations, their PDFs and the log are what they were."""
    url = f"sqlite:///{tmp_path / 'later.sqlite3'}"
    if database == "postgresql":
        url = empty_on(request.getfixturevalue("postgresql"))
    settings = replace(settings, database_url=url)
    with clock.frozen(MOMENT + timedelta(days=2)):
        agree(settings, "restore", str(LATER / "all.backup"))
        agree(settings, "log", "check", "--held", str(LATER / "checkpoint"))
        agree(settings, "check", "--verify")
        with (
            closing(open_context(settings).sessions) as sessions,
            sessions.reading() as session,
        ):
            pdfs = [one.content for one in session.scalars(select(SealedPdf))]
        assert PDF in pdfs
        assert len(pdfs) == 2
