"""The steps after those that a file answers by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic

from signer.declaration.seal.seal import seal
from signer.declaration.verify import (
    LOG,
    NAMES,
    RECORD,
    STANDING,
    Outcome,
    Result,
    completed,
    deciding_check,
    record_check,
)
from signer.declaration.verify.verify import verify
from signer.errors import CheckFailed, NotChecked
from tests.conftest import MOMENT
from tests.corpus.sealing import carrying, with_unsigned_words
from tests.declaration.archiving import copy_changed
from tests.declaration.forgery import RELEASED, STATEMENT, typeset_declaration

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.declaration.verify import Report
    from signer.pki.make_keys import SealKey
    from tests.declaration.authorities import Authorities
    from tests.declaration.school import School

pytestmark = pytest.mark.usefixtures("frozen")

OTHER = "0" * 64


def said(report: Report, name: str) -> tuple[Outcome, str]:
    """What came of one step, and its sentence."""
    check = report.checks[NAMES.index(name)]
    assert (check.name, check.number) == (name, NAMES.index(name) + 1)
    return check.outcome, check.sentence


def no() -> str:
    raise CheckFailed("It is not so.")


def unmade() -> str:
    raise NotChecked("It cannot be told.")


def test_fourteen_steps_are_numbered_from_1(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """What is not at hand says so in its own words, and lowers nothing."""
    report = completed(checked(sealed), {})
    assert tuple(one.name for one in report.checks) == NAMES
    assert [one.number for one in report.checks] == list(range(1, 15))
    assert tuple(one.name for one in report.checks) == NAMES
    for name in (RECORD, LOG, STANDING):
        outcome, sentence = said(report, name)
        assert outcome is Outcome.NOT_CHECKED
        assert sentence.endswith(".")
    assert report.result is Result.GENUINE


def test_what_is_at_hand_is_said(sealed: bytes, checked: Callable[..., Report]) -> None:
    """The sentence of each check is its own; the rest of the report stays."""
    first = checked(sealed)
    report = completed(first, {LOG: lambda: "It is there.", STANDING: unmade})
    assert said(report, LOG) == (Outcome.PASSED, "It is there.")
    assert said(report, STANDING) == (Outcome.NOT_CHECKED, "It cannot be told.")
    assert report.checks[:11] == first.checks
    assert report.statement == first.statement


@pytest.mark.parametrize("name", [RECORD, LOG, STANDING])
def test_a_no_from_outside_outweighs_the_file(
    name: str, sealed: bytes, checked: Callable[..., Report]
) -> None:
    """However well a file is sealed, and whoever is trusted."""
    for report in (checked(sealed), checked(sealed, trust_roots=[]), checked(b"")):
        assert completed(report, {name: no}).result is Result.NOT_GENUINE


def test_a_yes_from_outside_lifts_nothing(sealed: bytes) -> None:
    """What the file does not answer stays open, whatever is known besides."""
    yes = dict.fromkeys((RECORD, LOG, STANDING), lambda: "Yes.")
    unknown = verify(sealed, trust_roots=[], released=RELEASED)
    assert completed(unknown, yes).result is Result.UNKNOWN_SIGNER
    nothing = verify(b"", trust_roots=[], released={})
    assert completed(nothing, yes).result is Result.CANNOT_TELL


def test_completing_twice_takes_the_newer_answers(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """There are fourteen steps, however often it is asked."""
    twice = completed(completed(checked(sealed), {}), {LOG: lambda: "It is there."})
    assert tuple(one.name for one in twice.checks) == NAMES
    assert said(twice, LOG)[0] is Outcome.PASSED


def test_the_file_in_the_record_is_that_file(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """Byte for byte, in whichever case the number is written."""
    report = checked(sealed)
    for kept in (report.sha256, report.sha256.upper()):
        found = completed(report, {RECORD: partial(record_check, report.sha256, kept)})
        assert said(found, RECORD)[0] is Outcome.PASSED
        assert found.genuine


def test_another_file_in_the_record_decides(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """A sealed declaration that is not the one in the record is refused."""
    report = checked(sealed)
    other = completed(report, {RECORD: partial(record_check, report.sha256, OTHER)})
    assert said(other, RECORD)[0] is Outcome.FAILED
    assert other.result is Result.NOT_GENUINE


def test_a_declaration_that_the_record_does_not_have_leaves_it_open(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """A stolen key seals what no parent signed; the log's word settles it."""
    report = checked(sealed)
    silent = {RECORD: partial(record_check, report.sha256, None)}
    none = completed(report, silent)
    assert said(none, RECORD)[0] is Outcome.NOT_CHECKED
    assert none.result is Result.CANNOT_TELL
    decided = deciding_check(none)
    assert decided
    assert decided.sentence == "The school's record has no such declaration."
    assert completed(report, {**silent, LOG: unmade}).result is Result.CANNOT_TELL
    assert completed(report, {**silent, LOG: lambda: "It is there."}).genuine
    assert completed(report, {**silent, LOG: no}).result is Result.NOT_GENUINE


def test_the_name_of_the_school_is_settled_by_its_record_or_its_log(
    key: SealKey, checked: Callable[..., Report]
) -> None:
    """A school may be called otherwise than when its key was made."""
    renamed = replace(STATEMENT, school="My Online School")
    report = checked(seal(typeset_declaration(renamed), key, at=MOMENT).pdf)
    assert report.result is Result.CANNOT_TELL
    decided = deciding_check(completed(report, {}))
    assert decided
    assert (decided.name, decided.doubtful) == ("policy", True)
    assert "“My Online School”" in decided.sentence
    assert "“My Online Schooling”" in decided.sentence
    for name in (RECORD, LOG):
        assert completed(report, {name: lambda: "It is there."}).genuine
        assert completed(report, {name: unmade}).result is Result.CANNOT_TELL
        assert completed(report, {name: no}).result is Result.NOT_GENUINE


def test_times_out_of_order_are_settled_by_the_record_or_the_log(
    key: SealKey, checked: Callable[..., Report]
) -> None:
    """The clock of the service may have been wrong when a parent signed."""
    early = STATEMENT.invited_at - timedelta(hours=2)
    statement = replace(STATEMENT, opened_at=early)
    report = checked(seal(typeset_declaration(statement), key, at=MOMENT).pdf)
    assert report.result is Result.CANNOT_TELL
    decided = deciding_check(completed(report, {}))
    assert decided
    assert decided.sentence.startswith("The times are out of order: opened on ")
    for name in (RECORD, LOG):
        assert completed(report, {name: lambda: "It is there."}).genuine
        assert completed(report, {name: unmade}).result is Result.CANNOT_TELL


def words_in_a_former_list(key: SealKey) -> bytes:
    """Sealed with words in a list under the name of the school's authority."""
    noted = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"I do not.")
    made = (
        x509.CertificateRevocationListBuilder(key.certificate.issuer, MOMENT, MOMENT)
        .add_extension(noted, critical=False)
        .sign(ec.derive_private_key(1, ec.SECP256R1()), hashes.SHA256())
    )
    stream = generic.StreamObject(stream_data=made.public_bytes(Encoding.DER))
    return carrying(key, "/CRLs", stream)


def test_validation_data_in_doubt_are_settled_by_the_record_or_the_log(
    key: SealKey, checked: Callable[..., Report]
) -> None:
    """They hold this very file, and so what was sealed along with it."""
    words = words_in_a_former_list(key)
    report = checked(words)
    assert report.result is Result.CANNOT_TELL
    assert report.statement == STATEMENT
    decided = deciding_check(completed(report, {}))
    assert decided
    assert decided.name == "changes"
    for name in (RECORD, LOG):
        assert completed(report, {name: lambda: "It is there."}).genuine
        assert completed(report, {name: no}).result is Result.NOT_GENUINE


def test_the_record_settles_of_an_archive_copy_what_was_sealed_alone(
    school: School, authorities: Authorities, checked: Callable[..., Report]
) -> None:
    """Not the words that somebody adds in an archive copy of the same file."""
    words, roots = words_in_a_former_list(school.key), [authorities.certificate("root")]
    yes = {RECORD: lambda: "It is there."}
    for token, result in (
        (None, Result.GENUINE),
        (with_unsigned_words, Result.CANNOT_TELL),
    ):
        copy = copy_changed(words, school, authorities, token=token)
        report = checked(copy, tsa_roots=roots)
        assert report.archived
        assert report.result is Result.CANNOT_TELL
        assert completed(report, yes).result is result
        assert completed(report, yes, copy_known=True).genuine
        assert not completed(report, {}, copy_known=True).genuine


def test_no_other_doubt_is_settled_so(
    key: SealKey, checked: Callable[..., Report]
) -> None:
    """Whether the seal is older than its certificate's end, the record cannot tell."""
    yes = {RECORD: lambda: "It is there."}
    for school, name in ((STATEMENT.school, "typesetting"), ("Another", "policy")):
        statement = replace(STATEMENT, template="99", school=school)
        report = checked(seal(typeset_declaration(statement), key, at=MOMENT).pdf)
        assert completed(report, yes).result is Result.CANNOT_TELL
        decided = deciding_check(completed(report, yes))
        assert decided
        assert decided.name == name


def test_the_check_that_decided_is_named(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """A failed one before a doubt, that before one not made, a further proof last."""
    genuine = completed(checked(sealed), {})
    assert deciding_check(genuine) is None
    for report, name in (
        (completed(checked(sealed), {LOG: no}), LOG),
        (completed(checked(b""), {}), "file"),
        (completed(checked(sealed, released={}), {}), "policy"),
    ):
        decided = deciding_check(report)
        assert decided
        assert decided.name == name
