"""Whose data is deleted next, in pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from signer.workflows.context import AppContext
from signer.workflows.parents.browse import PAGE
from signer.workflows.retention.due import Expiry, expiries
from signer.workflows.retention.rules import DataKind

KINDS: Mapping[DataKind, str] = {
    DataKind.REPLIES: "What mail servers replied",
    DataKind.NOTES: "Messages and notes",
    DataKind.UNSIGNED: "Requests that were not signed",
    DataKind.DECLARATIONS: "Declarations",
    DataKind.PARENTS: "Name, address and children",
}
"""What each kind of data is called."""


@dataclass(frozen=True, slots=True)
class ExpiringPage:
    """A page of what is deleted next.

    Attributes:
        rows: the first to be deleted first.
        number: of the page, from 1.
        pages: how many there are, at least 1.
        found: how many rows there are in all.
    """

    rows: tuple[Expiry, ...]
    number: int
    pages: int
    found: int


def list_expiring(context: AppContext, *, page: int = 1) -> ExpiringPage:
    """A page of the data of parents who have left, with the day of its deletion.

    Changes nothing.
    """
    with context.sessions.reading() as session:
        due = expiries(session, context.settings)
    pages = max(1, -(-len(due) // PAGE))
    page = min(max(page, 1), pages)
    rows = tuple(due[(page - 1) * PAGE : page * PAGE])
    return ExpiringPage(rows, page, pages, len(due))
