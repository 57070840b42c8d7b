"""How many files are examined at once, and how many of one client in a while."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from signer.web import create_app
from signer.web.overload import admission
from signer.web.overload.admission import (
    LEAST_SECONDS,
    MOST_SECONDS,
    PLACES,
    SAVED_SECONDS,
    SHARE,
    Admission,
)
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from signer.config import Settings
    from signer.workflows.context import AppContext

CLIENT = "11.0.0.1"


class Clock:
    """A monotonic clock that is set by hand."""

    now = 1000.0

    def monotonic(self) -> float:
        """The time of the clock."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What budgets go by."""
    clock = Clock()
    monkeypatch.setattr(admission, "time", clock)
    return clock


def examine(places: Admission, clock: Clock, seconds: float) -> None:
    """Have a file of one client examined."""
    with places.place(CLIENT) as admitted:
        assert admitted
        clock.now += seconds


def test_processes_share_the_places(tmp_path: Path) -> None:
    """Never more at once than there are; a killed process gives back what it held."""
    told = tmp_path / "told"
    script = Path(__file__).with_name("competing.py")
    done = subprocess.run(
        [sys.executable, script, told],
        env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=True,
        timeout=120,
    )
    result = json.loads(done.stdout)
    assert result["ended"] == [0, 0]
    at_once = list(accumulate({43: 1, 45: -1}[byte] for byte in told.read_bytes()[:-1]))
    assert max(at_once) == PLACES
    assert at_once[-1] == 0
    assert result["kept"] == [False, False]
    assert result["given_back"] == [True, True]


def test_a_client_has_one_place() -> None:
    """And gets it back, however the examination ends."""
    places = Admission()
    with places.place(CLIENT) as first, places.place(CLIENT) as second:
        assert (first, second) == (True, False)
        with places.place("11.0.0.2") as other, places.place("11.0.0.3") as third:
            assert (other, third) == (True, False)
    with pytest.raises(RuntimeError, match="broke"), places.place(CLIENT):
        raise RuntimeError("broke")
    with places.place(CLIENT) as again:
        assert again


def test_a_school_behind_one_address_checks_its_declarations(clock: Clock) -> None:
    """Sixty at once, and six more each minute."""
    places = Admission()
    for _ in range(60):
        assert places.wait(CLIENT) == 0
        examine(places, clock, 0.1)
    clock.now += 60
    for _ in range(6):
        assert places.wait(CLIENT) == 0
        examine(places, clock, 0.1)


def test_long_examinations_use_the_budget_up(clock: Clock) -> None:
    """Of files that take all the time there is, a few pass, then one in a while."""
    places = Admission()
    passed = 0
    while not places.wait(CLIENT):
        examine(places, clock, MOST_SECONDS)
        passed += 1
    assert passed == 7
    wait = places.wait(CLIENT)
    assert 0 < wait <= MOST_SECONDS / SHARE
    assert places.wait("11.0.0.2") == places.wait(None) == 0
    clock.now += wait
    assert places.wait(CLIENT) == 0


def test_an_examination_has_a_least_and_a_most_cost(clock: Clock) -> None:
    """Sending files costs the service something, and a busy machine nobody."""
    places = Admission()
    for _ in range(round(SAVED_SECONDS / LEAST_SECONDS)):
        examine(places, clock, 0)
    assert places.wait(CLIENT) == 0
    examine(places, clock, 0)
    assert places.wait(CLIENT) == pytest.approx(LEAST_SECONDS / SHARE)
    slow = Admission()
    examine(slow, clock, 10_000)
    assert slow.wait(CLIENT) == 0


def test_who_is_not_told_apart_has_no_budget(clock: Clock) -> None:
    """Only the places are limited."""
    places = Admission(places=1)
    for _ in range(1000):
        with places.place(None) as admitted:
            assert admitted
            clock.now += 1
    assert places.wait(None) == 0


def test_every_application_of_a_process_shares_the_places(
    settings: Settings, app_context: AppContext
) -> None:
    """One that is made anew while another finishes what it examines."""
    first, second = (create_app(settings, app_context) for _ in range(2))
    desks = [app.extensions["verification_pool"] for app in (first, second)]
    assert desks[0].admission is desks[1].admission
