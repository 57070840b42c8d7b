"""The desk as one blueprint: who is let in, and to what."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from signer import clock
from signer.i18n import ENGLISH
from signer.policy.dates import date_in_words
from signer.web.csrf import SAFE_METHODS, csrf_ok
from signer.web.desk import (
    assets,
    calendar,
    checklist,
    inbox,
    navigation,
    paper,
    webhooks,
)
from signer.web.desk.action_words import action_words
from signer.web.desk.campaign import teachers
from signer.web.desk.campaign import views as campaign
from signer.web.desk.dates import day_words
from signer.web.desk.entrance import room as way_in
from signer.web.desk.entrance import views as entrance
from signer.web.desk.home import views as home
from signer.web.desk.parents import views as parents
from signer.web.desk.permissions import WITHOUT_ACCOUNT, may
from signer.web.desk.record import views as record
from signer.web.desk.release import views as release
from signer.web.desk.session import set_cookie, signed_in
from signer.web.desk.staff import accounts, own_account
from signer.web.desk.text import views as text
from signer.web.overload.unavailable import kept_input
from signer.web.security import DESK

LONGEST_NEXT = 500
"""How long an address may be to be gone on to after signing in: a cookie has no room
for a longer one."""

blueprint = Blueprint(DESK, __name__, url_prefix="/desk")

for room in (
    *(entrance, home, campaign, teachers, inbox, parents, paper, text, release),
    *(record, own_account, accounts, checklist, calendar, webhooks),
):
    blueprint.register_blueprint(room.blueprint)

blueprint.after_request(set_cookie)
blueprint.context_processor(navigation.values)
blueprint.add_url_rule("/style-<mark>.css", "style", assets.style)
blueprint.add_url_rule("/<name>-<mark>.js", "script", assets.script)
blueprint.add_app_template_filter(clock.in_school_time, "school_time")
blueprint.add_app_template_filter(day_words, "day")
blueprint.add_app_template_filter(date_in_words, "released_in_words")
blueprint.add_app_template_filter(action_words, "action_words")


@blueprint.before_request
def let_in() -> ResponseReturnValue | None:
    """Let somebody with an account go on to what their role has, and nobody else."""
    g.language = ENGLISH
    endpoint = request.endpoint or ""
    if endpoint in WITHOUT_ACCOUNT:
        return None
    who = signed_in()
    if who is None:
        return _sign_in_first()
    if not may(who.role, endpoint):
        abort(403, "role")
    if request.method not in SAFE_METHODS and not csrf_ok():
        return render_template("desk/unproven.html"), 400
    return None


def _sign_in_first() -> ResponseReturnValue:
    """The way in; whoever sent a form finds what was in it on the page."""
    if request.method in SAFE_METHODS:
        wanted = request.full_path.removesuffix("?")
        if len(wanted) <= LONGEST_NEXT:
            cookie[way_in.NEXT] = wanted
        return redirect(url_for("desk.entrance.ask"), 303)
    kept = kept_input()
    if kept is None:
        return redirect(url_for("desk.entrance.ask"), 303)
    kept = [(name, value) for name, value in kept if name != "csrf_token"]
    return render_template("desk/ended.html", kept=kept, files=bool(request.files)), 403
