"""A short part of `make torture`: killed at random moments, nothing is lost."""

from __future__ import annotations

import random
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from tests.production.harness.mail_server import Kept
from tests.production.harness.moods import copies
from tests.production.torture import tortured

if TYPE_CHECKING:
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

KILLS = 15
SECONDS = 10


@pytest.mark.parametrize("system", ["sqlite", "postgresql"])
def test_killed_at_random_moments_nothing_is_lost(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    key_files_of_today: KeyFiles,
    system: str,
) -> None:
    """Web processes, workers and commands, while parents sign."""
    server = "" if system == "sqlite" else request.getfixturevalue("postgresql")
    keys = key_files_of_today.seal_key.parent
    chance = random.Random(20261128)
    with tortured(tmp_path / "school", server, keys, chance) as torture:
        outcome = torture.run(KILLS)
    assert outcome.problems == []
    assert outcome.kills.total() == KILLS
    assert outcome.signed > 0


def test_three_of_each_and_one_of_each_killed_every_second(
    postgresql: str, tmp_path: Path, key_files_of_today: KeyFiles
) -> None:
    """Several services and workers share one PostgreSQL server."""
    keys = key_files_of_today.seal_key.parent
    chance = random.Random(20261128)
    options = {"ports": 3, "workers": 3}
    with tortured(tmp_path / "school", postgresql, keys, chance, **options) as torture:
        outcome = torture.run_for(SECONDS)
    assert outcome.problems == []
    assert min(outcome.kills[kind] for kind in ("web", "service", "worker")) > 0
    assert outcome.signed > 0


def mail(name: str, sender: str, *, answered: bool = True) -> Kept:
    """A mail that was accepted."""
    message = EmailMessage()
    message["Message-ID"] = name
    return Kept(0, answered, sender, message)


def test_a_second_copy_is_excused_by_the_kill_of_its_sender_alone() -> None:
    """Not by that of another one, nor where it had gone on to another mail."""
    again = [mail("<1@x>", "first"), mail("<1@x>", "second")]
    assert copies(again, {"first"}).problems == []
    assert copies(again, {"first"}).killed == 1
    assert len(copies(again, {"second"}).problems) == 1
    gone_on = [mail("<1@x>", "first"), mail("<2@x>", "first"), mail("<1@x>", "second")]
    assert len(copies(gone_on, {"first"}).problems) == 1
    silent = [mail("<1@x>", "first", answered=False), *gone_on[1:]]
    assert copies(silent, set()).problems == []
    assert copies(silent, set()).unanswered == 1
