"""The emailed link: a page without personal data, and a button.

Mail scanners open links, so that GET and HEAD change nothing. The button's POST gives
the browser a session and leads to an address without the token.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer.link_tokens import find_token
from signer.web.forms.plain import PlainForm
from signer.web.session import closed, context, remember
from signer.web.signing.policy_text import policy_text
from signer.workflows.mailing.content import SAMPLE_TOKEN
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import Followed, look_up_link, open_link

blueprint = Blueprint("landing", __name__)

OPENS = frozenset(
    {LinkState.OPEN, LinkState.DECLINED, LinkState.SIGNED, LinkState.SUPERSEDED}
)


@blueprint.get("/s/", defaults={"token": ""})
@blueprint.get("/s/<path:token>")
def land(token: str) -> ResponseReturnValue:
    """What the link is for, and the button."""
    token = find_token(token)
    if token.startswith(SAMPLE_TOKEN):
        return render_template("signing/sample.html")
    return _page(look_up_link(context(), token), PlainForm())


@blueprint.post("/s/<path:token>")
def enter(token: str) -> ResponseReturnValue:
    """Open the request in this browser."""
    form = PlainForm()
    if not form.validate():
        return _page(look_up_link(context(), find_token(token)), form)
    receipt = "receipt" in request.form
    followed = open_link(context(), find_token(token), to_newest=not receipt)
    if not _opens(followed):
        return closed(followed.state)
    newest = None if receipt else followed.newest_ref
    ref = newest or followed.request_ref
    remember(str(ref), str(followed.link_fingerprint))
    signed = followed.state is LinkState.SIGNED and newest is None
    return redirect(
        url_for("signing.signed" if signed else "signing.read", ref=ref), 303
    )


def _page(followed: Followed, form: PlainForm) -> ResponseReturnValue:
    if not _opens(followed) or followed.version is None:
        return closed(followed.state)
    return (
        render_template(
            "signing/land.html",
            form=form,
            state=followed.state,
            version=followed.version,
            newest=followed.newest,
            minutes=policy_text(followed.newest or followed.version).minutes,
        ),
        form.status,
    )


def _opens(followed: Followed) -> bool:
    if followed.state is LinkState.SUPERSEDED:
        return followed.newest is not None
    return followed.state in OPENS
