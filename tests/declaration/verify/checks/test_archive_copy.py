"""Verification of archive copies: the parent's file, then data and timestamps alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder

from signer.declaration.seal import archive_copy as making
from signer.declaration.seal.pyhanko_update import Update
from signer.declaration.verify import Outcome, Report, Result
from tests.conftest import MOMENT
from tests.declaration.archiving import YEARS, extended_at, kept_for_years
from tests.declaration.forgery import (
    NO,
    flipped,
    refused_by,
    saved_once_more,
    with_a_page_appended,
    with_an_annotation_over_a_page,
    with_statement_replaced,
)
from tests.declaration.school import School, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.declaration.authorities import Authorities

pytestmark = pytest.mark.usefixtures("frozen")

STRIDE = 293
"""Of the bytes of a copy's updates, one in so many is flipped."""


@pytest.fixture
def stamped_once(
    school: School, authorities: Authorities, kept: dict[str, bytes]
) -> bytes:
    """A seal with a timestamp of the first authority."""
    if "archived seal" not in kept:
        kept["archived seal"] = school.sealed(authorities.stamps("tsa-first")).pdf
    return kept["archived seal"]


@pytest.fixture
def copy(
    school: School,
    authorities: Authorities,
    stamped_once: bytes,
    kept: dict[str, bytes],
) -> bytes:
    """An archive copy that was renewed once."""
    if "copy" not in kept:
        kept["copy"] = kept_for_years(stamped_once, school, authorities, times=2)
    return kept["copy"]


def revision_ends(pdf: bytes) -> list[int]:
    """Where each update of a file ends."""
    return [found.end() for found in re.finditer(rb"%%EOF\n", pdf)]


def updated(pdf: bytes, change: Callable[[Any], None]) -> bytes:
    writer = Update.from_reader(PdfFileReader(BytesIO(pdf)))
    change(writer)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def stamped_over(
    pdf: bytes, school: School, authorities: Authorities, name: str = "Archive 1"
) -> bytes:
    """A genuine timestamp over whatever somebody sent the authority."""
    stamps = authorities.stamps("tsa-first")
    authority = school.with_time_from(stamps)
    return making._with_timestamp(pdf, name, authority, stamps.measured())  # noqa: SLF001


def with_data(pdf: bytes, school: School, authorities: Authorities) -> bytes:
    """The data that a first copy has."""
    measured = authorities.stamps("tsa-first").measured()
    authority = school.with_time_from(authorities.stamps("tsa-first"))
    data = making._data(pdf, None, authority, measured, MOMENT)  # noqa: SLF001
    return making._with_data(pdf, data)  # noqa: SLF001


def test_a_copy_is_genuine_and_says_what_it_is(
    copy: bytes, stamped_once: bytes, judged: Callable[..., Report]
) -> None:
    """Which file it holds, who stamped it, and how long that lasts."""
    report = judged(copy, at=YEARS[1][1])
    assert (report.result, report.level) == (Result.GENUINE, "B-LTA")
    assert report.sealed_sha256 == judged(stamped_once).sha256
    assert report.sha256 != report.sealed_sha256
    assert f"first {len(stamped_once):,} bytes" in step(report, "seal")[1]
    assert "“Testing tsa”, which you trust, confirms" in step(report, "timestamp")[1]
    assert Report.from_json(report.as_json()) == report


def test_a_sealed_file_is_no_archive_copy(
    stamped_once: bytes, judged: Callable[..., Report]
) -> None:
    """What a parent has stays at its level, and is its own sealed file."""
    report = judged(stamped_once)
    assert (report.level, report.archived_until) == ("B-LT", None)
    assert report.sealed_sha256 == report.sha256


@pytest.mark.parametrize(
    "forge",
    [
        saved_once_more,
        with_a_page_appended,
        with_an_annotation_over_a_page,
        with_statement_replaced,
    ],
)
def test_whatever_follows_the_last_timestamp_is_refused(
    copy: bytes, judged: Callable[..., Report], forge: Callable[[bytes], bytes]
) -> None:
    """An update behind it is covered by nobody."""
    name, sentence = refused_by(judged(forge(copy), at=YEARS[1][1]))
    assert name == "seal"
    assert sentence.startswith("Something follows the file's last timestamp")


@pytest.mark.parametrize(
    "forge",
    [
        saved_once_more,
        with_a_page_appended,
        with_an_annotation_over_a_page,
        with_statement_replaced,
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_genuine_timestamp_over_an_addition_is_refused(
    stamped_once: bytes,
    school: School,
    authorities: Authorities,
    judged: Callable[..., Report],
    forge: Callable[[bytes], bytes],
    *,
    first: bool,
) -> None:
    """A timestamp authority stamps whatever anybody sends it."""
    if first:
        forged = stamped_over(forge(stamped_once), school, authorities)
    else:
        data = with_data(stamped_once, school, authorities)
        forged = stamped_over(forge(data), school, authorities)
    name, sentence = refused_by(judged(forged))
    assert name == "seal"
    assert sentence.startswith("Behind the seal, the file holds more")


def add_words(writer: Update) -> None:
    writer.root["/DSS"][generic.pdf_name("/Words")] = generic.pdf_string("I disagree")
    writer.update_container(writer.root["/DSS"])


def add_a_false_certificate(writer: Update) -> None:
    stream = writer.add_object(generic.StreamObject(stream_data=b"I disagree"))
    writer.root["/DSS"]["/Certs"].append(stream)
    writer.update_container(writer.root["/DSS"])


def add_words_to_a_certificate(writer: Update) -> None:
    former = writer.root["/DSS"]["/Certs"][0].get_object()
    stream = generic.StreamObject(stream_data=former.data)
    stream[generic.pdf_name("/Words")] = generic.pdf_string("I disagree")
    writer.root["/DSS"]["/Certs"].append(writer.add_object(stream))
    writer.update_container(writer.root["/DSS"])


def rewrite_a_certificate(writer: Update) -> None:
    listed = writer.root["/DSS"]["/Certs"]
    reference = listed.raw_get(0).reference
    stream = generic.StreamObject(stream_data=listed[1].get_object().data)
    writer.objects[(reference.generation, reference.idnum)] = stream


def take_data_away(writer: Update) -> None:
    del writer.root["/DSS"]["/CRLs"]
    writer.update_container(writer.root["/DSS"])


def add_what_nothing_names(writer: Update) -> None:
    writer.add_object(generic.StreamObject(stream_data=b"I disagree"))
    writer.update_container(writer.root["/DSS"])


def turn_the_pages(writer: Update) -> None:
    writer.root[generic.pdf_name("/PageLayout")] = generic.pdf_name("/TwoPageLeft")
    writer.update_container(writer.root)


def act_when_opened(writer: Update) -> None:
    act = generic.DictionaryObject({generic.pdf_name("/S"): generic.pdf_name("/URI")})
    writer.root[generic.pdf_name("/OpenAction")] = act
    writer.update_container(writer.root)


def rename_the_document(writer: Update) -> None:
    title = {generic.pdf_name("/Title"): generic.pdf_string("Refusal")}
    writer.trailer["/Info"] = writer.add_object(generic.DictionaryObject(title))
    writer.update_container(writer.root["/DSS"])


@pytest.mark.parametrize(
    "change",
    [
        add_words,
        add_a_false_certificate,
        add_words_to_a_certificate,
        rewrite_a_certificate,
        take_data_away,
        add_what_nothing_names,
        turn_the_pages,
        act_when_opened,
        rename_the_document,
    ],
)
def test_data_that_is_more_than_validation_data_is_refused(
    stamped_once: bytes,
    school: School,
    authorities: Authorities,
    judged: Callable[..., Report],
    change: Callable[[Update], None],
) -> None:
    """An update that adds anything else is none of an archive copy."""
    forged = stamped_over(updated(stamped_once, change), school, authorities)
    name, sentence = refused_by(judged(forged))
    assert name == "seal"
    assert sentence.startswith("Behind the seal, the file holds more")


@pytest.mark.parametrize("extra", ["/TU", "/AP", "/Rect", "/P", "/Kids", "/A"])
def test_a_timestamp_s_field_shows_and_says_nothing(
    stamped_once: bytes,
    school: School,
    authorities: Authorities,
    judged: Callable[..., Report],
    *,
    monkeypatch: pytest.MonkeyPatch,
    extra: str,
) -> None:
    """It has a name and a value, and stands on no page."""
    data = with_data(stamped_once, school, authorities)

    class Spoiling(PdfCMSEmbedder):
        def write_cms(
            self, field_name: Any, writer: Any, existing_fields_only: Any = None
        ) -> Any:
            field = writer.root["/AcroForm"]["/Fields"][-1].get_object()
            field[generic.pdf_name(extra)] = generic.pdf_string("I disagree")
            return super().write_cms(field_name, writer, existing_fields_only)

    monkeypatch.setattr(making, "PdfCMSEmbedder", Spoiling)
    forged = stamped_over(data, school, authorities)
    report = judged(forged)
    assert report.result in NO
    assert step(report, "seal")[0] is not Outcome.PASSED


def test_a_timestamp_goes_by_its_number_alone(
    stamped_once: bytes,
    school: School,
    authorities: Authorities,
    judged: Callable[..., Report],
) -> None:
    """Its field's name is no place for words."""
    data = with_data(stamped_once, school, authorities)
    forged = stamped_over(data, school, authorities, name="I disagree")
    assert refused_by(judged(forged))[0] == "seal"


def test_a_copy_without_its_last_timestamp_is_refused(
    copy: bytes, judged: Callable[..., Report]
) -> None:
    """The data that it had been made over stays behind, and tells."""
    ends = revision_ends(copy)
    name, sentence = refused_by(judged(copy[: ends[-2]], at=YEARS[1][1]))
    assert name == "seal"
    assert "the timestamp over it was taken away" in sentence
    name, _ = refused_by(judged(copy[: ends[-4]], at=YEARS[1][1]))
    assert name == "seal"


def test_a_copy_as_it_was_before_its_renewal_says_that_it_ended(
    copy: bytes, judged: Callable[..., Report]
) -> None:
    """It is genuine, as any sealed file is, and lasts no longer than it says."""
    former = copy[: revision_ends(copy)[-3]]
    report = judged(former, at=datetime(2028, 6, 1, tzinfo=UTC))
    assert report.result is Result.GENUINE
    assert "ended on 1 January 2028" in step(report, "timestamp")[1]


def test_a_timestamp_of_strangers_confirms_nothing(
    copy: bytes, authorities: Authorities, judged: Callable[..., Report]
) -> None:
    """Whoever does not trust an authority hears whose timestamp it is."""
    report = judged(copy, at=YEARS[1][1], tsa_roots=[])
    outcome, sentence = step(report, "timestamp")
    assert outcome is Outcome.NOT_CHECKED
    assert "no certificate that you trust confirms" in sentence
    # The seal covers the certificate of the root behind all of them.
    assert (report.result, report.archived_until) == (Result.GENUINE, None)
    known = [authorities.certificate("tsa-first")]
    outcome, sentence = step(judged(copy, at=YEARS[1][1], tsa_roots=known), "timestamp")
    assert outcome is Outcome.NOT_CHECKED
    assert sentence.startswith("The archive copy has a timestamp of 20 November 2027")


def test_a_renewal_that_came_too_late_is_refused(
    stamped_once: bytes,
    school: School,
    authorities: Authorities,
    judged: Callable[..., Report],
) -> None:
    """The first certificate had ended when the second timestamp was made."""
    late = datetime(2028, 2, 1, tzinfo=UTC)
    first = extended_at(stamped_once, school, authorities, *YEARS[0])
    second = extended_at(first, school, authorities, "tsa-second", late)
    name, sentence = refused_by(judged(second, at=late))
    assert name == "timestamp"
    assert "when the next one was made on 1 February 2028" in sentence


def test_timestamps_out_of_order_are_refused(
    stamped_once: bytes,
    school: School,
    authorities: Authorities,
    judged: Callable[..., Report],
) -> None:
    """One that is older than what stands before it was made over something else."""
    second = extended_at(stamped_once, school, authorities, *YEARS[1])
    earlier = YEARS[1][1] - timedelta(days=30)
    first = extended_at(second, school, authorities, "tsa-first", earlier)
    name, sentence = refused_by(judged(first, at=YEARS[1][1]))
    assert name == "timestamp"
    assert "out of order" in sentence


def test_a_timestamp_that_has_not_come_yet_is_a_doubt(
    copy: bytes, judged: Callable[..., Report]
) -> None:
    """A clock was wrong, and it is said."""
    report = judged(copy, at=MOMENT)
    assert report.result is Result.CANNOT_TELL
    assert "has not come yet" in step(report, "timestamp")[1]


def test_no_other_sealed_file_stands_before_a_copy_s_updates(
    copy: bytes,
    stamped_once: bytes,
    school: School,
    authorities: Authorities,
    judged: Callable[..., Report],
) -> None:
    """What was stamped is this file, and none of the same length."""
    other = school.sealed(authorities.stamps("tsa-first")).pdf
    assert other != stamped_once
    forged = other + copy[len(stamped_once) :]
    assert judged(forged, at=YEARS[1][1]).result in NO


def test_a_flipped_bit_behind_the_seal_is_noticed(
    copy: bytes, stamped_once: bytes, judged: Callable[..., Report]
) -> None:
    """Wherever it is, but in the newest token's own value, which covers the rest."""
    last = copy.rindex(b"/Contents <")
    end = copy.index(b">", last)
    quiet = []
    for place in range(len(stamped_once), len(copy), STRIDE):
        if not last <= place <= end:
            report = judged(flipped(copy, place, place % 8), at=YEARS[1][1])
            if report.genuine:
                quiet.append(place)
    assert quiet == []
