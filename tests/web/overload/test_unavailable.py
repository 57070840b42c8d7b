"""While the database cannot be used, everybody hears so, and no input is lost."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer.errors import DatabaseBusy
from signer.store.tables import Declaration
from signer.store.write_turns import STUCK_SECONDS, Patience
from signer.workflows.context import open_context
from tests.web.browsing import ADDRESS, GIVEN, SIGN, Browser, document_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.web.browsing import Page
    from tests.workflows.conftest import Post

HOLDING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another process holds the right to write for as long as this lasts."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield
        process.kill()


@pytest.fixture
def app_context(settings: Settings, app_context: AppContext) -> Iterator[AppContext]:
    """A context that waits half a second for others who write."""
    app_context.sessions.close()
    impatient = open_context(settings, patience=Patience(seconds=0.5))
    yield impatient
    impatient.sessions.close()


def declarations(app_context: AppContext) -> int:
    """How many there are."""
    with app_context.sessions.reading() as session:
        return session.scalar(select(func.count()).select_from(Declaration)) or 0


def test_a_signature_waits_for_a_database_that_is_busy(
    visitor: Browser,
    check: Callable[[str], Page],
    app_context: AppContext,
    tmp_path: Path,
) -> None:
    """The page says that it does not count yet, and one press sends it again."""
    checking = check("Amira Khan")
    with held(tmp_path / "signer.sqlite3"):
        page = visitor.press(checking, SIGN)
        assert page.status == 503
        assert page.headers["Retry-After"] == "30"
        assert "not signed" in page.text
        assert page.value("typed_name") == GIVEN["typed_name"]
        assert declarations(app_context) == 0
        again = visitor.press(page, "Try again")
        assert again.status == 503
        assert again.value("typed_name") == GIVEN["typed_name"]
    assert visitor.press(again, "Try again").heading.startswith("You have signed")
    assert declarations(app_context) == 1


def test_whoever_only_reads_is_answered_while_others_write(
    visitor: Browser, post: Post, tmp_path: Path
) -> None:
    """The landing page of a link, and the page for machines."""
    with held(tmp_path / "signer.sqlite3"):
        assert visitor.open(f"/s/{post.token('Amira Khan')}").status == 200
        assert visitor.open("/healthz").status == 200


def test_whoever_only_pressed_a_button_has_typed_nothing(
    visitor: Browser, post: Post, tmp_path: Path
) -> None:
    """The landing page's button: no word of anything typed, signed or sent."""
    landing = visitor.open(f"/s/{post.token('Amira Khan')}")
    with held(tmp_path / "signer.sqlite3"):
        page = visitor.press(landing, "Continue to the code of conduct")
    assert page.status == 503
    assert "Our records are busy" in page.text
    assert "typed" not in page.text
    assert "count it as not signed" not in page.text


def test_a_lock_is_told_once_and_not_as_ready(  # noqa: PLR0917 - fixtures
    app: Flask,
    visitor: Browser,
    check: Callable[[str], Page],
    app_context: AppContext,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Broken as soon as a signature is refused; one line of log, no traceback."""
    checking = check("Amira Khan")
    with held(tmp_path / "signer.sqlite3"):
        for _ in range(2):
            assert visitor.press(checking, SIGN).status == 503
        (finding,) = database_findings(app)
        assert finding["severity"] == "broken"
        assert "cannot be written: another writer holds it" in finding["problem"]
        metrics = app.test_client().get("/metrics", base_url=ADDRESS).text
        assert "signer_database_writable 0.0" in metrics
    assert caplog.text.count("the database cannot be written") == 1
    assert "Traceback" not in caplog.text
    assert database_findings(app) == []
    metrics = app.test_client().get("/metrics", base_url=ADDRESS).text
    assert "signer_database_writable 1.0" in metrics


def database_findings(app: Flask) -> list[dict[str, str]]:
    """What readiness finds about the database."""
    answer = app.test_client().get("/readyz", base_url=ADDRESS)
    findings = document_of(answer)["findings"]
    return [one for one in findings if one["kind"] == "database"]


def spoil(path: Path, how: str) -> None:
    """Make the database unusable, from another process."""
    command = {
        "gone": 'mv "$0" "$0.old"',
        "replaced": 'cp "$0" "$0.new" && mv "$0.new" "$0"',
        "without its log of writes": 'rm "$0-wal"',
    }[how]
    subprocess.run(["sh", "-c", command, path], check=True, capture_output=True)


@pytest.fixture
def halts(app: Flask) -> list[bool]:
    """One entry for each time the server was told to stop."""
    halted: list[bool] = []
    inner = app.wsgi_app

    def outer(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        environ["signer.halt"] = lambda: halted.append(True)
        return inner(environ, start_response)

    app.wsgi_app = outer  # type: ignore[method-assign] # as Flask has it wrapped
    return halted


@pytest.mark.parametrize("how", ["gone", "replaced", "without its log of writes"])
def test_nothing_is_confirmed_that_goes_into_files_nobody_will_find(
    halts: list[bool],
    visitor: Browser,
    check: Callable[[str], Page],
    tmp_path: Path,
    how: str,
) -> None:
    """Neither signing nor reading goes on, and the server is told to stop."""
    checking = check("Amira Khan")
    spoil(tmp_path / "signer.sqlite3", how)
    page = visitor.press(checking, SIGN)
    assert (page.status, page.value("typed_name")) == (503, GIVEN["typed_name"])
    assert visitor.open("/readyz").status == 503
    assert halts == [True, True]


def test_a_full_disk_is_no_fault_of_the_parent(
    app: Flask, visitor: Browser, check: Callable[[str], Page], app_context: AppContext
) -> None:
    """No page can be added to the database: the signature waits, with its input."""
    checking = check("Amira Khan")
    with closing(app_context.sessions.engine.raw_connection()) as connection:
        # The one connection that there is. What is free in the file is used up.
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE filler (content BLOB)")
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute(
            "INSERT INTO declaration (id, request_id, statement, statement_sha256, "
            "signed_at, seal_attempts) VALUES ('D-', 999, zeroblob(3500), '', "
            "'2026-11-22 14:10:13', 0)"
        )
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            while True:
                cursor.execute("INSERT INTO filler VALUES (zeroblob(3000))")
    page = visitor.press(checking, SIGN)
    assert (page.status, page.value("typed_name")) == (503, GIVEN["typed_name"])
    assert "cannot take anything new" in page.text
    assert declarations(app_context) == 1
    (finding,) = database_findings(app)
    assert finding["severity"] == "broken"
    assert "its disk is full" in finding["problem"]


def test_a_form_of_a_stranger_is_not_handed_back(
    visitor: Browser, post: Post, tmp_path: Path
) -> None:
    """What cannot be told from another site's form gets the page alone."""
    spoil(tmp_path / "signer.sqlite3", "gone")
    page = visitor.post("/link", {"email": "a@example.org", "csrf_token": "none"})
    assert page.status == 503
    assert page.value("email") is None


def test_writing_that_is_stuck_leaves_threads_for_others(
    settings: Settings, app_context: AppContext, tmp_path: Path
) -> None:
    """Once one writer waits too long, further ones are refused at once."""
    app_context.sessions.close()
    other = open_context(settings, patience=Patience(seconds=120, threads=1))

    def write() -> None:
        with other.sessions.writing():
            pass

    with held(tmp_path / "signer.sqlite3"):
        waiting = threading.Thread(target=write)
        waiting.start()
        time.sleep(STUCK_SECONDS + 1)
        with pytest.raises(DatabaseBusy):
            write()
        assert waiting.is_alive()
    waiting.join()
    other.sessions.close()
