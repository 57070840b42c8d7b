"""What keeps the database from being used, so that nothing was stored."""

from __future__ import annotations

from signer.errors.records import StoreError


class DatabaseUnusable(StoreError):
    """The database cannot be read or written now; the transaction did not happen."""


class DatabaseMissing(DatabaseUnusable):
    """SQLite's file is not there, and only ``signer db upgrade`` makes one.

    Attributes:
        path: where it was looked for.
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"there is no database at {path}")
        self.path = path
