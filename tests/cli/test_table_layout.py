"""Long tables in a terminal: row by row, and nothing cut off."""

from __future__ import annotations

from itertools import count, islice

from rich.cells import cell_len

from signer.cli.table_layout import MEASURED, laid_out


def test_rows_are_taken_as_they_are_wanted() -> None:
    """Those at the beginning say how wide the columns are."""
    endless = ([f"{one:05}", "x" * 12] for one in count())
    shown = list(islice(laid_out(["No", "Name"], endless, 40), 3 * MEASURED))
    assert shown[0].split() == ["No", "Name"]
    assert shown[-1].split() == [f"{3 * MEASURED - 2:05}", "x" * 12]


def test_what_is_wider_further_down_goes_on_in_the_next_line() -> None:
    """Between words where that can be, and within a word where it cannot."""
    rows = [["short", "1"]] * MEASURED + [["Ann van der Berg-Somerset", "2"]]
    last = list(laid_out(["Name", "No"], rows, 40))[-1]
    assert last.splitlines() == ["Ann    2", "van", "der", "Berg-", "Somer", "set"]


def test_no_line_is_wider_than_the_terminal() -> None:
    """Letters that take two cells are counted as two."""
    rows = [["王小明" * 9, "amira@example.org"], ["Zoë Müller", "z" * 50]]
    lines = "\n".join(laid_out(["Name", "Address"], rows, 30)).splitlines()
    assert max(map(cell_len, lines)) <= 30
    text = "".join(lines).replace(" ", "")
    assert text.count("王") == 9
    assert text.count("z") == 50


def test_no_cell_moves_the_cursor() -> None:
    """Control characters of a text are left out, and its lines stay lines."""
    [_, row] = laid_out(["What", "No"], [["one\r\x08two\nthree", "1"]], 40)
    assert row.splitlines() == ["onetwo  1", "three"]
