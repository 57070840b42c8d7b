"""The stages of the newest release, and what can be done where one is stuck."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer.errors import NotPublished, PublishedDifferently
from signer.policy.versions import in_force
from signer.store.campaigns.release_steps import StepName
from signer.web.desk.release.form import LATER, OPTIONS, MailForm
from signer.web.desk.release.room import blueprint
from signer.web.desk.session import act, person
from signer.web.session import context, settings
from signer.workflows.campaigns.plan_ask import PlanState, call_off_ask
from signer.workflows.campaigns.publication import check_publication
from signer.workflows.checklist.look import first_checklist
from signer.workflows.draft.check import look_for_releases
from signer.workflows.release.call_off import call_off_sending
from signer.workflows.release.publish import call_hook, note_step
from signer.workflows.release.replan import plan_anew
from signer.workflows.release.stages import (
    finish_stages,
    look_at_stages,
    subject_of,
)
from signer.workflows.release.steps import StepState

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
    """Do again what follows a release: the list, git, the push, the hook."""
    refuse_demo()
    look_for_releases(context())
    if context().versions:
        with act("release:finish", subject_of(in_force(context().versions))):
            finish_stages(context())
    return _back()


@blueprint.post("/hook")
def hook() -> ResponseReturnValue:
    """Call the host's build hook once more."""
    refuse_demo()
    look_for_releases(context())
    if context().versions:
        subject = subject_of(in_force(context().versions))
        with act("release:hook", subject):
            call_hook(context(), subject)
    return _back()


@blueprint.post("/look")
def look() -> ResponseReturnValue:
    """Look whether the public site shows the version."""
    look_for_releases(context())
    if not context().versions:
        return _back()
    version = in_force(context().versions)
    looked = "yes"
    try:
        check_publication(context().settings, version)
    except NotPublished:
        looked = "no"
    except PublishedDifferently:
        looked = "other"
    done = looked == "yes"
    note_step(
        context(),
        subject_of(version),
        StepName.SHOWN,
        done=done,
        answer="" if done else LOOKED[looked],
    )
    if done:
        context().wake_worker()
    return _back(looked=looked)


@blueprint.post("/call-off")
def call_off() -> ResponseReturnValue:
    """Call off the email: what is planned, or what is going out."""
    look_for_releases(context())
    with act("release:call_off"):
        if call_off_ask(context(), by=person().name) is None:
            call_off_sending(context(), by=person().name)
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


def refuse_demo() -> None:
    """Refuse what changes files or git in the demonstration."""
    if settings().demo:
        # They are the project's own, with whatever somebody is working on there.
        abort(403, "demo")


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
        StepName=StepName,
        StepState=StepState,
        options=OPTIONS,
    )
    return page, form.status
