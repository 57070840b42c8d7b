"""Declarations drawn at random, in a way that anybody can repeat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from signer.audit.declarations import sample_of
from signer.store.tables import Declaration, Request, SealedPdf
from signer.workflows.context import AppContext
from signer.workflows.declarations.dictionary import as_found

MOST = 20
"""How many are drawn at most: each is verified while somebody waits."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sealed declaration.

    Attributes:
        id: its reference.
        parent_id: of the parent's row.
        version: the version's number.
        signed_at: when.
        pdf: its file.
    """

    id: str
    parent_id: int
    version: int
    signed_at: datetime
    pdf: bytes


def draw_sample(context: AppContext, count: int, seed: str) -> tuple[Drawn, ...]:
    """Draw declarations; changes nothing.

    The same seed draws the same of the same declarations: those whose SHA-256, of the
    seed with the reference behind it, is lowest.

    Args:
        context: the context.
        count: how many; `MOST` at most.
        seed: any words.
    """
    with context.sessions.reading() as session:
        sealed = session.scalars(
            select(Declaration.id).where(Declaration.pdf_sha256.is_not(None))
        ).all()
        drawn = sample_of(sealed, seed.encode(), min(count, MOST))
        rows = session.execute(
            select(
                Declaration.id,
                Request.parent_id,
                Request.version_number,
                Declaration.signed_at,
                SealedPdf,
            )
            .join(Request, Request.id == Declaration.request_id)
            .join(SealedPdf, SealedPdf.sha256 == Declaration.pdf_sha256)
            .where(Declaration.id.in_(drawn))
        )
        found = {row[0]: Drawn(*row[:-1], as_found(row[-1])) for row in rows}
    return tuple(found[one] for one in drawn if one in found)
