"""“Send me a new link”: the same answer to everyone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, url_for

from signer.web.forms import LinkForm
from signer.web.visits import house
from signer.workflows.reissue_link import reissue_links

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("link", __name__, url_prefix="/link")


ANSWER_SECONDS = 0.25
"""How long every answer takes: longer than the work that only known addresses cause."""


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
    started = time.monotonic()
    reissue_links(house(), form.email.data or "")
    time.sleep(max(0.0, started + ANSWER_SECONDS - time.monotonic()))
    return redirect(url_for("link.sent"), 303)


@blueprint.get("/sent")
def sent() -> ResponseReturnValue:
    """What happens next."""
    return render_template("link/sent.html")


def _page(form: LinkForm) -> ResponseReturnValue:
    return render_template("link/ask.html", form=form), form.status
