"""What is wrong in a register file, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, or worth a look, in a register file.

    Attributes:
        line: physical line of the file, counted from 1; where a row goes over
            several lines, its first.
        column: the column's name, or empty where the whole row or file is meant.
        what: what is wrong, as a clause without a full stop.
        remedy: what to do, as a sentence without a full stop.
        sheet: of a workbook; empty for a text file.
        cell: of that sheet, such as B3, where one is meant.
    """

    line: int
    column: str
    what: str
    remedy: str
    sheet: str = ""
    cell: str = ""

    def sentence(self) -> str:
        """For people: where, what, and what to do."""
        column = f", {self.column}" if self.column else ""
        where = f"Line {self.line}"
        if self.sheet:
            where = f"cell {self.cell}" if self.cell else f"row {self.line}"
            where = f"Sheet {shown(self.sheet)}, {where}"
        return f"{where}{column}: {self.what}. {self.remedy}."


def shown(cell: str) -> str:
    """A cell's words in quotation marks, safe and short enough for a terminal."""
    visible = "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in cell)
    if len(visible) > LONGEST_SHOWN:
        visible = visible[: LONGEST_SHOWN - 1] + "…"
    return f"“{visible}”"
