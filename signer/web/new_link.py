"""“Send me a new link”: the same answer to everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.exceptions import ServiceUnavailable

from signer.web.session import context
from signer.web.signing.forms import LinkForm
from signer.workflows.requests.reissue_link import ask_for_links

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("new_link", __name__, url_prefix="/link")

COME_AGAIN_SECONDS = 300


@blueprint.get("")
def ask() -> ResponseReturnValue:
    """The form."""
    return _page(LinkForm())


@blueprint.post("")
def send() -> ResponseReturnValue:
    """Ask for new links, then say the same whether or not there are any."""
    form = LinkForm()
    if not form.validate():
        return _page(form)
    if not ask_for_links(context(), form.email.data or ""):
        raise ServiceUnavailable(retry_after=COME_AGAIN_SECONDS)
    return redirect(url_for("new_link.sent"), 303)


@blueprint.get("/sent")
def sent() -> ResponseReturnValue:
    """What happens next."""
    return render_template("new_link/sent.html")


def _page(form: LinkForm) -> ResponseReturnValue:
    return render_template("new_link/ask.html", form=form), form.status
