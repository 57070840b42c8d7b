"""The root of every error, and what any room may raise."""

from __future__ import annotations


class SignerError(Exception):
    """The root of them all."""


class SettingsError(SignerError):
    """A setting is unknown, missing or unusable.

    Attributes:
        key: the name of the setting, such as ``SIGNER_BASE_URL``.
        problem: what is wrong with it and what to do, as a clause.
    """

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key} {problem}")
        self.key = key
        self.problem = problem


class FileNotWritten(SignerError):
    """A file could not be written; none was changed, and none is left half written.

    Attributes:
        path: the file.
        reason: what the system said.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} could not be written: {reason}")
        self.path = path
        self.reason = reason


class FileExists(FileNotWritten):
    """A file that was to be new is there already; it was not touched.

    Attributes:
        path: the file.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, "it is there already")


class TextRefused(SignerError):
    """Words from outside hold something that cannot be kept, shown or printed.

    Attributes:
        field: which of the things given, such as ``name``.
        reason: ``empty``, ``too long``, ``control character``,
            ``direction override`` or ``too many marks``.
        detail: the offending character as ``U+202E``, or the limit in characters.
    """

    def __init__(self, field: str, reason: str, detail: str = "") -> None:
        super().__init__(f"{field}: {reason} {detail}".rstrip())
        self.field = field
        self.reason = reason
        self.detail = detail
