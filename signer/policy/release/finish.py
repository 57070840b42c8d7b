"""What follows a release, and can be done again after an interruption.

A version is released when its file is there. Three things are then brought up to it:
the list of releases, the draft, and the git checkout. Each is safe to repeat, so that
a release that was stopped is finished by the next run.
"""

from __future__ import annotations

from pathlib import Path

from signer import files
from signer.errors import DraftRefused
from signer.policy.release.draft import read_draft
from signer.policy.release.git import Checkout
from signer.policy.reviews import read_reviews
from signer.policy.sha256sums import list_releases
from signer.policy.versions import (
    APPROVALS,
    REVIEWS,
    SUMS,
    Version,
    in_force,
    read_versions,
)

_NUMBER = b"\nversion: %d\n"


def finish_release(folder: Path, draft: Path) -> bool:
    """Bring the list of releases and the draft up to the newest version.

    The draft becomes byte for byte what was released, if it still says that. So it
    starts equal again, with the number, dates and summary that are in force, and the
    next difference that anybody sees is a new edit. A draft that was edited
    meanwhile is left alone.

    Args:
        folder: the folder of the released versions.
        draft: the draft's file; it may be missing.

    Returns:
        Whether there was anything to do.

    Raises:
        PolicyError: the versions or their list are not as they must be, or a file
            could not be written.
    """
    for written_to in (folder, draft.parent):
        files.sweep(written_to)
    versions = read_versions(folder)
    if not versions:
        return False
    listed = list_releases(folder, versions)
    newest = in_force(versions)
    if not _is_behind(draft, newest):
        return listed
    files.replace(draft, newest.source)
    return True


def commit_release(
    checkout: Checkout, folder: Path, draft: Path, version: Version
) -> str | None:
    """Commit what belongs to a release, unless that is done.

    The version's file and the list of releases, the record of approvals if it has any,
    and the draft if it is that version: these alone. The message is the summary.

    Returns:
        The commit's id (hex), or None where there was nothing to commit.

    Raises:
        CheckoutError: git says no.
    """
    paths = [folder / version.filename, folder / SUMS]
    if version.approvals and (folder / APPROVALS).exists():
        paths.append(folder / APPROVALS)
    if _source_of(draft) == version.source and checkout.holds(draft):
        paths.append(draft)
    if not checkout.changed(paths):
        return None
    checkout.check_can_commit()
    sentences = "\n".join(f"- {sentence}" for sentence in version.summary)
    subject = f"Release version {version.number} ({version.label})"
    return checkout.record(paths, f"{subject}\n\n{sentences}\n")


def commit_review(checkout: Checkout, folder: Path, version: Version) -> str | None:
    """Commit the record of reviews alone, unless that is done.

    Returns:
        The commit's id (hex), or None where there was nothing to commit.

    Raises:
        CheckoutError: git says no.
    """
    path = folder / REVIEWS
    if not checkout.changed([path]):
        return None
    checkout.check_can_commit()
    last = read_reviews(folder)[-1]
    return checkout.record(
        [path],
        f"Record a review of version {version.number} ({version.label})\n\n"
        f"{last.by} reviewed it on {last.reviewed}, and it stays as it is. "
        f"Next review by {last.next}.\n",
    )


def is_uncommitted(checkout: Checkout, folder: Path, version: Version) -> bool:
    """Whether git lacks a released version, or its line in the list.

    Raises:
        CheckoutError: git cannot tell.
    """
    return checkout.changed([folder / version.filename, folder / SUMS])


def _is_behind(draft: Path, version: Version) -> bool:
    """Whether a draft is that of a release that was stopped before it got this far.

    It says what the version says, under an older number. With the version's own
    number it is that version, edited: that is for its author to see.
    """
    source = _source_of(draft)
    if source is None or _NUMBER % version.number in source:
        return False
    try:
        return read_draft(source.decode()).says_the_same_as(version)
    except (DraftRefused, UnicodeDecodeError):
        return False


def _source_of(draft: Path) -> bytes | None:
    try:
        return draft.read_bytes()
    except OSError:
        return None
