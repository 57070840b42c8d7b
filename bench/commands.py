"""What commands cost before they do anything: `--help`, `status`, `verify FILE`.

    .venv/bin/python -m bench.commands [ROUNDS]

Processor time of whole processes, the least of some rounds that take turns, beside a
program of click alone that prints its help. Prints one JSON document.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.table.figures import Figure
from bench.table.processes import command, program
from signer import clock
from signer.config import Settings
from signer.declaration.seal.seal import seal
from signer.pki.make_keys import SealKey, make_keys
from tests.conftest import PASSPHRASE
from tests.declaration.forgery import typeset_declaration

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3
HELP_ROUNDS = 5
LIMITS_MS = {"help": 100.0, "status": 500.0, "verify": 700.0}
NAMES = {"help": "--help", "status": "status", "verify": "verify FILE"}

BARE = (
    "import click\n"
    "group = click.Group('bare', help='A program.', commands={})\n"
    "group(['--help'])"
)
"""What no program that uses click can do without."""

HELP_LIMIT = 1.9
"""The most that `signer --help` may take, times that. Found: 1.25; something that
takes twice as long is 2.5."""


def main() -> None:
    """Measure, and print."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    print(json.dumps(measured(rounds), indent=2))


def figures(*, full: bool = False) -> list[Figure]:
    """Each command beside bare click."""
    found = measured(ROUNDS * (2 if full else 1))
    bare = found["bare"]
    return [
        Figure(
            f"`signer {words}`, processor",
            found[name],
            "ms",
            LIMITS_MS[name],
            found[name] / bare,
            "bare click",
        )
        for name, words in NAMES.items()
    ]


def help_ratio(rounds: int = HELP_ROUNDS) -> float:
    """The processor time of `signer --help` divided by that of bare click."""
    least = _least({"help": lambda: _signer("--help"), "bare": _bare}, rounds)
    return least["help"] / least["bare"]


def measured(rounds: int) -> dict[str, float]:
    """Milliseconds of processor time of each command, the least of some rounds.

    Args:
        rounds: how often each runs.
    """
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder)
        keys = make_keys(
            instance / "keys",
            school="My Online Schooling",
            passphrase=PASSPHRASE,
            at=clock.now(),
        )
        pdf = instance / "declaration.pdf"
        key = SealKey.load(keys.seal_key, PASSPHRASE)
        pdf.write_bytes(seal(typeset_declaration(), key, at=clock.now()).pdf)
        settings = Settings(
            instance=instance,
            secret_keys=("a secret of the benchmark and of no use anywhere else",),
            seal_passphrase=PASSPHRASE,
        )
        command(settings, "db", "upgrade")
        alone = replace(settings, instance=instance / "nothing")
        trust = ("--trust", str(keys.authority_certificate))
        return _least(
            {
                "bare": _bare,
                "help": lambda: _signer("--help"),
                "status": lambda: command(settings, "status").processor,
                "verify": lambda: command(alone, "verify", *trust, str(pdf)).processor,
            },
            rounds,
        )


def _least(work: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    taken = [{name: one() for name, one in work.items()} for _ in range(rounds)]
    return {name: 1000 * min(each[name] for each in taken) for name in work}


def _signer(*arguments: str) -> float:
    return program([sys.executable, "-m", "signer", *arguments]).processor


def _bare() -> float:
    return program([sys.executable, "-c", BARE]).processor


if __name__ == "__main__":
    main()
