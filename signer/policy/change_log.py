"""The change log: every release and every review without change, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from signer.errors import VersionFileError
from signer.policy.front_matter_fields import Approval
from signer.policy.reviews import Review
from signer.policy.versions import REVIEWS, Version, in_force


class ChangeKind(StrEnum):
    """What an entry of the change log is about."""

    RELEASE = "release"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the change log.

    Attributes:
        kind: a release, or a review without change.
        at: the day or the month, ``2026-11-22`` or ``2022-08``.
        version: the version released, or the one reviewed.
        summary: what changed, in plain words; empty for a review.
        next_review: the month by which the text must be reviewed again.
        by: who reviewed; None for a release.
        approvals: who approved the draft of a release, and when.
        in_force_from: the day from which a release is in force, where that is later.
    """

    kind: ChangeKind
    at: str
    version: Version
    summary: tuple[str, ...]
    next_review: str
    by: str | None
    approvals: tuple[Approval, ...] = ()
    in_force_from: str = ""


def change_log(
    versions: Sequence[Version], reviews: Sequence[Review]
) -> tuple[Change, ...]:
    """Every release and review, the newest first.

    Args:
        versions: the released versions, ascending.
        reviews: as `signer.policy.reviews.read_reviews` gives them.

    Raises:
        VersionFileError: a review is of a version that was never released.
    """
    known = {version.number for version in versions}
    for review in reviews:
        if review.version not in known:
            raise VersionFileError(
                REVIEWS, f"reviews version {review.version}, which is not here"
            )
    changes: list[Change] = []
    for version in versions:
        changes.append(
            Change(
                ChangeKind.RELEASE,
                version.released,
                version,
                version.summary,
                version.review_by,
                by=None,
                approvals=version.approvals,
                in_force_from=version.in_force_from,
            )
        )
        changes += (
            Change(ChangeKind.REVIEW, one.reviewed, version, (), one.next, one.by)
            for one in reviews
            if one.version == version.number
        )
    return tuple(reversed(changes))


def review_due(versions: Sequence[Version], reviews: Sequence[Review]) -> str:
    """The month by which the version in force must be reviewed, ``2027-08``.

    Raises:
        VersionFileError: there is no version.
    """
    current = in_force(versions)
    months = [one.next for one in reviews if one.version == current.number]
    return months[-1] if months else current.review_by
