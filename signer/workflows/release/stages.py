"""The stages of the newest release, read from what is stored."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from signer import files
from signer.errors import CheckoutError, DraftRefused, PolicyError, SignerError
from signer.policy.release.draft import DRAFT, read_draft
from signer.policy.release.finish import (
    commit_release,
    finish_release,
    is_uncommitted,
)
from signer.policy.release.git import checkout_of
from signer.policy.sha256sums import read_sums
from signer.policy.versions import Version, in_force
from signer.store.tables import PinnedVersion
from signer.workflows.campaigns.plan_ask import Plan, plan_of
from signer.workflows.campaigns.status import Campaign, count_status
from signer.workflows.context import AppContext

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stages:
    """How far the newest release has come.

    Attributes:
        version: what was released.
        listed: whether the list of releases has it.
        under_git: whether the folder of the versions is a checkout.
        trouble: why it is not in git yet; empty where it is, or there is no git.
        plan: when parents are to be asked; None where nothing was planned.
        begun: whether parents are being asked, which wants the public site to show it.
        campaign: who was asked and what came of it; None before anybody was.
    """

    version: Version
    listed: bool
    under_git: bool
    trouble: str
    plan: Plan | None
    begun: bool
    campaign: Campaign | None


def look_at_stages(context: AppContext) -> Stages:
    """How far the newest release has come; it changes nothing."""
    version = in_force(context.versions)
    with context.sessions.reading() as session:
        plan = plan_of(session, version.number)
        begun = session.get(PinnedVersion, version.number) is not None
    campaigns = [
        one for one in count_status(context).campaigns if one.version == version.number
    ]
    under_git, trouble = _git(context, version)
    listed = _is_listed(context.settings.versions_dir, version)
    campaign = campaigns[0] if campaigns else None
    return Stages(version, listed, under_git, trouble, plan, begun, campaign)


def finish_stages(context: AppContext) -> None:
    """Do what follows a release on this machine, as far as it goes; safe to repeat.

    Afterwards the version is in the list of releases, the project's draft says what
    was released unless somebody has edited it, and git has both where the folder is a
    checkout. What could not be done is logged, and told by `look_at_stages`.
    """
    folder = context.settings.versions_dir
    draft = folder.parent / DRAFT
    version = in_force(context.versions)
    try:
        _follow(draft, context.versions)
        finish_release(folder, draft)
        checkout = checkout_of(folder)
        if checkout is not None:
            commit_release(checkout, folder, draft, version)
    except SignerError as error:
        log.warning("version %s is released, not finished: %s", version.number, error)


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


def _git(context: AppContext, version: Version) -> tuple[bool, str]:
    """Whether there is git, and why it lacks a version; nothing where it has it."""
    folder = context.settings.versions_dir
    checkout = checkout_of(folder)
    if checkout is None:
        return False, ""
    try:
        if not is_uncommitted(checkout, folder, version):
            return True, ""
        checkout.check_can_commit()
    except CheckoutError as error:
        return True, error.problem
    return True, "It has not been committed yet."
