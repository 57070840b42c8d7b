"""Verification of what the school sealed, and of bytes that are no declaration."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signer import clock
from signer.declaration.seal.seal import seal
from signer.declaration.statement import to_json
from signer.declaration.verify import Outcome, Report, Result
from signer.declaration.verify.refused_report import MOST_BYTES
from signer.declaration.verify.verify import verify
from signer.pki.make_keys import make_keys
from tests.conftest import MOMENT, PASSPHRASE
from tests.declaration.forgery import (
    RELEASED,
    STATEMENT,
    Gap,
    encrypted,
    genuine,
    key_folder,
    school_key,
    typeset_declaration,
)

if TYPE_CHECKING:
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.usefixtures("frozen")

NAMES = [
    *("file", "seal", "digest", "signature", "signer", "timestamp", "revocation"),
    *("changes", "statement", "typesetting", "policy"),
]
P, F, N = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_CHECKED

# A seal of level B-B bears no timestamp, and no revocation list is at hand here.
UNCONFIRMED = [N, N]
# Nor are the pages typeset again unless somebody asks for it.
GOOD = [*[P] * 5, *UNCONFIRMED, P, P, N, P]
UNKNOWN = [*[P] * 4, F, *UNCONFIRMED, P, P, N, P]


def outcomes(report: Report) -> list[Outcome]:
    assert [check.number for check in report.checks] == list(range(1, 12))
    assert [check.name for check in report.checks] == NAMES
    assert all(check.sentence.endswith(".") for check in report.checks)
    return [check.outcome for check in report.checks]


def test_a_genuine_declaration_passes_every_check(
    sealed: bytes, key_files: KeyFiles
) -> None:
    """With authority and text at hand, only what it does not bear is left."""
    report = verify(sealed, trust_roots=[key_files.authority], released=RELEASED)
    assert outcomes(report) == GOOD
    assert report.result is Result.GENUINE
    assert report.genuine
    assert report.statement == STATEMENT
    assert report.sealed_at == MOMENT
    assert report.sealed_by == "My Online Schooling declarations seal"
    assert report.level == "B-B"


def test_nobody_trusted_leaves_the_signer_unknown(sealed: bytes) -> None:
    """Without a certificate to trust, all else is checked and said."""
    report = verify(sealed, trust_roots=[], released=RELEASED)
    assert outcomes(report) == UNKNOWN
    assert report.result is Result.UNKNOWN_SIGNER
    assert not report.genuine


def test_a_self_made_authority_of_the_same_name_is_unknown(
    sealed: bytes, key_files: KeyFiles, tmp_path: Path
) -> None:
    """Who writes the school's name into a certificate does not become the school."""
    other = make_keys(
        tmp_path / "keys",
        school="My Online Schooling",
        passphrase=PASSPHRASE,
        at=MOMENT,
    )
    assert other.seal.subject == key_files.seal.subject
    forged = genuine(key_folder(other))
    for pdf, authority in ((forged, key_files.authority), (sealed, other.authority)):
        report = verify(pdf, trust_roots=[authority], released=RELEASED)
        assert outcomes(report) == UNKNOWN
        assert report.result is Result.UNKNOWN_SIGNER


def test_several_authorities_may_be_trusted(
    sealed: bytes, key_files: KeyFiles, tmp_path: Path
) -> None:
    """After the school's keys are replaced, old and new seals both hold."""
    other = make_keys(
        tmp_path / "keys", school=STATEMENT.school, passphrase=PASSPHRASE, at=MOMENT
    )
    both = [other.authority, key_files.authority]
    for pdf in (sealed, genuine(key_folder(other))):
        report = verify(pdf, trust_roots=both, released=RELEASED)
        assert report.result is Result.GENUINE


def test_a_version_that_is_not_at_hand_leaves_the_answer_open(
    sealed: bytes, key_files: KeyFiles
) -> None:
    """The text cannot be compared with what was released, and the report says so."""
    report = verify(sealed, trust_roots=[key_files.authority], released={})
    assert outcomes(report) == [*GOOD[:-1], N]
    assert report.result is Result.CANNOT_TELL
    assert "Version 2" in report.checks[10].sentence


def test_years_later_a_declaration_is_still_genuine(
    sealed: bytes, key_files: KeyFiles
) -> None:
    """The certificate has to hold when the seal was made, not when it is checked."""
    with clock.frozen(MOMENT + timedelta(days=15 * 365)):
        report = verify(sealed, trust_roots=[key_files.authority], released=RELEASED)
    assert report.result is Result.GENUINE


@pytest.mark.parametrize("years", [-1, 4])
def test_a_seal_outside_its_certificate_s_time_is_not_genuine(
    key_files: KeyFiles, years: int
) -> None:
    """A seal that states a time at which its certificate did not hold is refused."""
    at = MOMENT + timedelta(days=365 * years)
    pdf = seal(typeset_declaration(), school_key(key_folder(key_files)), at=at).pdf
    with clock.frozen(MOMENT + timedelta(days=365 * 5)):
        report = verify(pdf, trust_roots=[key_files.authority], released=RELEASED)
    assert report.checks[4].outcome is F
    assert "did not hold" in report.checks[4].sentence
    assert report.result is Result.NOT_GENUINE


def test_a_seal_from_a_clock_ahead_is_called_neither_genuine_nor_forged(
    key_files: KeyFiles,
) -> None:
    """Some clock was wrong, nobody can tell which; once the time has come it holds."""
    at = MOMENT + timedelta(days=2)
    pdf = seal(typeset_declaration(), school_key(key_folder(key_files)), at=at).pdf
    early = verify(pdf, trust_roots=[key_files.authority], released=RELEASED)
    assert "has not come yet" in early.checks[4].sentence
    assert (early.checks[4].outcome, early.result) == (
        Outcome.NOT_CHECKED,
        Result.CANNOT_TELL,
    )
    with clock.frozen(at):
        later = verify(pdf, trust_roots=[key_files.authority], released=RELEASED)
    assert later.result is Result.GENUINE


def test_an_hour_between_two_clocks_is_no_matter(key_files: KeyFiles) -> None:
    """What a clock half an hour ahead sealed is genuine at once."""
    at = MOMENT + timedelta(minutes=30)
    pdf = seal(typeset_declaration(), school_key(key_folder(key_files)), at=at).pdf
    report = verify(pdf, trust_roots=[key_files.authority], released=RELEASED)
    assert report.result is Result.GENUINE


def test_names_in_every_script_come_back(key_files: KeyFiles) -> None:
    """The statement in the report is the one that was typeset, letter for letter."""
    statement = replace(STATEMENT, parent_name="محمد O'Brien 王小明 अनिल 👨‍👩‍👧")
    pdf = seal(
        typeset_declaration(statement), school_key(key_folder(key_files)), at=MOMENT
    ).pdf
    report = verify(pdf, trust_roots=[key_files.authority], released=RELEASED)
    assert report.result is Result.GENUINE
    assert report.statement == statement


def test_the_report_for_programs_holds_all_of_it(
    sealed: bytes, key_files: KeyFiles
) -> None:
    """It survives being written as JSON, and holds the statement as it was sealed."""
    report = verify(sealed, trust_roots=[key_files.authority], released=RELEASED)
    found = json.loads(json.dumps(report.as_json()))
    assert found["result"] == "genuine"
    assert found["sealed_at"] == "2026-11-22T14:10:13Z"
    assert found["sha256"] == hashlib.sha256(sealed).hexdigest()
    assert found["size"] == len(sealed)
    assert found["statement"] == json.loads(to_json(STATEMENT))
    assert found["checks"][0] == {
        "number": 1,
        "name": "file",
        "outcome": "passed",
        "sentence": f"The file is a PDF of {len(sealed):,} bytes.",
        "doubtful": False,
        "within_seal": False,
    }


def test_the_report_for_programs_holds_when_there_is_nothing_to_say() -> None:
    """A report on no declaration is a whole report as well."""
    found = json.loads(json.dumps(verify(b"", trust_roots=[], released={}).as_json()))
    assert found["result"] == "cannot tell"
    assert found["statement"] is None
    assert found["sealed_at"] is None


def unreadable(pdf: bytes) -> Report:
    """The report on bytes that cannot be read as a declaration."""
    report = verify(pdf, trust_roots=[], released=RELEASED)
    assert report.statement is None
    assert report.sealed_by is None
    return report


@pytest.mark.parametrize("pdf", [b"", b"PK\x03\x04", b"%!PS", b"\xff" * 4096])
def test_what_is_no_pdf_is_called_that(pdf: bytes) -> None:
    """Nothing is said of bytes that are not a PDF but that."""
    report = unreadable(pdf)
    assert outcomes(report) == [F, *[N] * 10]
    assert report.result is Result.CANNOT_TELL
    assert report.checks[0].sentence == "The file is not a PDF."


def test_what_was_added_to_is_not_called_incomplete(sealed: bytes) -> None:
    """It is whole, and more: another copy of it from the same place would not help."""
    for added in (b"\n%" + b"more" * 2000, sealed[:5000], bytes(4096)):
        report = unreadable(sealed + added)
        assert report.result is Result.CANNOT_TELL
        sentence = report.checks[0].sentence
        assert "Something was added" in sentence
        assert "missing" not in sentence


def test_a_damaged_file_says_to_fetch_it_again(sealed: bytes) -> None:
    """A download that stopped is not called a forgery."""
    for length in (9, 1000, len(sealed) // 2, len(sealed) - 100, len(sealed) - 7):
        report = unreadable(sealed[:length])
        assert report.result is Result.CANNOT_TELL
        assert "fetch it again" in report.checks[0].sentence


def test_a_locked_file_says_so(sealed: bytes) -> None:
    """A PDF behind a password gets its own sentence."""
    report = unreadable(encrypted(sealed))
    assert report.result is Result.CANNOT_TELL
    assert "password" in report.checks[0].sentence


def test_a_file_that_is_too_large_is_not_looked_at() -> None:
    """The answer comes at once, whatever is inside."""
    begun = time.process_time()
    report = unreadable(b"%PDF-1.7\n" + bytes(MOST_BYTES))
    assert report.result is Result.CANNOT_TELL
    assert "larger than 50 million bytes" in report.checks[0].sentence
    assert time.process_time() - begun < 5


def test_the_typeset_file_before_sealing_bears_no_seal() -> None:
    """A declaration without its seal is not genuine."""
    report = unreadable(typeset_declaration())
    assert outcomes(report) == [P, F, *[N] * 9]
    assert report.checks[1].sentence == "The file has no seal."
    assert report.result is Result.NOT_GENUINE


HOLLOW_SEAL = (
    b"<</FT/Sig/T(x)/V<</Type/Sig/SubFilter/ETSI.CAdES.detached"
    b"/ByteRange[0 1 2 3]/Contents<00>>>>>"
)


def small_pdf(body: bytes, *, circular: bool = False) -> bytes:
    """A small PDF around objects that zeros divide, its cross-references in order.

    Args:
        body: the objects, the first of them the catalogue.
        circular: whether its table names itself as the one before.
    """
    pdf = b"%PDF-1.7\n"
    offsets = []
    for number, content in enumerate(body.split(b"\0"), start=1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    pdf += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    before = b"/Prev %d" % start if circular else b""
    return pdf + (
        b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(offsets) + 1, before, start)
    )


@pytest.mark.parametrize(
    "body",
    [
        b"<</Type/Catalog>>",
        b"<</Type/Catalog/AcroForm<</Fields[2 0 R]>>>>\0<</T(x)/Kids[2 0 R]>>",
        b"<</Type/Catalog/AcroForm 1 0 R/Fields 1 0 R>>",
        b"1 0 R",
        b"<</Type/Catalog/X" + b"[" * 100_000 + b"]" * 100_000 + b">>",
        b"<</Type/Catalog/X" + b"<</X" * 50_000 + b" 1" + b">>" * 50_000 + b">>",
        b"<</Type/Catalog/AcroForm<</Fields[2 0 R]>>>>\0" + HOLLOW_SEAL,
    ],
)
def test_a_file_that_runs_in_circles_or_in_depth_gets_an_answer(body: bytes) -> None:
    """Loops and depth that would hang or break a careless reader do neither."""
    begun = time.process_time()
    for circular in (False, True):
        report = unreadable(small_pdf(body, circular=circular))
        assert report.result in {Result.CANNOT_TELL, Result.NOT_GENUINE}
    assert time.process_time() - begun < 10


@given(st.binary(max_size=2000))
@settings(max_examples=100, deadline=None)
def test_any_bytes_get_an_answer(content: bytes) -> None:
    """No bytes raise an error, and none are taken for a declaration."""
    for pdf in (content, b"%PDF-1.7\n" + content, small_pdf(content)):
        assert unreadable(pdf).result in {Result.CANNOT_TELL, Result.NOT_GENUINE}


@given(data=st.data())
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_declaration_cut_up_and_put_together_gets_an_answer(
    data: st.DataObject, sealed: bytes, key_files: KeyFiles
) -> None:
    """Parts left out, doubled, moved or overwritten never make a genuine file."""
    places = st.integers(0, len(sealed))
    one, two = sorted((data.draw(places), data.draw(places)))
    between = data.draw(
        st.one_of(
            st.binary(max_size=40),
            st.just(b""),
            st.just(sealed[one:two] * 2),
            places.map(lambda place: sealed[place : place + two - one]),
        )
    )
    forged = sealed[:one] + between + sealed[two:]
    report = verify(forged, trust_roots=[key_files.authority], released=RELEASED)
    gap = Gap.of(sealed)
    same = forged[: gap.start] == sealed[: gap.start]
    same = same and forged[gap.end :] == sealed[gap.end :]
    assert report.result is not Result.UNKNOWN_SIGNER
    assert same or not report.genuine
