"""The first page: what needs somebody today, and the campaign at a glance."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from signer.web.desk.home.plot import plot
from signer.web.session import context
from signer.workflows.desk.due import DueKind
from signer.workflows.desk.today import WAITING, look_at_today
from signer.workflows.webhooks.deliver import look_at_webhooks

blueprint = Blueprint("home", __name__)

DUE = {
    DueKind.DEADLINE: ("desk.campaign.listed", {"more": "overdue"}),
    DueKind.PUBLICATION: ("desk.campaign.listed", {}),
    DueKind.APPROVAL: ("desk.text.review", {}),
    DueKind.REVIEW: ("desk.release.review", {}),
    DueKind.RETENTION: ("desk.parents.retention", {}),
    DueKind.YEARLY: ("desk.parents.retention", {}),
}
"""The page on which something that is due is looked at."""


@blueprint.get("/", strict_slashes=False)
def today() -> ResponseReturnValue:
    """What is broken, what waits, what is due, and how the campaign goes."""
    found = look_at_today(context())
    return render_template(
        "desk/today.html",
        today=found,
        plot=plot(found.days, found.asked),
        waiting_words=WAITING,
        due_pages=DUE,
        given_up=sum(one.dead for one in look_at_webhooks(context())),
    )
