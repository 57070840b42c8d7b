"""The steps before a release: what changed, who is asked, when; and the last word."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from signer.errors import (
    FileNotWritten,
    MailError,
    PolicyError,
    ReleaseExists,
    ReleaseRefused,
    SettingsError,
    VersionTampered,
)
from signer.mail.transport import transport_for
from signer.policy.versions import in_force
from signer.user_text import same_name
from signer.web.desk.release.form import LATER, OPTIONS, ReleaseForm
from signer.web.desk.release.room import blueprint
from signer.web.desk.release.stages import refuse_demo
from signer.web.desk.session import act, person
from signer.web.desk.text.review import review_of
from signer.web.desk.text.shown import shown
from signer.web.forms.plain import PlainForm
from signer.web.session import context
from signer.workflows.campaigns.selection import Selection
from signer.workflows.desk.year_groups import year_groups_in_use
from signer.workflows.draft.check import look_for_releases
from signer.workflows.draft.revisions import look_at_draft
from signer.workflows.mailing.sample import sample_mail, send_sample
from signer.workflows.register.list import list_page
from signer.workflows.release.release import (
    Ready,
    hold_mail_back,
    ready_release,
    release_draft,
)

MOVED = "The draft was changed since this page was shown. Read it again."


class ConfirmedForm(ReleaseForm):
    """What was chosen, and the number typed."""

    number = StringField()
    typed = StringField()


@blueprint.get("", strict_slashes=False)
def show() -> ResponseReturnValue:
    """What changed, who is asked, the email, and the days to choose."""
    form = ReleaseForm(formdata=None)
    form.when.data, form.hour.data = LATER, "08:00"
    return _page(form)


@blueprint.post("/check")
def check() -> ResponseReturnValue:
    """Show what the release will do, before anything is done."""
    form = ReleaseForm()
    ready = _ready(form) if form.validate() else None
    return _page(form) if ready is None else _last(ready, form, "")


@blueprint.post("/sample")
def sample() -> ResponseReturnValue:
    """Send the email, as parents will get it, to whoever asks for it."""
    form = PlainForm()
    outcome = "no"
    if form.validate():
        try:
            version = ready_release(context()).prepared.version
            transport = transport_for(context().settings.mail_address)
            send_sample(context(), transport, person().email, version=version)
            outcome = "yes"
        except (MailError, PolicyError, SettingsError, VersionTampered):
            outcome = "no"
    return redirect(url_for("desk.release.show", sample=outcome, _anchor="email"), 303)


@blueprint.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Release the version whose number was typed."""
    refuse_demo()
    form = ConfirmedForm()
    look_for_releases(context())
    there = in_force(context().versions).number if context().versions else 0
    if str(there) == form.number.data:
        return _already()
    ready = _ready(form) if form.validate() else None
    if ready is None:
        return _page(form)
    number = ready.prepared.version.number
    if same_name(form.typed.data or "") != str(number):
        return _last(ready, form, f"Type {number}, the number of the version.")
    who, send_at = person().name, form.send_at
    try:
        hold_mail_back(context(), number, send_at, by=who)
        with act("release:release", f"version:{number}", ready.draft.sha256[:12]):
            release_draft(context(), ready, send_at=send_at, by=who)
    except ReleaseExists:
        return _already()
    except FileNotWritten as error:
        form.refuse("sha256", f"Nothing was released: {error}.")
        return _page(form)
    return redirect(url_for("desk.release.stages"), 303)


def _already() -> ResponseReturnValue:
    """The stages of what was released before, by a second press or another person."""
    return redirect(url_for("desk.release.stages", already="1"), 303)


def _ready(form: ReleaseForm) -> Ready | None:
    """What would be released; None where a release refuses it, told at the form."""
    try:
        ready = ready_release(context(), sign_by=form.sign_by.data or "")
    except ReleaseRefused as refused:
        field = "sign_by" if refused.field == "sign_by" else "sha256"
        form.refuse(field, f"Nothing can be released: {refused}.")
    except (PolicyError, SettingsError, VersionTampered) as error:
        form.refuse("sha256", f"Nothing can be released: {error}.")
    else:
        if ready.draft.sha256 == form.sha256.data:
            return ready
        form.refuse("sha256", MOVED)
    return None


def _page(form: ReleaseForm) -> ResponseReturnValue:
    look_for_releases(context())
    draft = look_at_draft(context())
    told, trouble = review_of(draft)
    ready, why = None, ""
    try:
        ready = ready_release(context())
    except (PolicyError, SettingsError, VersionTampered) as error:
        why = str(error)
    form.sha256.data = draft.sha256
    page = render_template(
        "desk/release/show.html",
        form=form,
        draft=draft,
        shown=shown(draft.text),
        review=told,
        trouble=trouble,
        ready=ready,
        why=why,
        people=_people(),
        mail=None if ready is None else _mail(ready),
        sample=request.args.get("sample", ""),
        options=OPTIONS,
    )
    return page, form.status


def _last(ready: Ready, form: ReleaseForm, wrong: str) -> ResponseReturnValue:
    page = render_template(
        "desk/release/confirm.html",
        ready=ready,
        form=form,
        people=_people(),
        at=form.send_at if form.when.data == LATER else None,
        wrong=wrong,
    )
    return page, 422 if wrong else 200


def _people() -> tuple[int, list[tuple[str, int]]]:
    """How many will be asked: all, and by year group."""
    groups = [
        (one, _count(Selection(year_groups=frozenset({one}))))
        for one in year_groups_in_use(context())
    ]
    return _count(Selection()), groups


def _count(selection: Selection) -> int:
    return list_page(context(), selection, offset=0, limit=0).count


def _mail(ready: Ready) -> tuple[str, str]:
    """The subject and the words of the email to a parent who signed the last one."""
    mail = sample_mail(context(), person().email, ready.prepared.version)
    body = mail.get_body(("plain",))
    return str(mail["Subject"]), "" if body is None else str(body.get_content())
