"""Before the first parent: what must be so, and what can be done about each line."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from signer.errors import ChecklistRefused, MailError, SettingsError
from signer.mail.transport import transport_for
from signer.user_text import one_line
from signer.web.desk.session import act, person
from signer.web.forms.plain import PlainForm, Words
from signer.web.session import context, settings
from signer.workflows.checklist.entries import (
    confirm_office,
    confirm_sample,
    send_own_sample,
    set_aside,
    take_up,
    write_to_office,
)
from signer.workflows.checklist.lines import Item, Line
from signer.workflows.checklist.look import look_at_checklist
from signer.workflows.checklist.public import check_public
from signer.workflows.draft.check import look_for_releases

blueprint = Blueprint("checklist", __name__, url_prefix="/checklist")


class CodeForm(PlainForm):
    """The code of the mail to the office."""

    code = StringField()


class ReasonForm(PlainForm):
    """Why a line is set aside."""

    reason = StringField(validators=[Words(one_line, "Say why.")])


@blueprint.get("", strict_slashes=False)
def show() -> ResponseReturnValue:
    """Every line: what is to be done first, then what is done."""
    return _page(CodeForm(formdata=None))


@blueprint.post("/look")
def look() -> ResponseReturnValue:
    """Look at the public site and its clock now."""
    look_for_releases(context())
    check_public(context())
    return _back()


@blueprint.post("/office")
def write_office() -> ResponseReturnValue:
    """Send the mail with the code to the office."""
    form = CodeForm(formdata=None)
    with act("checklist:write_office"):
        sent = write_to_office(context(), by=person().name)
    if sent:
        return _back("office")
    form.refuse("code", "Six emails went to the office within the hour. Look for them.")
    return _page(form)


@blueprint.post("/office/code")
def confirm_office_code() -> ResponseReturnValue:
    """Take the code that proves that the office's mailbox is read."""
    form = CodeForm()
    try:
        with act("checklist:confirm", "checklist:office"):
            confirm_office(context(), form.code.data or "", by=person().name)
    except ChecklistRefused as refused:
        form.refuse("code", refused.reason)
        return _page(form)
    return _back("office")


@blueprint.post("/sample")
def send_sample() -> ResponseReturnValue:
    """Send the mail that parents will get to whoever asks for it."""
    form = CodeForm(formdata=None)
    look_for_releases(context())
    try:
        transport = transport_for(settings().mail_address)
        with act("checklist:sample"):
            send_own_sample(context(), transport, person().email, by=person().name)
    except (MailError, SettingsError):
        form.refuse("code", "The email to you could not be sent. See “Email goes out”.")
        return _page(form)
    return _back("sample")


@blueprint.post("/sample/read")
def confirm_own_sample() -> ResponseReturnValue:
    """Note that it was read."""
    form = CodeForm(formdata=None)
    try:
        with act("checklist:confirm", "checklist:sample"):
            confirm_sample(context(), by=person().name)
    except ChecklistRefused as refused:
        form.refuse("code", refused.reason)
        return _page(form)
    return _back("sample")


@blueprint.get("/<item>/without")
def without_form(item: str) -> ResponseReturnValue:
    """The form for the reason to go on without a line."""
    return _without(_line(item), ReasonForm(formdata=None))


@blueprint.post("/<item>/without")
def without(item: str) -> ResponseReturnValue:
    """Go on without a line, for a reason."""
    line, form = _line(item), ReasonForm()
    if not form.validate():
        return _without(line, form)
    reason = form.reason.data or ""
    with act("checklist:set_aside", f"checklist:{line.item.value}", reason):
        set_aside(context(), line.item, reason, by=person().name)
    return _back(line.item.value)


@blueprint.post("/<item>/again")
def again(item: str) -> ResponseReturnValue:
    """Let a line that was set aside count again."""
    line = _line(item)
    with act("checklist:take_up", f"checklist:{line.item.value}"):
        take_up(context(), line.item, by=person().name)
    return _back(line.item.value)


def _line(item: str) -> Line:
    lines = look_at_checklist(context()).lines
    return next((one for one in lines if one.item == item), None) or abort(404)


def _without(line: Line, form: ReasonForm) -> ResponseReturnValue:
    page = render_template("desk/checklist/without.html", line=line, form=form)
    return page, form.status


def _page(form: CodeForm) -> ResponseReturnValue:
    page = render_template(
        "desk/checklist/list.html",
        found=look_at_checklist(context()),
        form=form,
        Item=Item,
    )
    return page, form.status


def _back(anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("desk.checklist.show", _anchor=anchor), 303)
