"""Scans of papers, handed out to those who may see the parent."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from signer.store.tables import Parent
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.paper.record import record_paper
from signer.workflows.paper.scan import read_scan
from signer.workflows.paper.scans import scan_of

if TYPE_CHECKING:
    from signer.workflows.context import AppContext

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def test_a_scan_is_found_with_its_own_parent_alone(app_context: AppContext) -> None:
    """Whoever changes the number in the address finds nothing of another parent."""
    ask_parents(app_context)
    with app_context.sessions.reading() as session:
        rows = session.execute(select(Parent.name, Parent.id)).all()
    ids = {name: number for name, number in rows}  # noqa: C416 - rows
    amira, tom = ids["Amira Khan"], ids["Tom O'Brien"]
    record_paper(app_context, amira, by="The office", scan=read_scan(PNG))
    sha256 = hashlib.sha256(PNG).hexdigest()
    assert scan_of(app_context, amira, sha256) == (PNG, "image/png", "png")
    assert scan_of(app_context, tom, sha256) is None
    assert scan_of(app_context, amira, "0" * 64) is None
