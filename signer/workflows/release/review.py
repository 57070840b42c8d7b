"""A review that leaves the text as it is: recorded, committed and pushed."""

from __future__ import annotations

from dataclasses import dataclass

from signer import clock
from signer.errors import ReviewRecorded
from signer.policy.change_log import review_due
from signer.policy.release.finish import commit_review
from signer.policy.reviews import Review, read_reviews, record_review
from signer.policy.versions import REVIEWS, Version, in_force
from signer.school_calendar import school_date
from signer.store.campaigns.release_steps import StepName
from signer.store.log.append import lock_log
from signer.workflows.context import AppContext
from signer.workflows.release.publish import (
    Published,
    call_hook,
    note_within,
    publish,
    steps_of,
)
from signer.workflows.release.steps import Step, StepState, look_at_steps


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The reviews of the version in force, and how far the last one has come.

    Attributes:
        version: the version in force.
        next: the month by which it must be reviewed, ``2027-08``.
        count: how many reviews without change there are, of all versions.
        last: the last of them, where it is of the version in force.
        steps: of publishing that; empty without one.
    """

    version: Version
    next: str
    count: int
    last: Review | None
    steps: tuple[Step, ...]


def look_at_reviews(context: AppContext) -> Reviewed:
    """The last review without change, and how far it has come; it changes nothing.

    Raises:
        VersionFileError: the record of reviews cannot be read.
    """
    version = in_force(context.versions)
    reviews = read_reviews(context.settings.versions_dir)
    steps: tuple[Step, ...] = ()
    last = reviews[-1] if reviews and reviews[-1].version == version.number else None
    if last is not None:
        what = _what_of(context, len(reviews))
        written = steps_of(context, what.subject).get(StepName.WRITTEN)
        at = None if written is None else written.at
        steps = (
            Step(StepName.WRITTEN, StepState.DONE, at),
            *look_at_steps(context, what, shown=written is None),
        )
    due = review_due(context.versions, reviews)
    return Reviewed(version, due, len(reviews), last, steps)


def record_unchanged(
    context: AppContext, *, by: str, next_: str, known: int
) -> Reviewed:
    """Record that the version in force was reviewed today, and stays as it is.

    Afterwards the change log has the review and the next one is due by its month;
    nobody is asked to sign. It is committed and pushed as a release is, as far as that
    goes.

    Args:
        context: the context.
        by: who reviewed it, as the public site will say.
        next_: the month of the next review, ``2027-08``.
        known: how many reviews there were when whoever records it looked.

    Raises:
        ReviewRecorded: there are more by now.
        ReleaseRefused: a value is not fit for it.
        VersionFileError: the record cannot be read.
        FileNotWritten: the record could not be written; it is as it was.
    """
    folder = context.settings.versions_dir
    version = in_force(context.versions)
    today = school_date(clock.now()).isoformat()
    with context.sessions.writing() as session:
        # Two who record at once: the second is told.
        lock_log(session)
        if len(read_reviews(folder)) != known:
            raise ReviewRecorded
        what = _what_of(context, known + 1)
        note_within(session, what.subject, StepName.WRITTEN, done=True)
        session.flush()
        record_review(folder, Review(today, version.number, by, next_))
    publish_review(context)
    return look_at_reviews(context)


def publish_review(context: AppContext) -> None:
    """Commit and push the last review, and call the build hook; safe to repeat.

    Afterwards that is done as far as it goes, and what became of it is noted.
    """
    folder = context.settings.versions_dir
    version = in_force(context.versions)
    publish(
        context,
        _what_of(context, len(read_reviews(folder))),
        lambda checkout: commit_review(checkout, folder, version),
    )


def call_hook_again(context: AppContext) -> None:
    """Call the build hook for the last review; afterwards its answer is noted."""
    count = len(read_reviews(context.settings.versions_dir))
    call_hook(context, _what_of(context, count).subject)


def _what_of(context: AppContext, count: int) -> Published:
    return Published(f"review:{count}", (context.settings.versions_dir / REVIEWS,))
