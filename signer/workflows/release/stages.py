"""The stages of the newest release, read from what is stored."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from signer import files
from signer.errors import DraftRefused, PolicyError, SignerError
from signer.mail.kinds import WITH_LINK
from signer.policy.release.draft import DRAFT, read_draft
from signer.policy.release.finish import commit_release, finish_release
from signer.policy.sha256sums import read_sums
from signer.policy.versions import SUMS, Version, in_force
from signer.store.campaigns.release_steps import StepName
from signer.store.tables import Outbox, PinnedVersion, Request
from signer.workflows.campaigns.plan_ask import Plan, plan_of
from signer.workflows.campaigns.status import Campaign, count_status
from signer.workflows.context import AppContext
from signer.workflows.release.publish import Published, publish, steps_of
from signer.workflows.release.steps import Step, StepState, look_at_steps

log = logging.getLogger(__name__)

UNLISTED = "The list of releases does not have it yet."


@dataclass(frozen=True, slots=True)
class Stages:
    """How far the newest release has come.

    Attributes:
        version: what was released.
        steps: from its file to the public site, in their order.
        plan: when parents are to be asked; None where nothing was planned.
        campaign: who was asked and what came of it; None before anybody was.
        not_asked: parents who wait to be asked, once anybody was.
        asked_at: when the first parents were asked.
        delivered_at: when a mail server took the newest mail that asks.
    """

    version: Version
    steps: tuple[Step, ...]
    plan: Plan | None
    campaign: Campaign | None
    not_asked: int
    asked_at: datetime | None
    delivered_at: datetime | None

    def step(self, name: StepName) -> Step | None:
        """One of the steps; None where this service does not take it."""
        return next((one for one in self.steps if one.name is name), None)

    @property
    def can_finish(self) -> bool:
        """Whether a step on this machine, or a push, is to be tried again."""
        tried = {StepName.WRITTEN, StepName.COMMITTED, StepName.PUSHED}
        return any(
            one.state is StepState.STUCK for one in self.steps if one.name in tried
        )


def look_at_stages(context: AppContext) -> Stages:
    """How far the newest release has come; it changes nothing."""
    version = in_force(context.versions)
    with context.sessions.reading() as session:
        plan = plan_of(session, version.number)
        pinned = session.get(PinnedVersion, version.number)
        pinned_at = None if pinned is None else pinned.pinned_at
        delivered_at = session.scalar(
            select(func.max(Outbox.sent_at))
            .join(Request, Request.id == Outbox.request_id)
            .where(Request.version_number == version.number, Outbox.kind.in_(WITH_LINK))
        )
    standing = count_status(context, newest_only=True)
    campaigns = [one for one in standing.campaigns if one.version == version.number]
    what = what_of(context, version)
    steps = (
        _written(context, version),
        *look_at_steps(context, what, shown=pinned is not None),
        _shown(context, what.subject, pinned_at),
    )
    campaign = campaigns[0] if campaigns else None
    return Stages(
        version, steps, plan, campaign, standing.not_asked, pinned_at, delivered_at
    )


def finish_stages(context: AppContext) -> None:
    """Do what follows a release, as far as it goes; safe to repeat.

    Afterwards the version is in the list of releases, the project's draft says what
    was released unless somebody has edited it, git has both where the folder is a
    checkout, its remote repository has them where there is one, and the host's build
    hook was called where one is set. What could not be done is logged, and told by
    `look_at_stages`.
    """
    folder = context.settings.versions_dir
    draft = folder.parent / DRAFT
    version = in_force(context.versions)
    try:
        _follow(draft, context.versions)
        finish_release(folder, draft)
    except SignerError as error:
        log.warning("version %s is released, not finished: %s", version.number, error)
        return
    publish(
        context,
        what_of(context, version),
        lambda checkout: commit_release(checkout, folder, draft, version),
    )


def subject_of(version: Version) -> str:
    """What a version's steps are noted under."""
    return f"version:{version.number}"


def what_of(context: AppContext, version: Version) -> Published:
    """What is published of a version."""
    folder = context.settings.versions_dir
    return Published(subject_of(version), (folder / version.filename, folder / SUMS))


def _written(context: AppContext, version: Version) -> Step:
    row = steps_of(context, subject_of(version)).get(StepName.WRITTEN)
    at = None if row is None else row.at
    if _is_listed(context.settings.versions_dir, version):
        return Step(StepName.WRITTEN, StepState.DONE, at)
    return Step(StepName.WRITTEN, StepState.STUCK, at, UNLISTED)


def _shown(context: AppContext, subject: str, pinned_at: datetime | None) -> Step:
    row = steps_of(context, subject).get(StepName.SHOWN)
    if row is not None:
        done = row.done or pinned_at is not None
        state = StepState.DONE if done else StepState.STUCK
        return Step(StepName.SHOWN, state, row.at, "" if done else row.answer)
    state = StepState.WAITING if pinned_at is None else StepState.DONE
    return Step(StepName.SHOWN, state, pinned_at)


def _follow(draft: Path, versions: tuple[Version, ...]) -> None:
    """Let a draft of the project that nobody has edited say what was released."""
    if len(versions) < 2:  # noqa: PLR2004 - one of before and this
        return
    *_, before, version = versions
    try:
        untouched = read_draft(draft.read_bytes().decode()).says_the_same_as(before)
    except (OSError, UnicodeDecodeError, DraftRefused):
        return
    if untouched:
        files.replace(draft, version.source)


def _is_listed(folder: Path, version: Version) -> bool:
    """Whether the list of releases has a version; not where it cannot be read."""
    try:
        return read_sums(folder).get(version.filename) == version.sha256
    except PolicyError:
        return False
