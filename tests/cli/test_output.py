"""Tables in a terminal."""

from __future__ import annotations

import pytest

from signer.cli.output import print_table

HEADINGS = ("Version", "Signed by link", "Outstanding")
ROWS = (("3", 0, 9), ("2", 1, 8))


def printed(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    print_table(HEADINGS, ROWS)
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_what_fits_is_a_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its head above its rows."""
    lines = printed(80, monkeypatch, capsys)
    assert [line.split() for line in lines] == [
        ["Version", "Signed", "by", "link", "Outstanding"],
        ["3", "0", "9"],
        ["2", "1", "8"],
    ]


def test_in_a_narrow_terminal_no_word_is_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each row is a block, each cell beside what it is called."""
    lines = printed(24, monkeypatch, capsys)
    assert [" ".join(line.split()) for line in lines] == [
        *("Version 3", "Signed by link 0", "Outstanding 9"),
        *("Version 2", "Signed by link 1", "Outstanding 8"),
    ]


def test_cells_are_text_in_a_block_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name in square brackets is a name."""
    monkeypatch.setenv("COLUMNS", "23")
    print_table(("Name", "Year", "Relationship"), [("[bold]", "[red]7", "mother")])
    out = capsys.readouterr().out
    assert "Name [bold]" in out.replace("\n", " ")
    assert "[red]7" in out
