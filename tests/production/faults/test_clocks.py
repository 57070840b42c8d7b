"""Clocks that are wrong, and workers that were away: processes in another time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.pki.make_keys import make_keys
from tests.conftest import PASSPHRASE
from tests.production.harness.launching import in_another_time, until
from tests.production.harness.rehearsal import Rehearsal, address_of, rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.production.harness.visitor import Signature

pytestmark = pytest.mark.tool("faketime")

PARENTS = range(3)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys that the school has had for a month."""
    made = make_keys(
        tmp_path_factory.mktemp("month") / "keys",
        school="My Online Schooling",
        passphrase=PASSPHRASE,
        at=clock.now() - timedelta(days=30),
        extra_files={LOG_KEY: new_log_key(PASSPHRASE)},
    )
    return made.seal_key.parent


@pytest.fixture
def school(tmp_path: Path, keys: Path) -> Iterator[Rehearsal]:
    """A school whose parents have been asked; nothing runs yet."""
    with rehearsal(tmp_path / "school") as school:
        school.furnish(keys)
        school.import_register(PARENTS)
        school.well("ask", "--yes")
        yield school


def wait_for_receipt(school: Rehearsal, signature: Signature) -> None:
    """The receipt of a declaration has come."""
    until(
        lambda: signature.reference in {one.declaration for one in school.mail.kept()},
        what="the receipt",
    )


def verified(school: Rehearsal, signature: Signature) -> str:
    """What `signer verify` says of a PDF, by a clock that is right."""
    path = school.folder / f"{signature.reference}.pdf"
    path.write_bytes(signature.pdf or b"")
    done = school.command("verify", str(path))
    return " ".join(done.stdout.split())


def test_parents_sign_by_a_clock_that_is_two_hours_behind(school: Rehearsal) -> None:
    """It was set back; links, sessions, seals, the log and receipts go on."""
    school.open(workers=1)
    assert all(school.link(number) for number in PARENTS)
    school.close()
    school.variables = in_another_time("-2h")
    school.open(workers=1)
    behind = school.sign(0)
    wait_for_receipt(school, behind)
    school.close()
    school.variables = {}
    school.open(workers=1)
    after = school.sign(1)
    wait_for_receipt(school, after)
    for signature in (behind, after):
        assert "You can rely on it." in verified(school, signature)
    school.well("log", "check")
    assert school.problems([behind.reference, after.reference]) == []


def test_parents_sign_by_a_clock_that_is_two_days_ahead(school: Rehearsal) -> None:
    """What it made says so once the clock is right, and is never called forged."""
    school.variables = in_another_time("+2d")
    school.open(workers=1)
    ahead = school.sign(0)
    wait_for_receipt(school, ahead)
    links = {number: school.link(number) for number in PARENTS}
    school.close()
    school.variables = {}
    school.open(workers=1)
    after = school.sign(1)
    assert links[1] == school.link(1), "links of a clock ahead open at once"
    wait_for_receipt(school, after)
    assert "time that has not come yet" in verified(school, ahead)
    assert "You can rely on it." in verified(school, after)
    school.well("log", "check")
    assert school.problems([ahead.reference, after.reference]) == []


def test_a_worker_that_was_away_for_a_week_makes_up_for_it(school: Rehearsal) -> None:
    """Parents signed meanwhile; each mail goes out once, and no pile of reminders."""
    school.open(workers=1)
    assert all(school.link(number) for number in PARENTS)
    assert school.stop("worker-0") == 0
    signature = school.sign(0)
    school.variables = in_another_time("+8d")
    school.work()
    wait_for_receipt(school, signature)
    assert school.stop("worker-0") == 0
    sent = Counter(one.id for one in school.mail.kept())
    assert set(sent.values()) == {1}
    reminded = Counter(one.to for one in school.mail.kept() if one.link)
    assert all(reminded[address_of(number)] <= 2 for number in PARENTS), reminded
    assert reminded[address_of(0)] == 1
