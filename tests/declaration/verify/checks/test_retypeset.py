"""Typesetting the pages again, and comparing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from signer.declaration.pdf import reproducibility
from signer.declaration.pdf.declaration_pdf import TEMPLATES, typeset
from signer.declaration.pdf.fonts import FIRST_FONTS
from signer.declaration.pdf.reproducibility import is_set_as_known
from signer.declaration.seal.seal import seal
from signer.declaration.statement import from_json, to_json
from signer.declaration.verify import Outcome, Result
from signer.declaration.verify.checks import retypeset
from signer.declaration.verify.checks.attachments import attachments
from signer.declaration.verify.checks.document import read_document
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from tests.conftest import MOMENT, REPOSITORY
from tests.declaration.forgery import (
    RELEASED,
    STATEMENT,
    VERSION,
    typeset_declaration,
)
from tests.declaration.school import step

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.declaration.verify import Report
    from signer.pki.make_keys import SealKey

pytestmark = pytest.mark.usefixtures("frozen")

RENDERED = {2: blocks(to_html(VERSION.body))}


@pytest.fixture
def deep(checked: Callable[..., Report]) -> Callable[..., Report]:
    """Verification that typesets the pages again."""
    return lambda pdf, **more: checked(pdf, **{"rendered": RENDERED, **more})


def test_the_pages_are_those_that_the_statement_gives(
    sealed: bytes, deep: Callable[..., Report]
) -> None:
    """A sealed file begins with exactly the bytes that were typeset."""
    report = deep(sealed)
    assert step(report, "typesetting")[0] is Outcome.PASSED
    assert report.genuine


def test_nobody_need_ask_for_it(sealed: bytes, checked: Callable[..., Report]) -> None:
    """Left out, it lowers nothing."""
    report = checked(sealed)
    assert step(report, "typesetting")[0] is Outcome.NOT_CHECKED
    assert report.genuine


def test_pages_that_show_something_else_are_not_genuine(
    key: SealKey, deep: Callable[..., Report], checked: Callable[..., Report]
) -> None:
    """The school's own seal over pages that the statement does not give is caught."""
    shortened = blocks(to_html(VERSION.body))[:-3]
    pages = typeset(to_json(STATEMENT), shortened, VERSION.source, "2.md")
    forged = seal(pages, key, at=MOMENT).pdf
    assert checked(forged).genuine
    report = deep(forged)
    outcome, sentence = step(report, "typesetting")
    assert outcome is Outcome.FAILED
    assert "not the ones" in sentence
    assert report.result is Result.NOT_GENUINE


def test_a_statement_from_before_fonts_were_named_is_typeset_again(
    key: SealKey, deep: Callable[..., Report]
) -> None:
    """It was set with the fonts that are still here; one that names them, too."""
    for statement in (STATEMENT, replace(STATEMENT, fonts=FIRST_FONTS)):
        pdf = seal(typeset_declaration(statement), key, at=MOMENT).pdf
        assert step(deep(pdf), "typesetting")[0] is Outcome.PASSED


def test_fonts_that_nobody_has_do_not_switch_it_off(
    key: SealKey, deep: Callable[..., Report], checked: Callable[..., Report]
) -> None:
    """A later release may have others with the newest template; no earlier one had."""
    for template, result in (("4", Result.CANNOT_TELL), ("3", Result.NOT_GENUINE)):
        statement = replace(STATEMENT, fonts="ab" * 32, template=template)
        pdf = seal(typeset_declaration(statement), key, at=MOMENT).pdf
        for report in (deep(pdf), checked(pdf)):
            assert "abababababababab" in step(report, "typesetting")[1]
            assert report.result is result


def test_pages_of_fonts_of_an_earlier_release_are_not_compared(
    key: SealKey, deep: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later list of fonts accuses nobody; both are named."""
    pdf = seal(typeset_declaration(STATEMENT), key, at=MOMENT).pdf
    monkeypatch.setattr(retypeset, "fonts_sha256", lambda: "ab" * 32)
    report = deep(pdf)
    outcome, sentence = step(report, "typesetting")
    assert outcome is Outcome.NOT_CHECKED
    assert "abababababababab" in sentence
    assert FIRST_FONTS[:16] in sentence
    assert report.genuine


def test_pages_of_a_template_that_is_kept_no_more_are_not_compared(
    key: SealKey, deep: Callable[..., Report]
) -> None:
    """They may be set otherwise, which is nobody's fault; both versions are named."""
    pages = typeset_declaration(replace(STATEMENT, template="1"))
    report = deep(seal(pages, key, at=MOMENT).pdf)
    outcome, sentence = step(report, "typesetting")
    assert outcome is Outcome.NOT_CHECKED
    assert "template 1 and Typst" in sentence
    assert report.genuine


def test_an_earlier_template_sets_what_it_always_set(
    key: SealKey, deep: Callable[..., Report]
) -> None:
    """A declaration from before, byte for byte, and one that was sealed later on."""
    kept = (REPOSITORY / "tests/kept/schema_0005/declaration.pdf").read_bytes()
    raw = attachments(read_document(kept))["declaration.json"]
    assert from_json(raw).template == "2"
    assert kept.startswith(typeset(raw, RENDERED[2], VERSION.source, "2.md"))
    for template in TEMPLATES:
        pages = typeset_declaration(replace(STATEMENT, template=template))
        report = deep(seal(pages, key, at=MOMENT).pdf)
        assert step(report, "typesetting")[0] is Outcome.PASSED
        assert report.genuine


@pytest.mark.parametrize(
    "at_hand",
    [{"rendered": {}}, {"released": {}}, {"released": {2: VERSION.source + b"\n"}}],
)
def test_without_the_text_they_are_not_compared(
    at_hand: dict[str, Any], sealed: bytes, deep: Callable[..., Report]
) -> None:
    """The step after it says what that means for the text."""
    report = deep(sealed, **at_hand)
    assert step(report, "typesetting")[0] is Outcome.NOT_CHECKED
    released = at_hand.get("released", RELEASED)
    assert report.genuine is (released == RELEASED)


def test_a_forged_file_is_not_typeset(
    sealed: bytes, deep: Callable[..., Report]
) -> None:
    """What was not sealed is no statement of ours: an earlier check decided."""
    report = deep(sealed.replace(b"%%EOF", b"%%EOX", 1))
    assert step(report, "typesetting")[0] is Outcome.NOT_CHECKED
    assert report.result is Result.NOT_GENUINE


def test_the_specimen_is_set_here_as_it_is_known() -> None:
    """Other bytes for it need another version of the template."""
    assert all(map(is_set_as_known, TEMPLATES))


def test_a_machine_that_sets_pages_otherwise_accuses_nobody(
    key: SealKey, deep: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With other fonts the bytes differ, and that says nothing of the file."""
    shortened = blocks(to_html(VERSION.body))[:-3]
    pages = typeset(to_json(STATEMENT), shortened, VERSION.source, "2.md")
    other = seal(pages, key, at=MOMENT).pdf
    monkeypatch.setattr(reproducibility, "KNOWN", {})
    report = deep(other)
    outcome, sentence = step(report, "typesetting")
    assert outcome is Outcome.NOT_CHECKED
    assert "perhaps with other fonts" in sentence
    assert report.genuine
