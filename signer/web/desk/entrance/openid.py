"""Coming in with the account that the school has given somebody (OpenID Connect)."""

from __future__ import annotations

from types import ModuleType

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from signer.errors import SignInRefused
from signer.web.desk.entrance.room import blueprint, let_in, refused
from signer.web.desk.session import signed_in
from signer.web.session import context, settings
from signer.workflows.desk.openid import sign_in_by_claims


@blueprint.get("/sign-in/account")
def to_provider() -> ResponseReturnValue:
    """Go to the provider of the school's accounts, who asks for the password."""
    provider = _provider()
    if signed_in():
        return redirect(url_for("desk.home.today"), 303)
    try:
        return redirect(provider.ask_provider(settings()), 303)
    except SignInRefused as why:
        return refused(why)


@blueprint.get("/sign-in/account/back")
def from_provider() -> ResponseReturnValue:
    """Sign in whom the provider names, once: its answer is of no use a second time."""
    provider = _provider()
    try:
        claims = provider.claims_of_answer(settings(), request.args)
        return let_in(sign_in_by_claims(context(), claims))
    except SignInRefused as why:
        if signed_in():
            # The browser's back button, or a page that was loaded twice.
            return redirect(url_for("desk.home.today"), 303)
        return refused(why)


def _provider() -> ModuleType:
    """What asks the provider, where there is one: no other school pays for it."""
    if not settings().desk_openid:
        abort(404)
    from signer.web.desk.entrance import provider  # noqa: PLC0415 - 11 MiB

    return provider
