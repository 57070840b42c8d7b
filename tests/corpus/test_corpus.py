"""Every file of the corpus gets the right answer, with a reason in plain words."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.declaration.verify import Outcome, Report, Result
from signer.declaration.verify.verify import verify
from tests.conftest import MOMENT, run
from tests.corpus.case import GENUINE, OPEN
from tests.corpus.cases import CASES
from tests.declaration.forgery import NO

if TYPE_CHECKING:
    from pathlib import Path

    from signer.declaration.verify.sandbox.pool import Examiners
    from tests.corpus.bench import Bench
    from tests.corpus.case import Case

pytestmark = pytest.mark.usefixtures("frozen")

LIGHT = [case for case in CASES if not case.heavy]
HEAVY = [case for case in CASES if case.heavy]
SOUND = [case for case in LIGHT if case.answer is GENUINE]
FORGED = [case for case in LIGHT if case.answer is not GENUINE]

# Not made where there is nothing to make them with, and no "no" of their own.
FURTHER = {"timestamp", "revocation", "typesetting"}
PLAIN = re.compile(r"[A-Z“].*\.")
JARGON = re.compile(r"xref|/[A-Z][a-z]|Error|Exception|object at|None|\bASN|\bCMS\b")


def by_name(case: Case) -> str:
    return case.name


def checked(case: Case, bench: Bench) -> tuple[bytes, Report]:
    """The file, and the report on it."""
    pdf = case.make(bench)
    known = {**bench.at_hand(deep=case.deep), **case.given(bench)}
    with clock.frozen(MOMENT + case.after):
        begun = time.process_time()
        report = verify(pdf, **known)
        assert time.process_time() - begun < 10
    return pdf, report


def said_no(report: Report) -> str | None:
    """The first check that says no; or else the first that leaves it open."""
    for outcome in (Outcome.FAILED, Outcome.NOT_CHECKED):
        for one in report.checks:
            if one.outcome is outcome and (
                outcome is Outcome.FAILED or one.name not in FURTHER
            ):
                return one.name
    return None


@pytest.mark.parametrize("case", LIGHT, ids=by_name)
def test_the_answer_is_right(case: Case, bench: Bench) -> None:
    """It is the one that the index states, and so is the check that gave it."""
    _, report = checked(case, bench)
    assert report.result is case.answer
    if case.answer is OPEN and case.step in FURTHER:
        found = next(one for one in report.checks if one.name == case.step)
        assert found.outcome is Outcome.NOT_CHECKED
    else:
        assert said_no(report) == case.step
    for one in report.checks:
        assert PLAIN.fullmatch(one.sentence), one.sentence
        assert not JARGON.search(one.sentence), one.sentence


@pytest.mark.parametrize("case", HEAVY, ids=by_name)
def test_what_is_made_to_use_up_a_machine_does_not(
    case: Case, bench: Bench, examiners: Examiners
) -> None:
    """There is an answer, it is a no, and the next file is looked at."""
    pdf = case.make(bench)
    assert examiners.verify(bench.sealed).genuine
    report = examiners.verify(pdf)
    assert report.result in NO
    assert said_no(report) is not None
    assert examiners.verify(bench.sealed).genuine


def test_every_kind_of_answer_is_in_the_corpus() -> None:
    """Names are used once, and no answer is left out."""
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert {case.answer for case in CASES} == set(Result)
    assert all(case.done.endswith(".") for case in CASES)


@pytest.mark.tool("pdfsig")
@pytest.mark.tool("mutool")
@pytest.mark.tool("qpdf")
@pytest.mark.parametrize("case", SOUND, ids=by_name)
def test_independent_programs_find_the_genuine_ones_sound(
    case: Case, bench: Bench, tmp_path: Path
) -> None:
    """Valid over the total document, unchanged, and sound, at every level."""
    path = tmp_path / case.file
    path.write_bytes(case.make(bench))
    printed = run("pdfsig", path)
    assert printed.count("Signature #") == 1
    assert "Total document signed" in printed
    assert "Signature Validation: Signature is Valid." in printed
    if "padding" not in case.name:  # mutool knows no RSA-PSS
        assert "unchanged since signing" in run("mutool", "sign", "-v", path)
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", path)


@pytest.mark.tool("pdfsig")
@pytest.mark.parametrize("case", FORGED[::5], ids=by_name)
def test_no_forgery_that_pdfsig_refuses_is_genuine_here(
    case: Case, bench: Bench, tmp_path: Path
) -> None:
    """Where an independent program says no, so does this one."""
    pdf, report = checked(case, bench)
    path = tmp_path / case.file
    path.write_bytes(pdf)
    printed = run("pdfsig", path, check=False)
    fine = "Signature is Valid" in printed and "Total document signed" in printed
    assert fine or not report.genuine
