"""“Send me a new link”: the same answer to everyone."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from signer.web.overload.asking import ask_for_link
from signer.web.signing.forms import LinkForm

blueprint = Blueprint("new_link", __name__, url_prefix="/link")


@blueprint.get("", strict_slashes=False)
def ask() -> ResponseReturnValue:
    """The form."""
    return _page(LinkForm())


@blueprint.post("", strict_slashes=False)
def send() -> ResponseReturnValue:
    """Ask for new links, then say the same whether or not there are any."""
    form = LinkForm()
    if not form.validate():
        return _page(form)
    ask_for_link(form.email.data or "")
    return redirect(url_for("new_link.sent"), 303)


@blueprint.get("/sent")
def sent() -> ResponseReturnValue:
    """What happens next."""
    return render_template("new_link/sent.html")


def _page(form: LinkForm) -> ResponseReturnValue:
    return render_template("new_link/ask.html", form=form), form.status
