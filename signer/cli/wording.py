"""Errors in the words of whoever sits at the terminal: what is wrong, what to do."""

from __future__ import annotations

from functools import singledispatch

from signer.errors import (
    KeyUnusable,
    MarkdownError,
    RegisterError,
    RequestClosed,
    RequestUnknown,
    SettingsError,
    SignerError,
    TextRefused,
    VersionChainError,
    VersionFileError,
    VersionTampered,
)

_STATES = {
    "signed": "has been signed already",
    "superseded": "is for an older version",
    "withdrawn": "was withdrawn, because the parent left",
}


@singledispatch
def sentence(error: SignerError) -> str:
    """What happened, for people."""
    return str(error)


@sentence.register
def _(error: SettingsError) -> str:
    return f"The setting {error.key} {error.problem}."


@sentence.register
def _(error: KeyUnusable) -> str:
    return f"The key file {error.path} {error.problem}."


@sentence.register
def _(error: VersionFileError) -> str:
    at = f", line {error.line}," if error.line else ""
    return f"The released version {error.path}{at} {error.problem}."


@sentence.register
def _(error: VersionChainError) -> str:
    if error.found is None:
        return (
            f"Version {error.number} names a version before it that is not in the "
            "folder. Put the missing file back from the school's records."
        )
    return (
        f"Version {error.number} does not follow from the version before it: it was "
        f"released after a file with SHA-256 {error.stated}, and that file now has "
        f"{error.found}. A released file has been changed. Put back the file that "
        "was released; a change of text is a new version."
    )


@sentence.register
def _(error: VersionTampered) -> str:
    found = error.found or "no such file"
    return (
        f"Version {error.number} is not the text that parents were asked to sign. "
        f"SHA-256 when they were asked: {error.pinned}. Found now: {found}. "
        f"Put back the released file {error.number}.md; a change of text is a new "
        "version."
    )


@sentence.register
def _(error: MarkdownError) -> str:
    return f"Line {error.line}: {error.what}. {error.remedy}."


@sentence.register
def _(error: RegisterError) -> str:
    return "\n".join(
        ["Nothing was imported. Mend these and import again:", *error.problems]
    )


@sentence.register
def _(error: RequestUnknown) -> str:
    if error.found:
        return (
            f"{error.found} parents at this address have been asked. Say which one "
            "with --name."
        )
    return (
        "No parent in the register has been asked at this address. Check it with "
        "`signer register list`, and ask with `signer ask`."
    )


@sentence.register
def _(error: RequestClosed) -> str:
    return f"This request {_STATES.get(error.status, error.status)}."


@sentence.register
def _(error: TextRefused) -> str:
    what = {
        "empty": "is empty",
        "too long": f"is longer than {error.detail} characters",
        "control character": f"holds a character that does not print, {error.detail}",
        "direction override": f"holds a mark that turns text around, {error.detail}",
    }[error.reason]
    return f"The {error.field.replace('_', ' ')} {what}."
