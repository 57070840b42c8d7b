"""PostgreSQL is restarted while parents sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.production.harness.crowd import Crowd
from tests.production.harness.launching import until
from tests.production.harness.postgresql import postgresql_server
from tests.production.harness.rehearsal import new_database, rehearsal

if TYPE_CHECKING:
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

PARENTS = 24


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_parents_sign_across_a_restart_of_the_database(
    tmp_path: Path, key_files_of_today: KeyFiles, how: str
) -> None:
    """No process ends, nobody signs in vain, and everybody gets a receipt."""
    with (
        postgresql_server() as server,
        rehearsal(tmp_path / "school", new_database(server.address)) as school,
    ):
        school.furnish(key_files_of_today.seal_key.parent)
        school.import_register(range(PARENTS))
        school.open(workers=1)
        school.well("ask", "--yes")
        # A mail that is under way when the database goes stays leased for minutes.
        until(lambda: len(school.mail.links()) == PARENTS)
        crowd = Crowd(school, 4)
        crowd.start()
        until(lambda: crowd.look_at_mail() and len(crowd.seen.signed) >= 2)
        server.restart(how)
        until(lambda: crowd.look_at_mail() is not None and len(crowd.seen.signed) >= 8)
        server.restart(how)
        until(lambda: crowd.look_at_mail() == 0)
        crowd.stop()
        assert crowd.seen.problems == []
        assert len(crowd.seen.signed) == PARENTS
        school.let_time_pass()
        references = set(crowd.seen.references())
        until(lambda: references <= {one.declaration for one in school.mail.kept()})
        assert school.answers()
        assert school.problems(sorted(references)) == []
