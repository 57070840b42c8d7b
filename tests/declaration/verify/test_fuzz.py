"""Thousands of spoiled declarations: each gets an answer, and none is called genuine.

``FUZZ_EXAMPLES=20000`` in the environment makes each test try as many.
"""

from __future__ import annotations

import os
import resource
import time
import warnings
from random import Random
from typing import TYPE_CHECKING

import pytest
from asn1crypto import cms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signer.declaration.verify import Report, Result
from tests.declaration.forgery import NO, Gap
from tests.declaration.mutations import WORDS, edited
from tests.declaration.verify.test_verify import small_pdf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.usefixtures("frozen"),
    pytest.mark.timeout(0),
    # A failure is told with all arguments, and the files are among them.
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
MOST_SECONDS = 10
MOST_BYTES = 512 * 2**20

thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@pytest.fixture(autouse=True, scope="module")
def memory() -> Iterator[None]:
    """All of these tests together take little more than there was before."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * 1024 < MOST_BYTES


def answer(pdf: bytes, check: Callable[[bytes], Report]) -> Report:
    """The report, made in time and without a warning."""
    # A warning would be an error here, and the verification answers for errors too.
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        begun = time.process_time()
        report = check(pdf)
    assert time.process_time() - begun < MOST_SECONDS
    assert not seen, seen[0].message
    assert report.checks
    assert all(one.sentence.endswith(".") for one in report.checks)
    return report


def sealed_alike(one: bytes, other: bytes) -> bool:
    """Whether two files are the same but for bytes that no signature can cover."""
    gap = Gap.of(one)
    if one[: gap.start] != other[: gap.start] or one[gap.end :] != other[gap.end :]:
        return False
    return signed_parts(gap.value(one)) == signed_parts(gap.value(other))


def signed_parts(value: bytes) -> tuple[bytes, ...]:
    """The parts of a seal's value that are signed, or are the signature."""
    signed = cms.ContentInfo.load(value)["content"]
    (signer,) = signed["signer_infos"]
    own = signer["sid"].chosen["serial_number"].native
    certificates = [one.chosen for one in signed["certificates"]]
    return (
        signer["signed_attrs"].dump(),
        signer["signature"].dump(),
        next(one.dump() for one in certificates if one.serial_number == own),
    )


@pytest.mark.parametrize("level", ["sealed", "stamped"])
@given(seed=st.integers(0, 2**64))
@thorough
def test_no_spoiled_declaration_is_genuine(
    seed: int,
    level: str,
    sealed: bytes,
    judged: Callable[..., Report],
    one_stamped: bytes,
) -> None:
    """Whatever was edited, the answer is no, or what was signed is as it was."""
    genuine = sealed if level == "sealed" else one_stamped
    pdf = edited(Random(seed), genuine)
    report = answer(pdf, judged)
    if report.result not in NO:
        assert report.result is Result.GENUINE
        assert sealed_alike(genuine, pdf)


@given(seed=st.integers(0, 2**64))
@thorough
def test_no_spoiled_value_breaks_the_reading_of_it(
    seed: int, sealed: bytes, judged: Callable[..., Report]
) -> None:
    """The signature's own structure, spliced together otherwise."""
    gap = Gap.of(sealed)
    value = gap.value(sealed)
    chance = Random(seed)
    start, end, to = (chance.randrange(len(value)) for _ in range(3))
    more = chance.randbytes(chance.randint(0, 6))
    part = value[min(start, end) : max(start, end)] + more
    spliced = (value[:to] + part + value[to + len(part) :])[: len(value)]
    pdf = gap.filled(sealed, spliced)
    report = answer(pdf, judged)
    assert report.result in NO or sealed_alike(sealed, pdf)


objects = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(b" ".join)


@given(bodies=st.lists(objects, min_size=1, max_size=6), circular=st.booleans())
@thorough
def test_no_words_of_pdf_break_the_reader(
    bodies: list[bytes],
    circular: bool,  # noqa: FBT001
    judged: Callable[..., Report],
) -> None:
    """Objects of nothing but the words that PDFs are made of."""
    pdf = small_pdf(b"\0".join(bodies), circular=circular)
    assert answer(pdf, judged).result in NO


def test_a_value_of_another_kind_is_no_signature(
    sealed: bytes, judged: Callable[..., Report]
) -> None:
    """Every kind of content that there is a name for, in place of signed data."""
    gap = Gap.of(sealed)
    for kind in cms.ContentType._map.values():  # noqa: SLF001 - all of them
        value = bytearray(gap.value(sealed))
        named = cms.ContentType("signed_data").dump()
        other = cms.ContentType(kind).dump()
        if kind == "signed_data" or len(other) != len(named):
            continue
        start = value.index(named)
        value[start : start + len(named)] = other
        assert answer(gap.filled(sealed, bytes(value)), judged).result in NO
