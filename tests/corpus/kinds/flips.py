"""Single bits flipped: some in every part of a file, and more where it matters.

The whole of it, byte for byte, is gone through by
``tests/declaration/verify/test_flips.py``.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from tests.corpus.case import OPEN, REFUSED, Room
from tests.declaration.forgery import Gap, flipped

if TYPE_CHECKING:
    from tests.corpus.bench import Bench

case = Room()

PLACES = {
    "a-page": (rb"/Type/Page/", "digest"),
    "the-catalogue-before-the-seal": (rb"/Type/Catalog/Pages ", "digest"),
    "the-text-of-a-page": (rb"/Filter/FlateDecode>>\s*stream\n.{40}", "digest"),
    "a-name-of-an-attachment": (rb"\(declaration.json\)", "digest"),
    "the-time-it-states": (rb"/M \(D\\0722026", "digest"),
    "the-changes-it-allows": (rb"/V /1.2\n/P 1", "digest"),
    "the-kind-of-seal": (rb"/SubFilter /ETSI.C", "seal"),
    "the-range": (rb"/ByteRange \[0 1", "seal"),
    "the-table": (rb"xref\r?\n0 1\n00000", "digest"),
}
"""Where, by what stands before the byte; and the step that says no."""


def _after(bench: Bench, pattern: bytes) -> bytes:
    found = list(re.finditer(pattern, bench.sealed, re.DOTALL))[-1]
    return flipped(bench.sealed, found.end() - 1, 0)


for _name, (_pattern, _step) in PLACES.items():
    case.add(
        f"flip-in-{_name}",
        f"One bit flipped in {_name.replace('-', ' ')}.",
        REFUSED,
        _step,
        partial(_after, pattern=_pattern),
    )


@case("One bit flipped in the first line.", OPEN, "file")
def flip_in_the_first_line(bench: Bench) -> bytes:
    return flipped(bench.sealed, 1, 0)


@case("One bit flipped in the last line.", OPEN, "file")
def flip_in_the_last_line(bench: Bench) -> bytes:
    return flipped(bench.sealed, len(bench.sealed) - 3, 0)


@case("One bit flipped where the last table is said to be.", OPEN, "file")
def flip_in_the_place_of_the_table(bench: Bench) -> bytes:
    return flipped(bench.sealed, bench.sealed.rindex(b"startxref") + 11, 0)


@case("One digit of the seal's value made small.", REFUSED, "seal")
def flip_to_a_small_digit(bench: Bench) -> bytes:
    gap = Gap.of(bench.sealed)
    place = next(
        place for place in range(gap.start, gap.end) if bench.sealed[place] in b"ABCDEF"
    )
    return flipped(bench.sealed, place, 5)


def _in_the_value(bench: Bench, tenths: int) -> bytes:
    gap = Gap.of(bench.sealed)
    value = gap.value(bench.sealed)
    signature = len(value) - 384 + tenths * 38
    return gap.filled(bench.sealed, flipped(value, signature, tenths % 8))


for _tenths in range(0, 10, 3):
    case.add(
        f"flip-in-the-signature-{_tenths}",
        "One bit flipped in the signature itself.",
        REFUSED,
        "signature",
        partial(_in_the_value, tenths=_tenths),
    )


def _spread(bench: Bench, share: int) -> bytes:
    return flipped(bench.sealed, len(bench.typeset) * share // 23, share % 8)


for _share in range(1, 22):
    case.add(
        f"flip-somewhere-{_share}",
        f"One bit flipped, {_share} parts in 23 of the way through the pages.",
        REFUSED,
        "digest",
        partial(_spread, share=_share),
    )
