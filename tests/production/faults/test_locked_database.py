"""Another program holds the database for long, while parents read and sign."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from tests.production.harness.launching import until
from tests.production.harness.rehearsal import name_of
from tests.production.harness.visitor import SIGNED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.production.harness.launching import Done
    from tests.production.harness.rehearsal import Rehearsal
    from tests.production.harness.visitor import Visitor
    from tests.web.browsing import Page

SECONDS = 40.0
"""How long it is held: longer than parents, the worker and commands wait."""

PAUSE_SECONDS = 0.5
"""Between two looks at the pages."""

PARENTS, MORE = range(4), range(6)
AGAIN = "Try again"

SQLITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
POSTGRESQL = """
import psycopg, sys
connection = psycopg.connect(sys.argv[1])
connection.execute("LOCK TABLE declaration, parent IN EXCLUSIVE MODE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(database: str) -> Iterator[None]:
    """Another process keeps everybody from storing a declaration."""
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        program, address = SQLITE, url.database or ""
    else:
        plain = url.set(drivername="postgresql")
        program, address = POSTGRESQL, plain.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", program, address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield
        process.kill()


def test_reading_goes_on_and_signing_is_put_off(school: Rehearsal) -> None:
    """Nobody is told "signed"; the same form signs later, and the worker goes on."""
    school.import_register(PARENTS)
    school.open(workers=1)
    school.well("ask", "--yes")
    parents = {number: school.visitor() for number in PARENTS}
    forms = {
        number: visitor.fill_in(visitor.enter(school.link(number)), name_of(number))
        for number, visitor in parents.items()
    }
    answers: dict[int, Page] = {}

    def confirm(number: int, visitor: Visitor) -> None:
        answers[number] = visitor.confirm(forms[number])

    threads = [
        threading.Thread(target=confirm, args=pair, daemon=True)
        for pair in parents.items()
    ]
    rounds = 0
    imported: list[Done] = []
    command = threading.Thread(
        target=lambda: imported.append(school.import_register(MORE)), daemon=True
    )
    with held(school.settings.database):
        until_when = time.monotonic() + SECONDS
        for thread in [*threads, command]:
            thread.start()
        while time.monotonic() < until_when or any(
            thread.is_alive() for thread in [*threads, command]
        ):
            waiting = all(one.is_alive() for one in threads)
            read(school)
            rounds += waiting and all(one.is_alive() for one in threads)
            time.sleep(PAUSE_SECONDS)
        # While those who sign wait, those who read do not.
        assert rounds > 1
        # Nor does a command wait for ever, and it says why.
        (done,) = imported
        assert done.exit_code == 1
        assert "another writer holds it" in done.stderr
        # Each was answered while the database was still held.
        for number, page in answers.items():
            assert page.status == 503, page.text
            assert "not signed" in page.text
            assert page.value("typed_name") == name_of(number)
    assert sorted(answers) == list(PARENTS)
    references = set()
    for number, visitor in parents.items():
        page = visitor.press(answers[number], AGAIN)
        assert page.heading.startswith(SIGNED), page.text
        references.add(visitor.signature(page).reference)
        visitor.close()
    until(lambda: references <= {one.declaration for one in school.mail.kept()})
    assert school.answers()
    assert school.problems(sorted(references)) == []


def read(school: Rehearsal) -> None:
    """Open the page of a link, a page of the site, and what machines ask."""
    visitor = school.visitor()
    try:
        landing = visitor.open("/s/" + school.link(0).rpartition("/s/")[2])
        assert landing.status == 200
        assert visitor.client.get("/versions/2.md").status_code == 200
        assert visitor.client.get("/healthz").status_code == 200
        # It may say that something waits, but says so.
        assert visitor.client.get("/readyz").status_code in {200, 503}
    finally:
        visitor.close()
