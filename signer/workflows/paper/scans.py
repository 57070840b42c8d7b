"""The scans that are kept of papers."""

from __future__ import annotations

from sqlalchemy import select

from signer.store.paper.tables import Paper, PaperScan
from signer.store.tables import Request
from signer.workflows.context import AppContext
from signer.workflows.paper.scan import ENDINGS


def scan_of(
    context: AppContext, parent_id: int, sha256: str
) -> tuple[bytes, str, str] | None:
    """A scan of a parent's paper: its bytes, its media type, and a file's ending.

    Args:
        context: the context.
        parent_id: whose paper it is.
        sha256: of the scan (hex).

    Returns:
        None where the parent has no paper with such a scan.
    """
    query = (
        select(PaperScan)
        .join(Paper, Paper.id == PaperScan.paper_id)
        .join(Request, Request.id == Paper.request_id)
        .where(Request.parent_id == parent_id, PaperScan.sha256 == sha256)
    )
    with context.sessions.reading() as session:
        scan = session.scalars(query.limit(1)).first()
        if scan is None:
            return None
        return scan.content, scan.media_type, ENDINGS[scan.media_type]
