"""The page of what the judges said, from what they might have said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from signer.declaration.verify import Result
from tests.corpus.cases import ROOMS
from tests.judges.files import ARCHIVED, PLAIN, TIMED, VERSION, File
from tests.judges.names import NAMES
from tests.judges.running import JUDGES, Judge
from tests.judges.table import KINDS, PAGE, page, versions
from tests.judges.verdicts import Judged

AT = datetime(2026, 12, 1, tzinfo=UTC)
NAME = "محمد John خان"
WORDS = f"Made by {NAME} Signature {NAME} {NAME} {NAME}"
GOOD = {
    "DSS": {
        "verdict": "TOTAL_PASSED",
        "signatures": "1",
        "form": "PAdES-BASELINE-B",
        "changes": "no",
    },
    "veraPDF": {"3a": "pass", "ua1": "pass"},
    "PDFBox": {
        "seal": "good",
        "trusted": "yes",
        "signatures": "1",
        "covers": "whole",
        "words": WORDS,
    },
    "pdf.js": {"words": WORDS.replace(" ", "")},
}


def file_of(kind: str = PLAIN, answer: Result = Result.GENUINE) -> File:
    return File(Path("a.pdf"), kind, "P-256", "It was done.", name=NAME, answer=answer)


@pytest.mark.parametrize(
    ("judge", "found", "value"),
    [
        ("DSS", "verdict", "INDETERMINATE/TRY_LATER"),
        ("DSS", "changes", "yes"),
        ("DSS", "form", "PAdES-BASELINE-T"),
        ("veraPDF", "3a", "fail 6.1.9-1"),
        ("PDFBox", "seal", "bad"),
        ("PDFBox", "covers", "part"),
        ("PDFBox", "stamp", "of something else"),
        ("PDFBox", "words", WORDS.replace("محمد", "دمحم")),
        ("pdf.js", "words", "خان John محمد" * 4),
        ("pdf.js", "error", "cannot be read"),
    ],
)
def test_one_wrong_word_is_a_fault(judge: str, found: str, value: str) -> None:
    """Whatever a judge finds otherwise than it should be is told, by that judge."""
    assert all(Judged(file_of(), GOOD).accepts(one) for one in GOOD)
    said = {**GOOD, judge: {**GOOD[judge], found: value}}
    spoilt = Judged(file_of(), said)
    assert [one for one in GOOD if not spoilt.accepts(one)] == [judge]


@pytest.mark.parametrize("kind", [TIMED, ARCHIVED])
def test_a_file_without_its_timestamp_is_not_accepted(kind: str) -> None:
    """A plain seal does where a plain seal is expected, and nowhere else."""
    judged = Judged(file_of(kind), GOOD)
    assert not judged.accepts("DSS")
    assert not judged.accepts("PDFBox")


@pytest.mark.parametrize("judge", ["PDFBox", "pdf.js"])
def test_a_judge_that_reads_no_words_accepts_nothing(judge: str) -> None:
    """It has not seen the name, so it cannot have found it in its own order."""
    said = {key: value for key, value in GOOD[judge].items() if key != "words"}
    spoilt = Judged(file_of(), {**GOOD, judge: said})
    assert [one for one in GOOD if not spoilt.accepts(one)] == [judge]


@pytest.mark.parametrize(
    ("form", "accepted"),
    [("PAdES-BASELINE-B", True), ("PAdES-BASELINE-T", False), ("PKCS7-B", False)],
)
def test_the_pdf_of_a_version_has_its_form_too(form: str, *, accepted: bool) -> None:
    """Whatever DSS may call it, it is to be the one that the school writes."""
    version = File(Path("version.pdf"), VERSION, "P-256")
    judged = Judged(version, {"DSS": {**GOOD["DSS"], "form": form}})
    assert judged.accepts("DSS") is accepted


def test_the_page_tells_what_was_said() -> None:
    """Numbers, and each forgery that the others let pass, with our own answer."""
    forged = file_of("untrue", Result.NOT_GENUINE)
    spoilt = {**GOOD, "DSS": {"error": "of no kind"}}
    text = page([Judged(file_of(), GOOD), Judged(file_of(), spoilt)], AT)
    assert f"| {PLAIN} | P-256 | 2 | **1** | all | all | all |" in text
    assert "on 1 December 2026" in text
    assert {one.name for one in JUDGES} == set(versions())
    assert all(f"**{name} {one}**" in text for name, one in versions().items())
    assert "| It was done. |" not in text
    text = page([Judged(forged, GOOD), Judged(forged, spoilt)], AT)
    assert f"| {KINDS['untrue']} | 2 | 1 | 0 |" in text
    assert text.count("| It was done. | not genuine |") == 1


def test_every_kind_of_forgery_has_its_words() -> None:
    """None would be left out of the table unnoticed."""
    rooms = {room.__name__.rpartition(".")[2] for room in ROOMS}
    assert rooms - {"genuine"} == set(KINDS)


def test_there_are_fifty_awkward_names() -> None:
    """Each of them once."""
    assert len(set(NAMES)) == len(NAMES) == 50


def test_a_judge_that_cannot_be_asked_is_left_out_loudly(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Nothing fails, nothing is written, and each is named with what is missing."""
    from tests.judges.__main__ import main

    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([]) == 0
    said = capsys.readouterr().err
    for judge in JUDGES:
        assert isinstance(judge, Judge)
        assert f"LEFT OUT: {judge.name} (not installed: " in said


def test_the_page_that_is_published_is_of_these_judges() -> None:
    """A newer version of one means asking all of them anew."""
    text = PAGE.read_text(encoding="utf-8")
    for name, version in versions().items():
        assert f"**{name} {version}**" in text
    assert set(versions()) == {one.name for one in JUDGES}
