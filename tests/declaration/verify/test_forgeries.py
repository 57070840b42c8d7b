"""Forgeries: each gets a "no", with the reason, and none is called genuine."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

from signer.declaration.seal.seal import seal
from signer.declaration.statement import to_json
from signer.declaration.verify import Report, Result
from signer.pki.certificates import authority_certificate, seal_certificate
from signer.pki.make_keys import SealKey, make_keys
from tests.conftest import MOMENT, PASSPHRASE
from tests.declaration.forgery import (
    NO,
    STATEMENT,
    VERSION,
    Gap,
    refused_by,
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

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.usefixtures("frozen")


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
    assert (name, "has 2 signatures" in sentence) == ("seal", True)


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
    assert (name, "a different kind" in sentence) == ("seal", True)


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
