"""A run as people read it: the table, and the three figures of the first page."""

from __future__ import annotations

from bench.table.figures import Figure, Run, shown

HEAD = ("figure", "at most", "today", "beside its peer", "how it grows", "target")

PRESS = "Press that signs, median (SQLite)"
PRESS_SLOW = "Press that signs, one in twenty takes longer (SQLite)"
MAILS = "10,000 mails over one SMTP server"
CHECK = "Checking 1,000 declarations"

BEGIN, END = "<!-- figures: make bench -->\n", "<!-- end of figures -->"
"""What the figures of the first page stand between."""


def cells(figure: Figure) -> tuple[str, ...]:
    """A row of the table."""
    limit = "" if figure.limit is None else shown(figure.limit, figure.unit)
    peer = ""
    if figure.ratio is not None:
        peer = f"{shown(figure.ratio)} times {figure.peer}"
    verdict = "" if figure.limit is None else "met" if figure.met else "**not met**"
    value = shown(figure.value, figure.unit)
    return figure.name, limit, value, peer, figure.growth, verdict


def table(run: Run) -> str:
    """The table, as Markdown."""
    rows = [cells(figure) for figure in run.figures]
    rows += [(name, "", "", why, "", "") for name, why in run.not_measured.items()]
    lines = [HEAD, tuple("-" * len(cell) for cell in HEAD), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def page(run: Run) -> str:
    """The page of the results, as Markdown."""
    machine = ", ".join(f"{name} {value}" for name, value in run.machine.items())
    return (
        "# Figures\n\n"
        f"Written by `make bench` on {run.date}: {machine}.\n"
        "What each row measures, and what holds those that miss their target, is in\n"
        "[bench/README.md](../README.md). Read the ratios first: seconds are of that\n"
        "machine on that day.\n\n"
        f"{table(run)}\n"
        "![Each figure as a part of its target](targets.svg)\n\n"
        "![How each figure grows with size](growth.svg)\n"
    )


def first_page(run: Run) -> str:
    """What the repository's first page says, with its marks."""
    rows = (
        ("A parent waits for the answer to the button that signs", run.words(PRESS)),
        ("One parent in twenty waits longer than", run.words(PRESS_SLOW)),
        ("10,000 parents are mailed in", run.words(MAILS)),
        ("1,000 declarations are checked in", run.words(CHECK)),
    )
    lines = [
        "| on two cores | found |\n",
        "|---|---|\n",
        *(f"| {what} | {it} |\n" for what, it in rows),
    ]
    return f"{BEGIN}\n{''.join(lines)}\nMeasured on {run.date}.\n\n{END}"


def with_figures(text: str, run: Run) -> str:
    """A page with its figures replaced by those of a run."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + first_page(run) + after
