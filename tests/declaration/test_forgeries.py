"""Forgeries: each gets a "no", with the reason, and none is called genuine."""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

from signer.declaration.certificates import authority_certificate, seal_certificate
from signer.declaration.keys import SealKey, make_keys
from signer.declaration.seal import seal
from signer.declaration.statement import to_json
from signer.declaration.verification import Report, Result, verify
from tests.conftest import MOMENT, PASSPHRASE, run
from tests.declaration.forgery import (
    RELEASED,
    STATEMENT,
    VERSION,
    Gap,
    genuine,
    key_folder,
    saved_once_more,
    school_key,
    signed_again,
    signed_otherwise,
    typeset_declaration,
    with_a_page_appended,
    with_an_annotation_over_a_page,
    with_attachment,
    with_bytes_uncovered,
    with_certificate_of,
    with_statement_replaced,
    without_attachments,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.declaration.keys import KeyFiles

pytestmark = pytest.mark.usefixtures("frozen")

NO = {Result.NOT_GENUINE, Result.CANNOT_TELL}


@pytest.fixture
def key(key_files: KeyFiles) -> SealKey:
    return school_key(key_folder(key_files))


@pytest.fixture
def sealed(key_files: KeyFiles) -> bytes:
    return genuine(key_folder(key_files))


@pytest.fixture
def checked(key_files: KeyFiles) -> Callable[..., Report]:
    """Verification with the school's authority and versions at hand."""

    def check(pdf: bytes, **more: Any) -> Report:
        at_hand = {"trust_roots": [key_files.authority], "released": RELEASED}
        return verify(pdf, **{**at_hand, **more})

    return check


def refused_by(report: Report) -> tuple[str, str]:
    """The check that said no, and its sentence."""
    assert report.result is Result.NOT_GENUINE
    no = next(check for check in report.checks if check.outcome != "passed")
    assert no.outcome == "failed"
    return no.name, no.sentence


@pytest.mark.parametrize(
    "forge",
    [
        with_a_page_appended,
        with_an_annotation_over_a_page,
        saved_once_more,
        with_statement_replaced,
    ],
)
def test_whatever_is_added_after_the_seal_is_refused(
    forge: Callable[[bytes], bytes],
    sealed: bytes,
    checked: Callable[..., Report],
) -> None:
    """An incremental update of any kind leaves bytes that the seal does not cover."""
    name, sentence = refused_by(checked(forge(sealed)))
    assert name == "seal"
    assert "does not cover the whole file" in sentence


def test_bytes_after_the_end_are_refused(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """Not even a line end may follow."""
    for more in (b"\n", b" ", b"\0" * 100, b"%%EOF\n"):
        assert checked(sealed + more).result in NO
    assert checked(b"\n" + sealed).result in NO


def test_a_second_signature_is_refused(
    sealed: bytes, key: SealKey, checked: Callable[..., Report]
) -> None:
    """Even the school's own key may sign a declaration only once."""
    name, sentence = refused_by(checked(signed_again(sealed, key)))
    assert (name, "bears 2 signatures" in sentence) == ("seal", True)


def test_a_stripped_seal_is_refused(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """Without its seal the document says nothing for the school."""
    assert refused_by(checked(typeset_declaration()))[0] == "seal"
    assert refused_by(checked(sealed.replace(b"/FT /Sig", b"/FT /Btn")))[0] == "seal"


def test_the_seal_of_another_declaration_is_refused(
    sealed: bytes, key: SealKey, checked: Callable[..., Report]
) -> None:
    """A seal lifted from one parent's declaration does not fit another's."""
    statement = replace(STATEMENT, parent_name="Tom O'Brien")
    other = seal(typeset_declaration(statement), key, at=MOMENT).pdf
    lifted = Gap.of(other).filled(other, Gap.of(sealed).value(sealed))
    assert refused_by(checked(lifted)) == (
        "digest",
        "The file was changed after it was sealed.",
    )


def test_a_swapped_certificate_is_refused(
    sealed: bytes, tmp_path: Path, checked: Callable[..., Report]
) -> None:
    """Another certificate of the same names does not fit the signature."""
    make_keys(
        tmp_path / "keys",
        school="My Online Schooling",
        passphrase=PASSPHRASE,
        at=MOMENT,
    )
    forged = with_certificate_of(sealed, school_key(tmp_path / "keys"))
    assert refused_by(checked(forged))[0] == "signature"


def test_a_fresh_certificate_for_the_same_key_is_refused(
    sealed: bytes, key: SealKey, key_files: KeyFiles, checked: Callable[..., Report]
) -> None:
    """The signature covers the very certificate, not the key alone."""
    assert isinstance(key.private_key, RSAPrivateKey)
    other_authority = authority_certificate(key.private_key, school="S", at=MOMENT)
    certificate = seal_certificate(
        key.private_key,
        authority=other_authority,
        authority_key=key.private_key,
        school="S",
        at=MOMENT,
    )
    other = SealKey(key.private_key, certificate, ())
    assert refused_by(checked(with_certificate_of(sealed, other)))[0] == "signature"


def test_a_seal_that_leaves_bytes_uncovered_is_refused(
    sealed: bytes, key: SealKey, checked: Callable[..., Report]
) -> None:
    """A gap wider than the seal's own value hides bytes, whoever signed."""
    name, _ = refused_by(checked(with_bytes_uncovered(sealed, key)))
    assert name == "seal"


def test_another_kind_of_signature_is_refused(
    key: SealKey, checked: Callable[..., Report]
) -> None:
    """The school's key on a signature that is no PAdES one makes no seal."""
    forged = signed_otherwise(
        typeset_declaration(), key, kind=SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    )
    name, sentence = refused_by(checked(forged))
    assert (name, "another kind" in sentence) == ("seal", True)


@pytest.mark.parametrize(
    ("certify", "permissions", "genuine"),
    [
        (False, MDPPerm.NO_CHANGES, False),
        (True, MDPPerm.FILL_FORMS, False),
        (True, MDPPerm.ANNOTATE, False),
        (True, MDPPerm.NO_CHANGES, True),
    ],
)
def test_a_seal_must_forbid_changes(
    certify: bool,  # noqa: FBT001
    permissions: MDPPerm,
    genuine: bool,  # noqa: FBT001
    key: SealKey,
    checked: Callable[..., Report],
) -> None:
    """A signature that certifies nothing, or allows changes, is not a seal."""
    report = checked(
        signed_otherwise(
            typeset_declaration(), key, certify=certify, permissions=permissions
        )
    )
    assert report.genuine == genuine
    if not genuine:
        assert refused_by(report)[0] == "changes"


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


def test_a_declaration_without_its_statement_is_refused(
    key: SealKey, checked: Callable[..., Report]
) -> None:
    """The school's seal on a document without attachments proves no declaration."""
    pdf = seal(without_attachments(typeset_declaration()), key, at=MOMENT).pdf
    assert refused_by(checked(pdf)) == (
        "statement",
        "No declaration is attached to the file.",
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        to_json(STATEMENT).replace(b'"format"', b'"Format"'),
        to_json(STATEMENT) + b"\n",
        to_json(STATEMENT).replace(b"Amira", b"Am\\u0069ra"),
        bytes(30_000_000),
    ],
    ids=range(8),
)
def test_a_statement_that_is_not_canonical_is_refused(
    content: bytes, key: SealKey, checked: Callable[..., Report]
) -> None:
    """One statement has one spelling; whatever else is attached is none."""
    bare = without_attachments(typeset_declaration())
    with_policy = with_attachment(bare, "2.md", VERSION.source)
    pdf = with_attachment(with_policy, "declaration.json", content)
    assert refused_by(checked(seal(pdf, key, at=MOMENT).pdf))[0] == "statement"


@pytest.mark.parametrize(
    ("name", "content"),
    [("declaration.json", to_json(STATEMENT)), ("2.md", VERSION.source)],
)
def test_two_attachments_of_one_name_are_refused(
    name: str, content: bytes, key: SealKey, checked: Callable[..., Report]
) -> None:
    """Which of the two a reader shows would be chance."""
    pdf = with_attachment(typeset_declaration(), name, content)
    check, sentence = refused_by(checked(seal(pdf, key, at=MOMENT).pdf))
    assert (check, sentence) == ("statement", "Two attachments have the same name.")


def test_a_third_attachment_is_refused(
    key: SealKey, checked: Callable[..., Report]
) -> None:
    """Nothing is attached but the statement and the text."""
    pdf = with_attachment(typeset_declaration(), "note.txt", b"I do not agree")
    assert checked(seal(pdf, key, at=MOMENT).pdf).result is Result.NOT_GENUINE


def with_text(text: bytes, statement: bytes, key: SealKey) -> bytes:
    """Sealed by the school: a statement with a text that is not its own."""
    bare = without_attachments(typeset_declaration())
    pdf = with_attachment(bare, "declaration.json", statement)
    return seal(with_attachment(pdf, "2.md", text), key, at=MOMENT).pdf


def test_another_text_than_the_one_named_is_refused(
    key: SealKey, checked: Callable[..., Report]
) -> None:
    """The statement names its text by hash; the text attached has another."""
    other = VERSION.source.replace(b"must", b"may ")
    name, sentence = refused_by(checked(with_text(other, to_json(STATEMENT), key)))
    assert name == "policy"
    assert "not the one that the declaration names" in sentence


def test_another_text_than_the_one_released_is_refused(
    key: SealKey, checked: Callable[..., Report]
) -> None:
    """Statement and text agree with one another, and not with what was released."""
    other = VERSION.source.replace(b"must", b"may ")
    statement = replace(STATEMENT, policy_sha256=hashlib.sha256(other).hexdigest())
    name, sentence = refused_by(checked(with_text(other, to_json(statement), key)))
    assert name == "policy"
    assert "not version 2 as the school released it" in sentence


def test_a_declaration_without_its_text_is_refused(
    key: SealKey, checked: Callable[..., Report]
) -> None:
    """What was agreed to has to be in the file."""
    bare = without_attachments(typeset_declaration())
    pdf = with_attachment(bare, "declaration.json", to_json(STATEMENT))
    assert refused_by(checked(seal(pdf, key, at=MOMENT).pdf))[0] == "policy"


def flipped(pdf: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(pdf)
    changed[place] ^= 1 << bit
    return bytes(changed)


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
    places |= set(range(typeset, len(sealed), 3))
    places |= set(range(gap.end, len(sealed)))
    places |= set(range(0, typeset, 251))
    chance = random.Random(20261122)  # noqa: S311  (the same flips each time)
    for place in sorted(places - set(range(gap.start, gap.end))):
        report = checked(flipped(sealed, place, chance.randrange(8)))
        assert report.result in NO, f"byte {place}"


def test_flips_inside_the_value_change_nothing_that_was_signed(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """What may differ unseen, without the record, is outside every signature.

    It is the wrapping of the CMS (its versions, the list of digest algorithms) and
    the copy of the authority's certificate, which is never taken on trust.
    """
    gap = Gap.of(sealed)
    value = gap.value(sealed)
    accepted = 0
    for place in range(0, len(value), 5):
        forged = gap.filled(sealed, flipped(value, place, place % 8))
        report = checked(forged)
        if report.result in NO:
            continue
        accepted += 1
        assert report.genuine
        assert signed_parts(gap.value(forged)) == signed_parts(value), place
    assert accepted > 0, "then this test and the sentence in `verify` can go"


def signed_parts(value: bytes) -> tuple[bytes, ...]:
    """The parts of a seal's value that are signed, or are the signature."""
    signed = cms.ContentInfo.load(value)["content"]
    (signer,) = signed["signer_infos"]
    own = signer["sid"].chosen["serial_number"].native
    certificates = [one.chosen for one in signed["certificates"]]
    return (
        signer["signed_attrs"].dump(),
        signer["signature"].dump(),
        next(one.dump() for one in certificates if one.serial_number == own),
    )


def test_with_the_record_no_flip_inside_the_value_is_genuine(
    sealed: bytes, checked: Callable[..., Report]
) -> None:
    """Where the record is at hand, the file is the one in it or it is not."""
    gap = Gap.of(sealed)
    recorded = hashlib.sha256(sealed).hexdigest()
    for place in range(gap.start, gap.end, 37):
        for digit in (b"0", b"F", b"a"):
            if sealed[place : place + 1] == digit:
                continue
            forged = sealed[:place] + digit + sealed[place + 1 :]
            report = checked(forged, recorded_sha256=recorded)
            assert report.result in NO, f"byte {place}"


@pytest.mark.tool("pdfsig")
def test_pdfsig_agrees_on_what_was_changed(
    sealed: bytes, tmp_path: Path, checked: Callable[..., Report]
) -> None:
    """An independent program finds no forgery valid over the total document."""
    chance = random.Random(7)  # noqa: S311  (the same flips each time)
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
