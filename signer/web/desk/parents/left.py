"""A parent who has left the school."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from signer.web.desk.parents.confirm import Offer, is_sure, offer_page
from signer.web.desk.parents.room import blueprint, known
from signer.web.desk.session import act
from signer.web.session import context
from signer.workflows.parents.leave import Leaving, leave_register


@blueprint.get("/<int:parent_id>/leave")
def leave_form(parent_id: int) -> ResponseReturnValue:
    """What changes when they leave."""
    with known():
        would = leave_register(context(), parent_id, dry_run=True)
    return _page(parent_id, would)


@blueprint.post("/<int:parent_id>/leave")
def leave(parent_id: int) -> ResponseReturnValue:
    """Note that they have left."""
    with known():
        would = leave_register(context(), parent_id, dry_run=True)
        if not would.had_left:
            if not is_sure(would):
                return _page(parent_id, would)
            with act("parent:leave", f"parent:{parent_id}"):
                leave_register(context(), parent_id)
    return redirect(url_for("desk.parents.show", parent_id=parent_id), 303)


def _page(parent_id: int, would: Leaving) -> ResponseReturnValue:
    there = url_for("desk.parents.show", parent_id=parent_id)
    if would.had_left:
        return redirect(there, 303)
    versions = [f"Version {number}" for number in would.withdrawn]
    offer = Offer(
        "Record that this parent has left",
        [
            ("Parent", [would.name, would.email or "No email address"]),
            ("Requests that close", versions or ["None is open"]),
            ("Links", ["Stop working"]),
            ("What they signed", ["Stays, for as long as the school keeps it"]),
            ("Other parents of the children", ["Stay in the register"]),
        ],
        "They have left",
        url_for("desk.parents.leave", parent_id=parent_id),
        there,
    )
    return offer_page(offer, would)
