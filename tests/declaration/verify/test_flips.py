"""Single bytes: none may differ, outside the seal's value or inside it."""

from __future__ import annotations

import hashlib
import random
import re
from functools import partial
from typing import TYPE_CHECKING

import pytest
from asn1crypto import cms
from pyhanko.sign.fields import MDPPerm

from signer.declaration.verify import RECORD, completed, record_check
from tests.conftest import run
from tests.declaration.forgery import (
    NO,
    Gap,
    flipped,
    refused_by,
    signed_otherwise,
    typeset_declaration,
    with_a_page_appended,
    with_an_annotation_over_a_page,
    with_statement_replaced,
)
from tests.sharing.long_form import LONG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.declaration.verify import Report
    from signer.pki.make_keys import KeyFiles, SealKey

pytestmark = pytest.mark.usefixtures("frozen")

EVERY = 1 if LONG else 3
"""Of the places that are spread over a file, every which is altered."""


def test_zeros_behind_the_value_are_borne_and_nothing_else(
    key: SealKey, checked: Callable[..., Report]
) -> None:
    """Room that the signature does not fill holds zeros, or the file is refused."""
    padded = signed_otherwise(
        typeset_declaration(),
        key,
        certify=True,
        permissions=MDPPerm.NO_CHANGES,
        spare=64,
    )
    assert checked(padded).genuine
    gap = Gap.of(padded)
    for place in (gap.end - 2, gap.end - 60):
        forged = padded[:place] + b"1" + padded[place + 1 :]
        name, sentence = refused_by(checked(forged))
        assert (name, "hidden" in sentence) == ("seal", True)


@pytest.mark.parametrize(
    "rewritten",
    [
        bytes.lower,
        lambda digits: digits[:100].lower() + digits[100:],
        lambda digits: digits[:-1] + b" ",
        lambda digits: digits[:100] + b"\n\n" + digits[102:],
        lambda digits: digits[:-2] + b"zz",
        lambda digits: digits[:-1] + b">",
    ],
)
def test_the_value_is_written_in_one_way_only(
    rewritten: Callable[[bytes], bytes],
    sealed: bytes,
    checked: Callable[..., Report],
) -> None:
    """Small digits, white space and a half digit mean the same and are refused."""
    gap = Gap.of(sealed)
    digits = rewritten(sealed[gap.start + 1 : gap.end - 1])
    forged = sealed[: gap.start + 1] + digits + sealed[gap.end - 1 :]
    assert len(forged) == len(sealed)
    assert checked(forged).result in NO
    for place in (gap.start, gap.end - 1):
        assert checked(sealed[:place] + b" " + sealed[place + 1 :]).result in NO


def test_the_seal_rests_on_every_byte_outside_its_value(
    sealed: bytes, key_files: KeyFiles
) -> None:
    """What was hashed is the file without the seal's value: no byte is left out.

    So a flip anywhere outside must change the digest; the next test sees it happen.
    """
    gap = Gap.of(sealed)
    (signer,) = cms.ContentInfo.load(gap.value(sealed))["content"]["signer_infos"]
    (digest,) = (
        attribute["values"][0].native
        for attribute in signer["signed_attrs"]
        if attribute["type"].native == "message_digest"
    )
    covered = sealed[: gap.start] + sealed[gap.end :]
    assert digest == hashlib.sha256(covered).digest()
    assert len(covered) + len(gap.value(sealed)) * 2 + 2 == len(sealed)
    assert key_files.seal.serial_number == signer["sid"].chosen["serial_number"].native


def test_flipping_any_byte_outside_the_value_says_no(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """All that the seal added, all structure, and a spread of the rest."""
    gap = Gap.of(sealed)
    typeset = len(typeset_declaration())
    structure = re.compile(
        rb"%PDF-1.\d|/ByteRange|/Contents|/Type */Catalog|/EmbeddedFiles"
        rb"|/Root|/Prev|xref|trailer|startxref|%%EOF"
    )
    places = {
        place for found in structure.finditer(sealed) for place in range(*found.span())
    }
    places |= set(range(typeset, len(sealed), EVERY * 3))
    places |= set(range(gap.end, len(sealed)))
    places |= set(range(0, typeset, EVERY * 251))
    chance = random.Random(20261122)
    for place in sorted(places - set(range(gap.start, gap.end))):
        report = checked(flipped(sealed, place, chance.randrange(8)))
        assert report.result in NO, f"byte {place}"


def test_no_flip_inside_the_value_is_borne(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """Not in what is signed, and not in what anybody could write anew."""
    gap = Gap.of(sealed)
    value = gap.value(sealed)
    for place in range(0, len(value), EVERY * 7):
        forged = gap.filled(sealed, flipped(value, place, place % 8))
        assert checked(forged).result in NO, f"byte {place}"


def test_with_the_record_no_flip_inside_the_value_is_genuine(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """Where the record is at hand, the file is the one in it or it is not."""
    gap = Gap.of(sealed)
    recorded = hashlib.sha256(sealed).hexdigest()
    for place in range(gap.start, gap.end, EVERY * 37):
        for digit in (b"0", b"F", b"a"):
            if sealed[place : place + 1] == digit:
                continue
            forged = sealed[:place] + digit + sealed[place + 1 :]
            report = checked(forged)
            compared = partial(record_check, report.sha256, recorded)
            report = completed(report, {RECORD: compared})
            assert report.result in NO, f"byte {place}"


@pytest.mark.tool("pdfsig")
def test_pdfsig_agrees_on_what_was_changed(
    sealed: bytes, tmp_path: Path, checked: Callable[..., Report]
) -> None:
    """An independent program finds no forgery valid over the total document."""
    chance = random.Random(7)
    forgeries = [
        with_a_page_appended(sealed),
        with_an_annotation_over_a_page(sealed),
        with_statement_replaced(sealed),
        *(flipped(sealed, chance.randrange(20_000, 90_000), 0) for _ in range(5)),
    ]
    path = tmp_path / "forged.pdf"
    for forged in forgeries:
        assert checked(forged).result in NO
        path.write_bytes(forged)
        printed = run("pdfsig", path, check=False)
        fine = "Signature is Valid" in printed and "Total document signed" in printed
        assert not fine
