"""Declarations are kept beside a dictionary in which nobody stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from signer.declaration.statement import from_json
from signer.errors import PdfUnreadable, TypesetError
from signer.register.rows import read_register
from signer.store.tables import Declaration, PdfDictionary, SealedPdf
from signer.workflows.declarations import dictionary
from signer.workflows.declarations.dictionary import as_found, dictionary_for
from signer.workflows.reconciliation.reconcile import reconcile
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.follow_link import open_link
from tests.conftest import PEOPLE
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from signer.workflows.context import AppContext


def signed_by(app_context: AppContext, asked: Post, *names: str) -> list[str]:
    """The declarations of parents who sign what they are asked to."""
    links = (open_link(app_context, asked.token(name)) for name in names)
    return [sign(app_context, one).declaration_id for one in links]


@pytest.fixture
def signed(app_context: AppContext, asked: Post) -> list[str]:
    """The declarations of two parents."""
    return signed_by(app_context, asked, "Amira Khan", "Niamh O'Brien")


def test_two_parents_share_one_dictionary(
    app_context: AppContext, signed: list[str]
) -> None:
    """Each PDF takes less than half its size, and comes back whole."""
    with app_context.sessions.reading() as session:
        pdfs = session.scalars(select(SealedPdf)).all()
        [shared] = session.scalars(select(PdfDictionary))
        assert {one.dictionary_sha256 for one in pdfs} == {shared.sha256}
        assert all(len(one.kept) < len(one.content) / 2 for one in pdfs)


def test_the_dictionary_is_the_same_whoever_signs(
    app_context: AppContext, signed: list[str]
) -> None:
    """So that it tells of none of them, and is made again as it was."""
    with app_context.sessions.reading() as session:
        raw = session.scalars(select(Declaration.statement)).all()
        [shared] = session.scalars(select(PdfDictionary.content))
    for statement in map(from_json, raw):
        version = app_context.version(statement.policy_version)
        dictionary.shared_bytes.cache_clear()
        assert dictionary_for(statement, version, app_context.seal_key()) == shared
        assert statement.declaration_id.encode() not in shared


def test_an_erased_parent_leaves_the_others_theirs(
    app_context: AppContext, signed: list[str]
) -> None:
    """The PDF goes, and what the PDFs share stays."""
    rest = [line for line in PEOPLE.splitlines() if not line.startswith("Amira")]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)
    erase_parent(app_context, "amira@example.org")
    with app_context.sessions.reading() as session:
        [left] = session.scalars(select(SealedPdf))
        assert left.content.startswith(b"%PDF")


def test_a_dictionary_in_use_cannot_be_deleted(
    app_context: AppContext, signed: list[str]
) -> None:
    """The database refuses it, whoever tries."""
    with pytest.raises(IntegrityError), app_context.sessions.writing() as session:
        session.execute(delete(PdfDictionary))


def test_a_damaged_dictionary_gives_no_pdf(
    app_context: AppContext, signed: list[str]
) -> None:
    """No parent gets another file, and the check of the record names each PDF."""
    with app_context.sessions.writing() as session:
        session.execute(
            text("UPDATE pdf_dictionary SET content = :content"), {"content": b"%PDF"}
        )
    with app_context.sessions.reading() as session:
        for pdf in session.scalars(select(SealedPdf)):
            assert as_found(pdf) == pdf.kept
            with pytest.raises(PdfUnreadable, match="dictionary"):
                _ = pdf.content
    told = [one.subject for one in reconcile(app_context).disagreements]
    assert sorted(told) == sorted(f"declaration {one}" for one in signed)


def test_without_a_dictionary_a_pdf_is_kept_whole(
    app_context: AppContext, asked: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No parent waits for one that cannot be made."""

    def fail(*_given: object) -> bytes:
        raise TypesetError("out of order")

    dictionary.shared_bytes.cache_clear()
    monkeypatch.setattr(dictionary, "typeset", fail)
    signed_by(app_context, asked, "Amira Khan")
    dictionary.shared_bytes.cache_clear()
    with app_context.sessions.reading() as session:
        [pdf] = session.scalars(select(SealedPdf))
        assert pdf.dictionary is None
        assert pdf.kept == pdf.content
