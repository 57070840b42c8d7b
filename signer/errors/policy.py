"""What can be wrong with the policy: its versions, its draft, a release."""

from __future__ import annotations

from signer.errors.root import SignerError


class PolicyError(SignerError):
    """The policy's files are not as they must be."""


class VersionFileError(PolicyError):
    """A released file cannot be read as a version.

    Attributes:
        path: the file.
        line: its line, counted from 1, or None where no single line is at fault.
        problem: what is wrong, as a clause.
    """

    def __init__(self, path: str, problem: str, line: int | None = None) -> None:
        at = f"{path}:{line}" if line else path
        super().__init__(f"{at}: {problem}")
        self.path = path
        self.line = line
        self.problem = problem


class VersionChainError(PolicyError):
    """A released file does not follow from the one before it.

    Attributes:
        number: the version whose predecessor is wrong.
        stated: the SHA-256 (hex) that it states, or None where it states none.
        found: the SHA-256 (hex) of the file before it, or None where there is none.
    """

    def __init__(self, number: int, stated: str | None, found: str | None) -> None:
        super().__init__(
            f"version {number} follows {stated}, but the version before is {found}"
        )
        self.number = number
        self.stated = stated
        self.found = found


class MarkdownError(PolicyError):
    """The text holds something that the policy may not.

    Attributes:
        line: the line, counted from 1 in the text given.
        what: the thing found, such as ``raw HTML``.
        remedy: what to write instead.
    """

    def __init__(self, line: int, what: str, remedy: str) -> None:
        super().__init__(f"line {line}: {what}; {remedy}")
        self.line = line
        self.what = what
        self.remedy = remedy


class ReleaseRefused(PolicyError):
    """A value given for a release or a review is not fit for it.

    Attributes:
        field: which one, such as ``review_by``.
        problem: what is wrong with it and what to do, as a clause.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.problem = problem


class DraftUnchanged(ReleaseRefused):
    """The draft says what the version in force says.

    Attributes:
        number: the version in force.
    """

    def __init__(self, number: int) -> None:
        super().__init__("draft", f"says what version {number} says")
        self.number = number


class DraftRefused(PolicyError):
    """The draft holds what cannot be released.

    Attributes:
        path: the draft.
        problems: everything found, by line of the draft.
    """

    def __init__(self, path: str, problems: tuple[MarkdownError, ...]) -> None:
        super().__init__(f"{path}: {len(problems)} problems, first: {problems[0]}")
        self.path = path
        self.problems = problems


class ReleaseExists(PolicyError):
    """A version of this number is there already; nothing was changed.

    Attributes:
        path: its file.
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is there already")
        self.path = path


class ReleaseRewritten(PolicyError):
    """A released file, or its line in the list of releases, is not what it was.

    Attributes:
        name: the file, such as ``2.md``.
        released: the SHA-256 (hex) that it was released with.
        found: the SHA-256 (hex) found; None where the file, or its line, is missing.
        where: the commit it was found at, or None for the files as they are now.
        listed: whether it is the line in the list that differs, not the file.
    """

    def __init__(
        self,
        name: str,
        released: str,
        found: str | None,
        *,
        where: str | None = None,
        listed: bool = False,
    ) -> None:
        what = f"the line of {name}" if listed else name
        super().__init__(
            f"{what} at {where or 'present'}: released {released}, found {found}"
        )
        self.name = name
        self.released = released
        self.found = found
        self.where = where
        self.listed = listed


class CheckoutError(PolicyError):
    """Git cannot tell what was released, or cannot keep what was.

    Attributes:
        folder: where git was asked.
        problem: what is wrong and what to do, in sentences.
    """

    def __init__(self, folder: str, problem: str) -> None:
        super().__init__(f"{folder}: {problem}")
        self.folder = folder
        self.problem = problem
