"""Records against the files that the service works with."""

from __future__ import annotations

from collections.abc import Iterator

from signer.declaration.verify.inputs import VerificationInputs
from signer.errors import KeyUnusable, PolicyError, SettingsError, VersionTampered
from signer.policy.sha256sums import read_sums
from signer.policy.versions import read_versions
from signer.workflows.context import AppContext, check_pinned
from signer.workflows.declarations.own_trust import own_trust
from signer.workflows.reconciliation.disagreement import Between, Disagreement

_PUT_BACK = (
    "Put the released file back as it was, such as from git, and never change the "
    "record instead. `signer versions check` compares it with its whole history."
)


def check_versions(context: AppContext) -> Iterator[Disagreement]:
    """Yield where the released files are not what parents were asked to sign."""
    folder = context.settings.versions_dir
    try:
        versions = read_versions(folder)
        check_pinned(context, versions)
        sums = read_sums(folder)
    except VersionTampered as error:
        what = "is missing" if error.found is None else "was changed"
        yield Disagreement(
            Between.FILES,
            f"version {error.number}",
            f"The released file {error.number}.md {what}.",
            _PUT_BACK,
        )
        return
    except PolicyError as error:
        yield Disagreement(
            Between.FILES,
            "the released versions",
            f"They cannot be read: {error}.",
            _PUT_BACK,
        )
        return
    for version in versions:
        if sums.get(version.filename, version.sha256) != version.sha256:
            yield Disagreement(
                Between.FILES,
                f"version {version.number}",
                f"{version.filename} is not what the list of releases says.",
                _PUT_BACK,
            )


def check_seal_key(context: AppContext) -> Iterator[Disagreement]:
    """Yield where the seal's key cannot be used for the next declaration."""
    try:
        context.seal_key()
    except (KeyUnusable, SettingsError) as error:
        problem = (
            f"{error.path} {error.problem}"
            if isinstance(error, KeyUnusable)
            else str(error)
        )
        yield Disagreement(
            Between.FILES,
            "the seal's key",
            f"It cannot be used: {problem}.",
            "Put the key back, or its passphrase. What parents sign meanwhile is safe, "
            "and waits for its seal.",
        )


def verification_inputs(context: AppContext) -> VerificationInputs | None:
    """Return what PDFs are verified with; None where a file it takes is missing.

    What is missing is told by the other checks of this module.
    """
    try:
        return own_trust(context)
    except (KeyUnusable, SettingsError, PolicyError):
        return None
