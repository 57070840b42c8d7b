"""Figures stand in the pages as they were measured, and nowhere by hand."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from bench.__main__ import LONG_PARTS, PARTS, measured
from bench.table.figures import RESULTS, Figure, Run, from_json, newest, shown, to_json
from bench.table.plots import growth, targets
from bench.table.written import BEGIN, END, first_page, page, table, with_figures
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable

FASTER = Figure("Fast & small", 1.256, "ms", 2.0, 1.5, "its peer")
LARGER = Figure(
    "Large", 12_345.6, "MiB", 10_000.0, sizes=((10, 1000.0), (40, 4000.0)), of="it"
)
RUN = Run("2026-11-30", {"cores": "2"}, (FASTER, LARGER), {"(other)": "it failed"})


def test_the_first_page_says_what_was_measured_last() -> None:
    """Its figures are those of the newest run that was kept."""
    text = (REPOSITORY / "README.md").read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert first_page(newest()) in text
    assert "not measured" not in first_page(newest())


def test_the_table_and_its_pictures_are_those_of_the_newest_run() -> None:
    """Nobody wrote a figure into them."""
    run = newest()
    assert (RESULTS / "README.md").read_text("utf-8") == page(run)
    assert (RESULTS / "targets.svg").read_text("utf-8") == targets(run)
    assert (RESULTS / "growth.svg").read_text("utf-8") == growth(run)


def test_results_tell_nothing_of_the_machine_but_what_matters() -> None:
    """Neither its name nor where the repository lies on it."""
    for path in RESULTS.iterdir():
        text = path.read_text("utf-8")
        assert str(REPOSITORY) not in text
        assert not re.search(rf"\b{re.escape(socket.gethostname())}\b", text)


def test_a_run_is_read_as_it_was_kept() -> None:
    """Nothing is lost between measuring and showing."""
    assert from_json(to_json(RUN)) == RUN


def test_the_table_says_what_was_found_and_what_was_not() -> None:
    """A target that was missed stands out, and so does a part that gave nothing."""
    assert table(RUN).splitlines()[2:] == [
        "| Fast & small | 2 ms | 1.26 ms | 1.5 times its peer |  | met |",
        "| Large | 10,000 MiB | 12,346 MiB |  | 4 times for 4 times it | **not met** |",
        "| (other) |  |  | it failed |  |  |",
    ]


def test_a_part_that_fails_or_takes_too_long_is_named_with_its_reason() -> None:
    """The others are measured all the same."""
    figures, trouble = measured("nowhere", 60.0, full=False)
    assert figures == ()
    assert "No module named 'bench.nowhere'" in trouble
    assert measured("redline", 0.01, full=False) == ((), "the time was up")
    assert measured("redline", 0.0, full=False) == ((), "the time was up")


def test_each_part_is_told_of() -> None:
    """What a row measures is in the page beside the results."""
    text = (REPOSITORY / "bench" / "README.md").read_text("utf-8")
    assert {one for one in PARTS + LONG_PARTS if f"**`{one}`**" not in text} == set()


@pytest.mark.parametrize("draw", [targets, growth])
def test_a_picture_says_in_words_what_it_shows(draw: Callable[[Run], str]) -> None:
    """It has a title and a description, and colours for light and dark."""
    drawn = draw(RUN)
    root = ET.fromstring(drawn)  # noqa: S314 - drawn a line above
    names = root.attrib["aria-labelledby"].split()
    told = {one.attrib["id"]: one.text for one in root.iter() if "id" in one.attrib}
    assert root.attrib["role"] == "img"
    assert all(told[name] for name in names)
    assert "prefers-color-scheme:dark" in drawn


def test_new_figures_take_the_place_of_the_old() -> None:
    """What stands around them stays."""
    before = f"Above.\n\n{BEGIN}old\n{END}\n\nBelow.\n"
    run = newest()
    assert with_figures(before, run) == f"Above.\n\n{first_page(run)}\n\nBelow.\n"


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (0.01234, "0.0123"), (1.0, "1"), (99.96, "100"), (1234.5, "1,234")],
)
def test_values_are_shown_to_three_digits(value: float, words: str) -> None:
    """What stands behind them is noise."""
    assert shown(value) == words
