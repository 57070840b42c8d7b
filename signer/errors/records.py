"""What can be wrong with the records: the register, the database, the public site."""

from __future__ import annotations

from signer.errors.root import SignerError


class ParentUnknown(SignerError):
    """Nobody in the register has, or ever had, the address given."""

    def __init__(self) -> None:
        super().__init__("no parent has this address")


class ParentAmbiguous(SignerError):
    """Several parents answer to what was given, and one is meant.

    Attributes:
        found: how many there are.
    """

    def __init__(self, found: int) -> None:
        super().__init__(f"{found} parents found, one is needed")
        self.found = found


class ParentActive(SignerError):
    """The parent is in the register, and is asked to sign."""

    def __init__(self) -> None:
        super().__init__("the parent is in the register")


class RegisterError(SignerError):
    """A register file cannot be imported.

    Attributes:
        problems: one sentence each, with line and column.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(f"{len(problems)} problems in the register file")
        self.problems = problems


class StoreError(SignerError):
    """The database is not as it must be."""


class VersionTampered(StoreError):
    """A version pinned in the database differs from its file.

    Attributes:
        number: the version.
        pinned: SHA-256 (hex) pinned when parents were first asked.
        found: SHA-256 (hex) of the file now, or None where it is missing.
    """

    def __init__(self, number: int, pinned: str, found: str | None) -> None:
        super().__init__(f"version {number}: pinned {pinned}, found {found}")
        self.number = number
        self.pinned = pinned
        self.found = found


class PublicationError(SignerError):
    """A released version does not stand at its public address.

    Attributes:
        number: the version.
        address: where it was looked for: an address, or a file.
    """

    def __init__(self, number: int, address: str, problem: str) -> None:
        super().__init__(f"version {number} at {address}: {problem}")
        self.number = number
        self.address = address


class NotPublished(PublicationError):
    """Nothing answers there yet.

    Attributes:
        problem: what came instead, as a clause.
    """

    def __init__(self, number: int, address: str, problem: str) -> None:
        super().__init__(number, address, problem)
        self.problem = problem


class PublishedDifferently(PublicationError):
    """Something else stands there.

    Attributes:
        released: SHA-256 (hex) of the released file.
        found: SHA-256 (hex) of what stands there, or None where it is too long.
    """

    def __init__(
        self, number: int, address: str, *, released: str, found: str | None
    ) -> None:
        super().__init__(number, address, f"released {released}, found {found}")
        self.released = released
        self.found = found


class BackupRefused(StoreError):
    """A file is not a backup that can be restored.

    Attributes:
        problem: what is wrong with it, as a clause.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(f"the backup cannot be restored: {problem}")
        self.problem = problem


class BackupDamaged(BackupRefused):
    """A backup's file is not what was written: cut short, or altered."""

    def __init__(self) -> None:
        super().__init__(
            "the file is damaged: it was cut short or altered after it was made. Copy "
            "it again from where it is kept, or take another backup"
        )


class RecipientRefused(StoreError):
    """What a backup is to be encrypted to is no public key.

    Attributes:
        given: what was given, which may be a private key and is told to nobody.
    """

    def __init__(self, given: str) -> None:
        super().__init__("a recipient is no public key")
        self.given = given


class IdentityRefused(StoreError):
    """A file holds no private key that could open a backup.

    Attributes:
        path: the file.
        problem: what is wrong with it, as a clause.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path} {problem}")
        self.path = path
        self.problem = problem


class DatabaseNotEmpty(StoreError):
    """A backup is only put where no records are.

    Attributes:
        table: one that holds rows.
    """

    def __init__(self, table: str) -> None:
        super().__init__(f"the database holds records already, in {table}")
        self.table = table
