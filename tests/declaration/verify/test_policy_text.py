"""Verification of a version's own PDF, which is no declaration."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.declaration.pdf.version_pdf import typeset_version
from signer.declaration.seal.seal import seal
from signer.declaration.verify import Outcome, Result
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from tests.conftest import MOMENT
from tests.declaration.forgery import (
    VERSION,
    with_attachment,
    with_bytes_uncovered,
    without_attachments,
)
from tests.declaration.pdf.test_version_pdf import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.declaration.verify import Report
    from signer.pki.make_keys import SealKey

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def typeset() -> bytes:
    """Version 2 as the school would typeset it."""
    text = replace(TEXT, source=VERSION.source, statements=VERSION.declaration)
    return typeset_version(text, blocks(to_html(VERSION.body)))


@pytest.fixture
def text(typeset: bytes, key: SealKey) -> bytes:
    """That, sealed."""
    return seal(typeset, key, at=MOMENT).pdf


def said(report: Report, name: str) -> tuple[Outcome, str]:
    return next(
        (one.outcome, one.sentence) for one in report.checks if one.name == name
    )


def test_it_is_called_what_it_is(text: bytes, checked: Callable[..., Report]) -> None:
    """Sealed text: neither a genuine declaration nor a forged one."""
    report = checked(text)
    assert report.result is Result.SEALED_TEXT
    assert not report.genuine
    assert report.statement is None
    assert said(report, "statement") == (
        Outcome.NOT_CHECKED,
        (
            "It is not a declaration: nobody signed it. The text attached is version "
            "2, word for word as the school released it. Whether the pages say the "
            "same, the school's record tells."
        ),
    )
    for name in ("file", "seal", "digest", "signature", "signer", "changes"):
        assert said(report, name)[0] is Outcome.PASSED


def test_by_an_unknown_signer_it_is_nothing_more(
    text: bytes, checked: Callable[..., Report]
) -> None:
    """Anybody can seal the released text; only the certificate tells who did."""
    assert checked(text, trust_roots=[]).result is Result.UNKNOWN_SIGNER


def test_a_version_that_is_not_at_hand_cannot_be_compared(
    text: bytes, checked: Callable[..., Report]
) -> None:
    """It says so, and does not say that it is not genuine."""
    report = checked(text, released={})
    assert report.result is Result.CANNOT_TELL
    assert "not here" in said(report, "statement")[1]


def test_another_text_than_the_released_one_is_refused(
    text: bytes, checked: Callable[..., Report]
) -> None:
    """Even under the school's seal."""
    report = checked(text, released={2: VERSION.source + b"\n"})
    assert report.result is Result.NOT_GENUINE
    outcome, sentence = said(report, "statement")
    assert outcome is Outcome.FAILED
    assert "not version 2" in sentence


def test_what_was_changed_since_is_not_genuine(
    text: bytes, checked: Callable[..., Report]
) -> None:
    """One byte decides, as in a declaration."""
    place = text.index(b"/Title")
    changed = text[:place] + b"/Titla" + text[place + 6 :]
    assert checked(changed).result is Result.NOT_GENUINE


def test_bytes_that_the_seal_leaves_out_are_refused(
    typeset: bytes, key: SealKey, checked: Callable[..., Report]
) -> None:
    """The whole file is covered, or it is not genuine."""
    forged = with_bytes_uncovered(seal(typeset, key, at=MOMENT).pdf, key)
    assert checked(forged).result is Result.NOT_GENUINE


def test_without_the_version_or_with_more_it_is_no_text_of_ours(
    typeset: bytes, key: SealKey, checked: Callable[..., Report]
) -> None:
    """The version's file is the one attachment, under its own name."""
    for made in (
        without_attachments(typeset),
        with_attachment(typeset, "3.md", b"More"),
    ):
        report = checked(seal(made, key, at=MOMENT).pdf)
        assert report.result is Result.NOT_GENUINE
        assert said(report, "statement")[0] is Outcome.FAILED
