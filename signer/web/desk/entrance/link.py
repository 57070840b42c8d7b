"""Coming in and going out: a link by mail, confirmed by a button."""

from __future__ import annotations

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import EmailField

from signer.errors import SignInRefused
from signer.link_tokens import find_token
from signer.web.desk.entrance.room import blueprint, let_in, refused
from signer.web.desk.session import act, forget, session_id, signed_in
from signer.web.forms.plain import PlainForm, check_address
from signer.web.overload.asking import ask_for_link
from signer.web.session import context, settings
from signer.workflows.desk.ceremonies import passkeys_possible
from signer.workflows.desk.sessions import end_session
from signer.workflows.desk.sign_in import (
    LIVES,
    look_up_sign_in,
    sign_in_by_link,
)


class SignInForm(PlainForm):
    """Where to send a link."""

    email = EmailField(validators=[check_address])


@blueprint.get("/sign-in")
def ask() -> ResponseReturnValue:
    """The form; whoever is in goes on."""
    if signed_in():
        return redirect(url_for("desk.home.today"), 303)
    return _page(SignInForm())


@blueprint.post("/sign-in")
def send() -> ResponseReturnValue:
    """Ask for a link, then say the same whether or not there is an account."""
    form = SignInForm()
    if not form.validate():
        return _page(form)
    ask_for_link(form.email.data or "", to_desk=True)
    return redirect(url_for("desk.entrance.sent"), 303)


@blueprint.get("/sign-in/sent")
def sent() -> ResponseReturnValue:
    """What happens next."""
    minutes = int(LIVES.total_seconds() // 60)
    return render_template("desk/entrance/sent.html", minutes=minutes)


@blueprint.get("/in/<path:token>")
def land(token: str) -> ResponseReturnValue:
    """The button. Mail programs open links, so that opening one signs nobody in."""
    try:
        look_up_sign_in(context(), find_token(token))
    except SignInRefused as why:
        return refused(why)
    return render_template("desk/entrance/land.html", form=PlainForm())


@blueprint.post("/in/<path:token>")
def enter(token: str) -> ResponseReturnValue:
    """Sign in, and go on to the page that was wanted."""
    form = PlainForm()
    try:
        if not form.validate():
            look_up_sign_in(context(), find_token(token))
            page = render_template("desk/entrance/land.html", form=form)
            return page, form.status
        begun = sign_in_by_link(context(), find_token(token))
    except SignInRefused as why:
        if why.reason == "used" and signed_in():
            # The button was pressed twice.
            return redirect(url_for("desk.home.today"), 303)
        return refused(why)
    return let_in(begun)


@blueprint.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session."""
    with act("session:end"):
        end_session(context(), session_id())
    return forget(make_response(redirect(url_for("desk.entrance.ask"), 303)))


def _page(form: SignInForm) -> ResponseReturnValue:
    page = render_template(
        "desk/entrance/ask.html",
        form=form,
        provider=bool(settings().desk_openid),
        passkeys=passkeys_possible(settings()),
    )
    return page, form.status
