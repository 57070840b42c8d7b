"""What keeps the database from being used, so that nothing was stored."""

from __future__ import annotations

from signer.errors.records import StoreError

EXIT_DATABASE_REPLACED = 4
"""What a process ends with that found its database replaced; see `DatabaseReplaced`.

A supervisor must not start it again: the new process would take the files in place for
the right ones.
"""


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


class DatabaseBusy(DatabaseUnusable):
    """Others write to the database for too long; trying again later may help."""

    def __init__(self) -> None:
        super().__init__("the database is held by others for too long")


class DatabaseReplaced(DatabaseUnusable):
    """The files that this process has open are no longer those at their paths.

    What it would write nobody would find again, so that it must stop.

    Attributes:
        path: the database's file.
        missing: whether there is none at all at the path.
    """

    def __init__(self, path: str, *, missing: bool) -> None:
        what = "is gone" if missing else "or its log of writes was replaced"
        super().__init__(f"the database {path} {what} under this process")
        self.path = path
        self.missing = missing


class ForeignLogOfWrites(DatabaseReplaced):
    """The log of writes beside the database was written for another file.

    It holds what was committed last to that file. SQLite would write it into this one,
    and spoil both.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, missing=False)
        self.args = (f"the log of writes at {path}-wal belongs to another file",)
