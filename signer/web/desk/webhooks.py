"""The systems that are told of what happens, and whether they take it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer.web.desk.session import act
from signer.web.session import context
from signer.workflows.webhooks.deliver import look_at_webhooks, try_dead_again

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@blueprint.get("", strict_slashes=False)
def listed() -> ResponseReturnValue:
    """Each address, and how telling it goes."""
    return render_template(
        "desk/webhooks/list.html",
        endpoints=look_at_webhooks(context()),
        again=request.args.get("again", ""),
    )


@blueprint.post("/again")
def again() -> ResponseReturnValue:
    """Try what is not tried any more."""
    with act("webhooks:again"):
        try_dead_again(context())
    return redirect(url_for("desk.webhooks.listed", again="1"), 303)
