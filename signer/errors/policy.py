"""What can be wrong with the policy: its versions, its draft, a release."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import Enum, StrEnum

from signer.errors.root import SignerError


class PolicyError(SignerError):
    """The policy's files are not as they must be."""


@dataclass(eq=False, repr=False)
class VersionFileError(PolicyError):
    """A released file cannot be read as a version.

    Attributes:
        line: its line, counted from 1, or None where no single line is at fault.
    """

    path: str
    problem: str
    line: int | None = None

    def __post_init__(self) -> None:
        at = f"{self.path}:{self.line}" if self.line else self.path
        self.args = (f"{at}: {self.problem}",)


@dataclass(eq=False, repr=False)
class VersionChainError(PolicyError):
    """A released file does not follow from the one before it.

    Attributes:
        number: the version whose predecessor is wrong.
        stated: the SHA-256 (hex) that it states, or None where it states none.
        found: the SHA-256 (hex) of the file before it, or None where there is none.
    """

    number: int
    stated: str | None
    found: str | None
    template = (
        "version {self.number} follows {self.stated}, "
        "but the version before is {self.found}"
    )


@dataclass(eq=False, repr=False)
class MarkdownError(PolicyError):
    """The text holds something that the policy may not.

    Attributes:
        line: the line, counted from 1 in the text given.
        what: the thing found, such as ``raw HTML``.
        remedy: what to write instead.
    """

    line: int
    what: str
    remedy: str
    template = "line {self.line}: {self.what}; {self.remedy}"


@dataclass(eq=False, repr=False)
class ReleaseRefused(PolicyError):
    """A value given for a release or a review is not fit for it.

    Attributes:
        field: which one, such as ``review_by``.
        problem: what is wrong with it and what to do, as a clause.
    """

    field: str
    problem: str
    template = "{self.field} {self.problem}"


class DraftUnchanged(ReleaseRefused):
    """The draft says what the version in force says."""

    def __init__(self, number: int) -> None:
        super().__init__("draft", f"says what version {number} says")
        self.number = number


class DoubtKind(Enum):
    """Why a release asks once more."""

    LOOKS_THE_SAME = "looks the same"
    MAY_CONTRADICT = "may contradict"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a release asks about once more, because it may be meant.

    Attributes:
        kind: which of the kinds that may be answered beforehand.
        sentence: what is doubtful, as a sentence or two.
        error: the line that it is about; None where that is the whole draft, or the
            summary.
    """

    kind: DoubtKind
    sentence: str
    error: MarkdownError | None = None


class DocumentRefused(PolicyError):
    """A document of another program cannot be read; its message says why.

    The message is a sentence for whoever chose it.
    """


class ReviewRecorded(PolicyError):
    """Somebody has recorded a review meanwhile; nothing was changed."""


@dataclass(eq=False, repr=False)
class DraftRefused(PolicyError):
    """The draft holds what cannot be released.

    Attributes:
        problems: everything found, by line of the draft.
        doubts: what would be asked about as well, once these are put right.
    """

    path: str
    problems: tuple[MarkdownError, ...]
    doubts: tuple[Doubt, ...] = ()

    def __post_init__(self) -> None:
        self.args = (
            f"{self.path}: {len(self.problems)} problems, first: {self.problems[0]}",
        )


@dataclass(eq=False, repr=False)
class ApprovalRefused(PolicyError):
    """An approval cannot be asked for, or given, so."""

    problem: str
    template = "{self.problem}"


@dataclass(eq=False, repr=False)
class ApprovalsMissing(PolicyError):
    """A release needs more approvals of its draft than there are.

    Attributes:
        needed: how many it needs.
        approved: who has approved it.
        may_approve: who may approve and has not.
        voided: who approved an earlier draft, and not this one.
        requested: whether approval of this draft was asked for.
    """

    _: KW_ONLY
    needed: int
    approved: tuple[str, ...]
    may_approve: tuple[str, ...]
    voided: tuple[str, ...]
    requested: bool
    template = "{self.needed} approvals needed, from {self.approved} so far"


@dataclass(eq=False, repr=False)
class ReleaseExists(PolicyError):
    """A version of this number is there already; nothing was changed."""

    path: str
    template = "{self.path} already exists"


@dataclass(eq=False, repr=False)
class ReleaseRewritten(PolicyError):
    """A released file, or its line in the list of releases, is not what it was.

    Attributes:
        name: the file, such as ``2.md``.
        released: the SHA-256 (hex) that it was released with.
        found: the SHA-256 (hex) found; None where the file, or its line, is missing.
        where: the commit it was found at, or None for the files as they are now.
        listed: whether it is the line in the list that differs, not the file.
    """

    name: str
    released: str
    found: str | None
    _: KW_ONLY
    where: str | None = None
    listed: bool = False

    def __post_init__(self) -> None:
        what = f"the line of {self.name}" if self.listed else self.name
        where = self.where or "present"
        self.args = (
            f"{what} at {where}: released {self.released}, found {self.found}",
        )


@dataclass(eq=False, repr=False)
class CheckoutError(PolicyError):
    """Git cannot tell what was released, or cannot keep what was."""

    folder: str
    problem: str
    template = "{self.folder}: {self.problem}"


class PushRefusal(StrEnum):
    """Why a push did not come about."""

    AHEAD = "ahead"
    """Somebody else has pushed."""
    NOT_ALLOWED = "not_allowed"
    """The server did not let us in, or its rules refuse it."""
    NO_ANSWER = "no_answer"
    """It took too long."""
    OTHER = "other"
    """Git says why."""


@dataclass(eq=False, repr=False)
class PushRefused(CheckoutError):
    """What was committed is not in the remote repository.

    Attributes:
        kind: why.
        said: git's own words, without a password; empty where it said nothing.
    """

    kind: PushRefusal
    said: str


@dataclass(eq=False, repr=False)
class HookRefused(PolicyError):
    """The host's build hook was called, and did not say yes.

    Attributes:
        problem: what came of it, as a sentence that names the host alone.
    """

    problem: str
    template = "{self.problem}"


@dataclass(eq=False, repr=False)
class SiteNotBuilt(PolicyError):
    """The site that the service serves could not be built; it is as it was.

    Attributes:
        problem: why, as a sentence.
    """

    problem: str
    template = "{self.problem}"
