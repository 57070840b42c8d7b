"""The sealed PDF of each released version: made once, kept, and tried again."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.policy.versions import read_version
from signer.store.log.tables import Opening
from signer.store.tables import Outbox, PinnedVersion, SealedPdf
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.declarations.seal_version import (
    ALARM_AFTER,
    seal_versions,
    version_pdf,
    version_pdf_sha256,
)
from tests.conftest import run
from tests.web.releases import release_edit
from tests.workflows.conftest import Post, snapshot, words
from tests.workflows.declarations.test_seal_levels import authorities, stamping  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from pathlib import Path

    from signer.workflows.context import AppContext


def pinned(app_context: AppContext) -> list[PinnedVersion]:
    with app_context.sessions.reading() as session:
        return list(session.scalars(select(PinnedVersion).order_by("number")))


def events(app_context: AppContext, event: str) -> list[dict[str, object]]:
    with app_context.sessions.reading() as session:
        raw = session.scalars(select(Opening.record).order_by(Opening.position))
        records = [json.loads(one) for one in raw]
    return [one for one in records if one["event"] == event]


def pdf_of(app_context: AppContext, number: int) -> bytes:
    sha256 = version_pdf_sha256(app_context, number)
    assert sha256
    return version_pdf(app_context, sha256)


def without_keys(app_context: AppContext) -> None:
    missing = app_context.settings.instance_path / "no" / "seal.p12"
    app_context.settings = replace(app_context.settings, seal_file=missing)


def test_before_anybody_is_asked_there_is_nothing_to_seal(
    app_context: AppContext,
) -> None:
    """A version that nobody was asked to sign is not sealed."""
    assert seal_versions(app_context) == 0
    with pytest.raises(LookupError):
        version_pdf_sha256(app_context, 2)


def test_every_version_that_is_pinned_gets_its_pdf_once(
    app_context: AppContext,
) -> None:
    """The bytes, their SHA-256, the level and a leaf are stored; then nothing more."""
    ask_parents(app_context)
    release_edit(
        app_context.settings.versions_dir, "must not take", "must never take", "One."
    )
    ask_parents(app_context)
    assert version_pdf_sha256(app_context, 3) is None
    assert seal_versions(app_context) == 2
    leaves = events(app_context, "version:sealed")
    for version, leaf in zip(pinned(app_context), leaves[::-1], strict=True):
        pdf = pdf_of(app_context, version.number)
        assert hashlib.sha256(pdf).hexdigest() == version.pdf_sha256
        assert (version.level, version.seal_problem) == ("B-B", None)
        assert version.sealed_at == version.pinned_at
        assert leaf == {
            "event": "version:sealed",
            "version": version.number,
            "sha256": version.sha256,
            "pdf_sha256": version.pdf_sha256,
        }
    before = snapshot(app_context)
    assert seal_versions(app_context) == 0
    assert snapshot(app_context) == before


@pytest.mark.tool("pdftotext")
@pytest.mark.tool("pdfdetach")
def test_it_holds_the_version_that_was_pinned(
    app_context: AppContext, tmp_path: Path
) -> None:
    """Number, permanent address and statements are printed, and 2.md is attached."""
    ask_parents(app_context)
    seal_versions(app_context)
    path = tmp_path / "version.pdf"
    path.write_bytes(pdf_of(app_context, 2))
    told = run("pdftotext", "-layout", path, "-")
    version = read_version(app_context.settings.versions_dir / "2.md")
    for expected in (
        "http://127.0.0.1:8000/versions/2/",
        version.sha256,
        f"Version 2, {version.label}",
        *version.declaration,
    ):
        assert expected in told
    run("pdfdetach", "-savefile", "2.md", "-o", tmp_path / "out.md", path)
    assert (tmp_path / "out.md").read_bytes() == version.source


@pytest.mark.tool("pdfsig")
@pytest.mark.tool("qpdf")
@pytest.mark.tool("mutool")
def test_independent_programs_find_the_seal_good(
    app_context: AppContext, tmp_path: Path
) -> None:
    """One valid signature on the whole file, unchanged since, in a sound PDF."""
    ask_parents(app_context)
    seal_versions(app_context)
    path = tmp_path / "version.pdf"
    path.write_bytes(pdf_of(app_context, 2))
    printed = run("pdfsig", path)
    assert printed.count("Signature #") == 1
    assert "Signature Validation: Signature is Valid." in printed
    assert "Total document signed" in printed
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", path)
    assert "The document is unchanged since signing." in run(
        "mutool", "sign", "-v", path
    )


def test_without_its_key_it_waits_and_the_head_hears(
    app_context: AppContext, frozen: Callable[[timedelta], None]
) -> None:
    """The reason is recorded, the alarm goes out once a day, and it is tried again."""
    post = Post(app_context)
    ask_parents(app_context)
    post.send()
    settings = app_context.settings
    without_keys(app_context)
    assert seal_versions(app_context) == 0
    (waiting,) = pinned(app_context)
    assert waiting.pdf_sha256 is None
    assert "seal.p12" in (waiting.seal_problem or "")
    assert post.send() == 0
    frozen(ALARM_AFTER)
    for _ in range(2):
        assert seal_versions(app_context) == 0
    assert post.send() == 1
    alarm = words(post.to("head@")[-1])
    assert "The sealed PDF of version 2 of the code of conduct" in alarm
    assert "seal.p12" in alarm
    app_context.settings = settings
    assert seal_versions(app_context) == 1
    (made,) = pinned(app_context)
    assert made.seal_problem is None
    assert len(events(app_context, "version:sealed")) == 1


def test_an_alarm_that_is_out_of_date_is_not_sent(
    app_context: AppContext, frozen: Callable[[timedelta], None]
) -> None:
    """Where the PDF was made before the mail went out, nobody is alarmed."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    settings = app_context.settings
    without_keys(app_context)
    frozen(ALARM_AFTER)
    seal_versions(app_context)
    app_context.settings = settings
    seal_versions(app_context)
    assert post.send() == 0
    with app_context.sessions.reading() as session:
        query = select(Outbox.id).where(Outbox.occasion.startswith("alarm:version-pdf"))
        assert len(session.scalars(query).all()) == 1


def test_with_a_timestamp_authority_its_level_is_the_same_as_a_declarations(
    stamping: AppContext,  # noqa: F811 - the fixture
) -> None:
    """The seal bears a timestamp and what validates it, and the record says so."""
    ask_parents(stamping)
    assert seal_versions(stamping) == 1
    (version,) = pinned(stamping)
    assert version.level == "B-LT"
    assert b"/DSS" in pdf_of(stamping, 2)


def test_a_text_that_was_changed_is_not_sealed(app_context: AppContext) -> None:
    """The other versions are, and the reason names the number."""
    ask_parents(app_context)
    release_edit(
        app_context.settings.versions_dir, "must not take", "must never take", "One."
    )
    ask_parents(app_context)
    app_context.versions = ()
    path = app_context.settings.versions_dir / "2.md"
    path.write_bytes(path.read_bytes().replace(b"must not", b"may"))
    assert seal_versions(app_context) == 1
    spoilt, sound = pinned(app_context)
    assert sound.pdf_sha256
    assert spoilt.pdf_sha256 is None
    assert "2" in (spoilt.seal_problem or "")


def test_two_workers_at_once_leave_one_pdf(app_context: AppContext) -> None:
    """One row, one leaf, and what is named is what is stored."""
    ask_parents(app_context)
    start = threading.Barrier(2)
    raised: list[BaseException] = []

    def work() -> None:
        start.wait()
        try:
            seal_versions(app_context)
        except BaseException as error:  # noqa: BLE001 - it is looked at below
            raised.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not raised
    assert len(events(app_context, "version:sealed")) == 1
    with app_context.sessions.reading() as session:
        assert len(session.scalars(select(SealedPdf.sha256)).all()) == 1


def test_the_bytes_under_the_seal_are_typeset_the_same_each_time(
    app_context: AppContext,
) -> None:
    """Two contexts with one text typeset one document, whatever their seals."""
    ask_parents(app_context)
    seal_versions(app_context)
    first = pdf_of(app_context, 2)
    with app_context.sessions.writing() as session:
        for version in session.scalars(select(PinnedVersion)):
            version.pdf_sha256 = None
        session.flush()
        for row in session.scalars(select(SealedPdf)):
            session.delete(row)
    seal_versions(app_context)
    typeset = first[: first.index(b"%%EOF") + 5]
    assert pdf_of(app_context, 2).startswith(typeset)
