"""What can be wrong with the records: the register, the database, the public site."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from signer.errors.root import SignerError


@dataclass(eq=False, repr=False)
class ParentUnknown(SignerError):
    """Nobody in the register has, or ever had, the address given, or the name there.

    Attributes:
        others: the names of those who do have the address.
    """

    others: tuple[str, ...] = ()
    template = "no parent has this address"


@dataclass(eq=False, repr=False)
class ParentAmbiguous(SignerError):
    """Several parents answer to what was given, and one is meant.

    Attributes:
        names: theirs.
    """

    names: tuple[str, ...]
    template = "{self.found} parents found, one is needed"

    @property
    def found(self) -> int:
        """How many they are."""
        return len(self.names)


class IdentityTaken(SignerError):
    """Another parent of the register has this name and address."""

    def __init__(self) -> None:
        super().__init__("another parent has this name and address")


@dataclass(eq=False, repr=False)
class MergeRefused(SignerError):
    """Two records are not made one: what they hold contradicts each other.

    Attributes:
        reasons: one sentence each.
    """

    reasons: tuple[str, ...]
    template = "the two records contradict each other"


class ParentActive(SignerError):
    """The parent is in the register, and is asked to sign."""

    def __init__(self) -> None:
        super().__init__("the parent is in the register")


@dataclass(eq=False, repr=False)
class ExemptionRefused(SignerError):
    """It cannot be noted that a parent need not sign, or need again.

    Attributes:
        problem: why, as a clause.
    """

    problem: str
    template = "{self.problem}"


class ParentHeld(SignerError):
    """The data of the parent is held: nothing of it may be deleted."""

    def __init__(self) -> None:
        super().__init__("the data of this parent is held")


@dataclass(eq=False, repr=False)
class RegisterError(SignerError):
    """A register file cannot be imported.

    Attributes:
        problems: one sentence each, with line and column.
    """

    problems: tuple[str, ...]

    def __post_init__(self) -> None:
        self.args = (f"{len(self.problems)} problems in the register file",)


class UploadUnknown(SignerError):
    """There is no such register file of this account, or its time is over."""

    def __init__(self) -> None:
        super().__init__("there is no such register file")


@dataclass(eq=False, repr=False)
class RegisterUnsure(SignerError):
    """Somebody in a register file may be somebody whom the register knows."""

    questions: int
    template = "{self.questions} questions about who is whom"


@dataclass(eq=False, repr=False)
class LeaversUncounted(SignerError):
    """So many would leave the register that their number must be given first.

    Attributes:
        leaving: how many parents and children would leave.
        given: the number that was given, if one was.
    """

    leaving: int
    given: int | None
    template = "{self.leaving} would leave, {self.given} were given"


class StaffUnknown(SignerError):
    """No teacher has the address given."""

    def __init__(self) -> None:
        super().__init__("no teacher has this address")


@dataclass(eq=False, repr=False)
class StaffLeaversUncounted(SignerError):
    """So many would leave the list of teachers that their number must be given first.

    Attributes:
        leaving: how many would leave.
        given: the number that was given, if one was.
    """

    leaving: int
    given: int | None
    template = "{self.leaving} teachers would leave, {self.given} were given"


class StoreError(SignerError):
    """The database is not as it must be."""


@dataclass(eq=False, repr=False)
class PdfUnreadable(StoreError):
    """A sealed PDF cannot be read as the database keeps it.

    Attributes:
        sha256: SHA-256 (hex) of the PDF.
        reason: as a clause.
    """

    sha256: str
    reason: str
    template = "the sealed PDF {self.sha256} cannot be read: {self.reason}"


@dataclass(eq=False, repr=False)
class VersionTampered(StoreError):
    """A version pinned in the database differs from its file.

    Attributes:
        pinned: SHA-256 (hex) pinned when parents were first asked.
        found: SHA-256 (hex) of the file now, or None where it is missing.
    """

    number: int
    pinned: str
    found: str | None
    template = "version {self.number}: pinned {self.pinned}, found {self.found}"


@dataclass(eq=False, repr=False)
class PublicationError(SignerError):
    """A released version does not stand at its public address.

    Attributes:
        address: where it was looked for: an address, or a file.
    """

    number: int
    address: str


@dataclass(eq=False, repr=False)
class NotPublished(PublicationError):
    """Nothing answers there yet."""

    problem: str
    template = "version {self.number} at {self.address}: {self.problem}"


@dataclass(eq=False, repr=False)
class PublishedDifferently(PublicationError):
    """Something else stands there.

    Attributes:
        released: SHA-256 (hex) of the released file.
        found: SHA-256 (hex) of what stands there, or None where it is too long.
    """

    _: KW_ONLY
    released: str
    found: str | None
    template = (
        "version {self.number} at {self.address}: "
        "released {self.released}, found {self.found}"
    )


@dataclass(eq=False, repr=False)
class BackupRefused(StoreError):
    """A file is not a backup that can be restored."""

    problem: str
    template = "the backup cannot be restored: {self.problem}"


class BackupDamaged(BackupRefused):
    """A backup's file is not what was written: cut short, or altered."""

    def __init__(self) -> None:
        super().__init__(
            "the file is damaged: it was cut short or altered after it was made. Copy "
            "it again from where it is kept, or take another backup"
        )


@dataclass(eq=False, repr=False)
class RecipientRefused(StoreError):
    """What a backup is to be encrypted to is no public key.

    Attributes:
        given: what was given, which may be a private key and is told to nobody.
    """

    given: str
    template = "a recipient is no public key"


@dataclass(eq=False, repr=False)
class IdentityRefused(StoreError):
    """A file holds no private key that could open a backup."""

    path: str
    problem: str
    template = "{self.path} {self.problem}"


@dataclass(eq=False, repr=False)
class DatabaseNotEmpty(StoreError):
    """A backup is only put where no records are."""

    table: str
    template = "the database holds records already, in {self.table}"
