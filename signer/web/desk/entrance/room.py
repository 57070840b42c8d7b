"""The way in: its blueprint, and what each way has in common."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from signer.errors import SignInRefused
from signer.web.desk.session import begin
from signer.web.language import own_path

blueprint = Blueprint("entrance", __name__)

NEXT = "desk_next"
"""In the browser's cookie: the page that somebody wanted before they signed in."""

STATUSES = {"unknown": 404, "used": 410, "expired": 410, "unreachable": 502}
"""The HTTP status of each reason not to let somebody in; of the others, 403."""


def let_in(session_id: str) -> ResponseReturnValue:
    """Go on to the page that was wanted, as somebody who has signed in."""
    wanted = own_path(cookie.pop(NEXT, url_for("desk.home.today")))
    return begin(make_response(redirect(wanted, 303)), session_id)


def refused(refused: SignInRefused) -> ResponseReturnValue:
    """The page that says why somebody was not let in."""
    page = render_template("desk/entrance/refused.html", refused=refused)
    return page, STATUSES.get(refused.reason, 403)
