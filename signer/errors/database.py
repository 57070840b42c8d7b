"""What keeps the database from being used, so that nothing was stored."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from signer.errors.records import StoreError

EXIT_DATABASE_REPLACED = 4
"""What a process ends with that found its database replaced; see `DatabaseReplaced`.

A supervisor must not start it again: the new process would take the files in place for
the right ones.
"""


class DatabaseUnusable(StoreError):
    """The database cannot be read or written now; the transaction did not happen."""


@dataclass(eq=False, repr=False)
class DatabaseMissing(DatabaseUnusable):
    """SQLite's file is not there, and only ``db upgrade`` and ``restore`` make one."""

    path: str
    template = "there is no database at {self.path}"


class DatabaseBusy(DatabaseUnusable):
    """Others write to the database for too long; trying again later may help."""

    def __init__(self) -> None:
        super().__init__("the database is held by others for too long")


@dataclass(eq=False, repr=False)
class DatabaseReplaced(DatabaseUnusable):
    """The files that this process has open are no longer those at their paths.

    What it would write nobody would find again, so that it must stop.

    Attributes:
        missing: whether there is none at all at the path.
    """

    path: str
    _: KW_ONLY
    missing: bool

    def __post_init__(self) -> None:
        what = "is gone" if self.missing else "or its log of writes was replaced"
        self.args = (f"the database {self.path} {what} under this process",)


class ForeignLogOfWrites(DatabaseReplaced):
    """The log of writes beside the database was written for another file.

    It holds what was committed last to that file. SQLite would write it into this one,
    and spoil both.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, missing=False)
        self.args = (f"the log of writes at {path}-wal belongs to another file",)
