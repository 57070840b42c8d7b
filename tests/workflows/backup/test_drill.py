"""The drill: back up, restore elsewhere, and go on as if nothing had happened."""

from __future__ import annotations

import json
import threading
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import pyrage
import pytest
from sqlalchemy import func, select

from signer.errors import LogBroken
from signer.store.engine import connect
from signer.store.log.tables import LogHead
from signer.store.tables import Declaration, SealedPdf
from signer.workflows.backup.create import back_up
from signer.workflows.backup.encryption import read_recipients
from signer.workflows.backup.restore import restore
from signer.workflows.campaigns.status import count_status
from signer.workflows.context import AppContext, open_context
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.log.check import check_log
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import look_up_link, open_link
from tests.cli.invoking import signer
from tests.conftest import database_of
from tests.workflows.backup.test_create import rows_of
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from pathlib import Path

    from signer.config import Settings
    from tests.sharing.states import Memory

NAMES = ("Amira Khan", "Tom O'Brien", "Niamh O'Brien")


@pytest.fixture
def used(
    app_context: AppContext, asked: Post, memory: Memory
) -> tuple[AppContext, Post]:
    """Amira has signed and has her receipt; the others have not."""
    memory.bring_about(app_context, _sign_for_amira)
    return app_context, asked


def _sign_for_amira(app_context: AppContext) -> None:
    post = Post(app_context)
    sign(app_context, open_link(app_context, post.token("Amira Khan")))
    sign_checkpoint(app_context)
    post.send()


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path
) -> Settings:
    """The settings of another machine, with an empty database of either system."""
    there = tmp_path / "elsewhere"
    there.mkdir()
    if request.param == "sqlite":
        url = f"sqlite:///{there / 'signer.sqlite3'}"
    else:
        import psycopg

        address = request.getfixturevalue("postgresql")
        name = f"elsewhere_{uuid.uuid4().hex}"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = database_of(address, name)
    return replace(settings, instance=there, database_url=url)


def test_everything_goes_on_where_it_was_restored(
    used: tuple[AppContext, Post], elsewhere: Settings, tmp_path: Path
) -> None:
    """From each system into each: the log holds, links open, the numbers are equal."""
    before, post = used
    identity = pyrage.x25519.Identity.generate()
    key = tmp_path / "backup.key"
    key.write_text(f"{identity}\n")
    file = tmp_path / "monday.backup.age"
    # That it was made is noted after it, and told nowhere else.
    at_that_moment = rows_of(before.sessions)
    done = signer(
        before.settings, "backup", str(file), "--recipient", str(identity.to_public())
    )
    assert done.exit_code == 0, done.output
    done = signer(elsewhere, "restore", str(file), "--identity", str(key))
    assert done.exit_code == 0, done.output
    app_context = open_context(elsewhere)
    try:
        assert rows_of(app_context.sessions) == at_that_moment
        held = before.settings.checkpoint_path.read_text()
        report = check_log(app_context, [("held", held)])
        assert (report.is_whole, report.problems) == (True, ())
        assert count_status(app_context) == count_status(before)
        token = post.token("Tom O'Brien")
        assert look_up_link(app_context, token).state is LinkState.OPEN
        sign(app_context, open_link(app_context, token), typed_name="Tom O'Brien")
        with pytest.raises(LogBroken, match="is missing"):
            sign_checkpoint(app_context)
        # As the guide says: the newest that anybody has.
        app_context.settings.checkpoint_path.write_text(held, newline="")
        assert sign_checkpoint(app_context, whole=True) is not None
    finally:
        app_context.sessions.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("elsewhere", ["sqlite"], indirect=True)
def test_a_backup_older_than_a_checkpoint_is_noticed(
    used: tuple[AppContext, Post], elsewhere: Settings, tmp_path: Path
) -> None:
    """Whoever holds a newer one shows that entries are gone; encrypted or not."""
    before, post = used
    identity = pyrage.x25519.Identity.generate()
    key, file = tmp_path / "backup.key", tmp_path / "old.age"
    key.write_text(f"{identity}\n")
    back_up(
        before.sessions, file, recipients=read_recipients([str(identity.to_public())])
    )
    sign(before, open_link(before, post.token("Tom O'Brien")), typed_name="Tom O'Brien")
    sign_checkpoint(before)
    newest = before.settings.checkpoint_path
    done = signer(elsewhere, "restore", str(file), "--identity", str(key))
    assert done.exit_code == 0, done.output
    done = signer(elsewhere, "log", "check", "--json", "--held", str(newest))
    assert done.exit_code == 1
    assert "entries are gone" in json.loads(done.stdout)["held"][0]["problem"]


def test_a_backup_holds_one_moment_while_parents_sign(
    used: tuple[AppContext, Post], tmp_path: Path
) -> None:
    """Each one taken meanwhile is whole by itself: what is counted is there."""
    app_context, post = used
    followed = [open_link(app_context, post.token(name)) for name in NAMES[1:]]
    backups: list[Path] = []
    signing = threading.Event()

    def sign_all() -> None:
        other = open_context(app_context.settings)
        try:
            for name, one in zip(NAMES[1:], followed, strict=True):
                signing.set()
                sign(other, one, typed_name=name)
            seal_outstanding(other)
        finally:
            other.sessions.close()

    thread = threading.Thread(target=sign_all)
    thread.start()
    assert signing.wait(60)
    while True:
        last = not thread.is_alive()
        backups.append(tmp_path / f"{len(backups)}.backup")
        back_up(app_context.sessions, backups[-1])
        if last:
            break
    thread.join()
    signed = []
    for path in {backups[0], backups[len(backups) // 2], backups[-1]}:
        sessions = connect(f"sqlite:///{path}.sqlite3")
        done = restore(sessions, path)
        with sessions.reading() as session:
            declarations = session.scalar(select(func.count(Declaration.id)))
            sealed = session.scalars(
                select(Declaration.pdf_sha256).where(
                    Declaration.pdf_sha256.is_not(None)
                )
            ).all()
            pdfs = set(session.scalars(select(SealedPdf.sha256)))
            head = session.scalars(select(LogHead.size)).one()
        assert set(sealed) <= pdfs
        assert head == done.entries
        # The log holds the asking, each signature and each seal: nothing between.
        assert head >= 1 + (declarations or 0) + len(sealed)
        there = AppContext(
            app_context.settings, sessions=sessions, versions=app_context.versions
        )
        assert check_log(there, []).problems == ()
        signed.append(declarations)
        sessions.close()
    assert max(one or 0 for one in signed) == 3
