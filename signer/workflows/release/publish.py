"""Publishing what was released: git, its remote repository, the host's build hook.

Each step follows the one before it, is safe to repeat, and notes what came of it. A
version is published so, and a review without change.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import CheckoutError, HookRefused, PushRefused
from signer.policy.release.git import Checkout, checkout_of
from signer.policy.release.push import is_unpushed, push, remote_of
from signer.store.campaigns.release_steps import ReleaseStep, StepName
from signer.store.log.append import lock_log
from signer.workflows.context import AppContext
from signer.workflows.release.build_hook import call_build_hook
from signer.workflows.release.site import is_being_built

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    """What is to be published.

    Attributes:
        subject: what it is noted under, such as ``version:3``.
        paths: the files that it is there with.
    """

    subject: str
    paths: tuple[Path, ...]


def publish(
    context: AppContext, what: Published, commit: Callable[[Checkout], object]
) -> None:
    """Commit, push where a remote is configured, and call the build hook.

    Where the service itself serves the site, the worker is to build it. Afterwards each
    step that could be taken is done, and what became of it is noted; nothing of others
    is merged or overwritten. What was done is not done again.

    Args:
        context: the context.
        what: is to be published; its files are written.
        commit: commits them, unless that is done.
    """
    _want_site(context, what.subject)
    checkout = checkout_of(context.settings.versions_dir)
    try:
        if checkout is not None:
            commit(checkout)
            _push(context, what, checkout)
    except CheckoutError as error:
        log.warning("%s is not published: %s", what.subject, error)
        return
    hook = steps_of(context, what.subject).get(StepName.HOOK)
    if hook is None or not hook.done:
        call_hook(context, what.subject)


def call_hook(context: AppContext, subject: str) -> None:
    """Call the build hook, where one is set, whether it was called before or not.

    Afterwards its answer is noted.

    Args:
        context: the context.
        subject: what is published.
    """
    if not context.settings.build_hook:
        return
    try:
        answer = call_build_hook(context.settings.build_hook)
    except HookRefused as error:
        log.warning("the build hook failed: %s", error)
        note_step(context, subject, StepName.HOOK, done=False, answer=error.problem)
    else:
        note_step(context, subject, StepName.HOOK, done=True, answer=answer)


def note_step(
    context: AppContext, subject: str, name: StepName, *, done: bool, answer: str = ""
) -> None:
    """Note what came of a step; afterwards this attempt counts.

    Args:
        context: the context.
        subject: what is published.
        name: which step.
        done: whether it is done.
        answer: what came of it, in words, without a password.
    """
    with context.sessions.writing() as session:
        # Two who try at once note one after the other.
        lock_log(session)
        note_within(session, subject, name, done=done, answer=answer)


def note_within(
    session: Session, subject: str, name: StepName, *, done: bool, answer: str = ""
) -> None:
    """Note what came of a step, in a transaction that holds the log."""
    row = session.get(ReleaseStep, (subject, name))
    if row is None:
        row = ReleaseStep(subject=subject, name=name)
        session.add(row)
    row.at, row.done, row.answer = clock.now(), done, answer


def steps_of(context: AppContext, subject: str) -> Mapping[StepName, ReleaseStep]:
    """What was noted of each step that was tried."""
    with context.sessions.reading() as session:
        rows = session.scalars(
            select(ReleaseStep).where(ReleaseStep.subject == subject)
        ).all()
        session.expunge_all()
    return {row.name: row for row in rows}


def _want_site(context: AppContext, subject: str) -> None:
    """Have the worker build the site that the service serves, unless it has."""
    if context.settings.site_dir is None:
        return
    row = steps_of(context, subject).get(StepName.SITE)
    if row is None or not (row.done or is_being_built(row)):
        note_step(context, subject, StepName.SITE, done=False)


def _push(context: AppContext, what: Published, checkout: Checkout) -> None:
    remote = remote_of(checkout)
    if remote is None or not is_unpushed(checkout, remote, what.paths):
        return
    try:
        push(checkout, remote)
    except PushRefused as error:
        answer = f"{error.problem}\n{error.said}".strip()
        note_step(context, what.subject, StepName.PUSHED, done=False, answer=answer)
        raise
    note_step(context, what.subject, StepName.PUSHED, done=True)
