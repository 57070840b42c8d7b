"""The dictionary beside which declarations of one version are kept small.

It is a declaration that nobody made, typeset as the real ones are: pages, fonts and the
version's file are in it, and no parent. Of the seal it has the beginning, with the
certificates, and no value: nothing was signed.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from signer.declaration.pdf.declaration_pdf import typeset
from signer.declaration.seal.seal import seal
from signer.declaration.statement import Child, Statement, to_json
from signer.errors import DeclarationError, PdfUnreadable
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.pki.make_keys import SealKey
from signer.policy.versions import Version
from signer.store.pdfs.compression import compressed
from signer.store.tables import PdfDictionary, SealedPdf

_log = logging.getLogger(__name__)

_NAME = "Specimen Parent"
_ID = "D-0000-0000-0000"
_MESSAGE_DIGEST = b"06092A864886F70D010904"
"""Of CMS (RFC 5652, §11.2), as it is written in the seal: behind its certificates."""

_AT = datetime(2000, 1, 1, 12, tzinfo=UTC)
_CHILDREN = (Child(name="Specimen Child", year_group="Year 7"),)


class _Unsigning(SealKey):
    """A key with the certificates of another, which signs nothing."""

    def sign(self, data: bytes) -> bytes:  # noqa: ARG002 - nothing is done with it
        """As many bytes as a value has, which are none."""
        return self.longest_signature()


@lru_cache(maxsize=4)
def policy_blocks(body: str) -> list[dict[str, Any]]:
    """The blocks of a version, made once: nobody changes them."""
    return blocks(to_html(body))


def dictionary_for(
    statement: Statement, version: Version, key: SealKey
) -> bytes | None:
    """Return what PDFs of a version share, made once; None where it cannot be made.

    Each process makes the same bytes, and holds them.

    Args:
        statement: of any declaration of the version, of which nothing is used but what
            all of them have.
        version: the version.
        key: the key that seals them.
    """
    specimen = replace(
        statement,
        declaration_id=_ID,
        parent_name=_NAME,
        parent_email="specimen@example.org",
        typed_name=_NAME,
        capacity="parent",
        children=_CHILDREN,
        invited_at=_AT,
        opened_at=_AT,
        confirmed_at=_AT,
        reached_by="emailed link",
        replaces=None,
        another_way=False,
    )
    return shared_bytes(to_json(specimen), version, key)


@lru_cache(maxsize=4)
def shared_bytes(raw: bytes, version: Version, key: SealKey) -> bytes | None:
    """Return a specimen as it is typeset, with the beginning of a seal."""
    unsigning = _Unsigning(key.private_key, key.certificate, key.chain)
    try:
        pdf = typeset(
            raw, policy_blocks(version.body), version.source, version.filename
        )
        sealed = seal(pdf, unsigning, at=_AT).pdf
    except DeclarationError:
        # No parent waits for it: their PDF is kept as it is.
        _log.exception("no dictionary was made for version %s", version.number)
        return None
    # What follows is another one each time, and would make another dictionary.
    same, found, _ = sealed.partition(_MESSAGE_DIGEST)
    return same if found else pdf


def kept_as(pdf: bytes, dictionary: bytes | None) -> Mapping[str, object]:
    """Return the columns of a PDF's row, but for its SHA-256."""
    if dictionary is not None:
        kept = compressed(pdf, dictionary)
        if len(kept) < len(pdf):
            return {
                "kept": kept,
                "size": len(pdf),
                "dictionary_sha256": hashlib.sha256(dictionary).hexdigest(),
            }
    return {"kept": pdf, "size": None, "dictionary_sha256": None}


def as_found(pdf: SealedPdf) -> bytes:
    """Return a sealed PDF; of one that is damaged, what is there: a check tells."""
    try:
        return pdf.content
    except PdfUnreadable:
        _log.exception("a sealed PDF is damaged: %s", pdf.sha256)
        return pdf.kept


def keep_dictionary(session: Session, dictionary: bytes, sha256: str) -> None:
    """Let the record have a dictionary, once.

    Args:
        session: a transaction that holds the log, so that no other adds it meanwhile.
        dictionary: its bytes.
        sha256: their SHA-256 (hex).
    """
    there = select(PdfDictionary.sha256).where(PdfDictionary.sha256 == sha256)
    if session.scalar(there) is None:
        row = {"sha256": sha256, "content": dictionary}
        session.execute(insert(PdfDictionary), row)
