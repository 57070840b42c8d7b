"""Coming in with a passkey, which a script asks the browser for."""

from __future__ import annotations

from flask import Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from signer.errors import SignInRefused
from signer.web.desk.entrance.room import blueprint, let_in, refused
from signer.web.desk.session import signed_in
from signer.web.forms.plain import PlainForm
from signer.web.session import context, settings
from signer.workflows.desk.ceremonies import passkeys_possible, sign_in_options
from signer.workflows.desk.passkeys import sign_in_by_passkey


class PasskeyForm(PlainForm):
    """What the browser answers with somebody's passkey, as JSON."""

    answer = HiddenField()


@blueprint.get("/sign-in/passkey")
def passkey_options() -> ResponseReturnValue:
    """What the script asks the browser with."""
    if not passkeys_possible(settings()):
        abort(404)
    return Response(sign_in_options(settings()), content_type="application/json")


@blueprint.post("/sign-in/passkey")
def enter_by_passkey() -> ResponseReturnValue:
    """Sign in whose passkey it is."""
    form = PasskeyForm()
    if not form.validate():
        return redirect(url_for("desk.entrance.ask"), 303)
    try:
        return let_in(sign_in_by_passkey(context(), form.answer.data or ""))
    except SignInRefused as why:
        if why.reason == "used" and signed_in():
            return redirect(url_for("desk.home.today"), 303)
        return refused(why)
