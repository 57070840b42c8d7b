"""What a seal covers and how its value is written, where the forger has a key.

These are made with the school's own key, so that nothing but the form of the file
can say no.
"""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import TYPE_CHECKING

from tests.corpus.case import REFUSED, Room
from tests.corpus.raw import resealed, updated
from tests.corpus.sealing import hand_sealed
from tests.declaration.forgery import Gap, with_bytes_uncovered
from tests.declaration.pyhanko_signer import HeldKeySigner

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.corpus.bench import Bench

case = Room()


@case("The gap is wider than the seal's value.", REFUSED, "seal")
def gap_too_wide(bench: Bench) -> bytes:
    return with_bytes_uncovered(bench.sealed, bench.key)


@case("The gap begins before the seal's value.", REFUSED, "seal")
def gap_too_early(bench: Bench) -> bytes:
    return _with_gap(bench, lambda gap: Gap(gap.start - 1, gap.end))


@case("The gap is at another place, as long as the value.", REFUSED, "seal")
def gap_elsewhere(bench: Bench) -> bytes:
    return _with_gap(bench, lambda gap: Gap(gap.start - 9000, gap.end - 9000))


@case("The gap ends where the file does.", REFUSED, "seal")
def gap_to_the_end(bench: Bench) -> bytes:
    return _with_gap(bench, lambda gap: Gap(gap.start, len(bench.sealed)))


@case("The gap begins where the file does.", REFUSED, "seal")
def gap_from_the_start(bench: Bench) -> bytes:
    return _with_gap(bench, lambda gap: Gap(0, gap.end))


def _with_gap(bench: Bench, change: Callable[[Gap], Gap]) -> bytes:
    pdf = bench.sealed
    real = Gap.of(pdf)
    gap = change(real)
    old = re.findall(rb"/ByteRange \[[^\]]*\] *", pdf)[-1]
    new = b"/ByteRange [0 %d %d %d]" % (gap.start, gap.end, len(pdf) - gap.end)
    pdf = pdf.replace(old, new.ljust(len(old)))
    covered = pdf[: gap.start] + pdf[gap.end :]
    value = HeldKeySigner(bench.key).sign_digest(hashlib.sha256(covered).digest())
    return real.filled(pdf, value)


@case("The ranges overlap: some bytes are signed twice.", REFUSED, "seal")
def ranges_overlap(bench: Bench) -> bytes:
    return _with_gap(bench, lambda gap: Gap(gap.start, gap.start - 100))


@case("Six numbers for three ranges.", REFUSED, "seal")
def three_ranges(bench: Bench) -> bytes:
    pdf = bench.sealed
    old = re.findall(rb"/ByteRange \[[^\]]*\] *", pdf)[-1]
    gap = Gap.of(pdf)
    rest = len(pdf) - gap.end
    new = b"/ByteRange [0 9 9 %d %d %d]" % (gap.start - 9, gap.end, rest)
    return resealed(pdf.replace(old, new.ljust(len(old))), bench.key, gap)


WAYS = {
    "small-digits": lambda digits: digits.lower(),
    "mixed-digits": lambda digits: digits[:9].lower() + digits[9:],
    "white-space": lambda digits: digits[:-2] + b"\n ",
    "half-a-byte": lambda digits: digits[:-1] + b" ",
    "no-digits": lambda digits: digits[:-2] + b"zz",
    "a-comment": lambda digits: digits[:-4] + b"%%%%",
    "ended-early": lambda digits: digits[:-4] + b">000",
    "hidden-behind": lambda digits: digits[:-8] + b"C0FFEE00",
}
"""How the digits of a value may be written otherwise, at the same length."""


def _written(bench: Bench, way: Callable[[bytes], bytes]) -> bytes:
    pdf = hand_sealed(bench.key)
    gap = Gap.of(pdf)
    digits = way(pdf[gap.start + 1 : gap.end - 1])
    return pdf[: gap.start + 1] + digits + pdf[gap.end - 1 :]


for _name, _way in WAYS.items():
    case.add(
        f"value-{_name}",
        f"The seal's value is written otherwise: {_name.replace('-', ' ')}.",
        REFUSED,
        "seal",
        partial(_written, way=_way),
    )


@case("The value is a string in brackets, which means the same.", REFUSED, "seal")
def value_in_brackets(bench: Bench) -> bytes:
    pdf = hand_sealed(bench.key, room=4000)
    gap = Gap.of(pdf)
    room = gap.end - gap.start - 2

    def written(value: bytes) -> bytes:
        escaped = b"".join(
            b"\\%c" % one
            if one in b"()\\"
            else b"\\%03o" % one
            if one == 13
            else b"%c" % one
            for one in value
        )
        return b"(" + escaped + b")" + b" " * (room - len(escaped))

    covered = pdf[: gap.start] + pdf[gap.end :]
    value = HeldKeySigner(bench.key).sign_digest(hashlib.sha256(covered).digest())
    return pdf[: gap.start] + written(value) + pdf[gap.end :]


@case("The value is in another object, named by a reference.", REFUSED, "seal")
def value_elsewhere(bench: Bench) -> bytes:
    gap = Gap.of(bench.sealed)
    digits = bench.sealed[gap.start : gap.end]
    apart = b"9999 0 R".ljust(gap.end - gap.start)
    pdf = bench.sealed[: gap.start] + apart + bench.sealed[gap.end :]
    return updated(pdf, {9999: digits})
