"""“Send me a new link”: the same answer to everyone."""

from __future__ import annotations

import math

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from signer.errors import TooManyAsks
from signer.web.proxies.client_network import client_network
from signer.web.session import context, settings
from signer.web.signing.forms import LinkForm
from signer.workflows.requests.reissue_link import ask_for_links

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
    network = client_network(request.environ, settings().proxy_hops)
    try:
        ask_for_links(context(), form.email.data or "", network=network)
    except TooManyAsks as refused:
        later = TooManyRequests if refused.by_asker else ServiceUnavailable
        raise later(retry_after=math.ceil(refused.wait.total_seconds())) from refused
    return redirect(url_for("new_link.sent"), 303)


@blueprint.get("/sent")
def sent() -> ResponseReturnValue:
    """What happens next."""
    return render_template("new_link/sent.html")


def _page(form: LinkForm) -> ResponseReturnValue:
    return render_template("new_link/ask.html", form=form), form.status
