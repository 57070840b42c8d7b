"""Planning the mail of the newest release anew."""

from __future__ import annotations

from datetime import datetime

from signer.policy.versions import in_force
from signer.store.log.append import lock_log
from signer.workflows.campaigns.plan_ask import PlanState, plan_of, plan_within
from signer.workflows.context import AppContext, current_number


def plan_anew(context: AppContext, send_at: datetime, *, by: str) -> None:
    """Plan the mail of the newest version anew, where it is not going out.

    Afterwards this plan counts. Where parents are being asked already, nothing changes,
    unless that was called off: then those who have not been asked are, by this plan.

    Args:
        context: the context.
        send_at: the moment; one that has passed means as soon as the site shows it.
        by: who plans it.
    """
    number = in_force(context.versions).number
    with context.sessions.writing() as session:
        lock_log(session)
        asked = current_number(session) == number
        plan = plan_of(session, number)
        if not asked or (plan is not None and plan.state is not PlanState.ASKED):
            plan_within(session, number, send_at, by=by)
    context.wake_worker()
