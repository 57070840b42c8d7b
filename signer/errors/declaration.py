"""What can be wrong with a declaration: its statement, its PDF, its seal, its keys."""

from __future__ import annotations

from signer.errors.root import SignerError


class DeclarationError(SignerError):
    """A declaration could not be made."""


class StatementError(DeclarationError):
    """The bytes are not a canonical statement."""


class TypesetError(DeclarationError):
    """The PDF could not be typeset."""


class KeyUnusable(DeclarationError):
    """A key or certificate is missing, unreadable or not fit for its use.

    Attributes:
        path: the file.
        problem: what is wrong and what to do, as a clause.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class KeysExist(KeyUnusable):
    """There are keys already, perhaps made a moment ago; none was touched.

    Attributes:
        path: the folder.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, "holds keys already; name another folder")


class SealError(DeclarationError):
    """The PDF could not be sealed."""


class CheckFailed(DeclarationError):
    """A step of a verification says no.

    Attributes:
        sentence: what was found, in plain words.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotChecked(DeclarationError):
    """A step of a verification cannot be made with what is at hand.

    Attributes:
        sentence: why not, in plain words.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
