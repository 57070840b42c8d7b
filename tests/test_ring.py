"""A ring tells the worker to look now; without it nothing fails and nothing is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from signer import jobs as jobs_module
from signer.jobs import QUEUE_FILE, Jobs
from signer.register.rows import read_register
from signer.workflows.ask_parents import ask_parents
from signer.workflows.house import open_house
from signer.workflows.import_register import import_register
from tests.conftest import PEOPLE, REPOSITORY, environment_of
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.house import House

PATIENCE = 50


@pytest.fixture
def queue_of(settings: Settings) -> Iterator[Callable[[], Jobs]]:
    """Makes queues on one set of settings, as processes would; closes them all."""
    made: list[Jobs] = []

    def make() -> Jobs:
        made.append(Jobs(settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_ring_waits_for_whoever_answers(
    settings: Settings, queue_of: Callable[[], Jobs]
) -> None:
    """It stands in a file beside SQLite, or in PostgreSQL: for any other process."""
    queue_of().ring()
    assert len(queue_of().queue) == 1
    beside = (settings.instance / QUEUE_FILE).exists()
    assert beside is settings.database_url.startswith("sqlite")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_ring_that_is_not_heard_fails_nothing(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The folder is gone: what it would announce is committed, and the log tells."""
    folder = tmp_path / "queue"
    folder.mkdir()
    jobs = Jobs(replace(settings, instance=folder))
    jobs.close()
    shutil.rmtree(folder)
    jobs.ring()
    jobs.ring_for_all()
    assert caplog.text.count("the worker could not be called") == 2


def answer_once(jobs: Jobs, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a worker for the task that it gives itself, and for every ring so far."""

    def every_task() -> None:
        while task := jobs.queue.dequeue():
            jobs.queue.execute(task)

    consumer = SimpleNamespace(run=every_task)
    monkeypatch.setattr(jobs.queue, "create_consumer", lambda **_options: consumer)
    jobs.answer(house)


def test_a_fault_in_sealing_keeps_no_mail_back(
    house: House,
    queue_of: Callable[[], Jobs],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever happens to seals, letters go out; the log tells of the fault."""

    def fail(_house: House) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(jobs_module, "seal_outstanding", fail)
    ask_parents(house)
    answer_once(queue_of(), house, monkeypatch)
    assert len(Post(house).mails()) >= 4
    assert "ZeroDivisionError" in caplog.text


@pytest.fixture
def worker(settings_of_today: Settings) -> Iterator[House]:
    """A real worker, and the house it works for, whose parents were not asked."""
    jobs = Jobs(settings_of_today)
    house = open_house(settings_of_today, wake_worker=jobs.ring)
    import_register(house, read_register(PEOPLE.encode()))
    with subprocess.Popen(
        [sys.executable, "-m", "signer", "worker"],
        cwd=REPOSITORY,
        env=environment_of(house.settings),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if "worker ready" in line:
                break
        yield house
        process.terminate()
        process.communicate()
    assert process.returncode == 0
    jobs.close()
    house.sessions.close()


def test_a_ring_makes_a_real_worker_send(worker: House) -> None:
    """Asking rings, and four mails lie in the folder soon after."""
    ask_parents(worker)
    post, until = Post(worker), time.monotonic() + PATIENCE
    while len(post.mails()) < 4 and time.monotonic() < until:
        time.sleep(0.1)
    assert len([one for one in post.mails() if "example.org" in str(one["To"])]) == 4
