"""The stages of the newest release, and what can be done where one is stuck."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer.errors import NotPublished, PublishedDifferently
from signer.policy.versions import in_force
from signer.web.desk.release.form import LATER, OPTIONS, MailForm
from signer.web.desk.release.room import blueprint
from signer.web.desk.session import act, person
from signer.web.session import context
from signer.workflows.campaigns.plan_ask import PlanState, call_off_ask
from signer.workflows.campaigns.publication import check_publication
from signer.workflows.checklist.look import first_checklist
from signer.workflows.draft.check import look_for_releases
from signer.workflows.release.replan import plan_anew
from signer.workflows.release.stages import finish_stages, look_at_stages

LOOKED = {
    "yes": "The public site shows it, exactly as it was released.",
    "no": "The public site does not show it yet.",
    "other": "The public site shows another text under its number.",
}


@blueprint.get("/stages")
def stages() -> ResponseReturnValue:
    """How far the newest release has come."""
    form = MailForm(formdata=None)
    form.when.data, form.hour.data = LATER, "08:00"
    return _page(form)


@blueprint.post("/finish")
def finish() -> ResponseReturnValue:
    """Do again what follows a release on this machine."""
    look_for_releases(context())
    if context().versions:
        finish_stages(context())
    return _back()


@blueprint.post("/look")
def look() -> ResponseReturnValue:
    """Look whether the public site shows the version."""
    look_for_releases(context())
    if not context().versions:
        return _back()
    try:
        check_publication(context().settings, in_force(context().versions))
    except NotPublished:
        return _back(looked="no")
    except PublishedDifferently:
        return _back(looked="other")
    context().wake_worker()
    return _back(looked="yes")


@blueprint.post("/call-off")
def call_off() -> ResponseReturnValue:
    """Call off the email, as long as parents are not being asked."""
    look_for_releases(context())
    with act("release:call_off"):
        call_off_ask(context(), by=person().name)
    return _back()


@blueprint.post("/plan")
def plan() -> ResponseReturnValue:
    """Plan the email anew, after it was called off."""
    form = MailForm()
    if not form.validate():
        return _page(form)
    with act("release:plan"):
        plan_anew(context(), form.send_at, by=person().name)
    return _back()


def _back(looked: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("desk.release.stages", looked=looked), 303)


def _page(form: MailForm) -> ResponseReturnValue:
    look_for_releases(context())
    found = look_at_stages(context()) if context().versions else None
    page = render_template(
        "desk/release/stages.html",
        found=found,
        checklist=first_checklist(context()),
        form=form,
        looked=LOOKED.get(request.args.get("looked", ""), ""),
        already="already" in request.args,
        PlanState=PlanState,
        options=OPTIONS,
    )
    return page, form.status
