"""A campaign that is killed, again and again, asks everybody once."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from signer.config import Settings, environment
from signer.store import schema
from signer.store.engine import connect
from tests.policy.releasing import folder_of_2
from tests.production.harness.launching import Forked, kill_process

if TYPE_CHECKING:
    from pathlib import Path

PARENTS = 24_000
KILLS = 20
PATIENCE = 60.0


@pytest.fixture
def school(tmp_path: Path) -> Settings:
    """A school of many parents, whose site the service itself serves."""
    site = tmp_path / "site"
    site.mkdir()
    folder_of_2(site / "versions")
    settings = Settings(
        instance=tmp_path,
        secret_keys=("a secret of the tests that is long enough to be one",),
        versions_dir=site / "versions",
        site_dir=site,
    )
    sessions = connect(settings.database)
    schema.upgrade(sessions.engine)
    sessions.close()
    people = (
        (number, f"Parent {number}", f"parent {number}", f"p{number}@example.org")
        for number in range(1, PARENTS + 1)
    )
    with closing(sqlite3.connect(tmp_path / "signer.sqlite3")) as database, database:
        database.executemany(
            "INSERT INTO parent (id, name, name_key, email, email_key, added_at) "
            "VALUES (?1, ?2, ?3, ?4, ?4, '2026-11-01 00:00:00')",
            people,
        )
    return settings


def count(settings: Settings, query: str) -> int:
    path = settings.instance_path / "signer.sqlite3"
    with closing(sqlite3.connect(path, timeout=PATIENCE)) as database:
        return int(database.execute(query).fetchone()[0])


def newest(settings: Settings) -> int:
    """The last request's number, told without counting them all."""
    return count(settings, "SELECT coalesce(max(id), 0) FROM request")


def ask(settings: Settings) -> Forked:
    ours = {k: v for k, v in os.environ.items() if not k.startswith("SIGNER_")}
    given = {**ours, **environment(settings)}
    return Forked(
        ("ask", "--yes"),
        given,
        settings.instance_path,
        settings.instance_path / "ask.log",
    )


def test_killed_at_twenty_moments_nobody_is_missed_or_asked_twice(
    school: Settings,
) -> None:
    """Each run goes on where the last one was killed; the last one finishes."""
    asked = "SELECT count(*) FROM request"
    chance = random.Random(20_260_801)
    interrupted = 0
    for _ in range(KILLS):
        before, first = count(school, asked), newest(school)
        process = ask(school)
        deadline = time.monotonic() + PATIENCE
        # Kill it at work, and not while Python is still starting.
        while process.exit_code() is None and newest(school) == first:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.05))
        kill_process(process.pid)
        process.wait()
        reached = count(school, asked)
        assert reached == count(school, "SELECT count(*) FROM outbox")
        interrupted += before < reached < PARENTS
    assert interrupted, "not one kill hit a campaign at work"
    last = ask(school)
    assert last.wait(PATIENCE) == 0
    for query in (
        asked,
        "SELECT count(DISTINCT parent_id) FROM request",
        "SELECT count(*) FROM outbox WHERE kind = 'ask'",
        "SELECT count(DISTINCT request_id) FROM outbox",
    ):
        assert count(school, query) == PARENTS, query
    assert count(school, "SELECT count(*) FROM leaf") == 1, "one version is pinned"
