"""One's own account: the name, and the sessions."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from signer.errors import AccountRefused
from signer.web.desk.session import act, forget, person
from signer.web.forms.plain import PlainForm
from signer.web.session import context
from signer.workflows.desk.accounts import change_account
from signer.workflows.desk.sessions import end_sessions

blueprint = Blueprint("account", __name__, url_prefix="/account")


class NameForm(PlainForm):
    """What one is called."""

    name = StringField()


@blueprint.get("", strict_slashes=False)
def own() -> ResponseReturnValue:
    """The account of whoever looks."""
    form = NameForm()
    form.name.data = person().name
    return _page(form)


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


@blueprint.post("/end-sessions")
def end_own_sessions() -> ResponseReturnValue:
    """End every session of one's own, this one as well."""
    who = person()
    with act("session:end_all", f"account:{who.ref}"):
        end_sessions(context(), who.ref)
    return forget(make_response(redirect(url_for("desk.entrance.ask"), 303)))


def _page(form: NameForm) -> ResponseReturnValue:
    return render_template("desk/account/own.html", form=form), form.status
