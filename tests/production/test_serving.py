"""The service goes on, whatever becomes of its processes and of the files around it."""

from __future__ import annotations

import os
import re
import signal
import threading
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING
from urllib.request import urlopen

from sqlalchemy import text

from signer.store.engine import connect
from tests.production.harness.launching import children_of, until
from tests.production.harness.rehearsal import Rehearsal, name_of
from tests.production.harness.visitor import SIGNED

if TYPE_CHECKING:
    from tests.web.browsing import Page


def opened(school: Rehearsal, parents: range, processes: int = 2) -> None:
    """A school whose parents have been asked."""
    assert school.import_register(parents).exit_code == 0
    school.open(workers=1, processes=processes)
    school.well("ask", "--yes")
    for number in parents:
        school.link(number)


def web_children(school: Rehearsal) -> set[int]:
    """The processes that answer browsers."""
    return set(children_of(school.running["serve-0"].pid))


def is_replaced(school: Rehearsal, pid: int) -> bool:
    """Whether another process answers in the place of one."""
    return pid not in web_children(school) and len(web_children(school)) == 2


def replace_children(school: Rehearsal) -> None:
    """Kill every process that answers, one after the other."""
    for pid in web_children(school):
        os.kill(pid, signal.SIGKILL)
        until(partial(is_replaced, school, pid), what="another child")
        until(school.answers, what="an answer")


def signed_by_link(school: Rehearsal) -> int:
    """How many declarations there are."""
    versions = school.document("status")["versions"]
    return sum(version["signed_by_link"] for version in versions)


def test_processes_are_replaced_without_keys_and_versions(school: Rehearsal) -> None:
    """Keys moved away, `versions/` half pulled: parents sign, and get sealed PDFs."""
    parents = range(3)
    opened(school, parents)
    keys = school.settings.instance_path / "keys"
    away = keys.rename(keys.with_name("keys.away"))
    version = school.settings.versions_dir / "2.md"
    whole = version.read_bytes()
    version.write_bytes(whole[: len(whole) // 2])
    (school.settings.versions_dir / "3.md").write_text("---\nversion: 3\n", "utf-8")
    replace_children(school)
    for number in parents:
        signature = school.sign(number)
        assert signature.pdf
        assert signature.pdf.startswith(b"%PDF-")
    assert school.running["serve-0"].exit_code() is None
    away.rename(keys)
    version.write_bytes(whole)
    (school.settings.versions_dir / "3.md").unlink()
    assert signed_by_link(school) == len(parents)
    school.well("log", "check")


def test_a_release_is_followed_by_processes_that_held_the_old_texts(
    school: Rehearsal,
) -> None:
    """A child that replaces another one holds what the master read at its start."""
    opened(school, range(1))
    school.release()
    school.well("ask", "--yes")
    until(lambda: sum(one.link is not None for one in school.mail.kept()) == 2)
    replace_children(school)
    assert school.sign(0).pdf
    assert signed_by_link(school) == 1


def somebody_waits(school: Rehearsal, *, postgresql: bool) -> bool:
    """Whether a signature has reached a lock that another one holds."""
    if postgresql:
        sessions = connect(school.settings.database)
        with closing(sessions), sessions.reading() as session:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND datname = current_database() AND query LIKE '%declaration%'"
            )
            return bool(session.scalar(text(query)))
    with (
        suppress(OSError),
        urlopen(f"http://127.0.0.1:{school.ports[0]}/metrics", timeout=10) as answer,
    ):
        waited = re.search(
            r"^signer_database_write_waiting_seconds (\S+)",
            answer.read().decode(),
            re.MULTILINE,
        )
        return waited is not None and float(waited[1]) > 0
    return False


def test_a_signature_under_way_is_finished_when_the_service_stops(
    school: Rehearsal,
) -> None:
    """SIGTERM while it waits for the database: the parent reads "signed", once."""
    # A process tells of its own writers only, so there is one to be asked.
    opened(school, range(1), processes=1)
    visitor = school.visitor()
    page = visitor.fill_in(visitor.enter(school.link(0)), name_of(0))
    pages: list[Page] = []
    sessions = connect(school.settings.database)
    with sessions.writing() as session:
        postgresql = sessions.engine.dialect.name == "postgresql"
        # SQLite's transaction holds its one lock from the first statement.
        lock = "LOCK TABLE declaration IN SHARE MODE"
        session.execute(text(lock if postgresql else "SELECT 1"))
        button = threading.Thread(target=lambda: pages.append(visitor.confirm(page)))
        button.start()
        until(lambda: somebody_waits(school, postgresql=postgresql), what="the lock")
        master = school.running.pop("serve-0")
        os.kill(master.pid, signal.SIGTERM)
        until(lambda: not school.is_served(), what="no further answer")
        assert not pages
        assert master.exit_code() is None
    sessions.close()
    button.join(60)
    visitor.close()
    assert master.wait() == 0
    (answer,) = pages
    assert answer.heading.startswith(SIGNED)
    assert signed_by_link(school) == 1
