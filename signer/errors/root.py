"""The root of every error, and what any room may raise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class SignerError(Exception):
    """The root of them all.

    A subclass with evidence is a dataclass; its message is its `template`, filled in,
    and is all that ``args`` hold. It is compared by identity.
    """

    template: ClassVar[str]

    def __post_init__(self) -> None:
        self.args = (self.template.format(self=self),)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self).__new__, (type(self), *self.args), vars(self)


@dataclass(eq=False, repr=False)
class SettingsError(SignerError):
    """A setting is unknown, missing or unusable.

    Attributes:
        key: the name of the setting, such as ``SIGNER_BASE_URL``.
        problem: what is wrong with it and what to do, as a clause.
    """

    key: str
    problem: str
    template = "{self.key} {self.problem}"


@dataclass(eq=False, repr=False)
class FileNotWritten(SignerError):
    """A file could not be written; none was changed, and none is left half written."""

    path: str
    reason: str
    template = "{self.path} could not be written: {self.reason}"


class FileExists(FileNotWritten):
    """A file that was to be new already exists; it was not changed."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "it is there already")


@dataclass(eq=False, repr=False)
class TextRefused(SignerError):
    """Words from outside hold something that cannot be kept, shown or printed.

    Attributes:
        field: which of the things given, such as ``name``.
        reason: ``empty``, ``too long``, ``control character``,
            ``direction override``, ``too many marks``, ``mixed alphabets`` or
            ``formula``.
        detail: the offending character as ``U+202E``, or the limit in characters.
    """

    field: str
    reason: str
    detail: str = ""

    def __post_init__(self) -> None:
        self.args = (f"{self.field}: {self.reason} {self.detail}".rstrip(),)
