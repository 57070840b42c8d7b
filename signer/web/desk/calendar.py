"""The calendar to subscribe to: its secret address, and what is there."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from signer.web.desk.session import act, person
from signer.web.session import context
from signer.workflows.calendar.addresses import (
    calendar_at,
    make_calendar_address,
    revoke_calendar_address,
)

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")


@blueprint.get("/<token>.ics")
def feed(token: str) -> ResponseReturnValue:
    """The calendar, for whoever knows the address."""
    found = calendar_at(context(), token)
    if found is None:
        abort(404)
    answer = Response(found, content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/make")
def make() -> ResponseReturnValue:
    """Make an address, and show it this once."""
    who = person()
    with act("calendar:make", f"account:{who.ref}"):
        address = make_calendar_address(context(), who.ref)
    return render_template("desk/account/calendar.html", address=address)


@blueprint.post("/revoke")
def revoke() -> ResponseReturnValue:
    """Let the address show nothing any more."""
    who = person()
    with act("calendar:revoke", f"account:{who.ref}"):
        revoke_calendar_address(context(), who.ref)
    return redirect(url_for("desk.account.own"), 303)
