"""Making archive copies: the sealed file, validation data, a document timestamp."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from signer import clock
from signer.declaration.seal.archive_copy import extended
from signer.declaration.verify import Outcome, Report, Result
from signer.errors import SealError
from tests.conftest import MOMENT
from tests.declaration.archiving import AFTERWARDS, kept_for_years
from tests.declaration.forgery import saved_once_more, typeset_declaration
from tests.declaration.school import School, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.declaration.authorities import Authorities

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.mark.parametrize("stamped_too", [True, False])
def test_a_copy_is_the_sealed_file_with_two_updates_behind_it(
    school: School, authorities: Authorities, sealed: bytes, *, stamped_too: bool
) -> None:
    """Byte for byte, whether or not the seal bears a timestamp of its own."""
    pdf = school.sealed(authorities.stamps("tsa-first")).pdf if stamped_too else sealed
    authority = school.with_time_from(authorities.stamps("tsa-first"))
    copy = extended(pdf, authority, at=MOMENT)
    assert copy.pdf.startswith(pdf)
    assert (copy.timestamps, copy.ends.year) == (1, 2028)
    assert PdfFileReader(BytesIO(copy.pdf)).xrefs.total_revisions == 4
    renewed = extended(copy.pdf, authority, at=MOMENT)
    assert renewed.pdf.startswith(copy.pdf)
    assert renewed.timestamps == 2


def test_a_copy_renewed_twice_is_genuine_after_two_authorities_have_ended(
    school: School, authorities: Authorities, judged: Callable[..., Report]
) -> None:
    """Nobody is asked for it, and the certificate of the newest timestamp decides."""
    sealed = school.sealed(authorities.stamps("tsa-first")).pdf
    copy = kept_for_years(sealed, school, authorities)
    authorities.asked.clear()
    report = judged(copy, at=AFTERWARDS)
    assert (report.result, report.level) == (Result.GENUINE, "B-LTA")
    outcome, sentence = step(report, "timestamp")
    assert outcome is Outcome.PASSED
    assert "It is an archive copy with 3 timestamps" in sentence
    assert "holds until 1 January 2033" in sentence
    assert report.archived_until is not None
    assert report.archived_until.year == 2033
    assert authorities.asked == []


def test_the_authority_s_new_certificate_is_measured_anew(
    school: School, authorities: Authorities, judged: Callable[..., Report]
) -> None:
    """When its tokens come from another certificate, the copy is whole all the same."""
    stamps = authorities.stamps()
    authority = school.with_time_from(stamps)
    pdf = school.sealed(stamps).pdf
    authorities.instead["/stamps/tsa/tsa"] = "/stamps/tsa/tsa-listed"
    try:
        copy = extended(pdf, authority, at=MOMENT)
    finally:
        authorities.instead.clear()
    assert judged(copy.pdf).result is Result.GENUINE


@pytest.mark.parametrize(
    ("name", "manner", "problem"),
    [
        ("tsa-first", "broken", "500"),
        ("tsa-first", "nonce", "wrong nonce"),
        ("tsa-first", "imprint", "wrong imprint"),
        ("tsa-expired", "", "expired"),
        ("tsa-revoked", "", "revoked"),
    ],
)
def test_an_authority_that_fails_or_lies_leaves_no_copy(
    school: School, authorities: Authorities, name: str, manner: str, problem: str
) -> None:
    """There is an error that says why."""
    pdf = school.sealed(authorities.stamps()).pdf
    with pytest.raises(SealError, match=problem):
        extended(
            pdf, school.with_time_from(authorities.stamps(name, manner)), at=MOMENT
        )


def test_what_is_not_sealed_or_was_added_to_is_not_archived(
    school: School, authorities: Authorities, sealed: bytes
) -> None:
    """A timestamp is put over what the school sealed, and nothing else."""
    authority = school.with_time_from(authorities.stamps())
    for pdf in (typeset_declaration(), saved_once_more(sealed), b"no PDF"):
        with pytest.raises(SealError, match="cannot be archived"):
            extended(pdf, authority, at=MOMENT)


def test_after_its_list_ran_out_nothing_is_archived(
    school: School, authorities: Authorities, sealed: bytes
) -> None:
    """The copy would not show that the seal's certificate was not revoked."""
    later = MOMENT.replace(year=MOMENT.year + 2)
    authorities.move_to(later)
    try:
        with clock.frozen(later), pytest.raises(SealError, match="ran out"):
            authority = school.with_time_from(authorities.stamps())
            extended(sealed, authority, at=later)
    finally:
        authorities.move_to(MOMENT)
