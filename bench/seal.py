"""What typesetting and sealing take, beside what nobody could do without.

    .venv/bin/python -m bench.seal [rounds]

A declaration of another parent beside Typst's second look at it, which lays nothing
out and only writes the PDF; and a seal beside the bare RSA signature in it. All in
turn, in processor time of all threads, since other programs use the machine too: the
ratios are what counts. Prints one JSON document, in milliseconds, and ends with an exit
code other than 0 where a limit is broken.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import typst

from bench.table.figures import Figure
from signer import clock
from signer.declaration.pdf.declaration_pdf import typeset
from signer.declaration.seal.seal import seal
from signer.declaration.statement import to_json
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.pki.make_keys import SealKey, make_keys
from tests.conftest import PASSPHRASE
from tests.declaration.forgery import STATEMENT, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 40
WARM_UP = 3
"""Rounds that are not counted: what is made once is made in them."""

LIMITS = {
    # Found: 1.3.
    "seal / rsa": 2.1,
    # Found: 3.0. Where Typst lays the policy out for each parent: 7.
    "typeset / unchanged": 4.2,
}
"""Wide: a busy machine, or another processor, is far from them, and something that
takes twice as long is not."""

TYPESET_MS = 14.0
"""Of a machine with nothing else to do: the ratio says more."""

_Compiler = typst.Compiler


class _Twice:
    """A compiler that looks at each document once more, and says how long that took."""

    unchanged = 0.0

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - as Typst
        self._compiler = _Compiler(*given, **named)

    def compile(self, **named: Any) -> object:  # noqa: ANN401 - as Typst
        """Compile it twice; the second time it is unchanged."""
        made = self._compiler.compile(**named)
        began = time.process_time()
        self._compiler.compile(**named)
        _Twice.unchanged = time.process_time() - began
        return made


def main() -> None:
    """Measure, and print what was found."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    taken = measure(rounds)
    found: dict[str, dict[str, float]] = {
        name: {
            "median": round(statistics.median(times) * 1000, 2),
            "least": round(min(times) * 1000, 2),
        }
        for name, times in taken.items()
    }
    ratios = found["ratios"] = {
        "seal / rsa": round(_ratio(taken, "seal", "rsa"), 2),
        "typeset / unchanged": round(_ratio(taken, "typeset", "unchanged"), 2),
    }
    print(json.dumps(found, indent=2))
    sys.exit(any(ratios[which] >= limit for which, limit in LIMITS.items()))


def figures(*, full: bool = False) -> list[Figure]:
    """Typesetting and sealing, each beside what it cannot do without."""
    taken = measure(ROUNDS * (3 if full else 1))
    typeset, seal, rsa = (
        statistics.median(taken[name]) * 1000 for name in ("typeset", "seal", "rsa")
    )
    laid, sealed = _ratio(taken, "typeset", "unchanged"), _ratio(taken, "seal", "rsa")
    return [
        Figure("Seal", seal, "ms", None, sealed, "bare RSA signature"),
        Figure("Seal ÷ bare RSA signature", sealed, "", LIMITS["seal / rsa"]),
        Figure(
            "Typeset",
            typeset,
            "ms",
            TYPESET_MS,
            laid,
            "Typst's unchanged compile",
        ),
        Figure(
            "Typeset ÷ Typst's unchanged compile",
            laid,
            "",
            LIMITS["typeset / unchanged"],
        ),
        Figure(
            "Typeset and seal",
            typeset + seal,
            "ms",
            None,
            (typeset + seal) / rsa,
            "bare RSA signature",
        ),
    ]


def _ratio(taken: dict[str, list[float]], what: str, peer: str) -> float:
    """The median of a thing's time divided by its peer's of the same round.

    The least of either alone comes from a moment that the other may not have had.
    """
    pairs = zip(taken[what], taken[peer], strict=True)
    return statistics.median(one / other for one, other in pairs)


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds of processor time that each thing took, each time.

    Args:
        rounds: how often each is done.
    """
    with mock.patch.object(typst, "Compiler", _Twice):
        return _measured(rounds)


def _measured(rounds: int) -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        key = _key(Path(folder) / "keys")
    rendered, at = blocks(to_html(VERSION.body)), clock.now()
    taken: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - what it gives
        began = time.process_time()
        made = work()
        taken.setdefault(name, []).append(time.process_time() - began)
        return made

    for number in range(rounds + WARM_UP):
        raw = _statement(number)
        pdf = timed(
            "typeset",
            lambda raw=raw: typeset(raw, rendered, VERSION.source, VERSION.filename),
        )
        taken["typeset"][-1] -= _Twice.unchanged
        taken.setdefault("unchanged", []).append(_Twice.unchanged)
        timed("seal", lambda pdf=pdf: seal(pdf, key, at=at))
        timed("rsa", lambda: key.sign(bytes(100)))
    return {name: times[WARM_UP:] for name, times in taken.items()}


def _statement(number: int) -> bytes:
    name = f"Amira Khan the {number}th"
    return to_json(
        replace(
            STATEMENT,
            declaration_id=f"D-{number:04}-0000-0000",
            parent_name=name,
            typed_name=name,
        )
    )


def _key(folder: Path) -> SealKey:
    made = make_keys(
        folder, school="My Online Schooling", passphrase=PASSPHRASE, at=clock.now()
    )
    return SealKey.load(made.seal_key, PASSPHRASE)


if __name__ == "__main__":
    main()
