"""Four parents sign beside many readers and a short command; a kill loses none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from signer.errors import EXIT_DATABASE_REPLACED
from tests.production.harness.launching import until
from tests.production.harness.visitor import Unanswered

if TYPE_CHECKING:
    from tests.production.harness.rehearsal import Rehearsal

PARENTS = range(4)
VIEWS = 24

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def look(school: Rehearsal, number: int) -> int:
    """Open a page that reads the database; gives its status."""
    visitor = school.visitor()
    try:
        return visitor.open(f"/s/{school.link(number).rpartition('/')[2]}").status
    finally:
        visitor.close()


def test_what_was_confirmed_is_there_after_a_kill(school: Rehearsal) -> None:
    """24 views at once, `signer status`, four signatures, SIGKILL: four declarations.

    The views make each process open several connections; the command is the short
    program that once took the log of writes away under them.
    """
    school.open(workers=1)
    assert school.import_register(PARENTS).exit_code == 0
    school.well("ask", "--yes")
    for number in PARENTS:
        school.link(number)
    with ThreadPoolExecutor(VIEWS) as pool:
        views = pool.map(lambda one: look(school, one % len(PARENTS)), range(VIEWS))
        assert set(views) == {200}
    school.well("status")
    signatures = [school.sign(number) for number in PARENTS]
    school.kill()
    (campaign,) = school.document("status")["versions"]
    assert len({one.reference for one in signatures}) == len(PARENTS)
    assert campaign["signed_by_link"] == len(PARENTS)


def test_a_service_and_a_worker_stop_when_the_database_is_taken_away(
    school: Rehearsal,
) -> None:
    """Both end with a code that is not 0, and say why; no new file is made."""
    school.open(workers=1)

    def ready() -> int:
        visitor = school.visitor()
        try:
            return visitor.open("/readyz").status
        finally:
            visitor.close()

    # Whichever process answers has the database open from then on, and the worker has
    # given a sign of life.
    until(lambda: ready() == 200, what="a service and a worker that are ready")
    path = school.settings.instance_path / "signer.sqlite3"
    path.rename(path.with_name("elsewhere"))
    done = school.command("status")
    assert done.exit_code == EXIT_DATABASE_REPLACED
    assert "Nothing more is written" in done.stderr

    def ended() -> bool:
        with suppress(Unanswered):
            assert ready() == 503
        return school.running["serve-0"].exit_code() is not None

    until(ended, what="the end of the service")
    for name in ("serve-0", "worker-0"):
        process = school.running.pop(name)
        assert process.wait() == EXIT_DATABASE_REPLACED
        assert "writes nothing more" in school.log_of(name).read_text("utf-8")
    assert not path.exists()
