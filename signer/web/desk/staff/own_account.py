"""One's own account: the name, the passkeys, and the sessions."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField

from signer.errors import AccountRefused, PasskeyRefused
from signer.web.desk.session import act, forget, person
from signer.web.forms.plain import PlainForm
from signer.web.session import context, settings
from signer.workflows.calendar.addresses import calendar_made_at
from signer.workflows.desk.accounts import change_account
from signer.workflows.desk.ceremonies import passkeys_possible
from signer.workflows.desk.passkeys import (
    MOST,
    NAME_CHARACTERS,
    ask_for_passkey,
    list_passkeys,
)
from signer.workflows.desk.passkeys import add_passkey as keep_passkey
from signer.workflows.desk.passkeys import remove_passkey as drop_passkey
from signer.workflows.desk.sessions import end_sessions
from signer.workflows.digest.digest import (
    NEVER,
    READERS,
    choose_digest,
    wants_digest,
)

blueprint = Blueprint("account", __name__, url_prefix="/account")


_REFUSALS = {
    "name": f"Enter a name for this passkey, of up to {NAME_CHARACTERS} characters.",
    "many": f"You have {MOST} passkeys. Remove one first.",
    "answer": "Your device did not make a new passkey in time. Try again.",
}


class NameForm(PlainForm):
    """What one is called."""

    name = StringField()


class NewPasskeyForm(PlainForm):
    """A passkey that the browser has made, and what its owner calls it."""

    passkey_name = StringField()
    answer = HiddenField()


@blueprint.get("", strict_slashes=False)
def own() -> ResponseReturnValue:
    """The account of whoever looks."""
    return _page(_name_form())


@blueprint.post("", strict_slashes=False)
def rename() -> ResponseReturnValue:
    """Keep another name."""
    form, who = NameForm(), person()
    if form.validate():
        try:
            with act("account:rename", f"account:{who.ref}"):
                change_account(
                    context(), who.ref, name=form.name.data or "", role=who.role
                )
        except AccountRefused as refused:
            form.refuse(refused.field, refused.reason)
        else:
            return redirect(url_for("desk.account.own"), 303)
    return _page(form)


@blueprint.post("/digest")
def choose() -> ResponseReturnValue:
    """Keep whether the weekly digest is wanted."""
    who = person()
    with act("account:digest", f"account:{who.ref}"):
        choose_digest(context(), who.ref, wanted=request.form.get("wanted") == "yes")
    return redirect(url_for("desk.account.own", _anchor="digest"), 303)


@blueprint.get("/passkey")
def passkey_options() -> ResponseReturnValue:
    """What the script has the browser make a passkey by."""
    if not passkeys_possible(settings()):
        abort(404)
    options = ask_for_passkey(context(), person().ref)
    return Response(options, content_type="application/json")


@blueprint.post("/passkeys")
def add_passkey() -> ResponseReturnValue:
    """Keep a passkey."""
    form, who = NewPasskeyForm(), person()
    if form.validate():
        try:
            with act("passkey:add", f"account:{who.ref}"):
                keep_passkey(
                    context(),
                    who.ref,
                    form.answer.data or "",
                    name=form.passkey_name.data or "",
                )
        except PasskeyRefused as refused:
            form.refuse("passkey_name", _REFUSALS[refused.reason])
        else:
            return redirect(url_for("desk.account.own", added=1), 303)
    return _page(_name_form(), form)


@blueprint.post("/passkeys/<int:passkey_id>/remove")
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    """Let a passkey sign in no more."""
    who = person()
    with act("passkey:remove", f"account:{who.ref}"):
        drop_passkey(context(), who.ref, passkey_id)
    return redirect(url_for("desk.account.own"), 303)


@blueprint.post("/end-sessions")
def end_own_sessions() -> ResponseReturnValue:
    """End every session of one's own, this one as well."""
    who = person()
    with act("session:end_all", f"account:{who.ref}"):
        end_sessions(context(), who.ref)
    return forget(make_response(redirect(url_for("desk.entrance.ask"), 303)))


def _digest() -> bool | None:
    """Whether they get the weekly digest; None where nobody of their role does."""
    if settings().digest.lower() == NEVER or person().role not in READERS:
        return None
    return wants_digest(context(), person().ref)


def _name_form() -> NameForm:
    form = NameForm(formdata=None)
    form.name.data = person().name
    return form


def _page(
    name_form: NameForm, passkey_form: NewPasskeyForm | None = None
) -> ResponseReturnValue:
    form = passkey_form or name_form
    page = render_template(
        "desk/account/own.html",
        form=form,
        name_form=name_form,
        passkey_form=passkey_form or NewPasskeyForm(formdata=None),
        passkeys=list_passkeys(context(), person().ref),
        possible=passkeys_possible(settings()),
        added="added" in request.args,
        digest=_digest(),
        calendar=calendar_made_at(context(), person().ref),
    )
    return page, form.status
