"""How far the publishing of a release or a review has come, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signer.errors import CheckoutError
from signer.policy.release.git import Checkout, checkout_of
from signer.policy.release.push import (
    Commit,
    Remote,
    commits_of_others,
    is_unpushed,
    remote_of,
)
from signer.store.campaigns.release_steps import ReleaseStep, StepName
from signer.workflows.context import AppContext
from signer.workflows.release.publish import Published, steps_of
from signer.workflows.release.site import is_being_built


class StepState(StrEnum):
    """Where a step stands."""

    DONE = "done"
    STUCK = "stuck"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Step:
    """One step, as far as it has come.

    Attributes:
        name: which.
        state: where it stands.
        at: when it was done, or tried last; None where that is not known.
        words: what came of it or what is wrong, as sentences; may be empty.
        said: the own words of git, where it refused something.
        others: what somebody else has pushed meanwhile, the newest first.
    """

    name: StepName
    state: StepState
    at: datetime | None = None
    words: str = ""
    said: str = ""
    others: tuple[Commit, ...] = ()


def look_at_steps(
    context: AppContext, what: Published, *, shown: bool
) -> tuple[Step, ...]:
    """How far the publishing has come; it changes nothing.

    Steps that this service does not take (no git, no remote repository, no hook) are
    left out.

    Args:
        context: the context.
        what: is published.
        shown: whether the public site has shown it: what that needs is done, then.
    """
    tried = steps_of(context, what.subject)
    steps = list(_git_steps(context, what, tried))
    stuck = any(one.state is not StepState.DONE for one in steps)
    hook, built = tried.get(StepName.HOOK), tried.get(StepName.SITE)
    if hook is not None or (context.settings.build_hook and not shown):
        steps.append(_follows(StepName.HOOK, hook, stuck=stuck))
    if built is not None:
        steps.append(_follows(StepName.SITE, built, stuck=False))
    return tuple(steps)


def _git_steps(
    context: AppContext, what: Published, tried: Mapping[StepName, ReleaseStep]
) -> tuple[Step, ...]:
    checkout = checkout_of(context.settings.versions_dir)
    if checkout is None or context.settings.demo:
        # The demonstration's checkout is the project's own, and none of its business.
        return ()
    try:
        if checkout.changed(what.paths):
            checkout.check_can_commit()
            return (Step(StepName.COMMITTED, StepState.STUCK),)
    except CheckoutError as error:
        return (Step(StepName.COMMITTED, StepState.STUCK, words=error.problem),)
    committed = Step(StepName.COMMITTED, StepState.DONE, _committed_at(checkout, what))
    try:
        remote = remote_of(checkout)
        if remote is None:
            return (committed,)
        pushed = _pushed(checkout, remote, what, tried.get(StepName.PUSHED))
    except CheckoutError as error:
        pushed = Step(StepName.PUSHED, StepState.STUCK, words=error.problem)
    return (committed, pushed)


def _committed_at(checkout: Checkout, what: Published) -> datetime | None:
    named = [str(path.resolve()) for path in what.paths]
    said = checkout.git("log", "--max-count=1", "--format=%cI", "--", *named)
    return datetime.fromisoformat(said.decode().strip()) if said.strip() else None


def _pushed(
    checkout: Checkout, remote: Remote, what: Published, row: ReleaseStep | None
) -> Step:
    if not is_unpushed(checkout, remote, what.paths):
        at = row.at if row is not None and row.done else None
        words = f"{remote.name}/{remote.there} has it."
        return Step(StepName.PUSHED, StepState.DONE, at, words)
    if row is None or row.done:
        return Step(StepName.PUSHED, StepState.STUCK)
    words, _, said = row.answer.partition("\n")
    others = commits_of_others(checkout, remote)
    return Step(StepName.PUSHED, StepState.STUCK, row.at, words, said, others)


def _follows(name: StepName, row: ReleaseStep | None, *, stuck: bool) -> Step:
    """A step that nothing but its row tells of."""
    if row is None:
        state = StepState.WAITING if stuck else StepState.STUCK
        return Step(name, state)
    if not row.done and (not row.answer or is_being_built(row)):
        return Step(name, StepState.WAITING, row.at)
    state = StepState.DONE if row.done else StepState.STUCK
    return Step(name, state, row.at, row.answer)
